"""nEMO: nine Polish actors, ninety sentences, six emotions."""

import re
from pathlib import PurePosixPath

from ser_core.corpora.base import CorpusInfo, Record
from ser_core.corpora.published import PublishedCorpus
from ser_core.emotions import Emotion
from ser_core.errors import CorpusError

_EMOTIONS = {
    "neutral": Emotion.NEUTRAL,
    "happiness": Emotion.HAPPY,
    "sadness": Emotion.SAD,
    "anger": Emotion.ANGRY,
    "fear": Emotion.FEARFUL,
    "surprised": Emotion.SURPRISED,
}
# as data.tsv of the corpus has them; their order gives them numbers
_SEXES = {
    "EB0": "female",
    "IC0": "female",
    "KD0": "female",
    "KS0": "male",
    "MK0": "female",
    "MP0": "male",
    "SM0": "male",
    "TP0": "male",
    "WR0": "male",
}
_NUMBERS = {speaker: number for number, speaker in enumerate(_SEXES, start=1)}
# speaker, emotion, sentence
_NAME = re.compile(rf"({'|'.join(_SEXES)})_({'|'.join(_EMOTIONS)})_([1-9]|[1-8][0-9]|90)")

INFO = CorpusInfo(
    name="nemo",
    label="nEMO",
    title="nEMO: Dataset of Emotional Speech in Polish",
    language="Polish",
    speakers=len(_SEXES),
    clips=4481,
    classes=tuple(_EMOTIONS.values()),
    licence="CC BY-NC-SA 4.0",
    citation=(
        "Christop I (2024). nEMO: Dataset of Emotional Speech in Polish. LREC-COLING 2024. "
        "https://arxiv.org/abs/2404.06292"
    ),
    homepage="https://github.com/amu-cai/nEMO",
    # a snapshot is packed when it is asked for, so it has neither a fixed size nor a checksum
    url="https://github.com/amu-cai/nEMO/archive/refs/heads/main.zip",
    archive="nEMO-main.zip",
    checksummed=True,
    # the wording is the corpus' own, under its licence
    statements={str(number): f"sentence {number}" for number in range(1, 91)},
    speaker_names={number: speaker for speaker, number in _NUMBERS.items()},
)


def parse_name(name: str) -> Record:
    """The record that an nEMO file name spells out.

    Args:
        name: such as "EB0_anger_1.wav"; suffix and folders are ignored.

    Returns:
        The record without duration and checksum.

    Raises:
        CorpusError: if it is not the name of an nEMO recording.
    """
    stem = PurePosixPath(name).stem
    match = _NAME.fullmatch(stem)
    if match is None:
        raise CorpusError(
            f"'{name}' is not the name of an nEMO recording (such as EB0_anger_1). "
            "Point --root at the unpacked archive, the folder that holds samples/."
        )
    speaker, emotion, statement = match.groups()
    return Record(
        path=f"samples/{stem}.wav",
        clip=stem,
        corpus=INFO.name,
        speaker=f"{INFO.name}/{_NUMBERS[speaker]:02d}",
        sex=_SEXES[speaker],
        emotion=_EMOTIONS[emotion],
        intensity="normal",  # the corpus tells none, so one level stands for all
        statement=statement,
        repetition=1,
    )


CORPUS = PublishedCorpus(INFO, parse_name)

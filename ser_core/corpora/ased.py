"""ASED: 65 Amharic speakers, five emotions; no licence is stated, so it serves tests alone."""

import re
from pathlib import PurePosixPath

from ser_core.corpora.base import CorpusInfo, Record
from ser_core.corpora.published import PublishedCorpus
from ser_core.emotions import Emotion
from ser_core.errors import CorpusError

_EMOTIONS = {
    "n": Emotion.NEUTRAL,
    "h": Emotion.HAPPY,
    "s": Emotion.SAD,
    "a": Emotion.ANGRY,
    "f": Emotion.FEARFUL,
}
_SEXES = {"01": "female", "02": "male"}
# emotion with the number of its folder, sentence, repetition, sex, speaker; some are in capitals
_NAME = re.compile(
    rf"([{''.join(_EMOTIONS)}])[1-5]-(0[1-7])-(0[12])-(0[12])-(0[1-9]|[1-5][0-9]|6[0-5])",
    re.IGNORECASE | re.ASCII,
)

INFO = CorpusInfo(
    name="ased",
    label="ASED",
    title="Amharic Speech Emotion Dataset (ASED), version 1",
    language="Amharic",
    speakers=65,
    clips=2474,
    classes=tuple(_EMOTIONS.values()),
    licence="none stated",
    citation=(
        "Retta EA, Almekhlafi E, Sutcliffe R, Mhamed M, Ali H, Feng J (2022). A New Amharic Speech "
        "Emotion Dataset and Classification Benchmark. ACM Transactions on Asian and Low-Resource "
        "Language Information Processing. https://doi.org/10.1145/3529759"
    ),
    homepage="https://github.com/Ethio2021/ASED_V1",
    url="",
    archive="",
    trains=False,
    places="**/*",
    # every emotion counts its own; two of the seven are said in all of them
    statements={
        f"{letter}{number:02d}": f"sentence {number} of those said {emotion}"
        for letter, emotion in _EMOTIONS.items()
        for number in range(1, 8)
    },
)


def parse_name(name: str) -> Record:
    """The record that an ASED file name spells out.

    Args:
        name: such as "a5-03-01-02-50.wav"; suffix and folders are ignored.

    Returns:
        The record without duration and checksum.

    Raises:
        CorpusError: if it is not the name of an ASED recording.
    """
    stem = PurePosixPath(name).stem
    match = _NAME.fullmatch(stem)
    if match is None:
        raise CorpusError(
            f"'{name}' is not the name of an ASED recording (such as a5-03-01-02-50). "
            "Point --root at the folder that holds them."
        )
    letter, statement, repetition, sex, speaker = match.groups()
    return Record(
        path=f"{stem}.wav",
        clip=stem,
        corpus=INFO.name,
        speaker=f"{INFO.name}/{speaker}",
        sex=_SEXES[sex],
        emotion=_EMOTIONS[letter.lower()],
        intensity="normal",  # the corpus tells none, so one level stands for all
        statement=f"{letter.lower()}{statement}",
        repetition=int(repetition),
    )


CORPUS = PublishedCorpus(INFO, parse_name)

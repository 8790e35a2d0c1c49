"""RAVDESS speech: 24 actors, two sentences, eight emotions."""

import re
from pathlib import PurePosixPath

from ser_core.corpora.base import CorpusInfo, Record
from ser_core.corpora.published import PublishedCorpus
from ser_core.emotions import Emotion
from ser_core.errors import CorpusError

_EMOTIONS = {
    "01": Emotion.NEUTRAL,
    "02": Emotion.CALM,
    "03": Emotion.HAPPY,
    "04": Emotion.SAD,
    "05": Emotion.ANGRY,
    "06": Emotion.FEARFUL,
    "07": Emotion.DISGUST,
    "08": Emotion.SURPRISED,
}
_INTENSITIES = {"01": "normal", "02": "strong"}
_STATEMENTS = {"01": "kids", "02": "dogs"}
# modality 03 (sound only), channel 01 (speech), emotion, intensity, statement, repetition, actor
_NAME = re.compile(r"03-01-(0[1-8])-(0[12])-(0[12])-(0[12])-(0[1-9]|1\d|2[0-4])")

INFO = CorpusInfo(
    name="ravdess",
    label="RAVDESS",
    title="Ryerson Audio-Visual Database of Emotional Speech and Song, speech part",
    language="English (North America)",
    speakers=24,
    clips=1440,
    classes=tuple(_EMOTIONS.values()),
    licence="CC BY-NC-SA 4.0",
    citation=(
        "Livingstone SR, Russo FA (2018). The Ryerson Audio-Visual Database of Emotional Speech "
        "and Song (RAVDESS). PLoS ONE 13(5): e0196391. "
        "https://doi.org/10.1371/journal.pone.0196391"
    ),
    homepage="https://zenodo.org/records/1188976",
    url="https://zenodo.org/records/1188976/files/Audio_Speech_Actors_01-24.zip",
    archive="Audio_Speech_Actors_01-24.zip",
    bytes=208_468_073,
    md5="bc696df654c87fed845eb13823edef8a",
    checksummed=True,
    intensities=tuple(_INTENSITIES.values()),
    statements={
        "kids": "Kids are talking by the door",
        "dogs": "Dogs are sitting by the door",
    },
)


def parse_name(name: str) -> Record:
    """The record that a RAVDESS file name spells out.

    Args:
        name: such as "03-01-05-02-01-01-07.wav"; suffix and folders are ignored.

    Returns:
        The record without duration and checksum.

    Raises:
        CorpusError: if it is not the name of a RAVDESS speech recording.
    """
    stem = PurePosixPath(name).stem
    match = _NAME.fullmatch(stem)
    if match is None:
        raise CorpusError(
            f"'{name}' is not the name of a RAVDESS speech recording (seven numbers such as "
            "03-01-05-02-01-01-07). Point --root at the unpacked Audio_Speech_Actors_01-24 folder."
        )
    emotion, intensity, statement, repetition, actor = match.groups()
    return Record(
        path=f"Actor_{actor}/{stem}.wav",
        clip=stem,
        corpus=INFO.name,
        speaker=f"{INFO.name}/{actor}",
        sex="male" if int(actor) % 2 else "female",
        emotion=_EMOTIONS[emotion],
        intensity=_INTENSITIES[intensity],
        statement=_STATEMENTS[statement],
        repetition=int(repetition),
    )


CORPUS = PublishedCorpus(INFO, parse_name)

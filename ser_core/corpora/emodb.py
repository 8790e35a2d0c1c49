"""EMO-DB: ten actors, ten German sentences, six of its seven classes.

Boredom has no counterpart among the eight emotions: its clips are refused by the parser, so they
are neither learned from nor scored, and every place that shows the corpus says so.
"""

import re
from pathlib import PurePosixPath

from ser_core.corpora.base import CorpusInfo, Record
from ser_core.corpora.published import PublishedCorpus
from ser_core.emotions import Emotion
from ser_core.errors import CorpusError

_BOREDOM = "L"  # Langeweile
# first letters of the German words: Wut, Ekel, Angst, Freude, Trauer; N for neutral
_EMOTIONS = {
    "N": Emotion.NEUTRAL,
    "F": Emotion.HAPPY,
    "T": Emotion.SAD,
    "W": Emotion.ANGRY,
    "A": Emotion.FEARFUL,
    "E": Emotion.DISGUST,
}
_SEXES = dict.fromkeys(("03", "10", "11", "12", "15"), "male") | dict.fromkeys(
    ("08", "09", "13", "14", "16"), "female"
)
_STATEMENTS = {
    "a01": "Der Lappen liegt auf dem Eisschrank",
    "a02": "Das will sie am Mittwoch abgeben",
    "a04": "Heute Abend könnte ich es ihm sagen",
    "a05": "Das schwarze Stück Papier befindet sich da oben neben dem Holzstück",
    "a07": "In sieben Stunden wird es soweit sein",
    "b01": "Was sind denn das für Tüten, die da unter dem Tisch stehen?",
    "b02": "Sie haben es gerade hochgetragen und jetzt gehen sie wieder runter",
    "b03": "An den Wochenenden bin ich jetzt immer nach Hause gefahren und habe Agnes besucht",
    "b09": "Ich will das eben wegbringen und dann mit Karl was trinken gehen",
    "b10": "Die wird auf dem Platz sein, wo wir sie immer hinlegen",
}
_TAKES = "abcdef"
# speaker, sentence, emotion, take
_NAME = re.compile(
    rf"({'|'.join(_SEXES)})({'|'.join(_STATEMENTS)})"
    rf"([{''.join(_EMOTIONS)}{_BOREDOM}])([{_TAKES}])"
)

INFO = CorpusInfo(
    name="emodb",
    label="EMO-DB",
    title="Berlin Database of Emotional Speech (EMO-DB)",
    language="German",
    speakers=10,
    clips=454,
    classes=tuple(_EMOTIONS.values()),
    licence="CC0 1.0",  # of the authors' own release in the audformat form, on Zenodo
    citation=(
        "Burkhardt F, Paeschke A, Rolfes M, Sendlmeier WF, Weiss B (2005). A Database of German "
        "Emotional Speech. Interspeech 2005, 1517-1520. "
        "https://doi.org/10.21437/Interspeech.2005-446"
    ),
    homepage="http://emodb.bilderbar.info",
    url="http://emodb.bilderbar.info/download/download.zip",
    archive="download.zip",
    left_out={"boredom": 81},
    statements=_STATEMENTS,
)


def parse_name(name: str) -> Record:
    """The record that an EMO-DB file name spells out.

    Args:
        name: such as "03a01Fa.wav"; suffix and folders are ignored.

    Returns:
        The record without duration and checksum.

    Raises:
        CorpusError: if it is not the name of an EMO-DB recording, or if it is one of boredom.
    """
    stem = PurePosixPath(name).stem
    match = _NAME.fullmatch(stem)
    if match is None:
        raise CorpusError(
            f"'{name}' is not the name of an EMO-DB recording (such as 03a01Fa). "
            "Point --root at the unpacked archive, the folder that holds wav/."
        )
    speaker, statement, emotion, take = match.groups()
    if emotion == _BOREDOM:
        raise CorpusError(
            f"'{name}' is a recording of boredom, which has no counterpart among the eight "
            "emotions and is left out. Choose another recording."
        )
    return Record(
        path=f"wav/{stem}.wav",
        clip=stem,
        corpus=INFO.name,
        speaker=f"{INFO.name}/{speaker}",
        sex=_SEXES[speaker],
        emotion=_EMOTIONS[emotion],
        intensity="normal",  # the corpus tells none, so one level stands for all
        statement=statement,
        repetition=_TAKES.index(take) + 1,  # takes that listeners did not accept are missing
    )


CORPUS = PublishedCorpus(INFO, parse_name)

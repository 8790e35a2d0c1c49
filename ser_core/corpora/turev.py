"""TurEV-DB: six Turkish speakers, single words, four emotions.

Its licence forbids what is derived from it, so it serves tests alone.
"""

import re
from pathlib import PurePosixPath

from ser_core.corpora.base import CorpusInfo, Record
from ser_core.corpora.folder.words import UNKNOWN
from ser_core.corpora.published import PublishedCorpus
from ser_core.emotions import Emotion
from ser_core.errors import CorpusError

# first and last letters of the Turkish words: sakin, mutlu, hüzünlü, kızgın
_EMOTIONS = {
    "sk": Emotion.CALM,
    "mt": Emotion.HAPPY,
    "hl": Emotion.SAD,
    "kz": Emotion.ANGRY,
}
_SPEAKERS = ("1157", "1234", "1358", "1984", "6783", "7895")
# without the marks of Turkish letters, as the names have them
_WORDS = (
    "acik algi beste bugu cay cekirge cene ceren cilek defne demet demir deve deyim dil dizge "
    "dugun eger elmacik eski firildak gezi gicik goz gunes gurbuz hekim igde isirgan japon kagit "
    "karton kedi kemik kibir kiler kirgin koku konuk kulac kusluk kustah lokma lufer melek mujde "
    "nasil nicin odenek ogul okul olcut ordek orgu pamuk pas pihti rihtim saf sarap sarj satir "
    "senlik sepet serin sevgi simit soba sucuk tahta tembel tirtil turev unlu utanc vurgu yanki "
    "yazim yigilmak yigin zeytin"
).split()
# speaker, emotion, word; one word has a stray digit
_NAME = re.compile(rf"({'|'.join(_SPEAKERS)})_({'|'.join(_EMOTIONS)})_([a-z]+)[0-9]?")

INFO = CorpusInfo(
    name="turev",
    label="TurEV-DB",
    title="Turkish Emotion-Voice Database (TurEV-DB)",
    language="Turkish",
    speakers=len(_SPEAKERS),
    clips=1735,
    classes=tuple(_EMOTIONS.values()),
    licence="CC BY-NC-ND 4.0",
    citation=(
        "Canpolat SF, Ormanoğlu Z, Zeyrek D (2020). Turkish Emotion Voice Database (TurEV-DB). "
        "SLTU-CCURL 2020, 368-375. https://aclanthology.org/2020.sltu-1.52"
    ),
    homepage="https://github.com/Xeonen/TurEV-DB",
    url="",
    archive="",
    trains=False,
    places="**/*",
    statements={word: word for word in _WORDS},
)


def parse_name(name: str) -> Record:
    """The record that a TurEV-DB file name spells out.

    Args:
        name: such as "1157_kz_acik.wav"; suffix and folders are ignored.

    Returns:
        The record without duration and checksum.

    Raises:
        CorpusError: if it is not the name of a TurEV-DB recording.
    """
    stem = PurePosixPath(name).stem
    match = _NAME.fullmatch(stem)
    if match is None:
        raise CorpusError(
            f"'{name}' is not the name of a TurEV-DB recording (such as 1157_kz_acik). "
            "Point --root at the folder that holds them."
        )
    speaker, emotion, word = match.groups()
    return Record(
        path=f"{stem}.wav",
        clip=stem,
        corpus=INFO.name,
        speaker=f"{INFO.name}/{speaker}",
        sex=UNKNOWN,
        emotion=_EMOTIONS[emotion],
        intensity="normal",  # the corpus tells none, so one level stands for all
        statement=word,
        repetition=1,
    )


CORPUS = PublishedCorpus(INFO, parse_name)

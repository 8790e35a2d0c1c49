"""File names of published corpora: a copy in anybody's folder labels itself."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath

from ser_core.corpora import emodb, nemo, ravdess
from ser_core.corpora.base import Corpus
from ser_core.corpora.folder.words import UNKNOWN
from ser_core.errors import CorpusError


@dataclass(frozen=True, slots=True)
class Named:
    """What a file's name tells.

    Attributes:
        corpus: whose naming it is.
        speaker: name of the speaker.
        emotion: a word for it; "" where the name tells none of the eight.
        sex: "female", "male" or "unknown".
        statement: what is said.
    """

    corpus: str
    speaker: str
    emotion: str = ""
    sex: str = UNKNOWN
    statement: str = UNKNOWN


_SAVEE = {
    **{"a": "angry", "d": "disgust", "f": "fearful", "h": "happy"},
    **{"n": "neutral", "sa": "sad", "su": "surprised"},
}
_ESD = ("neutral", "angry", "happy", "sad", "surprised")  # the order of its numbers
_ESD_SENTENCES = 350  # of each emotion


def _registered(corpus: Corpus) -> Callable[[str], Named]:
    """What the corpus' own parser makes of a name; a class without counterpart has no emotion."""

    def read(name: str) -> Named:
        try:
            record = corpus.parse(name)
        except CorpusError:
            return Named(corpus.info.label, UNKNOWN)
        number = record.speaker.rpartition("/")[2]
        speaker = corpus.info.speaker_names.get(int(number), number)
        return Named(corpus.info.label, speaker, record.emotion, record.sex, record.statement)

    return read


def _sound_and_speech(numbers: str) -> Named:
    """RAVDESS' songs and films are named as its spoken sounds are, but for two numbers."""
    return _registered(ravdess.CORPUS)(f"03-01{numbers}")


def _cremad(speaker: str, statement: str, emotion: str) -> Named:
    return Named("CREMA-D", speaker, emotion, statement=statement)


def _tess(speaker: str, word: str, emotion: str) -> Named:
    return Named("TESS", f"{speaker.upper()}AF", emotion, "female", word.lower())


def _savee(speaker: str, emotion: str, number: str) -> Named:
    return Named("SAVEE", speaker, _SAVEE[emotion], "male", f"{emotion}{number}")


def _esd(speaker: str, number: str) -> Named:
    """Its emotion is its folder's; without one, its number's."""
    place = int(number) - 1
    inside = 0 <= place < _ESD_SENTENCES * len(_ESD)
    emotion = _ESD[place // _ESD_SENTENCES] if inside else ""
    return Named("ESD", speaker, emotion, statement=f"sentence {place % _ESD_SENTENCES + 1}")


# of a file's folder and its name without the ending
_NAMES: tuple[tuple[str, Callable[..., Named]], ...] = (
    (r".*/0[123]-0[12](-\d\d-\d\d-\d\d-\d\d-\d\d)", _sound_and_speech),
    (r".*/(\d\d[ab]\d\d[A-Z][a-z])", _registered(emodb.CORPUS)),
    (r".*/([A-Z]{2}0_[a-z]+_\d\d?)", _registered(nemo.CORPUS)),
    (r".*/(1[01]\d\d)_([A-Z]{3})_(ANG|DIS|FEA|HAP|NEU|SAD)_(?:LO|MD|HI|XX?)", _cremad),
    (r".*/(?i:([OY])AF?_([a-z]+)_(angry|disgust|fear|happy|neutral|ps|sad))", _tess),
    (r".*/(DC|JE|JK|KL)_(sa|su|[adfhn])(\d\d)", _savee),
    (r"(DC|JE|JK|KL)/(sa|su|[adfhn])(\d\d)", _savee),
    (r".*/(00[01]\d|0020)_(\d{6,})", _esd),
)
_PATTERNS = tuple((re.compile(pattern), read) for pattern, read in _NAMES)


def named_as(file: str) -> Named | None:
    """What a file's name tells if RAVDESS, EMO-DB, nEMO, CREMA-D, TESS, SAVEE or ESD name so."""
    path = PurePosixPath("_") / file
    place = f"{path.parent.name}/{path.stem}"
    for pattern, read in _PATTERNS:
        if match := pattern.fullmatch(place):
            return read(*match.groups())
    return None

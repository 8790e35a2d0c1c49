"""Words with their times."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Word:
    """A word, its punctuation with it.

    Attributes:
        text: as it is written.
        start_s: its start, from the start of the sound.
        end_s: its end.
        probability: of the word.
        spaced: whether a space goes before it, which not every script has.
        channel: that it was heard in, from 0, where each voice has one.
    """

    text: str
    start_s: float
    end_s: float
    probability: float
    spaced: bool = True
    channel: int | None = None

    @property
    def middle_s(self) -> float:
        """Half way from its start to its end."""
        return (self.start_s + self.end_s) / 2


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was said in a recording.

    Attributes:
        words: by time.
        language: its code, such as "en"; "" where nothing was said.
        probability: of the language; 1 where it was chosen.
    """

    words: tuple[Word, ...]
    language: str
    probability: float


def text_of(words: Iterable[Word]) -> str:
    """Words as they are written one after the other."""
    return "".join(f" {word.text}" if word.spaced else word.text for word in words).strip()

"""The word error rate: words that are wrong, missing or too many, against those that were said."""

from dataclasses import dataclass

import jiwer

_PLAIN = jiwer.Compose(
    [jiwer.ToLowerCase(), jiwer.RemovePunctuation(), jiwer.RemoveMultipleSpaces(), jiwer.Strip()]
)


@dataclass(frozen=True, slots=True)
class WordErrors:
    """Counts, to be added up."""

    wrong: int = 0
    said: int = 0

    def __add__(self, other: "WordErrors") -> "WordErrors":
        return WordErrors(self.wrong + other.wrong, self.said + other.said)

    @property
    def rate(self) -> float:
        """Errors per word that was said; may exceed 1."""
        return self.wrong / self.said if self.said else 0.0


def word_errors(said: str, written: str) -> WordErrors:
    """The errors of a text, by letters alone: neither case nor punctuation counts."""
    found = jiwer.process_words(_PLAIN(said), _PLAIN(written))
    missed = found.substitutions + found.deletions
    return WordErrors(missed + found.insertions, missed + found.hits)

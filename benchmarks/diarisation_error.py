"""How far a diarisation is from the truth, by the rules of NIST's md-eval and pyannote.metrics."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.optimize import linear_sum_assignment

Stretch = tuple[float, float, str]  # onset and offset in seconds, and whose it is


@dataclass(frozen=True, slots=True)
class Errors:
    """Seconds of speech, each counted once for every voice that speaks.

    Attributes:
        speech_s: in truth.
        missed_s: which was not found.
        false_s: which was found and is none.
        confused_s: which was given to another voice.
    """

    speech_s: float = 0.0
    missed_s: float = 0.0
    false_s: float = 0.0
    confused_s: float = 0.0

    def __add__(self, other: "Errors") -> "Errors":
        return Errors(
            self.speech_s + other.speech_s,
            self.missed_s + other.missed_s,
            self.false_s + other.false_s,
            self.confused_s + other.confused_s,
        )

    @property
    def rate(self) -> float:
        """Diarisation error rate: all that is wrong, per speech."""
        wrong_s = self.missed_s + self.false_s + self.confused_s
        return wrong_s / self.speech_s if self.speech_s else 0.0


def errors(truth: Sequence[Stretch], found: Sequence[Stretch], collar_s: float = 0.0) -> Errors:
    """Compare, where found voices stand for those of the truth that they share most time with.

    Args:
        truth: who spoke when; overlaps count.
        found: the same, with names of its own.
        collar_s: so near to a border of the truth nothing is counted.
    """
    parts = _parts(truth, found, collar_s)
    pairs = set(matched(parts))
    total = Errors()
    for length_s, spoken, heard in parts:
        right = sum((a, b) in pairs for a in spoken for b in heard)
        total += Errors(
            length_s * len(spoken),
            length_s * max(len(spoken) - len(heard), 0),
            length_s * max(len(heard) - len(spoken), 0),
            length_s * (min(len(spoken), len(heard)) - right),
        )
    return total


Part = tuple[float, frozenset[str], frozenset[str]]


def _parts(truth: Sequence[Stretch], found: Sequence[Stretch], collar_s: float) -> list[Part]:
    """Stretches in which nothing changes: their length, and who speaks in truth and as found."""
    borders = [time for onset, offset, _ in truth for time in (onset, offset)]
    collars = [(time - collar_s, time + collar_s) for time in borders]
    all_times = {time for a, b, _ in (*truth, *found) for time in (a, b)}
    times = sorted(all_times | {time for collar in collars for time in collar})
    parts = []
    for start, end in pairwise(times):
        middle = (start + end) / 2
        if collar_s and any(a < middle < b for a, b in collars):
            continue
        spoken, heard = (
            frozenset(who for a, b, who in stretches if a < middle < b)
            for stretches in (truth, found)
        )
        if spoken or heard:
            parts.append((end - start, spoken, heard))
    return parts


def matched(parts: Sequence[Part]) -> list[tuple[str, str]]:
    """Pairs of a true and a found voice, one to one, that share most time in all."""
    true_names = sorted({who for _, spoken, _ in parts for who in spoken})
    names = sorted({who for _, _, heard in parts for who in heard})
    shared_s = np.zeros((len(true_names), len(names)))
    for length_s, spoken, heard in parts:
        for a in spoken:
            for b in heard:
                shared_s[true_names.index(a), names.index(b)] += length_s
    rows, columns = linear_sum_assignment(-shared_s)
    return [(true_names[a], names[b]) for a, b in zip(rows, columns, strict=True)]

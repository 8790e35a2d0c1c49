"""How far two clips are apart in a descriptor, in a unit that a difference can have."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ser_core.acoustics.descriptors import Descriptor, catalogue

_MIN_CLIPS = 5  # fewer have no deviation worth the name
# the other measure of the same thing; only the first of two is ranked
_TWICE = ("lufs", "duration_s")
_UNITS = {"f0_hz": "semitones", "dBFS": "dB", "LUFS": "LU"}


@dataclass(frozen=True, slots=True)
class Contrast:
    """Two clips in one descriptor.

    Attributes:
        descriptor: what is compared.
        a: value of the first clip; NaN where it has none.
        b: value of the second.
        difference: a minus b in `unit`; of two pitches their ratio in semitones. NaN where either
            lacks.
        deviations: the difference in standard deviations of the clips it is measured by; NaN where
            those are too few or all alike.
    """

    descriptor: Descriptor
    a: float
    b: float
    difference: float
    deviations: float

    @property
    def unit(self) -> str:
        """Of the difference."""
        return unit_of(self.descriptor)


def unit_of(descriptor: Descriptor) -> str:
    """Unit of a difference: of pitch semitones, of a level dB; "" where there is none."""
    return _UNITS.get(descriptor.column, _UNITS.get(descriptor.unit, descriptor.unit))


def difference(descriptor: Descriptor, a: float, b: float) -> float:
    """A minus b; of two pitches in Hz 12 times the binary logarithm of their ratio."""
    if descriptor.column != "f0_hz":
        return float(a - b)
    return 12 * math.log2(a / b) if a > 0 and b > 0 else math.nan


def contrasts(a: pd.Series, b: pd.Series, clips: pd.DataFrame) -> list[Contrast]:
    """Two clips in every descriptor that they have.

    Args:
        a: row of a corpus index.
        b: another.
        clips: rows by whose spread a difference is measured, such as all of the speaker's.

    Returns:
        In display order.
    """
    differences = []
    for each in catalogue(clips.columns):
        apart = difference(each, a[each.column], b[each.column])
        values = clips[each.column].dropna().to_numpy(dtype=float)
        if each.column == "f0_hz":
            values = 12 * np.log2(values[values > 0])
        spread = float(values.std(ddof=1)) if values.size >= _MIN_CLIPS else 0.0
        deviations = apart / spread if spread > 0 else math.nan
        differences.append(
            Contrast(each, float(a[each.column]), float(b[each.column]), apart, deviations)
        )
    return differences


def largest(differences: list[Contrast], count: int = 3, least: float = 0.5) -> list[Contrast]:
    """The greatest differences of at least so many standard deviations, greatest first."""
    ranked = [
        c for c in differences if c.descriptor.column not in _TWICE and abs(c.deviations) >= least
    ]
    return sorted(ranked, key=lambda c: -abs(c.deviations))[:count]

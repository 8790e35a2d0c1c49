"""Why an answer, in words and numbers: how far the score falls without each piece of sound."""

import pandas as pd

from ser_core.analysis.explanation import Explanation
from ser_core.formatting import clock, percent, quantity

_SMALL = 1.0  # points


def why_alt(found: Explanation) -> str:
    """The finding in words."""
    time_s, drop = found.peak
    score = f"The score for {found.emotion}, {percent(found.probability)},"
    if drop < _SMALL:
        return f"{score} does not hang on any single piece of {quantity(found.piece_s, 's', 2)}."
    return (
        f"{score} falls most, by {quantity(drop, 'points')}, when the sound around {clock(time_s)} "
        "is silenced."
    )


def why_table(found: Explanation) -> pd.DataFrame:
    """The numbers behind the curve: one row per silenced piece; drops in percentage points."""
    half_s = found.piece_s / 2
    return pd.DataFrame(
        {
            "start_s": (found.times_s - half_s).round(3),
            "end_s": (found.times_s + half_s).round(3),
            "drop_points": found.drops.round(2),
        }
    )

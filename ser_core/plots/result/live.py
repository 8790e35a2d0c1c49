"""The live view: the last half minute, and where the voice lies between feelings."""

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import pandas as pd

from ser_core.analysis.timeline import Probabilities, Window
from ser_core.emotions import Emotion

# Valence and arousal in [-1, 1]: mean pleasure and arousal of the words in Russell & Mehrabian,
# "Evidence for a three-factor theory of emotions", J. Research in Personality 11 (1977), 273-294.
# Calm is not among them: it stands at its angle in Russell, "A circumplex model of affect",
# J. Personality and Social Psychology 39 (1980), 316 degrees, at the others' mean distance, 0.8.
# Neutral is the origin by definition.
VALENCE_AROUSAL: Mapping[Emotion, tuple[float, float]] = MappingProxyType(
    {
        Emotion.NEUTRAL: (0.0, 0.0),
        Emotion.CALM: (0.58, -0.56),
        Emotion.HAPPY: (0.81, 0.51),
        Emotion.SAD: (-0.63, -0.27),
        Emotion.ANGRY: (-0.51, 0.59),
        Emotion.FEARFUL: (-0.64, 0.60),
        Emotion.DISGUST: (-0.60, 0.35),
        Emotion.SURPRISED: (0.40, 0.67),
    }
)
NAME_LEFT = frozenset({Emotion.FEARFUL, Emotion.HAPPY})  # of its mark: there is no room right of it


def valence_arousal(probabilities: Probabilities) -> tuple[float, float]:
    """Mean place of the emotions, weighted by their probabilities."""
    places = [(VALENCE_AROUSAL[e], p) for e, p in probabilities.items()]
    return (
        math.fsum(x * p for (x, _), p in places),
        math.fsum(y * p for (_, y), p in places),
    )


def recent_alt(windows: Sequence[Window]) -> str:
    """What the last half minute sounds like."""
    if not windows:
        return "No speech in the last 30 seconds."
    tops = [w.top for w in windows]
    mostly = max(set(tops), key=tops.count)
    return f"The last 30 seconds sound mostly {mostly}; they end {tops[-1]}."


def recent_table(windows: Sequence[Window]) -> pd.DataFrame:
    """The numbers behind the last half minute: probabilities as fractions, times in seconds."""
    rows = [
        {"start_s": w.start_s, "end_s": w.end_s}
        | {e.value: w.probabilities[e] for e in Emotion if e in w.probabilities}
        for w in windows
    ]
    return pd.DataFrame(rows).round(4)


def plane_alt(windows: Sequence[Window]) -> str:
    """The finding of the plane in words."""
    if not windows:
        return "No speech yet, so no place between pleasant and unpleasant, quiet and excited."
    x, y = valence_arousal(windows[-1].probabilities)
    pleasure = "pleasant" if x > 0.1 else "unpleasant" if x < -0.1 else "neither pleasant nor not"
    arousal = "excited" if y > 0.1 else "quiet" if y < -0.1 else "neither excited nor quiet"
    return f"The voice lies on the {pleasure} and {arousal} side."

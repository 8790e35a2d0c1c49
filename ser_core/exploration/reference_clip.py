"""Which clip another is best compared with: the speaker's own neutral, or the other of a pair."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ser_core.corpora.folder.words import UNKNOWN
from ser_core.emotions import Emotion

_SHARED = ("speaker", "statement", "repetition", "emotion", "intensity")


@dataclass(frozen=True, slots=True)
class Neutral:
    """A speaker's own neutral voice.

    Attributes:
        clip: row of the index: the neutral clip of the same statement, of the same repetition where
            there is one; None where the speaker never says this statement in a neutral voice.
        medians: median of each number of the index over all neutral clips of the speaker.
        clips: how many those are.
    """

    clip: pd.Series | None
    medians: pd.Series
    clips: int


def neutral_of(clip: pd.Series, index: pd.DataFrame) -> Neutral | None:
    """The neutral voice of a clip's speaker, the clip itself left out.

    Args:
        clip: a row of the index.
        index: a corpus index.

    Returns:
        None where the speaker has no (other) neutral clip.
    """
    own = index[
        (index["speaker"] == clip["speaker"])
        & (index["emotion"] == Emotion.NEUTRAL)
        & (index["clip"] != clip["clip"])
    ]
    if own.empty:
        return None
    same = own[(own["statement"] == clip["statement"]) & (clip["statement"] != UNKNOWN)]
    take = same["repetition"] == clip["repetition"]  # else the first
    nearest = None if same.empty else same.loc[take.idxmax()]
    return Neutral(nearest, own.median(numeric_only=True), len(own))


def partner_of(clip: pd.Series, index: pd.DataFrame, strongest: str) -> pd.Series | None:
    """The clip that tells most when it stands beside another.

    In this order it is of the same speaker, of another emotion, of the same statement, neutral
    (angry, where the clip is neutral), of the same repetition, of the strongest intensity; of
    equals the first in the index.

    Args:
        clip: a row of the index.
        index: a corpus index.
        strongest: the strongest intensity of the corpus.

    Returns:
        A row of the index; None where there is no other clip.
    """
    others = index[index["clip"] != clip["clip"]]
    if others.empty:
        return None
    wanted = Emotion.ANGRY if clip["emotion"] == Emotion.NEUTRAL else Emotion.NEUTRAL
    wishes: list[NDArray[np.bool_]] = [
        (others["speaker"] == clip["speaker"]).to_numpy(),
        (others["emotion"] != clip["emotion"]).to_numpy(),
        (others["statement"] == clip["statement"]).to_numpy(),
        (others["emotion"] == wanted).to_numpy(),
        (others["repetition"] == clip["repetition"]).to_numpy(),
        (others["intensity"] == strongest).to_numpy(),
    ]
    met = sum(wish.astype(int) << place for place, wish in enumerate(reversed(wishes)))
    return others.iloc[int(np.argmax(met))]


def shared(a: pd.Series, b: pd.Series) -> tuple[str, ...]:
    """Labels that two clips have in common, such as ("speaker", "statement")."""
    return tuple(label for label in _SHARED if a[label] == b[label] != UNKNOWN)

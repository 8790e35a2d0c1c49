"""The part of a corpus that a few label filters leave, and what balancing it would add."""

from dataclasses import dataclass

import pandas as pd

from ser_core.emotions import Emotion


@dataclass(frozen=True, slots=True)
class Selection:
    """Label filters; None lets every value pass.

    Attributes:
        emotions: emotions that pass.
        sex: "female", "male" or None.
        intensity: "normal", "strong" or None.
        statement: short name of what is said, or None.
        actors: numbers of the speakers that pass; none of them lets everyone pass.
    """

    emotions: tuple[Emotion, ...] = tuple(Emotion)
    sex: str | None = None
    intensity: str | None = None
    statement: str | None = None
    actors: tuple[int, ...] = ()

    def apply(self, index: pd.DataFrame) -> pd.DataFrame:
        """Rows of a corpus index that pass every filter, in their old order."""
        passes = index["emotion"].isin([str(emotion) for emotion in self.emotions])
        for column in ("sex", "intensity", "statement"):
            wanted = getattr(self, column)
            if wanted is not None:
                passes &= index[column] == wanted
        if self.actors:
            passes &= index["actor"].isin(self.actors)
        return index[passes]

    def why_empty(self, index: pd.DataFrame) -> str | None:
        """One sentence on why nothing passes, where the corpus itself is the reason."""
        if not self.emotions:
            return "No emotion is chosen."
        acted = Selection(self.emotions, intensity=self.intensity).apply(index)
        if self.intensity and acted.empty:
            first, *others = [str(emotion) for emotion in self.emotions]
            names = " and ".join([", ".join([first, *others[:-1]]), *others[-1:]])
            verb = "have" if others else "has"
            return f"{names.capitalize()} {verb} no {self.intensity} intensity in this corpus."
        return None


def counts(clips: pd.DataFrame, by: str) -> pd.DataFrame:
    """Clips per emotion and one other label.

    Args:
        clips: rows of a corpus index.
        by: column that splits each emotion.

    Returns:
        One row per emotion in display order (also those without a clip), one column per value that
        occurs, int.
    """
    table = pd.crosstab(clips["emotion"], clips[by])
    table.columns.name = None
    return table.reindex([str(emotion) for emotion in Emotion], fill_value=0)


def balanced(clips: pd.DataFrame) -> pd.Series:
    """Clips per emotion after random oversampling to the most frequent one.

    Args:
        clips: rows of a corpus index.

    Returns:
        int, one entry per emotion that occurs, in display order.
    """
    present = counts(clips, "sex").sum(axis=1)
    present = present[present > 0]
    return present.clip(lower=present.max())

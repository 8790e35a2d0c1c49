"""A model's answers to clips whose emotion is known, as arrays, and their scores."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ser_core.emotions import Emotion
from ser_core.evaluation.label_sets import EMOTIONS, Grouping

_RESAMPLES, _SEED, _LEVEL = 1000, 42, 0.95  # as in metrics.json
SCORES = ("ua", "wa", "macro_f1")


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """Answers to n clips among k classes.

    Attributes:
        labels: the classes, in the order of columns.
        truth: class that was acted, shape (n,), int64.
        predicted: class that was heard, shape (n,), int64.
        probabilities: shape (n, k), float64; a group's is the sum of its emotions'.
        speakers: who spoke, shape (n,).
    """

    labels: tuple[str, ...]
    truth: NDArray[np.int64]
    predicted: NDArray[np.int64]
    probabilities: NDArray[np.float64]
    speakers: NDArray[np.object_]

    @classmethod
    def of(cls, rows: pd.DataFrame, grouping: Grouping = EMOTIONS) -> "Answers":
        """Take them from rows of predictions.

        The class heard is the one of the emotion heard: a group does not win by the sum of
        emotions none of which the model would have named.

        Args:
            rows: with the columns of predictions.parquet.
            grouping: which emotions count as one.
        """
        class_of = grouping.class_of
        each = rows[[f"p_{e}" for e in Emotion]].to_numpy(np.float64)
        probabilities = np.zeros((len(rows), len(grouping.labels)))
        for column, emotion in enumerate(Emotion):
            probabilities[:, class_of[emotion]] += each[:, column]
        return cls(
            grouping.labels,
            rows["emotion"].map(class_of).to_numpy(np.int64),
            rows["predicted"].map(class_of).to_numpy(np.int64),
            probabilities,
            rows["speaker"].to_numpy(object),
        )

    @property
    def right(self) -> NDArray[np.bool_]:
        """Whether each clip was named rightly, shape (n,)."""
        return self.truth == self.predicted

    @property
    def confidence(self) -> NDArray[np.float64]:
        """Probability of the class heard, shape (n,)."""
        return self.probabilities[np.arange(self.predicted.size), self.predicted]

    @property
    def confusion(self) -> NDArray[np.int64]:
        """Counts, shape (k, k); rows are acted, columns heard."""
        k = len(self.labels)
        return np.bincount(self.truth * k + self.predicted, minlength=k * k).reshape(k, k)

    def surest(self, chosen: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Positions of some clips, those first of which the model was surest.

        Args:
            chosen: which clips, shape (n,).
        """
        at = np.flatnonzero(chosen)
        return at[np.argsort(-self.confidence[at], kind="stable")]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A score and how sure it is, as fractions in [0, 1].

    Attributes:
        value: the score; NaN where there is nothing to score.
        low: lower end of its 95 % interval; None where it is not known.
        high: upper end.
    """

    value: float
    low: float | None = None
    high: float | None = None


def scores(answers: Answers) -> dict[str, Estimate]:
    """UA, WA and macro F1, each with a percentile bootstrap interval over speakers.

    Returns:
        Per name in `SCORES`; without intervals where there are fewer than two speakers.
    """
    values = _of_confusions(answers.confusion[np.newaxis])
    spread = resampled_scores(answers) if np.unique(answers.speakers).size > 1 else None
    found = {}
    for name in SCORES:
        ends = (None, None) if spread is None else middle(spread[name])
        found[name] = Estimate(float(values[name][0]), *ends)
    return found


def resampled_scores(answers: Answers) -> dict[str, NDArray[np.float64]]:
    """The scores of resamples of whole speakers, each of shape (resamples,).

    Which speakers are drawn follows from their number alone: scores of several models on the same
    clips can be subtracted resample by resample.
    """
    return _of_confusions(_resampled(answers))


def middle(values: NDArray[np.float64]) -> tuple[float, float]:
    """Percentile interval of resampled values, 95 %."""
    tail = 50 * (1 - _LEVEL)
    low, high = np.nanpercentile(values, [tail, 100 - tail]).tolist()
    return low, high


def _resampled(answers: Answers) -> NDArray[np.int64]:
    """Confusion matrices of resamples of whole speakers, shape (resamples, k, k)."""
    k = len(answers.labels)
    names, owner = np.unique(answers.speakers.astype(str), return_inverse=True)
    cells = (owner * k + answers.truth) * k + answers.predicted
    own = np.bincount(cells, minlength=names.size * k * k).reshape(names.size, k * k)
    drawn = np.random.default_rng(_SEED).integers(0, names.size, (_RESAMPLES, names.size))
    times = np.zeros((_RESAMPLES, names.size), np.int64)
    np.add.at(times, (np.arange(_RESAMPLES)[:, np.newaxis], drawn), 1)
    return (times @ own).reshape(-1, k, k)


def _of_confusions(counts: NDArray[np.int64]) -> dict[str, NDArray[np.float64]]:
    """The scores of confusion matrices, shape (m, k, k); classes that were not acted are left out.

    NaN where a matrix holds no clip.
    """
    right = np.diagonal(counts, axis1=1, axis2=2)
    acted, heard = counts.sum(axis=2), counts.sum(axis=1)
    present = np.maximum((acted > 0).sum(axis=1), 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        recall = np.where(acted > 0, right / acted, 0).sum(axis=1) / present
        f1 = np.where(acted > 0, 2 * right / (acted + heard), 0).sum(axis=1) / present
        accuracy = right.sum(axis=1) / acted.sum(axis=1)
    empty = np.isnan(accuracy)
    return {
        "ua": np.where(empty, np.nan, recall),
        "wa": accuracy,
        "macro_f1": np.where(empty, np.nan, f1),
    }

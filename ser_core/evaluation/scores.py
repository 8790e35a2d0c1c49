"""Scores of confusion matrices: fractions in [0, 1], for one matrix or for many at once."""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

ScoreName = Literal["ua", "wa", "macro_f1"]
SCORES: tuple[ScoreName, ...] = ("ua", "wa", "macro_f1")

Counts = NDArray[np.int64]  # shape (..., k, k); rows are the truth, columns the prediction


def confusion(truth: ArrayLike, predicted: ArrayLike, k: int) -> Counts:
    """Counts of (true class, predicted class).

    Args:
        truth: class of each row, 0 to k - 1, shape (n,).
        predicted: the same.
        k: classes.

    Returns:
        Shape (k, k).

    Raises:
        ValueError: if the lengths differ or a class is not below k.
    """
    rows, columns = np.asarray(truth, np.int64), np.asarray(predicted, np.int64)
    if rows.shape != columns.shape:
        raise ValueError(f"{rows.size} true labels, but {columns.size} predicted ones.")
    if max(rows.max(initial=0), columns.max(initial=0)) >= k:
        raise ValueError(f"A class is not among the {k}.")
    return np.bincount(rows * k + columns, minlength=k * k).reshape(k, k)


def recall(counts: Counts) -> NDArray[np.float64]:
    """Share of each class that was found, shape (..., k); NaN where the truth has none of it."""
    return _share(_right(counts), counts.sum(axis=-1))


def f1(counts: Counts) -> NDArray[np.float64]:
    """F1 of each class, shape (..., k); NaN where the truth has none of it."""
    support, named = counts.sum(axis=-1), counts.sum(axis=-2)
    return _share(np.where(support > 0, 2 * _right(counts), np.nan), support + named)


def scores_of(counts: Counts) -> dict[ScoreName, NDArray[np.float64]]:
    """UA, WA and macro F1, each of shape (...).

    UA, the unweighted average recall, and macro F1 are means over the classes that the truth has;
    WA, the weighted accuracy, is the share of rows predicted rightly. NaN where there is no row.
    """
    return {
        "ua": _mean(recall(counts)),
        "wa": _share(_right(counts).sum(axis=-1), counts.sum(axis=(-2, -1))),
        "macro_f1": _mean(f1(counts)),
    }


def score(name: ScoreName, truth: ArrayLike, predicted: ArrayLike, k: int) -> float:
    """One score of n predictions among k classes; NaN without any."""
    return float(scores_of(confusion(truth, predicted, k))[name])


def _right(counts: Counts) -> Counts:
    return np.diagonal(counts, axis1=-2, axis2=-1)


def _mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
    present = ~np.isnan(values)
    return _share(np.where(present, values, 0).sum(axis=-1), present.sum(axis=-1))


def _share(part: ArrayLike, whole: ArrayLike) -> NDArray[np.float64]:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.divide(part, whole, dtype=np.float64)

"""Scores of a classifier, in numpy only: fractions in [0, 1], with class order as an argument."""

import math
from collections.abc import Callable, Hashable, Sequence
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


def confusion(
    truth: ArrayLike, predicted: ArrayLike, classes: Sequence[Hashable]
) -> NDArray[np.int64]:
    """Counts of (true class, predicted class).

    Args:
        truth: labels, shape (n,).
        predicted: labels, shape (n,).
        classes: the k classes in the order of rows and columns.

    Returns:
        Shape (k, k); rows are the truth, columns the prediction.

    Raises:
        ValueError: if the lengths differ or a label is not among the classes.
    """
    k = len(classes)
    rows, columns = _indices(truth, classes), _indices(predicted, classes)
    if rows.shape != columns.shape:
        raise ValueError(f"{rows.size} true labels, but {columns.size} predicted ones.")
    return np.bincount(rows * k + columns, minlength=k * k).reshape(k, k)


def unweighted_average_recall(
    truth: ArrayLike, predicted: ArrayLike, classes: Sequence[Hashable]
) -> float:
    """UA: mean recall over the classes that occur in ``truth``; NaN without any row."""
    return _ua(confusion(truth, predicted, classes))


def weighted_accuracy(truth: ArrayLike, predicted: ArrayLike) -> float:
    """WA: share of rows predicted rightly; NaN without any row."""
    truth, predicted = np.asarray(truth), np.asarray(predicted)
    if truth.shape != predicted.shape:
        raise ValueError(f"{truth.size} true labels, but {predicted.size} predicted ones.")
    return float(np.mean(truth == predicted)) if truth.size else float("nan")


def macro_f1(truth: ArrayLike, predicted: ArrayLike, classes: Sequence[Hashable]) -> float:
    """Mean F1 over the classes that occur in ``truth``; a class never predicted scores 0."""
    counts = confusion(truth, predicted, classes)
    right, support = np.diag(counts), counts.sum(axis=1)
    present = support > 0
    if not present.any():
        return float("nan")
    f1 = 2 * right[present] / (support + counts.sum(axis=0))[present]
    return float(f1.mean())


def per_class_recall(
    truth: ArrayLike, predicted: ArrayLike, classes: Sequence[Hashable]
) -> dict[Hashable, float]:
    """Recall of each class, in the order of ``classes``; NaN where ``truth`` has no such row."""
    return dict(zip(classes, _recalls(confusion(truth, predicted, classes)), strict=True))


def bootstrap_interval(
    truth: ArrayLike,
    predicted: ArrayLike,
    speakers: ArrayLike,
    statistic: Callable[[NDArray[Any], NDArray[Any]], float],
    n: int = 1000,
    seed: int = 0,
    level: float = 0.95,
) -> tuple[float, float]:
    """Percentile bootstrap interval that resamples whole speakers.

    The clips of one speaker rise and fall together: resampling clips would promise too much.

    Args:
        truth: labels, shape (n,).
        predicted: labels, shape (n, ...), in any form that the statistic takes.
        speakers: speaker of each row, shape (n,).
        statistic: score of (truth, predicted).
        n: resamples.
        seed: of the resampling.
        level: coverage of the interval.

    Returns:
        Lower and upper end.
    """
    truth, predicted = np.asarray(truth), np.asarray(predicted)
    names, owner = np.unique(np.asarray(speakers), return_inverse=True)
    rows_of = [np.flatnonzero(owner == i) for i in range(names.size)]
    rng = np.random.default_rng(seed)
    scores = []
    for _ in range(n):
        rows = np.concatenate([rows_of[i] for i in rng.integers(0, names.size, names.size)])
        scores.append(statistic(truth[rows], predicted[rows]))
    tail = 100 * (1 - level) / 2
    low, high = np.percentile(scores, [tail, 100 - tail])
    return float(low), float(high)


def wilson(right: int, of: int, level: float = 0.95) -> tuple[float, float]:
    """Interval of a share that was counted in few trials, as fractions in [0, 1].

    Wilson's score interval: E. B. Wilson (1927), Probable inference, the law of succession, and
    statistical inference, JASA 22.

    Args:
        right: successes.
        of: trials, at least one.
        level: how often such intervals hold the true share.
    """
    z = NormalDist().inv_cdf((1 + level) / 2)
    share, shrink = right / of, 1 + z * z / of
    centre = (share + z * z / (2 * of)) / shrink
    half = z * math.sqrt(share * (1 - share) / of + (z / (2 * of)) ** 2) / shrink
    return max(0.0, centre - half), min(1.0, centre + half)


def expected_calibration_error(
    probabilities: NDArray[np.floating], truth_index: ArrayLike, bins: int = 15
) -> float:
    """ECE of the top class: mean gap between confidence and accuracy over equal-width bins.

    Args:
        probabilities: shape (n, k), rows sum to 1.
        truth_index: column of the true class, shape (n,).
        bins: bins over the confidence range (0, 1].

    Returns:
        The gap weighted by the share of rows per bin.
    """
    truth_index = np.asarray(truth_index)
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == truth_index
    which = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    gap = np.bincount(which, right - confidence, minlength=bins)
    return float(np.abs(gap).sum() / truth_index.size)


def coverage_accuracy(
    probabilities: NDArray[np.floating], truth_index: ArrayLike, steps: int = 20
) -> list[list[float]]:
    """Accuracy where a model answers only its surest clips (El-Yaniv & Wiener 2010).

    Args:
        probabilities: shape (n, k), rows sum to 1.
        truth_index: column of the true class, shape (n,).
        steps: points of the curve.

    Returns:
        Per point: share of clips answered, accuracy on them, top probability of the least sure.
    """
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == np.asarray(truth_index)
    order = np.argsort(-confidence, kind="stable")
    counts = np.unique(np.ceil(np.arange(1, steps + 1) / steps * order.size).astype(int))
    return [
        [n / order.size, float(right[order[:n]].mean()), float(confidence[order[n - 1]])]
        for n in counts.tolist()
    ]


def _indices(labels: ArrayLike, classes: Sequence[Hashable]) -> NDArray[np.int64]:
    labels = np.asarray(labels)
    values, inverse = np.unique(labels, return_inverse=True)
    column = {c: i for i, c in enumerate(classes)}
    unknown = [v for v in values.tolist() if v not in column]
    if unknown:
        raise ValueError(f"Labels {unknown} are not among the classes {list(classes)}.")
    return np.array([column[v] for v in values.tolist()], np.int64)[inverse]


def _recalls(counts: NDArray[np.int64]) -> list[float]:
    support = counts.sum(axis=1)
    with np.errstate(invalid="ignore"):
        return (np.diag(counts) / support).tolist()


def _ua(counts: NDArray[np.int64]) -> float:
    present = counts.sum(axis=1) > 0
    return float(np.mean(np.array(_recalls(counts))[present])) if present.any() else float("nan")

"""How good a model is seen one class, one degree of confidence, one group of clips at a time."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ser_core.evaluation.intervals import Estimate, estimates, wilson
from ser_core.evaluation.predictions import Predictions

BINS = 15  # as in metrics.json


@dataclass(frozen=True, slots=True, eq=False)
class Reliability:
    """How sure a model was and how often it was right, in the bins that hold clips.

    Attributes:
        confidence: mean probability of the class heard, shape (m,).
        accuracy: share that was right, shape (m,).
        clips: how many, shape (m,).
    """

    confidence: NDArray[np.float64]
    accuracy: NDArray[np.float64]
    clips: NDArray[np.int64]

    @property
    def error(self) -> float:
        """ECE: mean gap between the two over all clips; NaN without clips."""
        if not self.clips.size:
            return float("nan")
        return float(np.average(np.abs(self.accuracy - self.confidence), weights=self.clips))


def reliability(predictions: Predictions, bins: int = BINS) -> Reliability:
    """Predictions in equal-width bins of confidence (Guo et al. 2017).

    Args:
        predictions: of n clips.
        bins: over (0, 1], each closed at its upper end.
    """
    sure = predictions.confidence
    which = np.clip(np.ceil(sure * bins).astype(int) - 1, 0, bins - 1)
    clips = np.bincount(which, minlength=bins)
    filled = clips > 0
    means = [np.bincount(which, v, bins)[filled] / clips[filled] for v in (sure, predictions.right)]
    return Reliability(means[0], means[1], clips[filled])


@dataclass(frozen=True, slots=True, eq=False)
class Coverage:
    """Accuracy where a model answers only its surest clips (El-Yaniv and Wiener 2010).

    Attributes:
        confidence: of the least sure answer that is given, falling, shape (m,).
        answered: share of clips, shape (m,).
        accuracy: on those, shape (m,).
    """

    confidence: NDArray[np.float64]
    answered: NDArray[np.float64]
    accuracy: NDArray[np.float64]


def coverage(predictions: Predictions) -> Coverage:
    """The curve, one point per confidence that occurs: clips of the same one go together."""
    order = np.argsort(-predictions.confidence, kind="stable")
    sure, right = predictions.confidence[order], np.cumsum(predictions.right[order])
    last = np.flatnonzero(np.append(sure[1:] != sure[:-1], True)[: sure.size])
    return Coverage(sure[last], (last + 1) / max(sure.size, 1), right[last] / (last + 1))


def answered_above(predictions: Predictions, threshold: float) -> tuple[float, float]:
    """What comes of answering only when the confidence reaches a threshold.

    Args:
        predictions: of n clips.
        threshold: in [0, 1].

    Returns:
        Share of clips answered and accuracy on them; NaN where there are none.
    """
    given = predictions.confidence >= threshold
    right = predictions.right[given]
    return _mean(given), _mean(right)


@dataclass(frozen=True, slots=True, eq=False)
class Roc:
    """One class against the rest, for every threshold of its probability.

    Attributes:
        false_alarms: share of the other clips taken for it, rising from 0 to 1, shape (m,).
        found: share of its clips found, shape (m,).
    """

    false_alarms: NDArray[np.float64]
    found: NDArray[np.float64]

    @property
    def area(self) -> float:
        """AUC."""
        return float(np.trapezoid(self.found, self.false_alarms))


def roc(predictions: Predictions, column: int) -> Roc | None:
    """The curve of a class; None where all clips are of it, or none.

    Args:
        predictions: of n clips.
        column: of the class.
    """
    positive = predictions.truth == column
    if positive.all() or not positive.any():
        return None
    scores = predictions.probabilities[:, column]
    order = np.argsort(-scores, kind="stable")
    ends = np.append(np.diff(scores[order]) != 0, True)
    hits = np.cumsum(positive[order])
    points = np.stack([np.arange(1, hits.size + 1) - hits, hits])[:, ends]
    # points amid a straight run change nothing
    steps = np.diff(points, axis=1, prepend=0)
    turns = np.append(steps[0, 1:] * steps[1, :-1] != steps[1, 1:] * steps[0, :-1], True)
    kept = np.concatenate([np.zeros((2, 1)), points[:, turns]], axis=1)
    return Roc(kept[0] / kept[0, -1], kept[1] / kept[1, -1])


@dataclass(frozen=True, slots=True)
class GroupScore:
    """Accuracy on the clips of one group.

    Attributes:
        clips: how many.
        accuracy: share named rightly, with its interval.
    """

    clips: int
    accuracy: Estimate


def speaker_scores(predictions: Predictions) -> dict[str, GroupScore]:
    """Accuracy per speaker, sorted by name, with Wilson's interval (1927).

    The interval takes one speaker's clips as independent draws.
    """
    names, owner = np.unique(predictions.speakers.astype(str), return_inverse=True)
    clips = np.bincount(owner, minlength=names.size).tolist()
    right = np.bincount(owner[predictions.right], minlength=names.size).tolist()
    return {
        name: GroupScore(n, Estimate(k / n, *wilson(k, n)))
        for name, n, k in zip(names.tolist(), clips, right, strict=True)
    }


def group_scores(predictions: Predictions, groups: ArrayLike) -> dict[str, GroupScore]:
    """Accuracy per group, sorted by name, with a bootstrap interval over speakers.

    Args:
        predictions: of n clips.
        groups: names, shape (n,).
    """
    groups = np.asarray(groups, str)
    found = {}
    for name in np.unique(groups).tolist():
        inside = groups == name
        found[name] = GroupScore(int(inside.sum()), estimates(predictions.take(inside))["wa"])
    return found


def _mean(flags: NDArray[np.bool_]) -> float:
    return float(flags.mean()) if flags.size else float("nan")

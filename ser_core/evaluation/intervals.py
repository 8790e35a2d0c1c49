"""How sure a score is: intervals over speakers, and of shares that were counted in few trials."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ser_core.evaluation.predictions import Predictions
from ser_core.evaluation.scores import SCORES, Counts, ScoreName, scores_of

_RESAMPLES, _SEED, _LEVEL = 1000, 42, 0.95


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

    @property
    def ends(self) -> tuple[float, float] | None:
        """Both ends of the interval; None where it is not known."""
        return None if self.low is None or self.high is None else (self.low, self.high)


def estimates(predictions: Predictions) -> dict[ScoreName, Estimate]:
    """UA, WA and macro F1, each with a percentile bootstrap interval over speakers.

    The clips of one speaker rise and fall together: resampling clips would promise too much.

    Returns:
        Per name in `SCORES`; without intervals where there are fewer than two speakers.
    """
    values = scores_of(predictions.confusion)
    if np.unique(predictions.speakers).size < 2:
        return {name: Estimate(float(values[name])) for name in SCORES}
    spread = resampled_scores(predictions)
    return {name: Estimate(float(values[name]), *_middle(spread[name])) for name in SCORES}


def difference(a: Predictions, b: Predictions, name: ScoreName = "ua") -> Estimate:
    """How much better the first is, with a percentile bootstrap interval over speakers.

    Both are scored on the same resampled speakers: what makes a speaker hard for both cancels out.

    Args:
        a: of the first model.
        b: of the second, on the same clips.
        name: of the score.

    Returns:
        In [-1, 1]; without an interval where there are fewer than two speakers.
    """
    value = float(scores_of(a.confusion)[name] - scores_of(b.confusion)[name])
    if np.unique(a.speakers).size < 2:
        return Estimate(value)
    return Estimate(value, *_middle(resampled_scores(a)[name] - resampled_scores(b)[name]))


def resampled_scores(predictions: Predictions) -> dict[ScoreName, NDArray[np.float64]]:
    """The scores of resamples of whole speakers, each of shape (resamples,).

    Which speakers are drawn follows from their number alone: scores of several models on the same
    clips can be subtracted resample by resample.
    """
    return scores_of(_resampled(predictions))


def wilson(right: int, of: int) -> tuple[float, float]:
    """Wilson's score interval (1927) of a share, 95 %, as fractions in [0, 1].

    Args:
        right: successes.
        of: trials, at least one.
    """
    from scipy.stats import binomtest  # takes seconds to import

    low, high = binomtest(right, of).proportion_ci(_LEVEL, method="wilson")
    return float(low), float(high)


def _middle(values: NDArray[np.float64]) -> tuple[float, float]:
    tail = 50 * (1 - _LEVEL)
    low, high = np.nanpercentile(values, [tail, 100 - tail]).tolist()
    return low, high


def _resampled(predictions: Predictions) -> Counts:
    """Confusion matrices of resamples of whole speakers, shape (resamples, k, k)."""
    k = len(predictions.labels)
    names, owner = np.unique(predictions.speakers.astype(str), return_inverse=True)
    cells = (owner * k + predictions.truth) * k + predictions.predicted
    own = np.bincount(cells, minlength=names.size * k * k).reshape(names.size, k * k)
    drawn = np.random.default_rng(_SEED).integers(0, names.size, (_RESAMPLES, names.size))
    times = np.zeros((_RESAMPLES, names.size), np.int64)
    np.add.at(times, (np.arange(_RESAMPLES)[:, np.newaxis], drawn), 1)
    return (times @ own).reshape(-1, k, k)

"""One temperature and one threshold, fitted on validation predictions."""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from ser_core.bundles.temperature import tempered

ABSTAIN_SHARE = 0.2


def fit_temperature(probabilities: NDArray[np.float64], truth: NDArray[np.int64]) -> float:
    """The temperature with the least negative log likelihood, between 0.1 and 10."""

    def loss(log_temperature: float) -> float:
        p = tempered(probabilities, float(np.exp(log_temperature)))
        return -float(np.log(p[np.arange(truth.size), truth]).mean())

    found = minimize_scalar(loss, bounds=(np.log(0.1), np.log(10)), method="bounded")
    return float(np.exp(found.x))


def abstain_threshold(probabilities: NDArray[np.float64]) -> float:
    """Top probability below which the least sure fifth of the clips lies."""
    return float(np.quantile(probabilities.max(axis=1), ABSTAIN_SHARE))

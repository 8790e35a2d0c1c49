"""One temperature and one threshold, fitted on validation predictions."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from ser_core.bundles.temperature import tempered
from ser_core.evaluation.predictions import Predictions

ABSTAIN_SHARE = 0.2


def fit_temperature(probabilities: NDArray[np.float64], truth: NDArray[np.int64]) -> float:
    """The temperature with the least negative log likelihood, between 0.1 and 10."""
    return fit_temperature_of([Predictions.of_probabilities(truth, probabilities)])


def fit_temperature_of(parts: Sequence[Predictions]) -> float:
    """The same over several sets of classes, each set counting the same, however many clips."""

    def loss(log_temperature: float) -> float:
        temperature = float(np.exp(log_temperature))
        return float(np.mean([_loss(part, temperature) for part in parts]))

    found = minimize_scalar(loss, bounds=(np.log(0.1), np.log(10)), method="bounded")
    return float(np.exp(found.x))


def _loss(part: Predictions, temperature: float) -> float:
    p = tempered(part.probabilities, temperature)
    return -float(np.log(np.maximum(p[np.arange(part.truth.size), part.truth], 1e-12)).mean())


def abstain_threshold(probabilities: NDArray[np.float64]) -> float:
    """Top probability below which the least sure fifth of the clips lies."""
    return float(np.quantile(probabilities.max(axis=1), ABSTAIN_SHARE))

"""Temperature: one number that makes a network's answers as sure as they are right."""

import numpy as np
from numpy.typing import NDArray

_FLOOR = 1e-12


def tempered(probabilities: NDArray[np.float64], temperature: float) -> NDArray[np.float64]:
    """softmax(z / T) from softmax(z) (Guo et al. 2017); 1 / T undoes T.

    Args:
        probabilities: shape (..., k), sums to 1 over the last axis.
        temperature: above 1 it makes them less sure.

    Returns:
        The same shape.
    """
    # softmax(z / T) equals softmax(z) ** (1 / T), normalised
    raised = np.maximum(probabilities, _FLOOR) ** (1 / temperature)
    return raised / raised.sum(axis=-1, keepdims=True)

import numpy as np
import pytest

from ser_core.bundles.temperature import tempered
from ser_core.evaluation.curves import reliability
from ser_core.evaluation.predictions import Predictions
from train.protocol.temperature_scaling import abstain_threshold, fit_temperature


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


@pytest.fixture
def logits_and_truth():
    """Logits whose softmax is the true distribution of the labels."""
    rng = np.random.default_rng(5)
    z = rng.normal(0, 1.5, (20_000, 8))
    p = softmax(z)
    truth = (p.cumsum(axis=1) > rng.random((len(p), 1))).argmax(axis=1)
    return z, truth


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.5])
def test_the_temperature_undoes_a_known_sharpening(logits_and_truth, temperature):
    z, truth = logits_and_truth
    sharpened = softmax(z * temperature)
    # 20 000 labels fix it to about 2 %
    assert fit_temperature(sharpened, truth) == pytest.approx(temperature, rel=0.05)
    calm = tempered(sharpened, temperature)
    np.testing.assert_allclose(calm, softmax(z), atol=1e-6)
    assert reliability(Predictions.of_probabilities(truth, calm)).error < 0.015


def test_a_fifth_falls_below_the_threshold(logits_and_truth):
    p = softmax(logits_and_truth[0])
    assert np.mean(p.max(axis=1) < abstain_threshold(p)) == pytest.approx(0.2, abs=0.001)

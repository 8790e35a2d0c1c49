"""Scores against closed forms, and against what the installed bundles say of themselves."""

import numpy as np
import pandas as pd
import pytest

from ser_core.bundles.store import ModelStore
from ser_core.evaluation.curves import coverage, reliability
from ser_core.evaluation.intervals import estimates
from ser_core.evaluation.predictions import Predictions
from ser_core.evaluation.scores import confusion, score, scores_of

STORE = ModelStore()


def test_what_is_no_class_is_refused():
    with pytest.raises(ValueError, match="not among the 2"):
        confusion([0, 1], [0, 2], 2)
    with pytest.raises(ValueError, match="2 true labels, but 1"):
        confusion([0, 1], [0], 2)


def test_a_class_without_rows_counts_for_nothing():
    assert score("ua", [0, 0, 2], [0, 1, 2], 4) == pytest.approx((0.5 + 1) / 2)
    assert score("macro_f1", [0, 0, 2], [0, 1, 2], 4) == pytest.approx((2 / 3 + 1) / 2)


def test_nothing_to_score_is_not_a_number():
    assert all(np.isnan(value) for value in scores_of(confusion([], [], 4)).values())


def test_many_matrices_are_scored_like_each():
    counts = np.random.default_rng(4).integers(0, 9, (3, 5, 4, 4))
    many = scores_of(counts)
    for at in np.ndindex(3, 5):
        for name, value in scores_of(counts[at]).items():
            assert many[name][at] == value


def test_the_interval_resamples_speakers_not_clips():
    """Each speaker is all right or all wrong: the mean of 20 coin flips has deviation 0.112.

    Clips, were they resampled, would give a fifth of that width.
    """
    speakers = np.repeat(np.arange(20), 25)
    named = np.eye(2)[speakers % 2]
    found = estimates(Predictions.of_probabilities(np.zeros(500), named, speakers, "ab"))["wa"]
    assert found.low == pytest.approx(0.5 - 1.96 * 0.112, abs=0.06)  # a speaker is a step of 0.05
    assert found.high == pytest.approx(0.5 + 1.96 * 0.112, abs=0.06)


def predictions(truth, probabilities):
    return Predictions.of_probabilities(truth, np.array(probabilities), labels="ab")


def test_calibration_error_in_closed_form():
    """Confidence 0.8 with 60 % right is off by 0.2; confidence 0.95 all right is off by 0.05."""
    p = [[0.8, 0.2]] * 10 + [[0.95, 0.05]] * 10
    truth = [0] * 6 + [1] * 4 + [0] * 10
    assert reliability(predictions(truth, p)).error == pytest.approx(0.125)
    assert reliability(predictions([0], [[1.0, 0.0]])).error == 0.0  # falls into the last bin


def test_coverage_and_accuracy_of_four_clips_by_hand():
    p = [[0.9, 0.1], [0.2, 0.8], [0.7, 0.3], [0.4, 0.6]]
    curve = coverage(predictions([0, 0, 0, 1], p))
    np.testing.assert_allclose(curve.answered, [0.25, 0.5, 0.75, 1])
    np.testing.assert_allclose(curve.accuracy, [1, 0.5, 2 / 3, 0.75])
    np.testing.assert_allclose(curve.confidence, [0.9, 0.8, 0.7, 0.6])


@pytest.mark.parametrize("name", STORE.names())
def test_the_scores_of_a_bundle_follow_from_its_predictions(name):
    bundle = STORE.bundle(name)
    for protocol, told in bundle.metrics.protocols.items():
        for score_name, found in estimates(Predictions.of(bundle.rows(protocol))).items():
            assert found.value == pytest.approx(told.named[score_name], abs=1e-9)
            assert found.ends == pytest.approx(told.ci95[score_name], abs=1e-9)
    leading = pd.DataFrame(bundle.rows(bundle.metrics.leading))
    # predictions are kept as float32, and a clip may change its bin
    assert reliability(Predictions.of(leading)).error == pytest.approx(
        bundle.metrics.calibration.ece_after, abs=1e-3
    )

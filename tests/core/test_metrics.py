import numpy as np
import pytest
import sklearn.metrics as oracle

from ser_core.evaluation import scores

CLASSES = ["calm", "angry", "sad", "happy"]  # not alphabetical, so that order matters


@pytest.fixture
def labels():
    rng = np.random.default_rng(3)
    truth = rng.choice(CLASSES, 300, p=[0.4, 0.3, 0.2, 0.1])
    predicted = np.where(rng.random(300) < 0.5, truth, rng.choice(CLASSES, 300))
    return truth, predicted


def test_confusion_has_true_rows_in_the_given_order(labels):
    got = scores.confusion(*labels, CLASSES)
    np.testing.assert_array_equal(got, oracle.confusion_matrix(*labels, labels=CLASSES))


def test_confusion_names_an_unknown_label():
    with pytest.raises(ValueError, match="bored"):
        scores.confusion(["calm"], ["bored"], CLASSES)


def test_lengths_must_agree():
    with pytest.raises(ValueError, match="2 true labels, but 1"):
        scores.confusion(["calm", "sad"], ["calm"], CLASSES)
    with pytest.raises(ValueError, match="2 true labels, but 1"):
        scores.weighted_accuracy(["calm", "sad"], ["calm"])


def test_ua_wa_f1_match_sklearn(labels):
    truth, predicted = labels
    assert scores.unweighted_average_recall(truth, predicted, CLASSES) == pytest.approx(
        oracle.balanced_accuracy_score(truth, predicted), abs=1e-12
    )
    assert scores.weighted_accuracy(truth, predicted) == pytest.approx(
        oracle.accuracy_score(truth, predicted), abs=1e-12
    )
    assert scores.macro_f1(truth, predicted, CLASSES) == pytest.approx(
        oracle.f1_score(truth, predicted, average="macro"), abs=1e-12
    )


def test_recall_per_class_matches_sklearn(labels):
    got = scores.per_class_recall(*labels, CLASSES)
    want = oracle.recall_score(*labels, labels=CLASSES, average=None)
    assert list(got) == CLASSES
    np.testing.assert_allclose(list(got.values()), want, atol=1e-12)


def test_a_class_without_rows_counts_for_nothing():
    truth, predicted = ["calm", "calm", "sad"], ["calm", "angry", "sad"]
    assert scores.unweighted_average_recall(truth, predicted, CLASSES) == pytest.approx(0.75)
    present = ["calm", "sad"]
    want = oracle.f1_score(truth, predicted, labels=present, average="macro", zero_division=0)
    assert scores.macro_f1(truth, predicted, CLASSES) == pytest.approx(want)
    assert np.isnan(scores.per_class_recall(truth, predicted, CLASSES)["happy"])


def test_nothing_to_score_is_not_a_number():
    assert np.isnan(scores.unweighted_average_recall([], [], CLASSES))
    assert np.isnan(scores.weighted_accuracy([], []))
    assert np.isnan(scores.macro_f1([], [], CLASSES))


def test_the_interval_resamples_speakers_not_clips():
    """Each speaker is all right or all wrong: the mean of 20 coin flips has deviation 0.112.

    Clips, were they resampled, would give a fifth of that width.
    """
    speakers = np.repeat(np.arange(20), 25)
    truth = np.zeros(500, int)
    predicted = (speakers % 2).astype(int)
    low, high = scores.bootstrap_interval(
        truth, predicted, speakers, scores.weighted_accuracy, n=4000, seed=1
    )
    assert low == pytest.approx(0.5 - 1.96 * 0.112, abs=0.04)  # steps of one speaker are 0.05
    assert high == pytest.approx(0.5 + 1.96 * 0.112, abs=0.04)


def test_the_interval_repeats_with_its_seed(labels):
    speakers = np.arange(300) % 12
    a, b, c = (
        scores.bootstrap_interval(*labels, speakers, scores.weighted_accuracy, 200, seed)
        for seed in (1, 1, 2)
    )
    assert a == b != c
    assert a[0] < scores.weighted_accuracy(*labels) < a[1]


def test_calibration_error_in_closed_form():
    """Confidence 0.8 with 60 % right is off by 0.2; confidence 0.95 all right is off by 0.05."""
    p = np.array([[0.8, 0.2]] * 10 + [[0.95, 0.05]] * 10)
    truth = np.array([0] * 6 + [1] * 4 + [0] * 10)
    assert scores.expected_calibration_error(p, truth) == pytest.approx(0.125)


def test_full_confidence_falls_into_the_last_bin():
    assert scores.expected_calibration_error(np.array([[1.0, 0.0]]), [0]) == 0.0


def test_coverage_and_accuracy_of_four_clips_by_hand():
    p = np.array([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3], [0.4, 0.6]])
    curve = scores.coverage_accuracy(p, [0, 0, 0, 1], steps=4)
    want = [[0.25, 1, 0.9], [0.5, 0.5, 0.8], [0.75, 2 / 3, 0.7], [1, 0.75, 0.6]]
    np.testing.assert_allclose(curve, want)

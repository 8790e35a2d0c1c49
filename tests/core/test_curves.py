import math

import numpy as np
import pandas as pd
import pytest
import sklearn.metrics
from scipy.stats import binomtest
from sklearn.calibration import calibration_curve

from ser_core.emotions import Emotion
from ser_core.evaluation.curves import (
    BINS,
    answered_above,
    coverage,
    group_scores,
    reliability,
    roc,
    speaker_scores,
)
from ser_core.evaluation.label_sets import GROUPINGS
from ser_core.evaluation.predictions import Predictions
from ser_core.evaluation.scores import f1, recall
from ser_core.protocols import Protocol

CHOICES = {
    "all": {},
    "strong": {"intensity": "strong"},
    "one actor": {"speaker": "ravdess/07"},
    "one kind": {"emotion": "sad"},
}
each_grouping = pytest.mark.parametrize("grouping", GROUPINGS.values(), ids=list(GROUPINGS))
each_choice = pytest.mark.parametrize("wanted", CHOICES.values(), ids=list(CHOICES))


@pytest.fixture(scope="module")
def rows(scored_models) -> pd.DataFrame:
    found = pd.read_parquet(scored_models / "poor" / "predictions.parquet")
    return found[found["protocol"] == Protocol.SPEAKER_INDEPENDENT]


def chosen(rows: pd.DataFrame, wanted: dict[str, str]) -> pd.DataFrame:
    for column, value in wanted.items():
        rows = rows[rows[column] == value]
    return rows


def named(rows: pd.DataFrame, column: str, grouping) -> pd.Series:
    """Classes of a column, found without the code under test."""
    label_of = {e.value: label for label, group in grouping.members.items() for e in group}
    return rows[column].map(label_of)


def summed(rows: pd.DataFrame, label: str, grouping) -> pd.Series:
    return rows[[f"p_{e.value}" for e in grouping.members[label]]].sum(axis=1)


def sure(rows: pd.DataFrame, grouping) -> pd.Series:
    shares = pd.DataFrame({label: summed(rows, label, grouping) for label in grouping.labels})
    heard = named(rows, "predicted", grouping)
    return pd.Series([shares.at[i, label] for i, label in heard.items()], rows.index)


@each_grouping
@each_choice
def test_recall_and_f1_equal_scikit_learn_and_skip_what_was_not_acted(rows, grouping, wanted):
    some = chosen(rows, wanted)
    truth, heard = (named(some, c, grouping) for c in ("emotion", "predicted"))
    options = {"labels": list(grouping.labels), "average": None, "zero_division": 0}
    acted = np.isin(grouping.labels, truth.unique())
    for measure, oracle in (
        (recall, sklearn.metrics.recall_score),
        (f1, sklearn.metrics.f1_score),
    ):
        want = np.where(acted, oracle(truth, heard, **options), np.nan)
        made = measure(Predictions.of(some, grouping).confusion)
        np.testing.assert_allclose(made, want, rtol=1e-12)


@each_grouping
@each_choice
def test_reliability_equals_scikit_learn(rows, grouping, wanted):
    some = chosen(rows, wanted)
    right = (named(some, "emotion", grouping) == named(some, "predicted", grouping)).to_numpy()
    confidence = sure(some, grouping).clip(upper=1)
    accuracy, mean = calibration_curve(right, confidence, n_bins=BINS, strategy="uniform")
    made = reliability(Predictions.of(some, grouping))
    np.testing.assert_allclose(made.accuracy, accuracy, rtol=1e-12)
    np.testing.assert_allclose(made.confidence, mean, rtol=1e-12)
    bins = pd.cut(confidence, np.linspace(0, 1, BINS + 1))
    counts = bins.value_counts(sort=False)
    assert made.clips.tolist() == counts[counts > 0].tolist()
    gaps = (right - confidence).groupby(bins, observed=True).sum()
    assert made.error == pytest.approx(gaps.abs().sum() / len(some))


@each_grouping
@each_choice
def test_coverage_answers_the_surest_first(rows, grouping, wanted):
    some = chosen(rows, wanted)
    right = named(some, "emotion", grouping) == named(some, "predicted", grouping)
    confidence = sure(some, grouping)
    curve = coverage(Predictions.of(some, grouping))
    assert curve.answered[-1] == 1
    assert (np.diff(curve.answered) > 0).all()
    for at in range(0, curve.answered.size, 7):
        # the same sums in another order may differ in their last digit
        given = confidence >= curve.confidence[at] - 1e-12
        assert curve.answered[at] == pytest.approx(given.mean())
        assert curve.accuracy[at] == pytest.approx(right[given].mean())


@each_grouping
@pytest.mark.parametrize("threshold", [0, 0.35, 0.6, 0.95])
def test_threshold_keeps_the_sure_answers(rows, grouping, threshold):
    right = named(rows, "emotion", grouping) == named(rows, "predicted", grouping)
    given = sure(rows, grouping) >= threshold
    made = answered_above(Predictions.of(rows, grouping), threshold)
    assert made == pytest.approx((given.mean(), right[given].mean()), nan_ok=True)


@each_grouping
@each_choice
def test_roc_equals_scikit_learn_or_is_not_there(rows, grouping, wanted):
    some = chosen(rows, wanted)
    truth = named(some, "emotion", grouping)
    for column, label in enumerate(grouping.labels):
        positive, scores = truth == label, summed(some, label, grouping)
        curve = roc(Predictions.of(some, grouping), column)
        if positive.nunique() == 1:
            assert curve is None
            continue
        x, y, _ = sklearn.metrics.roc_curve(positive, scores, drop_intermediate=False)
        whole = {(round(a, 9), round(b, 9)) for a, b in zip(x, y, strict=True)}
        made = zip(curve.false_alarms.tolist(), curve.found.tolist(), strict=True)
        assert {(round(a, 9), round(b, 9)) for a, b in made} <= whole
        assert curve.area == pytest.approx(sklearn.metrics.roc_auc_score(positive, scores))


def test_roc_takes_equal_probabilities_together():
    rows = pd.DataFrame({f"p_{e}": [0.125] * 4 for e in Emotion})
    emotions = ["sad", "sad", "calm", "angry"]
    rows = rows.assign(emotion=emotions, predicted="neutral", speaker=list("aabb"))
    rows["p_sad"] = [0.7, 0.3, 0.3, 0.1]
    curve = roc(Predictions.of(rows), list(Emotion).index(Emotion.SAD))
    assert curve.false_alarms.tolist() == [0, 0, 0.5, 1]
    assert curve.found.tolist() == [0, 0.5, 1, 1]
    assert curve.area == 7 / 8


@each_choice
def test_accuracy_per_speaker_has_the_interval_of_wilson(rows, wanted):
    some = chosen(rows, wanted)
    made = speaker_scores(Predictions.of(some))
    assert list(made) == sorted(some["speaker"].unique())
    for speaker, part in some.groupby("speaker"):
        right = int((part["emotion"] == part["predicted"]).sum())
        want = binomtest(right, len(part)).proportion_ci(method="wilson")
        score = made[speaker]
        assert (score.clips, score.accuracy.value) == (len(part), right / len(part))
        assert (score.accuracy.low, score.accuracy.high) == pytest.approx((want.low, want.high))


@each_grouping
def test_accuracy_per_intensity_is_resampled_over_speakers(rows, grouping):
    made = group_scores(Predictions.of(rows, grouping), rows["intensity"])
    assert list(made) == ["normal", "strong"]
    for intensity, part in rows.groupby("intensity"):
        right = named(part, "emotion", grouping) == named(part, "predicted", grouping)
        per_speaker = right.groupby(part["speaker"]).agg(["sum", "size"]).to_numpy()
        rng = np.random.default_rng(7)
        drawn = per_speaker[rng.integers(0, len(per_speaker), (20_000, len(per_speaker)))]
        sums = drawn.sum(axis=1)
        low, high = np.percentile(sums[:, 0] / sums[:, 1], [2.5, 97.5])
        score = made[intensity]
        assert score.clips == len(part)
        assert score.accuracy.value == pytest.approx(right.mean())
        assert (score.accuracy.low, score.accuracy.high) == pytest.approx((low, high), abs=0.006)


def test_one_speaker_has_no_interval_over_speakers(rows):
    some = chosen(rows, {"speaker": "ravdess/07"})
    made = group_scores(Predictions.of(some), some["intensity"])
    assert made["strong"].accuracy.low is None


def test_without_clips_there_is_nothing_to_tell(rows):
    nothing = Predictions.of(rows.iloc[:0])
    assert np.isnan(f1(nothing.confusion)).all()
    assert math.isnan(reliability(nothing).error)
    assert coverage(nothing).answered.size == 0
    assert all(map(math.isnan, answered_above(nothing, 0.5)))
    assert roc(nothing, 0) is None
    assert speaker_scores(nothing) == group_scores(nothing, []) == {}

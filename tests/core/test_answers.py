import numpy as np
import pandas as pd
import pytest
import sklearn.metrics

from ser_core.emotions import Emotion
from ser_core.evaluation.baselines import majority
from ser_core.evaluation.intervals import estimates
from ser_core.evaluation.label_sets import EMOTIONS, GROUPINGS, short
from ser_core.evaluation.predictions import Predictions
from ser_core.plots.result.live import VALENCE_AROUSAL
from ser_core.protocols import Protocol
from tests.scored import CLASSES

EACH = pytest.mark.parametrize("grouping", GROUPINGS.values(), ids=GROUPINGS)


@pytest.fixture(scope="module")
def rows(scored_models) -> pd.DataFrame:
    table = pd.read_parquet(scored_models / "poor" / "predictions.parquet")
    return table[table["protocol"] == Protocol.SPEAKER_INDEPENDENT]


def in_groups(emotions: pd.Series, grouping) -> list[str]:
    group = {e.value: label for label, members in grouping.members.items() for e in members}
    return [group[emotion] for emotion in emotions]


@EACH
def test_scores_equal_scikit_learn(rows, grouping):
    truth, heard = (in_groups(rows[name], grouping) for name in ("emotion", "predicted"))
    found = estimates(Predictions.of(rows, grouping))
    assert found["ua"].value == pytest.approx(sklearn.metrics.balanced_accuracy_score(truth, heard))
    assert found["wa"].value == pytest.approx(sklearn.metrics.accuracy_score(truth, heard))
    f1 = sklearn.metrics.f1_score(truth, heard, average="macro")
    assert found["macro_f1"].value == pytest.approx(f1)


@EACH
def test_confusion_equals_scikit_learn(rows, grouping):
    truth, heard = (in_groups(rows[name], grouping) for name in ("emotion", "predicted"))
    want = sklearn.metrics.confusion_matrix(truth, heard, labels=grouping.labels)
    np.testing.assert_array_equal(Predictions.of(rows, grouping).confusion, want)


def test_probability_of_a_group_is_the_sum_of_its_emotions(rows):
    answers = Predictions.of(rows, GROUPINGS["quiet"])
    want = rows["p_neutral"] + rows["p_calm"]
    np.testing.assert_allclose(answers.probabilities[:, 0], want)
    np.testing.assert_allclose(answers.probabilities.sum(axis=1), 1)
    quiet = rows["predicted"].isin(["neutral", "calm"]).to_numpy()
    np.testing.assert_allclose(answers.confidence[quiet], want[quiet])


def test_all_intervals_of_a_small_case_are_exact():
    # four speakers: their resamples can be scored one by one, each combination once
    rng = np.random.default_rng(7)
    n = 60
    table = pd.DataFrame({"speaker": [f"ravdess/0{1 + i % 4}" for i in range(n)]})
    table["emotion"] = rng.choice(CLASSES[:3], n)
    table["predicted"] = np.where(rng.random(n) < 0.6, table["emotion"], rng.choice(CLASSES, n))
    for emotion in CLASSES:
        table[f"p_{emotion}"] = 1 / 8
    speakers = np.unique(table["speaker"])
    found = {"ua": [], "wa": [], "macro_f1": []}
    draws = np.sort(np.random.default_rng(42).integers(0, 4, (1000, 4)), axis=1)
    for draw, times in zip(*np.unique(draws, axis=0, return_counts=True), strict=True):
        part = pd.concat([table[table["speaker"] == speakers[i]] for i in draw])
        truth, heard = part["emotion"], part["predicted"]
        present = sorted(set(truth))
        recalls = sklearn.metrics.recall_score(
            truth, heard, labels=present, average="macro", zero_division=0
        )
        f1 = sklearn.metrics.f1_score(
            truth, heard, labels=present, average="macro", zero_division=0
        )
        found["ua"] += [recalls] * times
        found["wa"] += [sklearn.metrics.accuracy_score(truth, heard)] * times
        found["macro_f1"] += [f1] * times
    for name, estimate in estimates(Predictions.of(table)).items():
        want = np.percentile(found[name], [2.5, 97.5])
        assert [estimate.low, estimate.high] == pytest.approx(want.tolist())


def test_one_speaker_gives_no_interval_and_no_clip_no_score(rows):
    one = rows[rows["speaker"] == rows["speaker"].iloc[0]]
    assert estimates(Predictions.of(one))["ua"].low is None
    assert all(np.isnan(score.value) for score in estimates(Predictions.of(rows.iloc[:0])).values())


def test_surest_come_first(rows):
    answers = Predictions.of(rows)
    at = answers.surest(~answers.right)
    wrong = rows[rows["emotion"] != rows["predicted"]]
    top = wrong[[f"p_{e}" for e in CLASSES]].max(axis=1).sort_values(ascending=False)
    np.testing.assert_allclose(answers.confidence[at], top)
    assert set(rows["clip"].iloc[at]) == set(wrong["clip"])


def test_majority_equals_scikit_learn(rows):
    always = np.full(len(rows), rows["emotion"].value_counts().idxmax())
    found = majority(rows["emotion"])
    assert found["ua"] == sklearn.metrics.balanced_accuracy_score(rows["emotion"], always)
    assert found["wa"] == sklearn.metrics.accuracy_score(rows["emotion"], always)
    f1 = sklearn.metrics.f1_score(rows["emotion"], always, average="macro")
    assert found["macro_f1"] == pytest.approx(f1)


@EACH
def test_every_emotion_is_in_one_class(grouping):
    members = [e for group in grouping.members.values() for e in group]
    assert sorted(members) == sorted(Emotion)
    assert grouping.chance == 1 / len(grouping.labels)
    alone = [grouping.emotion(label) for label in grouping.labels if grouping.emotion(label)]
    assert all(grouping.members[e.value] == (e,) for e in alone)


def test_groups_follow_the_places_on_the_plane():
    sides = {"negative": -1, "neutral": 0, "positive": 1, "low": -1, "high": 1}
    for axis, name in enumerate(("valence", "arousal")):
        for label, members in GROUPINGS[name].members.items():
            for emotion in set(members) - {Emotion.NEUTRAL}:
                assert np.sign(VALENCE_AROUSAL[emotion][axis]) == sides[label], emotion


def test_short_names_stay_apart():
    for grouping in (EMOTIONS, GROUPINGS["quiet"]):
        assert len({short(label) for label in grouping.labels}) == len(grouping.labels)
    assert short("neutral, calm") == "n+c"

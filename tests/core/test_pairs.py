import math

import numpy as np
import pandas as pd
import pytest
import sklearn.metrics

from ser_core.evaluation.intervals import difference, estimates
from ser_core.evaluation.label_sets import GROUPINGS
from ser_core.evaluation.model_pair import Pair, mcnemar
from ser_core.protocols import Protocol
from tests.scored import CLASSES

UNSEEN, RANDOM = Protocol
SHARES = [f"p_{e}" for e in CLASSES]


def rows(models, name: str, protocol: str = UNSEEN) -> pd.DataFrame:
    table = pd.read_parquet(models / name / "predictions.parquet")
    return table[table["protocol"] == protocol]


@pytest.fixture
def tables(scored_models):
    return rows(scored_models, "good"), rows(scored_models, "poor")


def balanced(truth, predicted) -> float:
    return sklearn.metrics.balanced_accuracy_score(truth, predicted)


def test_clips_are_matched_by_name_whatever_their_order(scored_models):
    a = rows(scored_models, "good")
    b = rows(scored_models, "poor", RANDOM).sample(frac=1, random_state=3)
    pair = Pair.of(a, b)
    want = a.merge(b, on="clip", suffixes=("", "_b"))
    assert len(want) == 288
    assert pair.rows_a["clip"].tolist() == want["clip"].tolist() == pair.rows_b["clip"].tolist()
    assert pair.rows_b["p_sad"].tolist() == want["p_sad_b"].tolist()
    np.testing.assert_array_equal(pair.a.truth, pair.b.truth)


@pytest.mark.parametrize("classes", GROUPINGS)
def test_agreement_counts_every_clip_once(tables, classes):
    pair = Pair.of(*tables, GROUPINGS[classes])
    of = GROUPINGS[classes].class_of
    both = tables[0].merge(tables[1], on="clip", suffixes=("_a", "_b"))
    truth, a, b = (both[c].map(of) for c in ("emotion_a", "predicted_a", "predicted_b"))
    table = pd.crosstab(truth == a, truth == b)
    assert pair.agreement.tolist() == [
        [table.loc[x, y] for y in (True, False)] for x in (True, False)
    ]
    assert pair.agreement.sum() == 1440
    assert pair.agreement[0, 1] == pair.only_a.sum()
    assert pair.agreement[1, 0] == pair.only_b.sum()
    assert pair.same_class == pytest.approx((a == b).mean())


@pytest.mark.parametrize(
    ("only_a", "only_b"), [(1, 0), (0, 5), (3, 10), (13, 13), (89, 277), (700, 690), (1440, 0)]
)
def test_mcnemar_is_twice_the_smaller_tail_of_tossing_coins(only_a, only_b):
    n = only_a + only_b
    tail = sum(math.comb(n, k) for k in range(min(only_a, only_b) + 1))
    want = min(1.0, 2 * tail / 2**n)
    assert mcnemar(only_a, only_b) == pytest.approx(want, rel=1e-9)
    assert mcnemar(only_b, only_a) == mcnemar(only_a, only_b)


def test_mcnemar_of_models_that_never_differ_shows_nothing():
    assert mcnemar(0, 0) == 1


@pytest.mark.parametrize(
    ("name", "score"), [("ua", balanced), ("wa", sklearn.metrics.accuracy_score)]
)
def test_interval_of_the_difference_draws_the_same_speakers_for_both(tables, name, score):
    some = [f"ravdess/{n:02}" for n in (2, 3, 5, 8, 13)]
    a, b = (table[table["speaker"].isin(some)] for table in tables)
    pair = Pair.of(a, b)
    found = difference(pair.a, pair.b, name)
    drawn = np.random.default_rng(42).integers(0, len(some), (1000, len(some)))
    kinds, which = np.unique(np.sort(drawn, axis=1), axis=0, return_inverse=True)
    of_kind = []
    for kind in kinds:
        parts = [pd.concat([t[t["speaker"] == some[i]] for i in kind]) for t in (a, b)]
        first, second = (score(part["emotion"], part["predicted"]) for part in parts)
        of_kind.append(first - second)
    low, high = np.percentile(np.array(of_kind)[which], [2.5, 97.5])
    assert (found.low, found.high) == pytest.approx((low, high))
    assert found.low < found.high
    both = [score(table["emotion"], table["predicted"]) for table in (a, b)]
    assert found.value == pytest.approx(both[0] - both[1])


def test_a_model_is_exactly_as_good_as_itself(tables):
    pair = Pair.of(tables[0], tables[0])
    found = difference(pair.a, pair.b)
    assert (found.value, found.low, found.high) == (0, 0, 0)


def test_one_speaker_gives_no_interval(tables):
    a, b = (table[table["speaker"] == "ravdess/05"] for table in tables)
    found = difference(Pair.of(a, b).a, Pair.of(a, b).b)
    assert found.low is None
    assert found.high is None


@pytest.mark.parametrize("classes", GROUPINGS)
def test_together_the_emotion_of_the_highest_mean_is_heard(tables, classes):
    a, b = tables
    mean = (a.set_index("clip")[SHARES] + b.set_index("clip")[SHARES].loc[a["clip"]]) / 2
    of = GROUPINGS[classes].class_of
    heard = mean.idxmax(axis=1).str.removeprefix("p_").map(of)
    truth = a["emotion"].map(of)
    pair = Pair.of(a, b, GROUPINGS[classes])
    found = pair.together()
    assert found.predicted.tolist() == heard.tolist()
    ours = estimates(found)
    assert ours["ua"].value == pytest.approx(balanced(truth, heard))
    assert ours["wa"].value == pytest.approx(sklearn.metrics.accuracy_score(truth, heard))
    assert ours["macro_f1"].value == pytest.approx(
        sklearn.metrics.f1_score(truth, heard, average="macro")
    )
    of_first = mean[[s for s in SHARES if of[s[2:]] == 0]].sum(axis=1)
    np.testing.assert_allclose(found.probabilities[:, 0], of_first, atol=1e-12)
    assert heard.tolist() != pair.a.predicted.tolist()


def test_without_shared_clips_there_is_nothing(tables):
    a, b = tables
    pair = Pair.of(a[a["sex"] == "female"], b[b["sex"] == "male"])
    assert len(pair.rows_a) == len(pair.rows_b) == pair.agreement.sum() == 0
    assert np.isnan(pair.same_class)

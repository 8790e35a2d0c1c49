import warnings

import numpy as np
import pandas as pd
import pytest
from scipy.stats import f_oneway, zscore

from ser_core.acoustics.descriptors import DESCRIPTORS
from ser_core.corpora.index.reading import load_index
from ser_core.emotions import Emotion
from ser_core.exploration.effect_sizes import (
    by_chance,
    cohens_d,
    eta_squared,
    summary,
    within_speakers,
)

COLUMNS = [d.column for d in DESCRIPTORS]
ORDER = [e.value for e in Emotion]


@pytest.fixture(autouse=True)
def no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.fixture(params=["ravdess", "emodb"])
def clips(request) -> pd.DataFrame:
    """A corpus in which some clips lack some of the numbers."""
    table = load_index(request.param).sample(frac=1, random_state=1, ignore_index=True)
    table.loc[:20, "f0_hz"] = np.nan
    table.loc[10:50, "hnr_db"] = np.nan
    return table


def plain_d(own: np.ndarray, others: np.ndarray) -> float:
    own, others = own[~np.isnan(own)].astype(float), others[~np.isnan(others)].astype(float)
    pooled = ((own.size - 1) * own.var(ddof=1) + (others.size - 1) * others.var(ddof=1)) / (
        own.size + others.size - 2
    )
    return (own.mean() - others.mean()) / np.sqrt(pooled)


def test_summary_equals_numpy_group_by_group(clips):
    table = summary(clips["f0_hz"], clips["emotion"], ORDER)
    assert list(table.index) == [e for e in ORDER if (clips["emotion"] == e).any()]
    for emotion, row in table.iterrows():
        own = clips.loc[clips["emotion"] == emotion, "f0_hz"].dropna().to_numpy(float)
        expected = [own.size, *np.percentile(own, (50, 25, 75)), own.mean()]
        assert row.tolist() == pytest.approx(expected)
    assert table["clips"].sum() == len(clips) - 21


def test_summary_leaves_out_groups_without_a_number():
    values = pd.Series([1.0, np.nan, np.nan])
    table = summary(values, pd.Series(["sad", "sad", "calm"]), ORDER)
    assert table.index.tolist() == ["sad"]
    assert table.loc["sad"].tolist() == [1, 1, 1, 1, 1]
    assert summary(values[1:], pd.Series(["sad", "calm"], index=[1, 2]), ORDER).empty


def test_d_equals_the_formula_written_out(clips):
    present = list(clips["emotion"].unique())
    d = cohens_d(clips[COLUMNS], clips["emotion"], present)
    assert d.shape == (len(present), len(COLUMNS))
    for row, emotion in zip(d, present, strict=True):
        own = clips["emotion"] == emotion
        for value, column in zip(row, COLUMNS, strict=True):
            expected = plain_d(
                clips.loc[own, column].to_numpy(), clips.loc[~own, column].to_numpy()
            )
            assert value == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("label", ["emotion", "speaker"])
def test_eta_squared_follows_from_scipys_f(clips, label):
    for value, column in zip(eta_squared(clips[COLUMNS], clips[label]), COLUMNS, strict=True):
        known = clips.dropna(subset=[column])
        groups = [group.to_numpy(float) for _, group in known.groupby(label)[column]]
        between, within = len(groups) - 1, len(known) - len(groups)
        f = f_oneway(*groups).statistic
        assert value == pytest.approx(f * between / (f * between + within), rel=1e-6)


def test_within_speakers_equals_scipys_z_score(clips):
    scores = within_speakers(clips[COLUMNS], clips["speaker"])
    for column, found in zip(COLUMNS, scores.T, strict=True):
        values = clips[column].astype(float)
        expected = values.groupby(clips["speaker"]).transform(
            lambda group: zscore(group, nan_policy="omit")
        )
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-9)  # atol: means near zero


def test_numbers_far_from_zero_lose_no_digits():
    rng = np.random.default_rng(2)
    values, labels = rng.normal(size=(60, 1)), np.repeat(["a", "b", "c"], 20)
    values[:20] += 1
    for function in (eta_squared, lambda v, g: cohens_d(v, g, ["a", "b"])):
        # 1e8: a double keeps 8 digits of what is left
        assert function(values + 1e8, labels) == pytest.approx(function(values, labels), rel=1e-6)


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        ([0.1] * 6, list("aaabbb")),
        ([0.1] * 3 + [0.3] * 7, list("aaabbbbbbb")),  # rounding leaves a spread of 2e-9
        ([1.0, 2.0, 3.0], list("aaa")),
        ([1.0, 2.0, 3.0], list("abb")),
        ([np.nan] * 4, list("aabb")),
        ([5.0], ["a"]),
    ],
    ids=["constant", "no spread within", "one group", "one clip", "all missing", "one clip in all"],
)
def test_d_has_no_answer_where_there_is_none(values, labels):
    assert np.isnan(cohens_d(np.array(values)[:, None], labels, ["a"])).all()


@pytest.mark.parametrize(
    ("values", "labels", "expected"),
    [
        ([0.1] * 6, list("aaabbb"), np.nan),
        ([0.1, 0.1, 0.3, 0.3], list("aabb"), 1.0),
        ([1.0, 2.0, 3.0], list("aaa"), np.nan),
        ([1.0, 2.0, 3.0], list("abc"), np.nan),
        ([np.nan] * 4, list("aabb"), np.nan),
        ([1.0, np.nan, 2.0, np.nan], list("aabb"), np.nan),
        ([5.0], ["a"], np.nan),
    ],
    ids=["constant", "apart", "one group", "one each", "all missing", "one left each", "one clip"],
)
def test_eta_squared_of_edge_cases(values, labels, expected):
    (found,) = eta_squared(np.array(values)[:, None], labels)
    assert found == pytest.approx(expected, nan_ok=True)


def test_a_speaker_without_spread_has_no_scores():
    scores = within_speakers(np.array([[0.1], [0.1], [1.0], [3.0]]), list("aabb"))
    assert scores.ravel().tolist() == pytest.approx([np.nan, np.nan, -1, 1], nan_ok=True)


def test_labels_without_meaning_reach_what_chance_says():
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(5), 8)
    found = eta_squared(rng.normal(size=(40, 4000)), labels).mean()
    # 4000 draws, each with a deviation near .065: .001 to one standard error
    assert found == pytest.approx(by_chance(40, 5), abs=0.005)
    assert np.isnan(by_chance(1, 1))

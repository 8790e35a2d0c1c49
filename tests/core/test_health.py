import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import LeaveOneGroupOut
from sklearn.neighbors import NearestCentroid

from ser_core.corpora.index.reading import load_index
from ser_core.exploration import health
from ser_core.plots.dataset.health import level_per_emotion, level_table
from ser_core.plots.theme import THEMES

CORPORA = ("ravdess", "emodb")


def made(**columns) -> pd.DataFrame:
    """A few clips; what is not named is harmless."""
    count = len(next(iter(columns.values())))
    usual = {
        "clip": [f"c{i}" for i in range(count)],
        "speaker": ["x/1"] * count,
        "emotion": ["happy"] * count,
        "duration_s": [2.0] * count,
        "onset_s": [0.5] * count,
        "offset_s": [1.5] * count,
        "loudness_dbfs": [-30.0] * count,
        "noise_dbfs": [-70.0] * count,
        "peak_dbfs": [-10.0] * count,
        "clipped_share": [0.0] * count,
        "sound_sha256": [f"{i:x}" for i in range(count)],
    }
    return pd.DataFrame(usual | columns)


def test_clipped_clips_are_named_worst_first():
    clips = made(clipped_share=[0.0, 0.0011, 0.001, 0.2, np.nan], peak_dbfs=[-3, 0, -0.05, 0, -0.2])
    found = health.clipped_clips(clips)
    assert found["clip"].tolist() == ["c3", "c1"]
    assert found["clipped_share"].tolist() == [0.2, 0.0011]
    assert health.at_full_scale(clips) == 3


def test_the_quietest_come_first_and_a_missing_level_is_no_level():
    found = health.quietest(made(loudness_dbfs=[-20, -61, np.nan, -40]), 2)
    assert found["clip"].tolist() == ["c1", "c3"]


@pytest.mark.parametrize("corpus", CORPORA)
def test_silence_is_what_lies_around_the_voice(corpus):
    index = load_index(corpus)
    found = health.silences(index).set_index("clip")
    for row in index.itertuples():
        voice = row.offset_s - row.onset_s
        assert found["silent_share"][row.clip] == pytest.approx(
            1 - voice / row.duration_s, abs=1e-5
        )
        assert found["before_s"][row.clip] == pytest.approx(row.onset_s)
        assert found["after_s"][row.clip] == pytest.approx(row.duration_s - row.offset_s, abs=1e-6)
    assert found["silent_share"].is_monotonic_decreasing


def test_clips_whose_speech_is_hardly_above_the_sound_around_it_are_named():
    found = health.noisy_clips(
        made(loudness_dbfs=[-30, -30, -30, -30], noise_dbfs=[-49, -50, np.nan, -31])
    )
    assert found["clip"].tolist() == ["c3", "c0"]
    assert found["margin_db"].tolist() == [1, 19]


@pytest.mark.parametrize("corpus", CORPORA)
def test_durations_out_of_range_are_those_beyond_the_fences(corpus):
    index = load_index(corpus)
    ordered = sorted(index["duration_s"].astype(float))

    def quartile(q):
        at = q * (len(ordered) - 1)
        below = int(at)
        return ordered[below] + (at - below) * (ordered[below + 1] - ordered[below])

    low, high = quartile(0.25), quartile(0.75)
    fences = max(low - 3 * (high - low), 0.5), min(high + 3 * (high - low), 15)
    odd = [r.clip for r in index.itertuples() if not fences[0] <= r.duration_s <= fences[1]]
    assert sorted(health.odd_durations(index)["clip"]) == sorted(odd)
    assert odd
    usual = health.usual_durations(index)
    assert (usual.low_s, usual.high_s) == pytest.approx(fences)


def test_the_fences_never_let_very_short_or_very_long_clips_pass():
    assert health.odd_durations(made(duration_s=[0.4, 0.6, 16.0]))["clip"].tolist() == ["c0", "c2"]
    assert health.odd_durations(made(duration_s=[3.0])).empty


def test_identical_sounds_are_grouped_under_all_their_names():
    clips = made(sound_sha256=["a", "b", "a", None, None, "c", "b", "a"])
    assert health.identical(clips) == [("c0", "c2", "c7"), ("c1", "c6")]


def test_the_one_pair_of_identical_clips_of_ravdess_is_found():
    pair = ("03-01-03-01-02-01-07", "03-01-03-01-02-02-07")
    assert health.identical(load_index("ravdess")) == [pair]
    assert health.identical(load_index("emodb")) == []


@pytest.mark.parametrize("corpus", CORPORA)
@pytest.mark.parametrize("column", ["loudness_dbfs", "speech_s", "noise_dbfs"])
def test_what_one_number_tells_equals_a_nearest_centroid_left_out_by_speaker(corpus, column):
    index = load_index(corpus).dropna(subset=[column])
    values = index[[column]].to_numpy(float)
    truth, speakers = index["emotion"].to_numpy(str), index["speaker"].to_numpy(str)
    predicted = np.empty_like(truth)
    for train, test in LeaveOneGroupOut().split(values, truth, speakers):
        predicted[test] = NearestCentroid().fit(values[train], truth[train]).predict(values[test])
    found = health.recall_by(load_index(corpus), column)
    assert found.value == pytest.approx(balanced_accuracy_score(truth, predicted))
    assert found.low < found.value < found.high


def test_an_emotion_that_only_one_speaker_acts_is_never_recognised_in_that_speaker():
    clips = made(
        speaker=["x/1", "x/1", "x/2", "x/2"],
        emotion=["happy", "sad", "happy", "angry"],
        loudness_dbfs=[-20, -40, -20, -60],
    )
    # left out, speaker 1's sad clip is nearer to speaker 2's happy one: both happy clips are right
    assert health.recall_by(clips, "loudness_dbfs").value == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    "clips",
    [
        made(emotion=["happy", "sad", "happy"]),
        made(speaker=["x/1", "x/2"]),
        made(speaker=["x/1", "x/2"], emotion=["sad", "happy"], loudness_dbfs=[-1, np.nan]),
        made(loudness_dbfs=[np.nan]),
    ],
    ids=["one speaker", "one emotion", "one of two has no level", "nothing"],
)
def test_with_one_speaker_or_one_emotion_it_cannot_be_told(clips):
    assert health.recall_by(clips, "loudness_dbfs") is None


def test_class_means_keep_the_order_of_emotions():
    clips = made(emotion=["sad", "neutral", "sad", "angry"], loudness_dbfs=[-30, -40, -20, np.nan])
    assert health.class_means(clips, "loudness_dbfs").to_dict() == {"neutral": -40, "sad": -25}
    assert list(health.class_means(clips, "loudness_dbfs").index) == ["neutral", "sad"]


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_a_box_shows_the_quartiles_of_its_emotion(theme):
    index = load_index("ravdess")
    table = level_table(index)
    figure = level_per_emotion(table, theme)
    boxes = [trace for trace in figure.data if trace.type == "box"]
    assert [box.name for box in boxes] == index["emotion"].drop_duplicates().tolist()
    for box in boxes:
        own = index.loc[index["emotion"] == box.name, "loudness_dbfs"].to_numpy(float)
        expected = np.percentile(own, [0, 25, 50, 75, 100])
        drawn = [box.lowerfence[0], box.q1[0], box.median[0], box.q3[0], box.upperfence[0]]
        assert drawn == pytest.approx(expected, abs=1e-4)
        assert box.line.color == theme.colour(box.name)


def test_levels_of_a_single_clip_and_of_none_can_be_drawn():
    table = level_table(made(loudness_dbfs=[-30]))
    assert table[["lowest", "median", "highest"]].to_numpy().tolist() == [[-30, -30, -30]]
    empty = level_table(made(loudness_dbfs=[np.nan]))
    assert empty.empty
    assert level_per_emotion(empty, THEMES["light"]).layout.height > 0

import numpy as np
import pandas as pd
import pytest
from sklearn.neighbors import NearestNeighbors

from ser_core.acoustics.descriptors import DESCRIPTORS
from ser_core.corpora.index.reading import load_index
from ser_core.exploration.neighbours import (
    HEARD_AXES,
    SOUND_AXES,
    has_map,
    label_shares,
    medians,
    nearest,
    neighbours_alike,
)


@pytest.fixture(scope="module")
def index():
    return load_index("emodb")


@pytest.mark.parametrize("at", [0, 17, 299])
def test_the_nearest_rows_are_those_of_scikit_learn(at):
    vectors = np.random.default_rng(at).normal(size=(300, 38)).astype(np.float32)
    far, rows = (
        NearestNeighbors(n_neighbors=6, algorithm="brute").fit(vectors).kneighbors(vectors[[at]])
    )
    found, distances = nearest(vectors, at)
    assert found.tolist() == rows[0, 1:].tolist()
    np.testing.assert_allclose(distances, far[0, 1:], rtol=1e-5)  # scikit-learn stays in float32


def test_what_has_no_place_is_near_to_nothing():
    vectors = np.array([[0, 0], [np.nan, 0], [3, 4], [0, 0], [6, 8]])
    rows, distances = nearest(vectors, 0)
    assert rows.tolist() == [3, 2, 4]
    assert distances.tolist() == [0, 5, 10]
    assert nearest(vectors, 1)[0].size == 0
    assert nearest(vectors[:1], 0)[0].size == 0
    assert nearest(vectors, 0, count=1)[0].tolist() == [3]


def test_neighbours_alike_counts_by_hand():
    frame = pd.DataFrame(
        {
            "map_x": [0.0, 0.1, 5.0, 5.2, np.nan],
            "map_y": [0.0] * 5,
            "who": ["a", "a", "a", "b", "c"],
        }
    )
    assert neighbours_alike(frame, "who") == pytest.approx(0.5)
    assert np.isnan(neighbours_alike(frame[:1], "who"))


def test_twins_at_one_place_are_each_others_neighbours():
    frame = pd.DataFrame({"map_x": [1.0, 1.0], "map_y": [2.0, 2.0], "who": ["a", "b"]})
    assert neighbours_alike(frame, "who") == 0


@pytest.mark.parametrize("axes", [SOUND_AXES, HEARD_AXES])
@pytest.mark.parametrize("label", ["emotion", "actor"])
def test_neighbours_alike_is_what_scikit_learn_finds(index, axes, label):
    places = index[list(axes)].to_numpy()
    # without a query the points themselves are left out
    other = NearestNeighbors(n_neighbors=1).fit(places).kneighbors(return_distance=False)[:, 0]
    labels = index[label].tolist()
    alike = sum(labels[i] == labels[j] for i, j in enumerate(other))
    assert neighbours_alike(index, label, axes) == pytest.approx(alike / len(index))


@pytest.mark.parametrize("axes", [SOUND_AXES, HEARD_AXES])
def test_neighbours_by_other_actors_are_those_of_all_distances(index, axes):
    places = index[list(axes)].to_numpy(np.float64)
    alike = 0
    for place, actor, emotion in zip(places, index["actor"], index["emotion"], strict=True):
        others = (index["actor"] != actor).to_numpy()
        far = ((places[others] - place) ** 2).sum(axis=1)
        alike += index["emotion"].to_numpy()[others][far.argmin()] == emotion
    found = neighbours_alike(index, "emotion", axes, across="actor")
    assert found == pytest.approx(alike / len(index))
    assert np.isnan(neighbours_alike(index[index["actor"] == 3], "emotion", axes, "actor"))


def test_a_map_needs_its_columns_and_a_place():
    frame = pd.DataFrame({"map_x": [np.nan, 1.0], "map_y": [0.0, np.nan]})
    assert not has_map(frame, SOUND_AXES)
    assert not has_map(frame, HEARD_AXES)
    assert has_map(frame.fillna(0), SOUND_AXES)


def test_shares_of_labels_are_tallied(index):
    held = index["f0_hz"] > index["f0_hz"].median()
    group, rest = index[held], index[~held]
    table = label_shares(group, rest, ("emotion", "actor"))
    emotions = ["neutral", "happy", "sad", "angry", "fearful", "disgust"]
    actors = sorted({int(actor) for actor in index["actor"]})
    assert table["value"].tolist() == [*emotions, *map(str, actors)]
    assert table["clips"].sum() == 2 * len(group)
    for row in table.itertuples():
        own = sum(str(value) == row.value for value in group[row.label])
        others = sum(str(value) == row.value for value in rest[row.label])
        assert (row.clips, row.share) == (own, pytest.approx(own / len(group)))
        assert row.rest_share == pytest.approx(others / len(rest))


def test_medians_are_those_of_sorted_values(index):
    group, rest = index[:101], index[200:301]
    table = medians(group, rest)
    assert table["descriptor"].tolist() == [d.title for d in DESCRIPTORS]
    for row, descriptor in zip(table.itertuples(), DESCRIPTORS, strict=True):
        own, others = (sorted(part[descriptor.column].tolist()) for part in (group, rest))
        spread = np.std([float(v) for v in own + others], ddof=1)
        assert row.group == pytest.approx(own[50])
        assert row.rest == pytest.approx(others[50])
        assert row.difference_sd == pytest.approx((own[50] - others[50]) / spread)


def test_a_group_without_a_rest_is_compared_with_nothing(index):
    nothing = index[:0]
    # what a person's own folder calls its statements may be the name of an emotion
    odd = index.head(4).assign(statement=["kids", "happy", "sad", "kids"])
    shares = label_shares(odd, nothing, ("statement",))
    assert shares["value"].tolist() == ["happy", "kids", "sad"]
    assert label_shares(index, nothing, ("sex",))["rest_share"].isna().all()
    table = medians(index[:1], nothing)
    assert table["rest"].isna().all()
    assert table["difference_sd"].isna().all()
    assert table["group"].iloc[0] == pytest.approx(float(index["f0_hz"].iloc[0]))


def test_a_descriptor_that_no_clip_has_is_no_number(index):
    silent = index[:4].assign(f0_hz=np.nan)
    row = medians(silent[:2], silent[2:]).iloc[0]
    assert row[["group", "rest", "difference_sd"]].isna().all()

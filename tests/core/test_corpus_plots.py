import pandas as pd
import pytest

from ser_core.corpora.index import load_index
from ser_core.corpora.selection import neighbours_alike
from ser_core.emotions import Emotion
from ser_core.plots.corpus import voice_map
from ser_core.plots.theme import DARK, LIGHT, symbol


@pytest.fixture(scope="module")
def index():
    return load_index("ravdess")


def shown(figure, name):
    return next(trace for trace in figure.data if trace.name == name)


# map


def test_neighbours_alike_counts_by_hand():
    frame = pd.DataFrame(
        {"map_x": [0.0, 0.1, 5.0, 5.2], "map_y": [0.0] * 4, "who": ["a", "a", "a", "b"]}
    )
    assert neighbours_alike(frame, "who") == pytest.approx(0.5)


def test_a_point_tells_no_intensity_where_there_is_one():
    clips = load_index("emodb")
    texts = {text for trace in voice_map(clips, clips, "sex", LIGHT).data for text in trace.text}
    assert "angry, actor 3" in texts


def test_every_clip_is_one_point_that_knows_its_name(index):
    figure = voice_map(index, index, "emotion", LIGHT)
    assert sorted(c for trace in figure.data for c in trace.customdata) == sorted(index["clip"])
    row = index.iloc[777]
    trace = shown(figure, row["emotion"])
    at = list(trace.customdata).index(row["clip"])
    assert (trace.x[at], trace.y[at]) == (row["map_x"], row["map_y"])


def test_an_emotion_is_told_by_its_symbol_too(index):
    for trace in voice_map(index, index, "emotion", DARK).data:
        assert trace.marker.symbol == symbol(trace.name)
        assert trace.marker.color == DARK.colour(trace.name)


@pytest.mark.parametrize("colour_by", ["sex", "actor"])
def test_colour_means_emotion_and_nothing_else(index, colour_by):
    figure = voice_map(index, index, colour_by, LIGHT, index.iloc[0]["clip"])
    colours = {trace.marker.color for trace in figure.data}
    assert colours <= {LIGHT.ink, LIGHT.faint}


def test_the_chosen_clip_is_ringed_and_its_actor_stands_out(index):
    row = index.iloc[100]
    figure = voice_map(index, index, "actor", LIGHT, row["clip"])
    ring = shown(figure, "chosen")
    assert (list(ring.x), list(ring.y)) == ([row["map_x"]], [row["map_y"]])
    assert len(shown(figure, "same actor").x) == 60


def test_a_filter_does_not_move_the_map(index):
    part = voice_map(index[index["sex"] == "male"], index, "emotion", LIGHT)
    whole = voice_map(index, index, "emotion", LIGHT)
    assert part.layout.xaxis.range == whole.layout.xaxis.range
    assert part.layout.yaxis.range == whole.layout.yaxis.range


def test_labels_do_not_cover_each_other(index):
    labels = voice_map(index, index, "emotion", LIGHT).layout.annotations
    assert {label.text for label in labels} == {e.value for e in Emotion}
    for i, a in enumerate(labels):
        for b in labels[:i]:
            assert abs(a.x - b.x) >= 0.3 or abs(a.y - b.y) >= 0.07

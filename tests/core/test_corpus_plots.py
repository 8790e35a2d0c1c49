import numpy as np
import pytest

from ser_core.corpora.index.reading import load_index
from ser_core.emotions import Emotion
from ser_core.exploration.neighbours import HEARD_AXES, SOUND_AXES
from ser_core.plots.dataset.clip_map import voice_map
from ser_core.plots.theme import DARK, LIGHT, symbol


def words(figure):
    return [annotation.text for annotation in figure.layout.annotations]


def shown(figure, name):
    return next(trace for trace in figure.data if trace.name == name)


def test_a_point_tells_no_intensity_where_there_is_one():
    clips = load_index("emodb")
    texts = {text for trace in voice_map(clips, clips, "sex", LIGHT).data for text in trace.text}
    assert "angry, speaker 3" in texts


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


@pytest.mark.parametrize("colour_by", ["sex", "intensity", "actor"])
def test_colour_means_emotion_and_nothing_else(index, colour_by):
    figure = voice_map(index, index, colour_by, LIGHT, index.iloc[0]["clip"])
    colours = {trace.marker.color for trace in figure.data}
    assert colours <= {LIGHT.ink, LIGHT.faint}


def test_the_chosen_clip_is_ringed_and_its_actor_stands_out(index):
    row = index.iloc[100]
    figure = voice_map(index, index, "actor", LIGHT, row["clip"])
    ring = shown(figure, "chosen")
    assert (list(ring.x), list(ring.y)) == ([row["map_x"]], [row["map_y"]])
    assert len(shown(figure, "same speaker").x) == 60


def test_a_filter_does_not_move_the_map(index):
    part = voice_map(index[index["sex"] == "male"], index, "emotion", LIGHT)
    whole = voice_map(index, index, "emotion", LIGHT)
    assert part.layout.xaxis.range == whole.layout.xaxis.range
    assert part.layout.yaxis.range == whole.layout.yaxis.range


@pytest.mark.parametrize("axes", [SOUND_AXES, HEARD_AXES])
def test_labels_do_not_cover_each_other(index, axes):
    figure = voice_map(index, index, "emotion", LIGHT, axes=axes)
    labels = figure.layout.annotations
    (left, right), (bottom, top) = figure.layout.xaxis.range, figure.layout.yaxis.range
    assert {label.text for label in labels} == {e.value for e in Emotion}
    for i, a in enumerate(labels):
        for b in labels[:i]:
            apart = abs(a.x - b.x) / (right - left), abs(a.y - b.y) / (top - bottom)
            assert apart[0] >= 0.15 or apart[1] >= 0.054  # a word; a line of 20 of 356 px


def test_few_points_are_not_covered_by_labels(index):
    few = voice_map(index[index["actor"] == 3], index, "emotion", LIGHT)
    assert not few.layout.annotations
    assert len(voice_map(index, index, "emotion", LIGHT).layout.annotations) == 8


def test_the_other_map_has_the_other_places(index):
    row = index.iloc[777]
    trace = shown(voice_map(index, index, "emotion", LIGHT, axes=HEARD_AXES), row["emotion"])
    at = list(trace.customdata).index(row["clip"])
    assert (trace.x[at], trace.y[at]) == (row["heard_x"], row["heard_y"])


def test_a_clip_without_a_place_is_no_point(index):
    clips = index[:8].assign(map_x=[np.nan, *index["map_x"][1:8]])
    figure = voice_map(clips, index, "emotion", LIGHT, clips["clip"].iloc[0])
    assert sorted(c for t in figure.data for c in t.customdata) == sorted(clips["clip"][1:])


def test_levels_are_filled_and_open_points_and_what_is_unknown_is_neither(index):
    clips = index.assign(sex=["unknown", *index["sex"][1:]])
    looks = {t.name: t.marker.symbol for t in voice_map(clips, clips, "sex", LIGHT).data}
    assert looks == {"male": "circle", "female": "circle-open", "unknown": "diamond-open"}
    looks = {t.name: t.marker.symbol for t in voice_map(index, index, "intensity", LIGHT).data}
    assert looks == {"strong": "circle", "normal": "circle-open"}


def test_neighbours_are_ringed_and_tied_to_the_chosen_clip(index):
    row, near = index.iloc[100], index.iloc[[7, 300]]
    figure = voice_map(index, index, "emotion", LIGHT, row["clip"], near=near["clip"].tolist())
    rings, ties = shown(figure, "near"), shown(figure, "ties")
    assert list(rings.x) == near["map_x"].tolist()
    assert list(rings.y) == near["map_y"].tolist()
    ends = [end for place in near["map_x"] for end in (row["map_x"], place, None)]
    assert list(ties.x) == ends
    assert not rings.customdata
    assert not ties.customdata


def test_a_drawn_group_keeps_its_looks_and_the_others_fade(index):
    held = set(index["clip"][100:140])
    figure = voice_map(index, index, "emotion", LIGHT, index["clip"][0], lasso=True, picked=held)
    traces = [trace for trace in figure.data if trace.customdata]
    kept = {t.customdata[i] for t in traces for i in t.selectedpoints}
    assert kept == held
    for trace in traces:
        assert trace.selected.marker.opacity == trace.marker.opacity
        assert trace.unselected.marker.opacity < trace.marker.opacity / 3
    assert shown(figure, "chosen").unselected.marker.opacity == 1
    assert figure.layout.dragmode == "lasso"


def test_a_click_fades_no_point(index):
    figure = voice_map(index, index, "emotion", LIGHT)
    assert figure.layout.dragmode is None  # the template's: none
    assert all(t.unselected.marker.opacity == t.marker.opacity for t in figure.data)
    assert all(trace.selectedpoints is None for trace in figure.data)


def test_names_of_speakers_are_shown_as_they_are_written(index):
    names = {number: f"<b>{number}</b>" for number in index["actor"].unique()}
    figure = voice_map(index, index, "actor", LIGHT, index["clip"][0], speakers=names)
    texts = [*(t for trace in figure.data for t in trace.text or ()), *words(figure)]
    assert len(texts) == 1440 + 24
    assert all("&lt;b&gt;" in text and "<" not in text for text in texts)
    assert any(text.endswith("speaker &lt;b&gt;3&lt;/b&gt;") for text in texts)


def test_one_clip_is_a_map_too(index):
    one = index[:1]
    low, high = voice_map(one, one, "actor", LIGHT, one["clip"].iloc[0]).layout.xaxis.range
    assert low < one["map_x"].iloc[0] < high

import json

import numpy as np
import pandas as pd
import pytest

from ser_core import acoustics
from ser_core.audio import AudioClip
from ser_core.corpora import get
from ser_core.corpora.index import load_index
from ser_core.corpora.selection import Selection, balanced, counts, neighbours_alike
from ser_core.emotions import Emotion
from ser_core.plots.clip import Views, clip_envelope, clip_views, envelope_table, extremes
from ser_core.plots.corpus import clips_per_emotion, voice_map
from ser_core.plots.theme import DARK, LIGHT, symbol
from tests.voice import silence

RATE_HZ = 16_000


@pytest.fixture(scope="module")
def index():
    return load_index("ravdess")


def tone(frequency_hz: float, duration_s: float) -> np.ndarray:
    t = np.arange(int(duration_s * RATE_HZ)) / RATE_HZ
    harmonics = sum(np.sin(2 * np.pi * frequency_hz * k * t) / k for k in range(1, 6))
    return (0.2 * harmonics).astype(np.float32)


def shown(figure, name):
    return next(trace for trace in figure.data if trace.name == name)


def words(figure):
    return [annotation.text for annotation in figure.layout.annotations]


# selection


def test_selection_lets_everything_pass_by_default(index):
    assert len(Selection().apply(index)) == 1440


def test_filters_combine(index):
    chosen = Selection((Emotion.SAD, Emotion.ANGRY), "female", "strong", "dogs")
    # 2 emotions x 12 women x 2 takes
    assert len(chosen.apply(index)) == 48


@pytest.mark.parametrize(
    ("selection", "reason"),
    [
        (Selection(()), "No emotion is chosen."),
        (
            Selection((Emotion.NEUTRAL,), intensity="strong"),
            "Neutral has no strong intensity in this corpus.",
        ),
        (Selection((Emotion.NEUTRAL,), statement="frogs"), None),
    ],
)
def test_an_empty_selection_gives_its_reason(index, selection, reason):
    assert selection.apply(index).empty
    assert selection.why_empty(index) == reason


def test_counts_keep_the_display_order_and_absent_emotions(index):
    table = counts(index[index["emotion"] != "calm"], "sex")
    assert list(table.index) == [e.value for e in Emotion]
    assert list(table.loc["calm"]) == [0, 0]
    assert list(table.loc["neutral"]) == [48, 48]


def test_balancing_fills_up_to_the_most_frequent_emotion(index):
    full = balanced(index)
    assert set(full) == {192}
    assert full.sum() == 1536
    assert list(balanced(index[index["emotion"] != "calm"]).index) == [
        e.value for e in Emotion if e != Emotion.CALM
    ]


def test_neighbours_alike_counts_by_hand():
    frame = pd.DataFrame(
        {"map_x": [0.0, 0.1, 5.0, 5.2], "map_y": [0.0] * 4, "who": ["a", "a", "a", "b"]}
    )
    assert neighbours_alike(frame, "who") == pytest.approx(0.5)


# clips per emotion


@pytest.mark.parametrize("by", ["intensity", "sex"])
def test_bars_hold_the_counts_of_an_independent_tally(index, by):
    figure = clips_per_emotion(index, by, LIGHT)
    for bar in figure.data:
        for emotion, number in zip(bar.customdata, bar.x, strict=True):
            rows = (index["emotion"] == emotion) & (index[by] == bar.name)
            assert number == rows.sum()
    assert sum(sum(bar.x) for bar in figure.data) == 1440


def test_only_neutral_ends_in_a_dotted_box(index):
    figure = clips_per_emotion(index, "intensity", LIGHT)
    (box,) = figure.layout.shapes
    assert (box.x0, box.x1, box.line.dash) == (96, 192, "dot")
    assert words(figure).count("oversampled in training") == 1


def test_no_box_where_all_count_the_same(index):
    figure = clips_per_emotion(index[index["intensity"] == "normal"], "intensity", LIGHT)
    assert not figure.layout.shapes
    assert "normal" in words(figure)
    assert "strong" not in words(figure)


def test_only_the_classes_of_the_corpus_have_a_place_and_the_boxes_are_named_once():
    info, clips = get("emodb").info, load_index("emodb")
    figure = clips_per_emotion(clips, "sex", LIGHT, info.classes)
    assert list(figure.layout.yaxis.ticktext) == [str(e) for e in info.classes]
    assert list(figure.layout.yaxis.tickvals) == list(range(6))
    assert len(figure.layout.shapes) == 5
    assert words(figure).count("oversampled in training") == 1


def test_a_point_tells_no_intensity_where_there_is_one():
    clips = load_index("emodb")
    texts = {text for trace in voice_map(clips, clips, "sex", LIGHT).data for text in trace.text}
    assert "angry, actor 3" in texts


def test_a_filter_hides_a_row_and_moves_no_other(index):
    whole = clips_per_emotion(index, "sex", LIGHT).layout.yaxis
    part = clips_per_emotion(index[index["emotion"] != "sad"], "sex", LIGHT).layout.yaxis
    assert part.range == whole.range
    rows = dict(zip(whole.ticktext, whole.tickvals, strict=True))
    assert [rows[text] for text in part.ticktext] == list(part.tickvals)
    assert "sad" not in part.ticktext


# map


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


# one clip


def test_extremes_of_a_known_signal():
    samples = np.array([0, 1, -1, 0.5, 0.25, 0.25], np.float32)
    low, high = extremes(samples, 3)
    assert low.tolist() == [0, -1, 0.25]
    assert high.tolist() == [1, 0.5, 0.25]
    assert extremes(samples[:2], 5)[0].size == 2
    assert extremes(samples[:0], 5)[0].size == 0


def test_views_of_a_tone_show_its_pitch_and_its_place_in_time():
    clip = AudioClip(np.concatenate([silence(0.5), tone(220, 1.0), silence(0.5)]))
    views = Views.of(clip)
    table = views.table()
    voiced = table[table["time_s"].between(0.7, 1.3)]
    assert voiced["pitch_hz"].median() == pytest.approx(220, abs=3)
    assert table.loc[table["time_s"] < 0.4, "pitch_hz"].isna().all()
    bands = table.filter(like="db_")
    assert bands.shape == (201, 80)
    loudest = bands.loc[100].idxmax()
    assert float(loudest.split("_")[1]) == pytest.approx(220, abs=40)


def test_octave_errors_are_not_drawn(monkeypatch):
    f0_hz = np.full(100, 200.0)
    f0_hz[50:53] = 100.0
    times_s = np.arange(100) / 100
    monkeypatch.setattr(acoustics, "pitch", lambda samples: (times_s, f0_hz))
    drawn = Views.of(AudioClip(tone(200, 1.0))).f0_hz
    assert np.isnan(drawn[50:53]).all()
    assert set(drawn[np.isfinite(drawn)]) == {200.0}


def test_the_three_rows_share_one_time_axis():
    clip = AudioClip(tone(150, 1.25))
    figure = clip_views(Views.of(clip), Emotion.HAPPY, LIGHT)
    assert [trace.yaxis for trace in figure.data] == [None, "y2", "y3"]
    assert {trace.xaxis for trace in figure.data} == {None}
    assert figure.layout.xaxis.range == (0, 1.25)
    assert figure.data[0].fillcolor == LIGHT.colour("happy")
    json.loads(figure.to_json())


@pytest.mark.filterwarnings("ignore:n_fft")  # the short clips are the point
@pytest.mark.parametrize(
    "samples",
    [np.zeros(0, np.float32), np.zeros(1, np.float32), np.zeros(16_000, np.float32)],
    ids=["empty", "one sample", "silence"],
)
def test_a_clip_without_voice_is_drawn_too(samples):
    figure = clip_views(Views.of(AudioClip(samples)), Emotion.SAD, DARK)
    assert len(figure.data) == 3


def test_the_envelope_alone_is_drawn_over_the_clips_duration(index):
    row = index.iloc[0]
    figure = clip_envelope(row["envelope"], row["duration_s"], row["emotion"], LIGHT)
    assert figure.layout.xaxis.range == (0, row["duration_s"])
    assert max(figure.data[0].y) == pytest.approx(1)
    assert min(figure.data[0].y) == pytest.approx(-1)
    table = envelope_table(row["envelope"], row["duration_s"])
    assert list(table["peak"]) == list(row["envelope"])
    assert 0 < table["time_s"].iloc[0] < table["time_s"].iloc[-1] < row["duration_s"]

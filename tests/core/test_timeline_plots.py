import numpy as np
import pytest

from ser_core.analysis.timeline import Segment, Timeline, Window
from ser_core.audio.clip import AudioClip
from ser_core.audio.levels import Envelope
from ser_core.emotions import Emotion
from ser_core.formatting import NBSP
from ser_core.plots.result.live import (
    VALENCE_AROUSAL,
    plane_alt,
    recent_alt,
    recent_table,
    valence_arousal,
)
from ser_core.plots.result.model_outputs import (
    Opinion,
    opinions_alt,
    opinions_figure,
    opinions_table,
    sentence,
)
from ser_core.plots.result.stack import stack
from ser_core.plots.result.timeline import timeline_alt, timeline_figure, timeline_table
from ser_core.plots.theme import DARK, LIGHT


def probabilities(**shares: float) -> dict[Emotion, float]:
    rest = (1 - sum(shares.values())) / (8 - len(shares))
    return {e: shares.get(e.value, rest) for e in Emotion}


def made_timeline(parts: list[tuple[float, float, Emotion | None]], duration_s: float) -> Timeline:
    """One utterance, one window and one segment per part."""
    answers = [probabilities(**({e.value: 0.8} if e else {})) for _, _, e in parts]
    return Timeline(
        "tiny",
        duration_s,
        tuple((start, end) for start, end, _ in parts),
        tuple(Window(s, e, p) for (s, e, _), p in zip(parts, answers, strict=True)),
        tuple(Segment(s, e, a, p) for (s, e, a), p in zip(parts, answers, strict=True)),
    )


@pytest.fixture
def timeline() -> Timeline:
    parts = [(1.0, 3.0, Emotion.ANGRY), (4.0, 5.0, Emotion.SAD), (6.0, 9.0, None)]
    return made_timeline(parts, 10.0)


@pytest.fixture
def outline():
    return Envelope.of(AudioClip(np.sin(np.arange(160_000) / 9).astype(np.float32)))


def traces(figure, axis: str) -> dict[str, object]:
    return {t.name: t for t in figure.data if (t.yaxis or "y") == axis}


def test_the_envelope_holds_every_peak():
    samples = np.zeros(16_000 * 60, np.float32)
    samples[123_456], samples[654_321] = 0.5, -0.25
    found = Envelope.of(AudioClip(samples))
    assert len(found.time) == 1000
    assert found.high.max() == 1.0
    assert found.low.min() == -0.5
    assert found.time[np.argmax(found.high)] == pytest.approx(123_456 / 16_000, abs=0.06)


@pytest.mark.parametrize("n", [0, 1, 7, 999, 1001])
def test_envelopes_of_short_clips(n):
    found = Envelope.of(AudioClip(np.ones(n, np.float32)))
    assert len(found.time) == min(n, 1000)


def test_curves_sum_to_100_percent_in_speech_and_to_nothing_in_pauses():
    groups = [
        [(0.0, probabilities(sad=0.9)), (1.0, probabilities(angry=0.7))],
        [(5.0, probabilities(calm=1.0)), (6.0, probabilities(calm=0.5))],
    ]
    drawn = stack(groups)
    total = np.sum(list(drawn.shares.values()), axis=0)
    edges = np.isin(np.arange(total.size), np.flatnonzero(total == 0))
    np.testing.assert_allclose(total[~edges], 100)
    assert edges.sum() == 4
    assert (np.diff(drawn.time) >= 0).all()


def test_blended_curves_do_not_overshoot():
    drawn = stack([[(0.0, probabilities(sad=0.9)), (1.0, probabilities(sad=0.1))]])
    inside = drawn.shares[Emotion.SAD][1:-1]
    assert (np.diff(inside) <= 0).all()
    assert inside[0] == pytest.approx(90)
    assert inside[-1] == pytest.approx(10)


def test_the_stack_keeps_display_order(timeline, outline):
    figure = timeline_figure(outline, timeline, LIGHT)
    assert list(traces(figure, "y")) == [e.value for e in Emotion]


def test_each_segment_at_the_waveform_has_the_colour_of_its_answer(timeline, outline):
    waves = traces(timeline_figure(outline, timeline, DARK), "y2")
    assert list(waves) == ["pause", "angry", "sad", "not sure"]
    assert waves["angry"].fillcolor == DARK.colour("angry")
    assert waves["not sure"].fillcolor == DARK.not_sure
    assert np.nanmin(waves["sad"].x) == pytest.approx(4.0, abs=0.02)
    assert np.nanmax(waves["sad"].x) == pytest.approx(5.0, abs=0.02)


def test_a_recording_without_speech_still_draws(outline):
    silent = Timeline("tiny", 10.0, (), (), ())
    figure = timeline_figure(outline, silent, LIGHT)
    assert list(traces(figure, "y2")) == ["pause"]
    assert "no speech" in timeline_alt(silent)
    assert timeline_table(silent).empty


def test_half_an_hour_is_averaged_until_it_can_be_seen():
    order = list(Emotion)
    parts = [(i * 3.0, i * 3.0 + 2.4, order[i // 75]) for i in range(600)]
    long = made_timeline(parts, 1800.0)
    figure = timeline_figure(Envelope.of(AudioClip(np.ones(1_600_000, np.float32))), long, LIGHT)
    stacked = traces(figure, "y")
    assert len(stacked["sad"].x) < 1000
    # emotion k holds from 225 k to 225 k + 225 s
    middle = np.argmin(np.abs(stacked["sad"].x - (225 * 3 + 112)))
    assert stacked["sad"].y[middle] == pytest.approx(80)
    assert "averages" in figure.layout.xaxis.title.text
    assert figure.layout.xaxis.ticktext[:2] == ("0:00", "5:00")


def test_the_alt_text_tells_the_finding(timeline):
    assert timeline_alt(timeline) == (
        f"Of 6.0{NBSP}s of speech, not sure for 3.0{NBSP}s, angry for 2.0{NBSP}s, "
        f"sad for 1.0{NBSP}s. The recording ends not sure."
    )


def test_the_table_has_the_windows(timeline):
    table = timeline_table(timeline)
    assert list(table.columns) == ["start_s", "end_s", *Emotion]
    assert table["angry"][0] == pytest.approx(0.8)


def test_names_stand_where_there_is_room():
    wide = made_timeline([(0.0, 9.0, Emotion.ANGRY)], 10.0)
    narrow = made_timeline([(0.0, 0.5, Emotion.ANGRY)], 10.0)
    outline = Envelope.of(AudioClip(np.ones(160_000, np.float32)))
    wide_texts = [a.text for a in timeline_figure(outline, wide, LIGHT).layout.annotations]
    assert wide_texts == ["<b>angry</b>", "angry"]
    assert not timeline_figure(outline, narrow, LIGHT).layout.annotations


def test_the_plane_places_every_emotion_in_its_quarter():
    assert set(VALENCE_AROUSAL) == set(Emotion)
    signs = {e.value: (np.sign(x), np.sign(y)) for e, (x, y) in VALENCE_AROUSAL.items()}
    assert signs["angry"] == signs["fearful"] == signs["disgust"] == (-1, 1)
    assert signs["happy"] == signs["surprised"] == (1, 1)
    assert signs["sad"] == (-1, -1)
    assert signs["calm"] == (1, -1)


def test_a_certain_answer_lies_on_its_emotion():
    for emotion, place in VALENCE_AROUSAL.items():
        certain = {e: float(e == emotion) for e in Emotion}
        assert valence_arousal(certain) == pytest.approx(place)


def test_the_last_half_minute_and_the_plane_are_told_in_words():
    windows = [Window(e - 1, e, probabilities(angry=0.6)) for e in (70.0, 70.5, 71.0, 80.0, 80.5)]
    assert recent_alt(windows) == "The last 30 seconds sound mostly angry; they end angry."
    assert plane_alt(windows) == "The voice lies on the unpleasant and excited side."
    assert len(recent_table(windows)) == 5
    assert recent_alt([]) == "No speech in the last 30 seconds."
    assert plane_alt([]).startswith("No speech yet")
    assert recent_table([]).empty


def test_one_patterned_bar_per_model():
    opinions = [
        Opinion("CNN", "sounds angry, 64\N{NO-BREAK SPACE}%", probabilities(angry=0.64)),
        Opinion("MLP", "not sure: happy or angry", probabilities(happy=0.3, angry=0.28)),
    ]
    figure = opinions_figure(opinions, LIGHT)
    assert [t.name for t in figure.data] == [e.value for e in Emotion]
    np.testing.assert_allclose(np.sum([t.x for t in figure.data], axis=0), 100)
    shapes = [t.marker.pattern.shape for t in figure.data]
    assert len(set(shapes)) == 8
    assert all(t.marker.pattern.fillmode == "overlay" for t in figure.data)
    assert opinions_alt(opinions).startswith("CNN sounds angry")
    assert list(opinions_table(opinions)["model"]) == ["CNN", "MLP"]


def test_a_model_says_one_sentence():
    assert sentence(probabilities(angry=0.64), 0.4) == "sounds angry, 64\N{NO-BREAK SPACE}%"
    unsure = probabilities(happy=0.3, angry=0.28)
    assert sentence(unsure, 0.4) == "not sure: happy or angry"

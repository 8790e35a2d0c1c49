"""What the browser draws a recording from."""

import base64
import json

import numpy as np
import pytest

from ser_core.analysis.timeline import Segment, Timeline, Window
from ser_core.audio.clip import AudioClip
from ser_core.emotions import Emotion
from ser_core.formatting import clock
from ser_core.plots.result.player import picture, spectrogram, spectrogram_span

HEARD = {Emotion.SAD: 0.25, Emotion.ANGRY: 0.75}


def unpacked(text: str, dtype: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), dtype)


def timeline(duration_s: float, *parts: tuple[float, float]) -> Timeline:
    return Timeline(
        "tiny",
        duration_s,
        parts,
        tuple(Window(a, b, HEARD) for a, b in parts),
        tuple(Segment(a, b, Emotion.ANGRY, HEARD) for a, b in parts),
    )


def test_the_outline_holds_every_peak_at_its_time():
    samples = np.zeros(16_000 * 50, np.float32)
    samples[16_000], samples[40_000] = 0.5, -0.25
    drawn = json.loads(picture(AudioClip(samples)))
    assert drawn.keys() == {"low", "high"}
    high, low = unpacked(drawn["high"], "i1"), unpacked(drawn["low"], "i1")
    assert high.size == 5000  # a hundredth of a second each
    assert (high[100], low[250]) == (127, -64)
    assert np.count_nonzero(high) == np.count_nonzero(low) == 1


@pytest.mark.parametrize("n", [0, 1, 7, 200])
def test_sounds_of_nearly_nothing_are_drawn(n):
    drawn = json.loads(picture(AudioClip(np.zeros(n, np.float32))))
    assert not unpacked(drawn["high"], "i1").any()


def test_half_an_hour_is_half_a_megabyte():
    long = AudioClip(np.zeros(16_000 * 1800, np.float32))
    parts = [(3.0 * i, 3.0 * i + 2.4) for i in range(600)]
    assert len(picture(long, timeline(1800.0, *parts))) < 600_000


def test_edges_of_the_shares_lie_upon_each_other_and_end_in_pauses():
    drawn = json.loads(picture(AudioClip(np.ones(160_000, np.float32)), timeline(10.0, (1, 4))))
    assert list(drawn["edges"]) == ["sad", "angry"]
    sad, angry = (unpacked(drawn["edges"][e], "<u2") for e in ("sad", "angry"))
    time = unpacked(drawn["time"], "<f4")
    assert (time[0], time[-1]) == (1.0, 4.0)
    assert (sad[0], angry[0], sad[-1], angry[-1]) == (0, 0, 0, 0)
    np.testing.assert_array_equal(sad[1:-1], 2500)
    np.testing.assert_array_equal(angry[1:-1], 10_000)


def test_a_spectrogram_is_loud_where_the_tone_is():
    tone = np.sin(2 * np.pi * 1000 * np.arange(16_000 * 2) / 16_000).astype(np.float32)
    tone[:16_000] = 0
    drawn = spectrogram(AudioClip(tone), 0.0, 2.0)
    levels = np.frombuffer(drawn.levels, np.uint8).reshape(drawn.bands, -1)
    assert levels.max() == 255
    assert not levels[:, :80].any()
    row = int(levels[:, 150].argmax())
    at = dict(drawn.marks)["1 k"]
    assert 1 - (row + 0.5) / drawn.bands == pytest.approx(at, abs=0.03)


def test_of_a_long_recording_a_minute_around_the_segment_is_seen():
    short, long = timeline(50.0, (1, 4)), timeline(300.0, (1, 4), (100, 104), (290, 299))
    assert spectrogram_span(short, short.segments[0]) == (0.0, 50.0)
    spans = [spectrogram_span(long, segment) for segment in long.segments]
    assert spans == [(0.0, 60.0), (72.0, 132.0), (240.0, 300.0)]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0:00.0"), (4.42, "0:04.4"), (59.96, "1:00.0"), (65.3, "1:05.3"), (1800, "30:00.0")],
)
def test_a_moment_is_written_as_on_a_clock(seconds, text):
    assert clock(seconds) == text

import json

import numpy as np
import pytest

from ser_core import acoustics
from ser_core.audio import AudioClip
from ser_core.corpora.index import load_index
from ser_core.emotions import Emotion
from ser_core.plots.clip import clip_envelope, clip_views, envelope_table
from ser_core.plots.theme import DARK, LIGHT
from ser_core.views import Views, extremes
from tests.voice import silence

RATE_HZ = 16_000


@pytest.fixture(scope="module")
def index():
    return load_index("ravdess")


def tone(frequency_hz: float, duration_s: float) -> np.ndarray:
    t = np.arange(int(duration_s * RATE_HZ)) / RATE_HZ
    harmonics = sum(np.sin(2 * np.pi * frequency_hz * k * t) / k for k in range(1, 6))
    return (0.2 * harmonics).astype(np.float32)


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


def test_the_rows_share_one_time_axis():
    clip = AudioClip(tone(150, 1.25))
    figure = clip_views(Views.of(clip), Emotion.HAPPY, LIGHT)
    assert [trace.yaxis for trace in figure.data] == ["y", "y2", "y3", "y4"]
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
    assert [trace.name for trace in figure.data] == ["waveform", "spectrogram", "pitch", "energy"]


def test_the_envelope_alone_is_drawn_over_the_clips_duration(index):
    row = index.iloc[0]
    figure = clip_envelope(row["envelope"], row["duration_s"], row["emotion"], LIGHT)
    assert figure.layout.xaxis.range == (0, row["duration_s"])
    assert max(figure.data[0].y) == pytest.approx(1)
    assert min(figure.data[0].y) == pytest.approx(-1)
    table = envelope_table(row["envelope"], row["duration_s"])
    assert list(table["peak"]) == list(row["envelope"])
    assert 0 < table["time_s"].iloc[0] < table["time_s"].iloc[-1] < row["duration_s"]

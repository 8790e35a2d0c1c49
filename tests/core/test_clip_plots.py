import itertools
import json
import math

import librosa
import numpy as np
import pytest
import scipy.fft
import scipy.signal

from ser_core.acoustics.tracks import Ghost, Views, level_dbfs, standardised_mfcc
from ser_core.audio.clip import AudioClip
from ser_core.audio.levels import extremes
from ser_core.emotions import Emotion
from ser_core.features import pitch
from ser_core.plots.dataset.clip import (
    CEPSTRUM,
    CURVES,
    ROWS_PX,
    clip_envelope,
    clip_views,
    envelope_table,
)
from ser_core.plots.theme import DARK, LIGHT
from tests.voice import silence, voice

RATE_HZ = 16_000


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
    monkeypatch.setattr(pitch, "pitch", lambda samples: (times_s, f0_hz))
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


# energy, MFCC and the ghost


def test_energy_is_the_root_mean_square_of_frames_10_ms_apart():
    rng = np.random.default_rng(4)
    samples = (rng.normal(size=5_003) * np.linspace(0.001, 0.3, 5_003)).astype(np.float32)
    want = []
    for middle in range(0, samples.size + 1, 160):
        total = 0.0
        for at in range(middle - 200, middle + 200):
            if 0 <= at < samples.size:
                total += float(samples[at]) ** 2
        want.append(20 * math.log10(max(math.sqrt(total / 400), 1e-6)))
    assert level_dbfs(samples) == pytest.approx(want, abs=1e-4)


def test_mfcc_are_standardised_cosine_transforms_of_the_log_mel_spectrum():
    samples = np.concatenate([silence(0.3), voice(0.7), silence(0.2)])
    audible = level_dbfs(samples) > level_dbfs(samples).max() - 35
    found = standardised_mfcc(samples, audible)
    assert found.shape == (13, 121)
    assert np.isnan(found[:, ~audible]).all()
    assert found[:, audible].mean(axis=1) == pytest.approx(np.zeros(13), abs=1e-4)
    assert found[:, audible].std(axis=1) == pytest.approx(np.ones(13), abs=1e-4)
    padded = np.pad(samples.astype(float), 256)
    frames = np.stack([padded[i * 160 : i * 160 + 512] for i in range(121)])
    power = np.abs(np.fft.rfft(frames * scipy.signal.get_window("hann", 512))) ** 2
    mel = power @ librosa.filters.mel(sr=RATE_HZ, n_fft=512, n_mels=40).T
    want = scipy.fft.dct(10 * np.log10(np.maximum(mel, 1e-10)), norm="ortho")[:, :13].T
    for own, other in zip(found[:, audible], want[:, audible], strict=True):
        assert np.corrcoef(own, other)[0, 1] == pytest.approx(1, abs=1e-4)


def spoken(onset_s: float, f0_hz: float = 180.0) -> AudioClip:
    return AudioClip(np.concatenate([silence(onset_s), tone(f0_hz, 0.8), silence(0.4)]))


def test_the_ghost_begins_where_the_clip_begins():
    clip, neutral = Views.of(spoken(0.7)), Views.of(spoken(0.3, 120))
    ghost = Ghost.of(neutral, 0.7 - 0.3)
    own = clip.times_s[np.isfinite(clip.f0_hz)]
    behind = ghost.times_s[np.isfinite(ghost.f0_hz)]
    assert behind[0] == pytest.approx(own[0], abs=0.011)  # a hop
    loud = clip.frames_s[clip.level_dbfs > -30][0]
    assert ghost.level_times_s[ghost.level_dbfs > -30][0] == pytest.approx(loud, abs=0.011)
    table = ghost.beside(clip.table())
    assert table["neutral_pitch_hz"].median() == pytest.approx(120, abs=2)
    both = table.dropna(subset=["pitch_hz", "neutral_pitch_hz"])
    assert both["time_s"].min() == pytest.approx(own[0], abs=0.011)


def test_the_ghost_is_dashed_and_named():
    views = Views.of(spoken(0.5))
    ghost = Ghost.flat(110.0, -35.0, views.duration_s)
    figure = clip_views(views, Emotion.ANGRY, LIGHT, ghost=ghost)
    behind = [trace for trace in figure.data if trace.name == "own neutral"]
    assert [trace.yaxis for trace in behind] == ["y3", "y4"]
    assert all(trace.line.dash for trace in behind)
    assert [set(trace.y) for trace in behind] == [{110.0}, {-35.0}]
    assert [list(trace.x) for trace in behind] == [[0, pytest.approx(views.duration_s)]] * 2
    assert [a.text for a in figure.layout.annotations] == ["dashed: own neutral"]
    plain = clip_views(views, Emotion.ANGRY, LIGHT)
    assert not plain.layout.annotations
    assert set(ghost.beside(views.table())["neutral_energy_dbfs"]) == {-35.0}


@pytest.mark.parametrize("rows", [CURVES, CEPSTRUM, tuple(ROWS_PX)], ids=["curves", "mfcc", "all"])
def test_rows_do_not_overlap_and_hang_on_one_axis(rows):
    figure = clip_views(Views.of(spoken(0.5)), Emotion.CALM, DARK, rows)
    layout = figure.to_plotly_json()["layout"]
    domains = sorted(layout[key]["domain"] for key in layout if key.startswith("yaxis"))
    assert len(domains) == len(rows) == len(figure.data)
    assert domains[0][0] == 0
    assert domains[-1][1] == 1
    assert all(low[1] < high[0] for low, high in itertools.pairwise(domains))
    bottom = layout["xaxis"]["anchor"].replace("y", "yaxis")
    assert layout[bottom]["domain"][0] == 0

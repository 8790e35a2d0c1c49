"""Descriptors of sounds whose numbers are known, and of the clips of the committed indexes."""

import hashlib

import numpy as np
import pytest
import soundfile as sf
from scipy import signal

from ser_core.acoustics.descriptors import DESCRIPTORS, MFCC_COLUMNS, describe, loudness_lufs
from ser_core.audio.clip import AudioClip
from ser_core.corpora.base import Record
from ser_core.corpora.index.building import (
    SOUND_COLUMNS,
    index_row,
    principal_plane,
    sound_vectors,
    voice_span,
)
from ser_core.corpora.index.reading import clip_path, load_index
from ser_core.corpora.ratings import load_ratings
from ser_core.corpora.registry import get
from ser_core.decoding.decode import decode
from ser_core.emotions import Emotion
from tests.corpus import require
from tests.voice import RATE_HZ, silence, voice

N = 2 * RATE_HZ
TIME = np.arange(N) / RATE_HZ


def described(samples: np.ndarray, span: tuple[float, float] = (0.0, 2.0)) -> dict[str, float]:
    return describe(AudioClip(samples.astype(np.float32)), span)


def harmonics(f0_hz: np.ndarray | float) -> np.ndarray:
    """A buzz of ten harmonics, whose pitch may glide."""
    phase = 2 * np.pi * np.cumsum(np.broadcast_to(f0_hz, N)) / RATE_HZ
    return 0.05 * sum(np.sin(k * phase) / k for k in range(1, 11))


def noise(power: float = 1.0, exponent: float = 0.0) -> np.ndarray:
    spectrum = np.fft.rfft(np.random.default_rng(3).standard_normal(N))
    hz = np.maximum(np.fft.rfftfreq(N, 1 / RATE_HZ), 20)
    coloured = np.fft.irfft(spectrum * hz ** (-exponent / 2), N)
    return coloured * np.sqrt(power / np.mean(coloured**2))


def test_a_steady_buzz_has_its_pitch_and_no_melody():
    found = described(harmonics(200.0))
    assert found["f0_hz"] == pytest.approx(200, rel=0.01)
    assert found["f0_range_st"] == pytest.approx(0, abs=0.05)
    assert found["f0_slope_st_s"] == pytest.approx(0, abs=0.05)
    assert found["voiced_share"] == pytest.approx(1)


def test_a_glide_of_an_octave_has_its_slope_and_range():
    found = described(harmonics(150 * 2 ** (TIME / 2)))
    assert found["f0_slope_st_s"] == pytest.approx(6, rel=0.03)
    assert found["f0_range_st"] == pytest.approx(0.9 * 12, rel=0.05)  # without a twentieth each end


def test_harmonics_to_noise_is_the_ratio_of_their_powers():
    buzz = harmonics(200.0)
    for ratio_db in (5, 15):
        mixed = buzz + noise(float(np.mean(buzz**2)) / 10 ** (ratio_db / 10))
        assert described(mixed)["hnr_db"] == pytest.approx(ratio_db, abs=1.5)


@pytest.mark.parametrize("exponent", [0, 1, 2])
def test_the_tilt_of_coloured_noise_is_what_its_formula_says(exponent):
    expected = -10 * np.log10(2) * exponent
    assert described(noise(0.01, exponent))["tilt_db_octave"] == pytest.approx(expected, abs=0.4)


def test_level_brightness_and_peak_against_plain_formulas():
    low = 0.1 * np.sin(2 * np.pi * 1000 * TIME)
    found = described(low)
    assert found["loudness_dbfs"] == pytest.approx(20 * np.log10(0.1 / np.sqrt(2)), abs=0.01)
    assert found["peak_dbfs"] == pytest.approx(-20, abs=0.01)
    assert found["centroid_hz"] == pytest.approx(1000, rel=0.02)
    assert found["level_range_db"] < 0.5
    hz, power = signal.welch(noise(0.01), RATE_HZ, nperseg=512)
    assert described(noise(0.01))["centroid_hz"] == pytest.approx(
        float(hz @ power / power.sum()), rel=0.02
    )


def test_loudness_follows_the_recommendations_own_example():
    # ITU-R BS.1770: 997 Hz at full scale in one channel reads -3.01
    tone = np.sin(2 * np.pi * 997 * np.arange(4 * RATE_HZ) / RATE_HZ)
    assert loudness_lufs(tone.astype(np.float32)) == pytest.approx(-3.01, abs=0.1)
    assert np.isnan(loudness_lufs(np.zeros(1000, np.float32)))
    assert np.isnan(loudness_lufs(np.zeros(N, np.float32)))


def test_gain_moves_the_levels_and_nothing_else():
    loud = voice(2.0, 170.0, seed=5)
    one, other = described(loud), described(loud * 0.25)
    for column in ("loudness_dbfs", "lufs", "peak_dbfs"):
        assert other[column] - one[column] == pytest.approx(20 * np.log10(0.25), abs=0.1)
    levels = {"loudness_dbfs", "lufs", "peak_dbfs", "noise_dbfs"}
    for column in set(one) - levels:
        assert other[column] == pytest.approx(one[column], rel=1e-3, abs=1e-3), column


def test_what_lies_outside_the_speech_is_the_noise():
    spoken, hiss = voice(1.0, 150.0, seed=1), 0.001 * np.ones(RATE_HZ // 2)
    found = described(np.concatenate([hiss, spoken, hiss]), (0.5, 1.5))
    assert found["noise_dbfs"] == pytest.approx(-60, abs=0.01)
    assert (found["speech_s"], found["duration_s"]) == (1.0, 2.0)


@pytest.mark.parametrize("samples", [np.zeros(N), np.zeros(1), noise(0.01), silence(0.05)], ids=str)
def test_sounds_without_a_voice_lack_numbers_but_never_fail(samples):
    found = described(samples, (0.0, len(samples) / RATE_HZ))
    assert {d.column for d in DESCRIPTORS} | set(MFCC_COLUMNS) <= set(found)
    if not np.any(samples):
        assert np.isnan(found["f0_hz"])


def record(path: str = "a.wav") -> Record:
    return Record(path, "a", "v", "v/07", "male", Emotion.SAD, "normal", "s", 1)


def test_a_row_holds_labels_numbers_and_the_sounds_own_checksum(tmp_path):
    samples = (voice(1.0, 150.0, seed=1) * 32768).astype(np.int16)
    sf.write(tmp_path / "a.wav", samples, RATE_HZ, subtype="PCM_16")
    sf.write(tmp_path / "b.flac", samples, RATE_HZ, subtype="PCM_16")
    row, twin = (index_row(record(), decode(tmp_path / name)) for name in ("a.wav", "b.flac"))
    assert (row["actor"], row["emotion"], row["sha256"]) == (7, "sad", None)
    assert row["sound_sha256"] == twin["sound_sha256"]
    assert row["sound_sha256"] == hashlib.sha256(samples.tobytes()).hexdigest()
    other = index_row(record(), decode((tmp_path / "a.wav").read_bytes()[:-100]))
    assert other["sound_sha256"] != row["sound_sha256"]
    assert set(SOUND_COLUMNS) <= set(row)


def test_the_voice_begins_where_it_is_heard():
    spoken = voice(1.0, 150.0, seed=1)
    clip = AudioClip(np.concatenate([silence(0.7), spoken, silence(0.5)]).astype(np.float32))
    loud = np.flatnonzero(np.abs(clip.samples) > 0.1 * np.abs(clip.samples).max()) / RATE_HZ
    onset_s, offset_s = voice_span(clip)
    assert onset_s == pytest.approx(loud[0], abs=0.03)
    assert offset_s == pytest.approx(loud[-1], abs=0.06)
    quiet = AudioClip(silence(1.0).astype(np.float32))
    assert voice_span(quiet)[1] <= 1.0


def test_vectors_are_standardised_and_what_is_missing_is_average():
    index = load_index("ravdess")
    vectors = sound_vectors(index)
    column = SOUND_COLUMNS.index("f0_hz")
    pitch = index["f0_hz"].to_numpy(float)
    expected = (pitch - np.nanmean(pitch)) / np.nanstd(pitch)
    np.testing.assert_allclose(vectors[:, column], expected, atol=1e-4)
    lacking = index.head(3).assign(f0_hz=[np.nan, 1.0, 3.0], lufs=np.nan)
    assert sound_vectors(lacking)[0, column] == 0
    assert not sound_vectors(lacking)[:, SOUND_COLUMNS.index("lufs")].any()


def test_the_plane_holds_the_largest_spread():
    rng = np.random.default_rng(0)
    points = np.zeros((50, 5), np.float32)
    points[:, 2], points[:, 4] = rng.uniform(-9, 9, 50), rng.uniform(-3, 3, 50)
    flat = principal_plane(points)
    assert abs(np.corrcoef(flat[:, 0], points[:, 2])[0, 1]) > 0.99
    assert abs(np.corrcoef(flat[:, 1], points[:, 4])[0, 1]) > 0.99
    assert np.abs(flat).max() == pytest.approx(1)
    assert principal_plane(points[:1]).tolist() == [[0, 0]]


@pytest.mark.parametrize(("name", "step"), [("ravdess", 97), ("emodb", 41)])
def test_the_committed_index_is_what_the_recordings_say(name, step):
    root, index = require(name), load_index(name)
    for _, row in index.iloc[::step].iterrows():
        file = clip_path(name, row["clip"], root)
        again = index_row(get(name).parse(file.name), decode(file))
        assert again.pop("sound_sha256") == row["sound_sha256"]
        np.testing.assert_array_equal(again.pop("envelope"), row["envelope"])
        del again["sha256"]  # of the official file, of which this may be a copy
        for column, value in again.items():
            if isinstance(value, np.floating):
                assert row[column] == pytest.approx(value, rel=1e-3, abs=1e-3, nan_ok=True), column
            else:
                assert row[column] == value


def test_every_index_has_two_maps():
    for name in ("ravdess", "emodb"):
        places = load_index(name)[["map_x", "map_y", "heard_x", "heard_y"]]
        assert np.isfinite(places).all(axis=None)
        assert places.abs().max(axis=None) <= 1


def test_listeners_answers_are_those_of_the_corpus_own_table():
    index = load_index("emodb").set_index("clip")
    assert index["recognised"].between(0.8, 1).all()  # the authors kept no clip below
    root = require("emodb")
    assert "03a01Fa" in (root / "erkennung.txt").read_text("latin-1")
    assert index.loc["03a01Fa", ["recognised", "natural"]].tolist() == pytest.approx([0.9, 0.75])
    ratings = load_ratings("emodb", root)
    assert len(ratings) == 816
    assert load_ratings("ravdess", root).empty

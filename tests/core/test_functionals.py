"""Functionals against closed-form answers."""

import numpy as np
import pytest

from ser_core.features import functionals as module
from ser_core.features.config import FeatureConfig
from ser_core.features.extraction import extract
from tests.voice import voice

CFG = FeatureConfig(kind="functionals", hop_samples=160, n_mels=26, n_mfcc=0, deltas=0, top_db=60.0)
TIME_S = np.arange(32_000) / 16_000
SILENCE = np.zeros(16_000, np.float32)
NOISE = np.random.default_rng(0).normal(0, 0.1, 16_000).astype(np.float32)


def tone(f0_hz: float) -> np.ndarray:
    """Ten equal harmonics."""
    return 0.05 * np.sin(2 * np.pi * f0_hz * np.outer(np.arange(1, 11), TIME_S)).sum(0).astype("f4")


@pytest.mark.parametrize(("f0_hz", "semitones"), [(100.0, 0.0), (200.0, 12.0), (75.0, -4.98)])
def test_melody_of_a_tone_is_its_pitch(f0_hz, semitones):
    melody = module._melody(module._semitones(tone(f0_hz), 200))
    np.testing.assert_allclose(melody[[0, 2, 6]], semitones, atol=0.05)
    np.testing.assert_allclose(melody[[1, 7, 8, *range(9, 15)]], 0, atol=0.05)


def test_melody_of_a_glide_has_its_slope_and_its_steps():
    """Two octaves in two seconds: 0.12 semitones a frame, +- 12 around the middle."""
    melody = module._melody(np.linspace(0, 24, 201))
    np.testing.assert_allclose(melody[0], 12)
    np.testing.assert_allclose(melody[1], 24 / np.sqrt(12), rtol=0.02)  # of a uniform spread
    np.testing.assert_allclose(melody[7], melody[1])  # the line is all there is
    np.testing.assert_allclose(melody[[8, 11]], 0, atol=1e-9)
    np.testing.assert_allclose(melody[12:], 0.12)


def test_differences_are_slopes():
    frames = np.arange(20.0)[:, None] * [1, -3]
    np.testing.assert_allclose(module._difference(frames)[2:-2], np.tile([1, -3], (16, 1)))


def test_the_rhythm_counts_stretches():
    voiced = np.array([0, 1, 1, 1, 0, 0, 1, 1, 1, 0], bool)
    rhythm = module._rhythm(voiced, np.ones(10, bool))
    np.testing.assert_allclose(rhythm[:3], [0.6, 1.0, 20.0])
    np.testing.assert_allclose(rhythm[3:6], [0.03, 0, 0.03])
    np.testing.assert_allclose(rhythm[[6, 8]], [0.04 / 3, 0.02])


def test_the_shape_of_known_spectra():
    hz = np.linspace(0, 8000, 257)
    flat = np.ones((257, 2))
    tilted = np.tile(10 ** (-6 * hz / 1000 / 10), (2, 1)).T  # 6 dB per kHz
    centroid, spread, flatness, entropy = module._shape(flat)[0, [0, 1, 6, 7]]
    assert np.exp(centroid) - 50 == pytest.approx(4000)
    assert np.exp(spread) - 50 == pytest.approx(8000 / np.sqrt(12), rel=0.01)
    assert flatness == pytest.approx(0, abs=1e-9)
    assert entropy == pytest.approx(np.log(257))
    np.testing.assert_allclose(module._shape(tilted)[:, -3:], -6)


@pytest.mark.parametrize("gain_db", [-40, -12, 12])
def test_gain_does_not_reach_the_vector(gain_db):
    samples = voice(1.5)
    changed = extract(samples * np.float32(10 ** (gain_db / 20)), CFG)
    np.testing.assert_allclose(changed, extract(samples, CFG), atol=0.02)


@pytest.mark.parametrize(
    "samples",
    [SILENCE, NOISE, tone(220.0), np.ones(16_000, np.float32), np.eye(1, 8000, 4000)[0]],
    ids=["silence", "noise", "tone", "constant", "click"],
)
@pytest.mark.parametrize("n", [0, 1, 500, 8000, 16_000])
def test_always_finite_and_of_one_width(samples, n):
    vector = extract(samples[:n].astype(np.float32), CFG)
    assert vector.shape == (CFG.width,)
    assert vector.dtype == np.float32
    assert np.isfinite(vector).all()
    assert np.abs(vector).max() < 1000


def test_voices_of_two_pitches_differ_and_noise_has_no_melody():
    low, high = (extract(voice(2.0, f0), CFG)[-24] for f0 in (110.0, 220.0))
    assert high - low == pytest.approx(12, abs=1.5)
    np.testing.assert_array_equal(extract(NOISE, CFG)[-24:-9], 0)

import numpy as np
import pytest

from ser_core.acoustics import display
from ser_core.audio import levels
from ser_core.audio.clip import SAMPLE_RATE_HZ
from ser_core.features import pitch
from tests.voice import voice

TIME_S = np.arange(SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ


def pulses(f0_hz: float) -> np.ndarray:
    """Equal harmonics below 4 kHz: the period is known, the fundamental not the loudest."""
    harmonics = np.arange(1, int(4000 / f0_hz) + 1)
    return (0.02 * np.sin(2 * np.pi * f0_hz * np.outer(harmonics, TIME_S)).sum(0)).astype(
        np.float32
    )


@pytest.mark.parametrize("f0_hz", [70, 96.5, 127, 220, 325, 450, 580])
def test_the_pitch_of_a_harmonic_tone_is_its_period(f0_hz):
    _, found = pitch.pitch(pulses(f0_hz))
    assert np.isfinite(found).mean() > 0.95
    np.testing.assert_allclose(found[np.isfinite(found)], f0_hz, rtol=0.01)
    assert np.nanmedian(found) == pytest.approx(f0_hz, rel=0.005)


def test_pitch_follows_a_glide():
    f0_hz = 120 + 100 * TIME_S
    glide = np.sign(np.sin(2 * np.pi * np.cumsum(f0_hz) / SAMPLE_RATE_HZ)).astype(np.float32)
    times_s, found = pitch.pitch(glide)
    np.testing.assert_allclose(found, 120 + 100 * times_s, rtol=0.02)


def test_noise_and_silence_have_no_pitch():
    noise = np.random.default_rng(1).normal(0, 0.1, SAMPLE_RATE_HZ).astype(np.float32)
    assert np.isfinite(pitch.pitch(noise)[1]).mean() < 0.05
    for n in (SAMPLE_RATE_HZ, 1):
        _, found, periodicity = pitch.voicing(np.zeros(n, np.float32))
        assert np.isnan(found).all()
        assert not periodicity.any()


def test_gain_does_not_change_the_pitch():
    samples = voice(1.0)
    a, b = pitch.pitch(samples)[1], pitch.pitch(samples * np.float32(0.01))[1]
    np.testing.assert_allclose(a, b, rtol=1e-4)


def test_the_spectrogram_peaks_at_the_tone_and_spans_80_db():
    tone = np.sin(2 * np.pi * 1000 * TIME_S).astype(np.float32)
    db = display.log_mel_db(tone)
    assert db.shape == (display.N_MELS, 101)
    assert db.max() == pytest.approx(0)
    assert db.min() >= -80
    # Slaney's mel scale is linear below 1 kHz: 15 of the 45.2 mel below 8 kHz, in 81 steps
    assert abs(db.mean(axis=1).argmax() - (15 / 45.245 * 81 - 1)) <= 1


def test_the_envelope_holds_the_peak_of_every_part():
    samples = np.array([0, -0.5, 0.1, 0.2, 0.9, 0.0], np.float32)
    np.testing.assert_allclose(levels.peaks(samples, 3), [0.5, 0.2, 0.9])
    assert levels.peaks(samples, 96).max() == np.float32(0.9)
    np.testing.assert_array_equal(levels.peaks(np.zeros(0, np.float32), 4), np.zeros(4))


def test_loudness_in_closed_form():
    """A full-scale sine has power 1/2: -3.01 dB."""
    assert levels.dbfs(levels.rms(np.sin(2 * np.pi * 100 * TIME_S))) == pytest.approx(
        -3.0103, abs=1e-3
    )
    assert levels.dbfs(levels.rms(np.zeros(10, np.float32))) == -120

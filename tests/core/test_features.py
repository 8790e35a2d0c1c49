"""Features against closed-form answers, and the promises that `extract` makes."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.fft

from ser_core.errors import AudioError
from ser_core.features.config import FUNCTIONAL_ROWS, FUNCTIONALS, WHISPER, FeatureConfig
from ser_core.features.extraction import extract
from tests.voice import voice

SERIES = FeatureConfig()
STATISTICS = FeatureConfig(kind="statistics")
LOG_MEL = FeatureConfig(kind="log_mel", n_mels=80, n_mfcc=0, deltas=0)
PLAIN = FeatureConfig(deltas=0, n_mfcc=64)  # as many coefficients as bands: the DCT can be undone


def tone(hz: float, seconds: float = 1.0) -> np.ndarray:
    time = np.arange(round(seconds * 16_000)) / 16_000
    return np.sin(2 * np.pi * hz * time).astype(np.float32)


@pytest.mark.parametrize("hz", [250.0, 1000.0, 3000.0])
def test_loudest_band_of_a_tone_holds_its_frequency(hz):
    frames = extract(tone(hz), PLAIN)
    log_mel = scipy.fft.idct(frames[25], norm="ortho")
    # Slaney's mel scale: linear to 1 kHz (15 mel), then logarithmic, 27 mel for a factor of 6.4
    to_mel = lambda f: f * 0.015 if f < 1000 else 15 + 27 * np.log(f / 1000) / np.log(6.4)  # noqa: E731
    spacing = to_mel(8000) / (PLAIN.n_mels + 1)
    assert np.argmax(log_mel) == pytest.approx(to_mel(hz) / spacing - 1, abs=1.0)


def test_a_steady_tone_has_no_deltas():
    frames = extract(tone(440.0), SERIES)
    inner = frames[10:-10, SERIES.n_mfcc :]
    # a 32 ms window sees the tone at changing phase, which moves MFCCs by a few hundredths
    assert np.abs(inner).max() < 0.1
    assert np.abs(extract(voice(1.0), SERIES)[10:-10, SERIES.n_mfcc :]).max() > 1.0


@pytest.mark.parametrize("cfg", [SERIES, STATISTICS, LOG_MEL], ids=lambda c: c.kind)
@pytest.mark.parametrize("gain_db", [-40, -12, 12])
def test_gain_does_not_reach_the_features(cfg, gain_db):
    samples = voice(1.5)
    changed = samples * np.float32(10 ** (gain_db / 20))
    # float32 rounding of the gain itself; quiet bands enlarge it to some thousandths of a dB
    np.testing.assert_allclose(extract(changed, cfg), extract(samples, cfg), atol=0.02)


@pytest.mark.parametrize("n", [0, 1, 100, 5120, 16_000, 48_000])
def test_shapes_for_every_length(n):
    samples = voice(3.0)[:n]
    frames = 1 + max(n, 16 * SERIES.hop_samples) // SERIES.hop_samples
    assert extract(samples, SERIES).shape == (frames, SERIES.width) == (frames, 120)
    assert extract(samples, STATISTICS).shape == (STATISTICS.width,) == (480,)
    assert extract(samples, LOG_MEL).shape == (frames, LOG_MEL.width) == (frames, 80)
    assert extract(samples, SERIES).dtype == np.float32


def test_log_mel_lies_where_the_encoder_expects_it():
    """A tone of unit power: its band far above the floor 80 dB below, which is 2 in this scale."""
    frames = extract(tone(1000.0), LOG_MEL)[10:-10]
    np.testing.assert_allclose(np.ptp(frames, axis=1), 2, atol=0.05)
    assert 0.5 < frames.max() < 1.7


def test_statistics_summarise_the_series():
    frames = extract(voice(1.0), SERIES)
    want = [
        frames.mean(0),
        frames.std(0),
        np.percentile(frames, 10, 0),
        np.percentile(frames, 90, 0),
    ]
    np.testing.assert_allclose(extract(voice(1.0), STATISTICS), np.concatenate(want), rtol=1e-4)


def test_input_is_not_changed():
    samples = voice(1.0)
    before = samples.copy()
    extract(samples, SERIES)
    np.testing.assert_array_equal(samples, before)


@pytest.mark.parametrize(
    "bad", [np.full(16_000, np.nan, np.float32), np.zeros((16_000, 2), np.float32)]
)
def test_unusable_samples_are_refused(bad):
    with pytest.raises(AudioError, match="finite mono"):
        extract(bad, SERIES)


def test_fingerprint_changes_with_any_setting():
    variants = [
        FeatureConfig(),
        FeatureConfig(kind="statistics"),
        FeatureConfig(kind="functionals"),
        FeatureConfig(version=2),
        FeatureConfig(hop_samples=160),
        FeatureConfig(deltas=1),
        FeatureConfig(top_db=60.0),
    ]
    assert len({cfg.fingerprint() for cfg in variants}) == len(variants)
    assert FeatureConfig().fingerprint() == FeatureConfig().fingerprint()


def test_functionals_lie_above_the_frames_where_both_are_asked_for():
    samples = voice(0.8)
    both = extract(samples, replace(WHISPER, kind="log_mel_functionals"))
    np.testing.assert_array_equal(both[FUNCTIONAL_ROWS:], extract(samples, WHISPER))
    vector = both[:FUNCTIONAL_ROWS].ravel()
    np.testing.assert_array_equal(vector[: FUNCTIONALS.width], extract(samples, FUNCTIONALS))
    assert not vector[FUNCTIONALS.width :].any()

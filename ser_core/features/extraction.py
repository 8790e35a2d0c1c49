"""THE feature code: training and serving call `extract` and nothing else.

Every window is scaled to unit power first, so the microphone's gain never reaches a model; loudness
would otherwise leak the label (RAVDESS classes lie up to 13 LU apart).
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ser_core.errors import AudioError
from ser_core.features import functionals, spectra
from ser_core.features.config import FUNCTIONALS, FeatureConfig

MIN_FRAMES = 16  # deltas need 9 frames, a convolution with pooling a few more
SILENCE_POWER = 1e-14
WHISPER_LEVEL_DB = -23.0  # brings unit power to the level of ordinary recordings

_STATISTICS = (  # N_STATISTICS of them
    lambda x: x.mean(axis=0),
    lambda x: x.std(axis=0),
    lambda x: np.percentile(x, 10, axis=0),
    lambda x: np.percentile(x, 90, axis=0),
)


def extract(samples: NDArray[np.float32], cfg: FeatureConfig) -> NDArray[np.float32]:
    """Features of one window.

    Args:
        samples: shape (n,), float32, at cfg.sample_rate_hz; short windows are padded with silence.
        cfg: the settings.

    Returns:
        float32. "series": shape (1 + n // hop, cfg.width), MFCC and their deltas, not normalised.
        "statistics": shape (cfg.width,), mean, deviation, 10th and 90th percentile over the frames.
        "log_mel": shape (1 + n // hop, cfg.width), about [-1, 1.5] (Radford et al. 2022).
        "functionals": shape (cfg.width,).
        "log_mel_functionals": shape (FUNCTIONAL_ROWS + 1 + n // hop, cfg.width); the rows above the
        frames end in zeros.
        No number depends on anything outside the window, nor on its gain.

    Raises:
        AudioError: if the samples are not a finite mono array.
    """
    if samples.ndim != 1 or not np.isfinite(samples).all():
        raise AudioError("Features need finite mono samples. Decode the file with ser_core first.")
    if cfg.kind == "log_mel_functionals":
        frames = extract(samples, replace(cfg, kind="log_mel"))
        return np.concatenate([_rows(extract(samples, FUNCTIONALS), cfg.width), frames])
    samples = _unit_power(_long_enough(samples, cfg))
    power = spectra.power_spectra(samples, cfg.n_fft, cfg.hop_samples)
    bands = spectra.mel_basis(cfg.sample_rate_hz, cfg.n_fft, cfg.n_mels)
    log_mel = spectra.decibels(bands @ power, cfg.top_db)
    if cfg.kind == "functionals":
        return functionals.functionals(samples, power, log_mel)
    if cfg.kind == "log_mel":
        return _as_whisper(log_mel)
    rows = spectra.cepstra(log_mel, cfg.n_mfcc, cfg.deltas)
    frames = np.ascontiguousarray(rows.T, dtype=np.float32)
    if cfg.kind == "statistics":
        return np.concatenate([statistic(frames) for statistic in _STATISTICS]).astype(np.float32)
    return frames


def _long_enough(samples: NDArray[np.float32], cfg: FeatureConfig) -> NDArray[np.float32]:
    missing = MIN_FRAMES * cfg.hop_samples - samples.size
    return np.pad(samples, (0, missing)) if missing > 0 else samples


def _unit_power(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    power = float(np.mean(np.square(samples, dtype=np.float64)))
    return samples if power < SILENCE_POWER else samples / np.float32(np.sqrt(power))


def _as_whisper(log_mel_db: NDArray[np.float32]) -> NDArray[np.float32]:
    frames = ((log_mel_db + WHISPER_LEVEL_DB) / 10 + 4) / 4
    return np.ascontiguousarray(frames.T, dtype=np.float32)


def _rows(vector: NDArray[np.float32], width: int) -> NDArray[np.float32]:
    return np.pad(vector, (0, -vector.size % width)).reshape(-1, width)

"""THE feature code: training and serving call `extract` and nothing else.

Every window is scaled to unit power first, so the microphone's gain never reaches a model; loudness
would otherwise leak the label (RAVDESS classes lie up to 13 LU apart).
"""

from dataclasses import replace
from functools import lru_cache

import librosa
import numpy as np
from numpy.typing import NDArray

from ser_core.errors import AudioError
from ser_core.features import functionals
from ser_core.features.config import FUNCTIONALS, FeatureConfig

_MIN_FRAMES = 16  # deltas need 9 frames, a convolution with pooling a few more
_SILENCE_POWER = 1e-14
_WHISPER_LEVEL_DB = -23.0  # brings unit power to the level of ordinary recordings

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
    power = _power(samples, cfg)
    log_mel = librosa.power_to_db(_mel_basis(cfg) @ power, top_db=cfg.top_db)
    if cfg.kind == "functionals":
        return functionals.functionals(samples, power, log_mel)
    if cfg.kind == "log_mel":
        return _as_whisper(log_mel)
    frames = _mfcc_frames(log_mel, cfg)
    if cfg.kind == "statistics":
        return np.concatenate([statistic(frames) for statistic in _STATISTICS]).astype(np.float32)
    return frames


def _long_enough(samples: NDArray[np.float32], cfg: FeatureConfig) -> NDArray[np.float32]:
    missing = _MIN_FRAMES * cfg.hop_samples - samples.size
    return np.pad(samples, (0, missing)) if missing > 0 else samples


def _unit_power(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    power = float(np.mean(np.square(samples, dtype=np.float64)))
    return samples if power < _SILENCE_POWER else samples / np.float32(np.sqrt(power))


def _power(samples: NDArray[np.float32], cfg: FeatureConfig) -> NDArray[np.float32]:
    spectrum = librosa.stft(samples, n_fft=cfg.n_fft, hop_length=cfg.hop_samples)
    return spectrum.real**2 + spectrum.imag**2


def _as_whisper(log_mel_db: NDArray[np.float32]) -> NDArray[np.float32]:
    frames = ((log_mel_db + _WHISPER_LEVEL_DB) / 10 + 4) / 4
    return np.ascontiguousarray(frames.T, dtype=np.float32)


def _rows(vector: NDArray[np.float32], width: int) -> NDArray[np.float32]:
    return np.pad(vector, (0, -vector.size % width)).reshape(-1, width)


def _mfcc_frames(log_mel: NDArray[np.float32], cfg: FeatureConfig) -> NDArray[np.float32]:
    mfcc = librosa.feature.mfcc(S=log_mel, n_mfcc=cfg.n_mfcc)
    rows = [mfcc] + [librosa.feature.delta(mfcc, order=k) for k in range(1, cfg.deltas + 1)]
    return np.ascontiguousarray(np.concatenate(rows).T, dtype=np.float32)


@lru_cache(maxsize=8)
def _mel_basis(cfg: FeatureConfig) -> NDArray[np.float32]:
    return librosa.filters.mel(sr=cfg.sample_rate_hz, n_fft=cfg.n_fft, n_mels=cfg.n_mels)

"""Pitch and periodicity. They feed models: a change needs a higher FEATURE_CODE_VERSION."""

from functools import lru_cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from ser_core.audio.clip import SAMPLE_RATE_HZ

HOP_S = 0.01
_HOP = round(HOP_S * SAMPLE_RATE_HZ)
_FRAME = 640  # 40 ms: 2.6 periods of the lowest voice
_BLOCK = 16  # frames whose spectra fit into a core's cache: twice as fast as all at once
_N_FFT = 2048
_LAG_RATE_HZ = 2 * SAMPLE_RATE_HZ  # lags are half samples: high voices need them
_F0_MIN_HZ, _F0_MAX_HZ = 65.0, 600.0
_VOICED = 0.45  # normalised autocorrelation of a voiced frame
_AUDIBLE_DB = -35.0  # below the loudest frame; weaker ones have no pitch
_OCTAVE_COST = 0.04  # per octave, against locking on multiples of the period


def pitch(samples: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Fundamental frequency by autocorrelation, corrected for the window as Boersma (1993) does.

    Args:
        samples: shape (n,), float32, 16 kHz.

    Returns:
        times_s: shape (m,), middle of each frame in seconds, 10 ms apart.
        f0_hz: shape (m,), in Hz; NaN where the frame is not voiced.
    """
    times_s, f0_hz, _ = voicing(samples)
    return times_s, f0_hz


def voicing(
    samples: NDArray[np.float32],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Like `pitch`, with how periodic each frame is.

    Args:
        samples: shape (n,), float32, 16 kHz.

    Returns:
        times_s: shape (m,), middle of each frame in seconds, 10 ms apart.
        f0_hz: shape (m,), in Hz; NaN where the frame is not voiced.
        periodicity: shape (m,), the normalised autocorrelation at the period; 0 in silence.
    """
    if samples.size < _FRAME:
        samples = np.pad(samples, (0, _FRAME - samples.size))
    frames = sliding_window_view(samples, _FRAME)[::_HOP].astype(np.float64)
    times_s = (np.arange(len(frames)) * _HOP + _FRAME / 2) / SAMPLE_RATE_HZ
    power = frames.var(axis=1)
    audible = np.flatnonzero(power > power.max() * 10 ** (_AUDIBLE_DB / 10))
    f0_hz, periodicity = np.full(len(frames), np.nan), np.zeros(len(frames))
    for start in range(0, audible.size, _BLOCK):
        block = audible[start : start + _BLOCK]
        f0_hz[block], periodicity[block] = _periods(frames[block])
    return times_s, f0_hz, periodicity


def _periods(frames: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """f0 in Hz, NaN where it is not voiced, and periodicity of frames of shape (n, 640)."""
    frames = frames - frames.mean(axis=1, keepdims=True)
    r = _autocorrelation(frames * np.hanning(_FRAME))
    energy = r[:, :1]
    r = r / np.where(energy > 0, energy, 1.0) / _window_autocorrelation()
    low, high = round(_LAG_RATE_HZ / _F0_MAX_HZ), round(_LAG_RATE_HZ / _F0_MIN_HZ)
    left, middle, right = (r[:, low + d : high + 1 + d] for d in (-1, 0, 1))
    # a peak between two lags is higher than both: without its true height the double period wins
    curvature = np.minimum(left - 2 * middle + right, -1e-12)
    shift = np.clip(0.5 * (left - right) / curvature, -0.5, 0.5)
    height = middle - 0.25 * (left - right) * shift
    lags = np.arange(low, high + 1)
    is_peak = (middle >= left) & (middle > right)
    score = np.where(is_peak, height - _OCTAVE_COST * np.log2(lags / low), -np.inf)
    best = score.argmax(axis=1)[:, None]
    period = lags[best[:, 0]] + np.take_along_axis(shift, best, axis=1)[:, 0]
    strength = np.take_along_axis(height, best, axis=1)[:, 0]
    voiced = (strength > _VOICED) & is_peak.any(axis=1)
    return np.where(voiced, _LAG_RATE_HZ / period, np.nan), strength


@lru_cache(maxsize=1)
def _window_autocorrelation() -> NDArray[np.float64]:
    r = _autocorrelation(np.hanning(_FRAME)[None])
    return r / r[:, :1]


def _autocorrelation(frames: NDArray[np.float64]) -> NDArray[np.float64]:
    spectrum = np.fft.rfft(frames, _N_FFT)
    power = spectrum.real**2 + spectrum.imag**2
    return np.fft.irfft(power, 2 * _N_FFT)[:, : 2 * _FRAME]

"""Acoustic descriptors, for people to look at.

`pitch` feeds models as well: a change of it needs a higher FEATURE_CODE_VERSION.
"""

from functools import lru_cache
from itertools import pairwise

import librosa
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from ser_core.audio import SAMPLE_RATE_HZ

HOP_S = 0.01
N_MELS = 80
_HOP = round(HOP_S * SAMPLE_RATE_HZ)
_FRAME = 640  # 40 ms: 2.6 periods of the lowest voice
_BLOCK = 16  # frames whose spectra fit into a core's cache: twice as fast as all at once
_N_FFT = 2048
_LAG_RATE_HZ = 2 * SAMPLE_RATE_HZ  # lags are half samples: high voices need them
_F0_MIN_HZ, _F0_MAX_HZ = 65.0, 600.0
_VOICED = 0.45  # normalised autocorrelation of a voiced frame
AUDIBLE_DB = -35.0  # frames this far below the loudest one are taken for silence
_JUMP_OCTAVES, _SHORTEST_RUN = 0.15, 5  # a voice glides by less in 10 ms
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
    audible = np.flatnonzero(power > power.max() * 10 ** (AUDIBLE_DB / 10))
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


def steady(f0_hz: NDArray[np.float64]) -> NDArray[np.float64]:
    """The pitch without runs of fewer than five frames between jumps: those are octave errors."""
    kept = np.full_like(f0_hz, np.nan)
    leaps = np.abs(np.diff(np.log2(f0_hz))) > _JUMP_OCTAVES
    ends = np.flatnonzero(leaps | np.isnan(np.diff(f0_hz))) + 1
    for run in np.split(np.arange(f0_hz.size), ends):
        if run.size >= _SHORTEST_RUN:
            kept[run] = f0_hz[run]
            kept[run[-1]] = np.nan  # breaks the line before the next run
    return kept


def log_mel_db(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Log-mel spectrogram for display.

    Args:
        samples: shape (n,), float32, 16 kHz.

    Returns:
        Shape (80, 1 + n // 160), dB relative to the loudest point, in [-80, 0]; frames 10 ms apart.
    """
    power = librosa.feature.melspectrogram(
        y=samples, sr=SAMPLE_RATE_HZ, n_fft=1024, hop_length=_HOP, n_mels=N_MELS
    )
    return librosa.power_to_db(power, ref=np.max, top_db=80.0).astype(np.float32)


def envelope(samples: NDArray[np.float32], n: int) -> NDArray[np.float32]:
    """Peak envelope: the greatest magnitude in each of n equal parts.

    Args:
        samples: shape (m,), float32.
        n: parts.

    Returns:
        Shape (n,), float32, in the samples' own scale.
    """
    magnitude = np.abs(samples)
    edges = np.linspace(0, magnitude.size, n + 1).astype(int)
    parts = (magnitude[a : max(b, a + 1)] for a, b in pairwise(edges))
    return np.array([part.max(initial=0.0) for part in parts], np.float32)


def loudness_dbfs(samples: NDArray[np.float32]) -> float:
    """Root mean square in dB below full scale; -120 for silence."""
    power = float(np.mean(np.square(samples, dtype=np.float64))) if samples.size else 0.0
    return 10 * float(np.log10(max(power, 1e-12)))


@lru_cache(maxsize=1)
def _window_autocorrelation() -> NDArray[np.float64]:
    r = _autocorrelation(np.hanning(_FRAME)[None])
    return r / r[:, :1]


def _autocorrelation(frames: NDArray[np.float64]) -> NDArray[np.float64]:
    spectrum = np.fft.rfft(frames, _N_FFT)
    power = spectrum.real**2 + spectrum.imag**2
    return np.fft.irfft(power, 2 * _N_FFT)[:, : 2 * _FRAME]

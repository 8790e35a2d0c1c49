"""Short-time spectra, mel bands and cepstra, to the bit those of librosa 0.11, without numba.

librosa's own code compiles through numba: 130 MB and seconds of every server's start, for numerics
that NumPy and SciPy do. The tests compare each function here with librosa's.
"""

from functools import lru_cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Floats = NDArray[np.float32]

SMALLEST_POWER = 1e-10  # of a band: the logarithm of nothing
_DELTA_FRAMES = 9
_BLOCK = 64  # frames whose spectra fit into a core's cache
# Slaney's mel scale (Auditory Toolbox, 1998): linear up to 1 kHz, then logarithmic
_HZ_PER_MEL, _BREAK_HZ = 200.0 / 3, 1000.0
_BREAK_MEL, _LOG_STEP = _BREAK_HZ / _HZ_PER_MEL, np.log(6.4) / 27.0


def power_spectra(samples: Floats, n_fft: int, hop_samples: int) -> Floats:
    """Power of Hann-windowed frames, the first centred on the first sample.

    Args:
        samples: shape (n,), float32; what lies beyond its ends is silence.
        n_fft: length of the FFT and the window, even.
        hop_samples: distance of frames.

    Returns:
        Shape (n_fft // 2 + 1, 1 + n // hop_samples), float32.
    """
    frames = sliding_window_view(np.pad(samples, n_fft // 2), n_fft)[::hop_samples]
    power = np.empty((len(frames), n_fft // 2 + 1), np.float32)
    for start in range(0, len(frames), _BLOCK):
        block = slice(start, start + _BLOCK)
        spectrum = np.fft.rfft(hann(n_fft) * frames[block]).astype(np.complex64)
        power[block] = spectrum.real**2 + spectrum.imag**2
    return power.T


@lru_cache(maxsize=8)
def mel_basis(sample_rate_hz: int, n_fft: int, n_mels: int) -> Floats:
    """Weights that make mel bands, each of unit area, of power spectra: shape (n_mels, bins)."""
    bins_hz = np.fft.rfftfreq(n_fft, 1 / sample_rate_hz)
    edges_hz = _to_hz(np.linspace(0.0, to_mel(sample_rate_hz / 2), n_mels + 2))
    widths_hz = np.diff(edges_hz)
    ramps = np.subtract.outer(edges_hz, bins_hz)
    rising, falling = -ramps[:-2] / widths_hz[:-1, None], ramps[2:] / widths_hz[1:, None]
    weights = np.maximum(0, np.minimum(rising, falling)).astype(np.float32)
    weights *= (2.0 / (edges_hz[2:] - edges_hz[:-2]))[:, None]
    return weights


def decibels(power: Floats, top_db: float) -> Floats:
    """Levels in dB, none more than `top_db` below the highest."""
    level = 10.0 * np.log10(np.maximum(SMALLEST_POWER, power))
    return np.maximum(level, level.max() - top_db)


def cepstra(log_mel: Floats, n_mfcc: int, deltas: int) -> Floats:
    """MFCC of mel bands in dB, and their slopes over nine frames below.

    Args:
        log_mel: shape (n_mels, frames), at least nine frames.
        n_mfcc: coefficients, the 0th included.
        deltas: orders of slopes.

    Returns:
        Shape ((1 + deltas) * n_mfcc, frames), float32.
    """
    from scipy.fft import dct  # 20 MB, which not every model needs

    mfcc = dct(log_mel, axis=0, norm="ortho")[:n_mfcc]
    return np.concatenate([mfcc, *(_slopes(mfcc, k) for k in range(1, deltas + 1))])


def _slopes(rows: Floats, order: int) -> Floats:
    from scipy.signal import savgol_filter  # 50 MB, which not every model needs

    return savgol_filter(rows, _DELTA_FRAMES, polyorder=order, deriv=order, axis=-1, mode="interp")


@lru_cache(maxsize=8)
def hann(n: int) -> NDArray[np.float64]:
    """A periodic window, shape (n,)."""
    return 0.5 + 0.5 * np.cos(np.linspace(-np.pi, np.pi, n + 1)[:-1])


def to_mel(hz: float) -> float:
    """Slaney's mel of a frequency in Hz."""
    return hz / _HZ_PER_MEL if hz < _BREAK_HZ else _BREAK_MEL + np.log(hz / _BREAK_HZ) / _LOG_STEP


def _to_hz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    logarithmic = _BREAK_HZ * np.exp(_LOG_STEP * (mel - _BREAK_MEL))
    return np.where(mel < _BREAK_MEL, _HZ_PER_MEL * mel, logarithmic)

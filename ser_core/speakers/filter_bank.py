"""Logarithmic mel bands as Kaldi computes them, which is what the speaker network has learned from.

80 bands from 20 Hz to 8 kHz on the mel scale of HTK, frames of 25 ms every 10 ms, Povey's window,
pre-emphasis 0.97, no dither (Povey et al. 2011, "The Kaldi speech recognition toolkit").
"""

from functools import lru_cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from ser_core.audio.clip import SAMPLE_RATE_HZ

BANDS = 80
FRAME_SAMPLES, HOP_SAMPLES = SAMPLE_RATE_HZ // 40, SAMPLE_RATE_HZ // 100
_N_FFT = 512
_LOWEST_HZ = 20.0
_PREEMPHASIS = np.float32(0.97)
_SMALLEST = np.finfo(np.float32).eps


def log_mel_bands(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Levels of the bands in every whole frame.

    Args:
        samples: shape (n,), float32, 16 kHz.

    Returns:
        Shape (frames, 80), where frames = 1 + (n - 400) // 160, or 0 for less than 25 ms.
    """
    if samples.size < FRAME_SAMPLES:
        return np.zeros((0, BANDS), np.float32)
    from scipy.fft import rfft  # 20 MB, for who asks for voices alone

    frames = sliding_window_view(samples, FRAME_SAMPLES)[::HOP_SAMPLES]
    frames = frames - frames.mean(axis=1, keepdims=True)
    before = np.concatenate([frames[:, :1], frames[:, :-1]], axis=1)
    spectrum = rfft((frames - _PREEMPHASIS * before) * _window(), _N_FFT)
    power = spectrum.real**2 + spectrum.imag**2
    return np.log(np.maximum(power @ _bank(), _SMALLEST)).astype(np.float32)


@lru_cache(maxsize=1)
def _window() -> NDArray[np.float32]:
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(FRAME_SAMPLES) / (FRAME_SAMPLES - 1))
    return (hann**0.85).astype(np.float32)


@lru_cache(maxsize=1)
def _bank() -> NDArray[np.float32]:
    """Triangles of height 1 on the mel scale: shape (257, 80)."""
    bins = _mel(np.arange(_N_FFT // 2 + 1) * SAMPLE_RATE_HZ / _N_FFT)
    low, high = _mel(np.array([_LOWEST_HZ, SAMPLE_RATE_HZ / 2]))
    edges = np.linspace(low, high, BANDS + 2)
    rising = (bins[:, None] - edges[:-2]) / np.diff(edges)[:-1]
    falling = (edges[2:] - bins[:, None]) / np.diff(edges)[1:]
    bank = np.maximum(0, np.minimum(rising, falling)).astype(np.float32)
    bank[-1] = 0  # Kaldi leaves the highest frequency out
    return bank


def _mel(hz: NDArray[np.float64]) -> NDArray[np.float64]:
    return 1127.0 * np.log(1 + hz / 700.0)

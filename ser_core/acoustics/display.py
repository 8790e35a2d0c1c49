"""What people see of a sound, and the settings of it; no model is fed with them."""

import librosa
import numpy as np
from numpy.typing import NDArray

from ser_core.audio.clip import SAMPLE_RATE_HZ
from ser_core.features import spectra
from ser_core.features.pitch import HOP_S

HOP = round(HOP_S * SAMPLE_RATE_HZ)
N_MELS, _SPECTROGRAM_FFT, _RANGE_DB = 80, 1024, 80.0
N_MFCC = 13  # the 0th included
SHORT_FFT, _MFCC_BANDS = 512, 40  # of descriptors and MFCC
AUDIBLE_DB = -35.0  # frames this far below the loudest one are taken for silence
_JUMP_OCTAVES, _SHORTEST_RUN = 0.15, 5  # a voice glides by less in 10 ms


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
    power = spectra.power_spectra(samples, _SPECTROGRAM_FFT, HOP)
    mel = spectra.mel_basis(SAMPLE_RATE_HZ, _SPECTROGRAM_FFT, N_MELS) @ power
    level_db = spectra.decibels(mel, _RANGE_DB)
    return level_db - level_db.max()


def mfcc(power: NDArray[np.floating]) -> NDArray[np.floating]:
    """Mel frequency cepstral coefficients.

    Args:
        power: shape (257, m), spectra of `SHORT_FFT` samples.

    Returns:
        Shape (13, m).
    """
    mel = librosa.feature.melspectrogram(
        S=power, sr=SAMPLE_RATE_HZ, n_fft=SHORT_FFT, n_mels=_MFCC_BANDS
    )
    return librosa.feature.mfcc(S=librosa.power_to_db(mel, top_db=None), n_mfcc=N_MFCC)

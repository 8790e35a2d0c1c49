"""What there is to see of one clip over time, frame by frame, without a figure."""

from dataclasses import dataclass

import librosa
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ser_core.acoustics import display
from ser_core.acoustics.display import AUDIBLE_DB, HOP, N_MFCC, SHORT_FFT
from ser_core.audio.clip import SAMPLE_RATE_HZ, AudioClip
from ser_core.audio.levels import FLOOR_DBFS, extremes
from ser_core.features import pitch
from ser_core.features.pitch import HOP_S

HIGHEST_HZ = SAMPLE_RATE_HZ / 2
_POINTS = 1000  # of the waveform: about one a pixel
_LEVEL_FRAME = 400  # samples: 25 ms


@dataclass(frozen=True, slots=True, eq=False)
class Views:
    """What there is to draw of a clip.

    Attributes:
        duration_s: its length in seconds.
        low: shape (n,), least sample of n equal parts.
        high: shape (n,), greatest sample of n equal parts.
        mel_db: shape (80, m), dB below the loudest point; frames 10 ms apart from 0 s on.
        mfcc: shape (13, m), in standard deviations from each coefficient's mean; NaN in pauses.
        level_dbfs: shape (m,), energy in dB below full scale.
        times_s: shape (k,), middles of the pitch frames in seconds.
        f0_hz: shape (k,), pitch in Hz, NaN where there is none.
    """

    duration_s: float
    low: NDArray[np.float32]
    high: NDArray[np.float32]
    mel_db: NDArray[np.float32]
    mfcc: NDArray[np.float32]
    level_dbfs: NDArray[np.float64]
    times_s: NDArray[np.float64]
    f0_hz: NDArray[np.float64]

    @classmethod
    def of(cls, clip: AudioClip) -> "Views":
        """Compute the views of a 16 kHz clip."""
        times_s, f0_hz = pitch.pitch(clip.samples)
        low, high = extremes(clip.samples, _POINTS)
        level = level_dbfs(clip.samples)
        return cls(
            clip.duration_s,
            low,
            high,
            display.log_mel_db(clip.samples),
            standardised_mfcc(clip.samples, level > level.max() + AUDIBLE_DB),
            level,
            times_s,
            display.steady(f0_hz),
        )

    @property
    def frames_s(self) -> NDArray[np.float64]:
        """Middles of the frames of spectrogram, MFCC and energy in seconds, shape (m,)."""
        return np.arange(self.mel_db.shape[1], dtype=np.float64) * HOP_S

    def table(self) -> pd.DataFrame:
        """The numbers of all views but the waveform.

        Returns:
            One row per 10 ms: time_s, pitch_hz (NaN where there is none), energy_dbfs, one column
            of dB per mel band, named after its middle frequency, and mfcc0 to mfcc12.
        """
        curves = {
            "time_s": self.frames_s.round(3),
            "pitch_hz": _in_rows(self.times_s, self.f0_hz, self.frames_s.size).round(1),
            "energy_dbfs": self.level_dbfs.round(1),
        }
        bands = librosa.mel_frequencies(display.N_MELS, fmin=0, fmax=HIGHEST_HZ)
        spectrum = pd.DataFrame(
            self.mel_db.T.round(1), columns=[f"db_{band:.0f}_hz" for band in bands]
        )
        mfcc = pd.DataFrame(self.mfcc.T.round(2), columns=[f"mfcc{i}" for i in range(N_MFCC)])
        return pd.concat([pd.DataFrame(curves), spectrum, mfcc], axis=1)


@dataclass(frozen=True, slots=True, eq=False)
class Ghost:
    """Pitch and energy of another clip, to be drawn behind those of a clip and on its time axis.

    Attributes:
        times_s: shape (k,), of the pitch in seconds.
        f0_hz: shape (k,), NaN where there is none.
        level_times_s: shape (m,), of the energy in seconds.
        level_dbfs: shape (m,).
        is_flat: whether both are horizontal lines, given by their two ends.
    """

    times_s: NDArray[np.float64]
    f0_hz: NDArray[np.float64]
    level_times_s: NDArray[np.float64]
    level_dbfs: NDArray[np.float64]
    is_flat: bool = False

    @classmethod
    def of(cls, views: Views, later_s: float) -> "Ghost":
        """The curves of a clip, moved to the right by some seconds."""
        return cls(views.times_s + later_s, views.f0_hz, views.frames_s + later_s, views.level_dbfs)

    @classmethod
    def flat(cls, f0_hz: float, level_dbfs: float, duration_s: float) -> "Ghost":
        """Two horizontal lines over the whole clip, where there is no curve to show."""
        ends = np.array([0.0, duration_s])
        return cls(ends, np.full(2, f0_hz), ends, np.full(2, level_dbfs), True)

    def beside(self, table: pd.DataFrame) -> pd.DataFrame:
        """The table of `Views.table` with the columns neutral_pitch_hz and neutral_energy_dbfs."""
        curves = {
            "neutral_pitch_hz": (self.times_s, self.f0_hz),
            "neutral_energy_dbfs": (self.level_times_s, self.level_dbfs),
        }
        columns = {}
        for name, (times_s, values) in curves.items():
            if self.is_flat:
                columns[name] = np.full(len(table), values[0]).round(1)
            else:
                columns[name] = _in_rows(times_s, values, len(table)).round(1)
        return pd.concat([table, pd.DataFrame(columns)], axis=1)


def level_dbfs(samples: NDArray[np.float32]) -> NDArray[np.float64]:
    """Root mean square of frames of 25 ms around each 10 ms, in dB below full scale.

    Args:
        samples: shape (n,), float32, 16 kHz.

    Returns:
        Shape (1 + n // 160,), -120 in silence; before and after the sound there are zeros.
    """
    frames = 1 + samples.size // HOP
    padded = np.pad(samples.astype(np.float64), _LEVEL_FRAME // 2)
    summed = np.concatenate([[0.0], np.cumsum(np.square(padded))])
    starts = np.arange(frames) * HOP
    ends = np.minimum(starts + _LEVEL_FRAME, padded.size)
    power = (summed[ends] - summed[starts]) / _LEVEL_FRAME
    return 10 * np.log10(np.maximum(power, 10 ** (FLOOR_DBFS / 10)))


def standardised_mfcc(
    samples: NDArray[np.float32], audible: NDArray[np.bool_]
) -> NDArray[np.float32]:
    """Mel frequency cepstral coefficients, each in its own standard deviations.

    Args:
        samples: shape (n,), float32, 16 kHz.
        audible: shape (1 + n // 160,), the frames that are no pauses.

    Returns:
        Shape (13, 1 + n // 160), float32; mean 0 and deviation 1 over the audible frames of each
        coefficient, NaN in pauses.
    """
    stft = librosa.stft(samples, n_fft=SHORT_FFT, hop_length=HOP)
    mfcc = display.mfcc(np.square(np.abs(stft)))
    spoken = mfcc[:, audible]
    if not spoken.size:
        return np.full_like(mfcc, np.nan)
    deviation = np.maximum(spoken.std(axis=1, keepdims=True), 1e-6)
    standard = (mfcc - spoken.mean(axis=1, keepdims=True)) / deviation
    return np.where(audible, standard, np.nan).astype(np.float32)


def _in_rows(
    times_s: NDArray[np.float64], values: NDArray[np.float64], rows: int
) -> NDArray[np.float64]:
    """Values in rows 10 ms apart, each in the row next to its time; NaN where there is none."""
    spaced = np.full(rows, np.nan)
    at = np.rint(times_s / HOP_S).astype(int)
    inside = (at >= 0) & (at < rows)
    spaced[at[inside]] = values[inside]
    return spaced

"""Acoustic descriptors of a whole clip, for people to compare: what the corpus indexes hold."""

from collections.abc import Iterable
from dataclasses import dataclass

import librosa
import numpy as np
from numpy.typing import NDArray

from ser_core.acoustics import display
from ser_core.acoustics.display import AUDIBLE_DB, HOP, N_MFCC, SHORT_FFT
from ser_core.audio.clip import SAMPLE_RATE_HZ, AudioClip
from ser_core.audio.levels import dbfs, rms
from ser_core.features.pitch import voicing

_THIRD_OCTAVES_HZ = 1000 * 2.0 ** (np.arange(-10, 8) / 3)  # middles, from 99 Hz to 5040 Hz
_LOUDNESS_BLOCK_S = 0.4  # of ITU-R BS.1770; a shorter sound has no loudness
_FLOOR = 1e-6  # 90 dB below the frames of speech at unit power: digital silence has no spectrum
_MIN_VOICED = 5  # frames; below, a voice has no melody to describe
_HIGHEST_PERIODICITY = 1 - 1e-4  # 40 dB: what a window of 40 ms can tell at best


@dataclass(frozen=True, slots=True)
class Descriptor:
    """One number of a clip that people compare.

    Attributes:
        column: of the index.
        name: for people.
        unit: "" where it has none.
        decimals: to write it with.
        meaning: what it is, in a sentence.
    """

    column: str
    name: str
    unit: str
    decimals: int
    meaning: str

    @property
    def title(self) -> str:
        """Name and unit, such as "pitch, Hz"."""
        return f"{self.name}, {self.unit}" if self.unit else self.name


DESCRIPTORS = (
    Descriptor("f0_hz", "pitch", "Hz", 0, "Median fundamental frequency of the voiced frames."),
    Descriptor(
        "f0_range_st", "pitch range", "semitones", 1, "From the 5th to the 95th percentile."
    ),
    Descriptor(
        "f0_slope_st_s", "pitch slope", "semitones/s", 1, "Of the line through the melody; "
        "below zero the voice falls."
    ),
    Descriptor("loudness_dbfs", "level", "dBFS", 1, "Root mean square of the speech."),
    Descriptor(
        "lufs", "loudness", "LUFS", 1, "Level as ears weigh it, pauses left out (ITU-R BS.1770)."
    ),
    Descriptor(
        "level_range_db", "level range", "dB", 1, "From the 5th to the 95th percentile of frames."
    ),
    Descriptor("centroid_hz", "brightness", "Hz", 0, "Spectral centroid of the audible frames."),
    Descriptor(
        "tilt_db_octave", "spectral tilt", "dB/octave", 1, "How the spectrum falls from 100 to "
        "5000 Hz; a pressed voice falls less."
    ),
    Descriptor(
        "hnr_db", "harmonics to noise", "dB", 1, "High in clear voices, low in rough ones."
    ),
    Descriptor("voiced_share", "voiced share", "", 2, "Voiced frames among all of the speech."),
    Descriptor("speech_s", "speech", "s", 2, "From the first to the last sound of the voice."),
    Descriptor("duration_s", "duration", "s", 2, "Of the whole recording."),
)  # fmt: skip
MFCC_COLUMNS = tuple(f"mfcc{i}_{statistic}" for statistic in ("mean", "sd") for i in range(N_MFCC))


def describe(clip: AudioClip, speech_span_s: tuple[float, float]) -> dict[str, float]:
    """Every descriptor of a clip.

    Args:
        clip: the whole recording, 16 kHz.
        speech_span_s: onset and offset of its speech in seconds.

    Returns:
        Per column of DESCRIPTORS and MFCC_COLUMNS its value, beside "peak_dbfs" of the recording
        and "noise_dbfs", the level outside the speech; NaN where a sound has no such thing.
    """
    onset_s, offset_s = speech_span_s
    speech = clip.cut(onset_s, offset_s).samples
    outside = np.concatenate(
        [clip.cut(0, onset_s).samples, clip.cut(offset_s, clip.duration_s).samples]
    )
    peak = float(np.abs(clip.samples).max(initial=0.0))
    return {
        "duration_s": clip.duration_s,
        "speech_s": offset_s - onset_s,
        "peak_dbfs": dbfs(peak),
        "noise_dbfs": dbfs(rms(outside)) if outside.size else float("nan"),
        "loudness_dbfs": dbfs(rms(speech)),
        "lufs": loudness_lufs(speech),
        **_melody(speech),
        **_spectrum(speech),
    }


def loudness_lufs(samples: NDArray[np.float32]) -> float:
    """Integrated loudness by ITU-R BS.1770-4 in LUFS.

    Args:
        samples: shape (n,), float32, 16 kHz.

    Returns:
        NaN for sounds under 0.4 s and for silence.
    """
    import pyloudnorm  # with SciPy's filters, 60 MB that no answer needs

    if samples.size < _LOUDNESS_BLOCK_S * SAMPLE_RATE_HZ:
        return float("nan")
    meter = pyloudnorm.Meter(SAMPLE_RATE_HZ, block_size=_LOUDNESS_BLOCK_S)
    loudness = float(meter.integrated_loudness(samples.astype(np.float64)))
    return loudness if np.isfinite(loudness) else float("nan")


def _melody(speech: NDArray[np.float32]) -> dict[str, float]:
    """Height, range and course of the pitch (Hz, semitones), and how periodic the voice is."""
    times_s, f0_hz, periodicity = voicing(speech)
    melody = {"voiced_share": float(np.isfinite(f0_hz).mean())}
    f0_hz = display.steady(f0_hz)  # a single octave error would widen the range
    voiced = np.isfinite(f0_hz)
    if voiced.sum() < _MIN_VOICED:
        return melody | dict.fromkeys(("f0_hz", "f0_range_st", "f0_slope_st_s", "hnr_db"), np.nan)
    semitones = 12 * np.log2(f0_hz[voiced])
    low, high = np.percentile(semitones, (5, 95))
    r = np.minimum(periodicity[voiced], _HIGHEST_PERIODICITY)
    return melody | {
        "f0_hz": float(np.median(f0_hz[voiced])),
        "f0_range_st": float(high - low),
        "f0_slope_st_s": float(np.polyfit(times_s[voiced], semitones, 1)[0]),
        "hnr_db": float(np.mean(10 * np.log10(r / (1 - r)))),  # Boersma (1993)
    }


def _spectrum(speech: NDArray[np.float32]) -> dict[str, float]:
    """Range of the level, brightness, tilt and MFCC over the audible frames, whatever the gain."""
    speech = np.pad(speech, (0, max(SHORT_FFT - speech.size, 0)))
    scaled = speech / np.float32(max(rms(speech), 1e-7))
    stft = librosa.stft(scaled, n_fft=SHORT_FFT, hop_length=HOP)
    power = np.square(np.abs(stft)).astype(np.float64) + _FLOOR
    level_db = 10 * np.log10(power.sum(axis=0))
    audible = level_db > level_db.max() + AUDIBLE_DB
    power, level_db = power[:, audible], level_db[audible]
    hz = librosa.fft_frequencies(sr=SAMPLE_RATE_HZ, n_fft=SHORT_FFT)
    mfcc = display.mfcc(power)
    low, high = np.percentile(level_db, (5, 95))
    return {
        "level_range_db": float(high - low),
        "centroid_hz": float(np.mean(hz @ power / power.sum(axis=0))),
        "tilt_db_octave": _tilt_db_octave(hz, power.mean(axis=1)),
        **dict(zip(MFCC_COLUMNS, (*mfcc.mean(axis=1), *mfcc.std(axis=1)), strict=True)),
    }


def _tilt_db_octave(hz: NDArray[np.float64], power: NDArray[np.float64]) -> float:
    """Slope of the line through the spectrum, read every third of an octave, in dB per octave."""
    # bins lie 31 Hz apart: between them the low bands read the spectrum off a line
    density = np.interp(_THIRD_OCTAVES_HZ, hz, power)
    return float(np.polyfit(np.log2(_THIRD_OCTAVES_HZ), 10 * np.log10(density), 1)[0])


def catalogue(columns: Iterable[str]) -> tuple[Descriptor, ...]:
    """The descriptors among some columns, in display order."""
    present = set(columns)
    return tuple(d for d in DESCRIPTORS if d.column in present)

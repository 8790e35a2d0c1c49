"""Acoustic functionals: one vector that sums up how a window sounds, for models without a network.

The recipe is that of Schuller et al. (2013) and Eyben et al. (2016), written anew: descriptors of
every frame (mel bands, energy, the spectrum's shape), their first and second differences, and
statistics of each over the window; beside them the melody and the rhythm of voicing.
"""

import numpy as np
from numpy.typing import NDArray

from ser_core.audio.clip import SAMPLE_RATE_HZ
from ser_core.features.pitch import HOP_S, pitch

Floats = NDArray[np.floating]
Frames = NDArray[np.float64]  # shape (frames, descriptors)

_PERCENTILES = (5, 25, 50, 75, 95)
_SHAPE = 14  # descriptors of `_shape`
_TRACK_NUMBERS = 3 * (2 + len(_PERCENTILES)) + 2  # statistics of three orders and the course
_VOICE = 2 + len(_PERCENTILES) + 2 + 2 + 4 + 9  # melody, then rhythm
_PITCH_LEAD = 2  # the first frame of `pitch` is centred 20 ms into the window, two frames of ours
_REFERENCE_HZ = 100.0  # of semitones
_MIN_VOICED = 3  # frames; below, a voice has no melody to describe
_OCTAVE_JUMP = 3.0  # semitones in 10 ms: an error of the tracker, not a voice
_ACTIVE_DB = -30.0  # a frame this far below the loudest is a pause
_FLOOR_DB = -60.0  # below the loudest point of the spectra: what is weaker is the room's


def width(n_mels: int) -> int:
    """Numbers of a vector."""
    return (n_mels + 1 + _SHAPE) * _TRACK_NUMBERS + _VOICE


def functionals(
    samples: NDArray[np.float32], power: NDArray[np.float32], log_mel_db: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Functionals of one window.

    Args:
        samples: shape (n,), float32, 16 kHz, scaled to unit power.
        power: shape (n_fft // 2 + 1, frames), its spectra, 10 ms apart.
        log_mel_db: shape (n_mels, frames), the mel bands of these spectra in dB, limited below.

    Returns:
        Shape (width(n_mels),), float32, finite; levels in dB, pitch in semitones, times in s.
    """
    power = power + max(float(power.max()), 1e-10) * 10 ** (_FLOOR_DB / 10)
    energy_db = 10 * np.log10(power.sum(axis=0))
    energy_db -= energy_db.mean()
    tracks = np.column_stack([log_mel_db.T, energy_db, _shape(power)])
    active = energy_db > energy_db.max() + _ACTIVE_DB
    semitones = _semitones(samples, len(tracks))
    parts = [
        _statistics(tracks),
        _statistics(_difference(tracks)),
        _statistics(_difference(_difference(tracks))),
        _course(tracks),
        _melody(semitones),
        _rhythm(np.isfinite(semitones), active),
    ]
    return np.concatenate(parts).astype(np.float32)


def _statistics(frames: Frames) -> NDArray[np.float64]:
    """Mean, deviation and percentiles of each descriptor."""
    percentiles = np.percentile(frames, _PERCENTILES, axis=0)
    return np.concatenate([frames.mean(axis=0), frames.std(axis=0), percentiles.ravel()])


def _difference(frames: Frames) -> Frames:
    """Slope of the least-squares line through five frames, per frame."""
    padded = np.pad(frames, ((2, 2), (0, 0)), mode="edge")
    near, far = padded[3:-1] - padded[1:-3], padded[4:] - padded[:-4]
    return (near + 2 * far) / 10


def _course(frames: Frames) -> NDArray[np.float64]:
    """How much of a line and of a parabola over the window there is in each descriptor."""
    time = np.linspace(-1, 1, len(frames))
    shapes = np.stack([time, time**2 - np.mean(time**2)])
    shapes /= np.sqrt(np.mean(shapes**2, axis=1, keepdims=True))
    return (shapes @ frames / len(frames)).ravel()


def _shape(power: Floats) -> Frames:
    """The shape of each spectrum: where its power lies, how it falls, how noisy it is."""
    hz = np.fft.rfftfreq(2 * len(power) - 2, 1 / SAMPLE_RATE_HZ)
    share = power / power.sum(axis=0)
    level_db = 10 * np.log10(power)
    centroid = hz @ share
    spread = np.sqrt(np.maximum(hz**2 @ share - centroid**2, 0))
    below = np.cumsum(share, axis=0)
    rolloff = [hz[(below < part).sum(axis=0)] for part in (0.25, 0.5, 0.85, 0.95)]
    in_hz = np.log(np.stack([centroid, spread, *rolloff]) + 50)
    flatness = level_db.mean(axis=0) - 10 * np.log10(power.mean(axis=0))
    entropy = -(share * np.log(share)).sum(axis=0)
    jump = np.diff(np.sqrt(share), axis=1, prepend=np.sqrt(share[:, :1]))
    flux = np.log(np.sqrt((jump**2).sum(axis=0)) + 1e-3)
    low, high = _band(hz, 50, 1000), _band(hz, 1000, 5000)
    alpha = 10 * np.log10(power[low].sum(axis=0) / power[high].sum(axis=0))
    low, high = _band(hz, 0, 2000), _band(hz, 2000, 5000)
    hammarberg = level_db[low].max(axis=0) - level_db[high].max(axis=0)
    slopes = [_slope(hz, level_db, *edges) for edges in ((0, 500), (500, 1500), (1500, 6000))]
    return np.stack([*in_hz, flatness, entropy, flux, alpha, hammarberg, *slopes], axis=1)


def _band(hz: Floats, low_hz: float, high_hz: float) -> slice:
    return slice(*np.searchsorted(hz, (low_hz, high_hz)))


def _slope(hz: Floats, level_db: Floats, low_hz: float, high_hz: float) -> Floats:
    """Least-squares slope of a band in dB per kHz."""
    band = _band(hz, low_hz, high_hz)
    khz = (hz[band] - hz[band].mean()) / 1000
    return khz @ level_db[band] / (khz @ khz)


def _semitones(samples: NDArray[np.float32], frames: int) -> NDArray[np.float64]:
    """Pitch of each frame in semitones above 100 Hz; NaN where it is not voiced."""
    _, f0_hz = pitch(samples)
    nearest = np.clip(np.arange(frames) - _PITCH_LEAD, 0, f0_hz.size - 1)
    return 12 * np.log2(f0_hz[nearest] / _REFERENCE_HZ)


def _melody(semitones: NDArray[np.float64]) -> NDArray[np.float64]:
    """Height, range and course of the pitch; size of its steps, upward and downward."""
    steps = np.diff(semitones)
    steps = steps[np.abs(steps) < _OCTAVE_JUMP]  # drops NaN, too
    voiced = semitones[np.isfinite(semitones)]
    if min(voiced.size, steps.size) < _MIN_VOICED:
        voiced, steps = np.zeros(_MIN_VOICED), np.zeros(_MIN_VOICED)
    voiced = voiced[:, None]
    third = max(len(voiced) // 3, 1)
    ends = np.array([np.median(voiced[:third]), np.median(voiced[-third:])]) - np.median(voiced)
    sizes = [steps.std(), np.abs(steps).mean(), *np.percentile(steps, (10, 90))]
    return np.concatenate([_statistics(voiced), _course(voiced), ends, sizes])


def _rhythm(voiced: NDArray[np.bool_], active: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Shares of voiced and loud frames; voiced stretches a second; lengths of these and of gaps."""
    stretches, gaps = _lengths_s(voiced), _lengths_s(~voiced)
    duration_s = voiced.size * HOP_S
    shares = [voiced.mean(), active.mean(), np.count_nonzero(stretches) / duration_s]
    lengths = [f(part) for part in (stretches, gaps) for f in (np.mean, np.std, np.max)]
    return np.array([*shares, *lengths])


def _lengths_s(flags: NDArray[np.bool_]) -> Floats:
    """Lengths of the runs of true flags in s; one of 0 where there is none."""
    edges = np.flatnonzero(np.diff(flags.astype(np.int8), prepend=0, append=0))
    lengths = (edges[1::2] - edges[::2]) * HOP_S
    return lengths if lengths.size else np.zeros(1)

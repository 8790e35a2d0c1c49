"""How loud a sound is, and the outline that a waveform is drawn with."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ser_core.audio.clip import SAMPLE_RATE_HZ, AudioClip

FLOOR_DBFS = -120.0  # reported for digital silence instead of minus infinity
_BINS = 1000

# Gating of ITU-R BS.1770: pauses must not count against a voice.
_BLOCK_S = 0.4
_STEP_S = 0.1
_ABSOLUTE_GATE_DBFS = -70.0
_RELATIVE_GATE_DB = 10.0

# Squares of half an hour would take 230 MB, so they are summed piece by piece.
_ROWS = 60
_PIECE = 2**20


@dataclass(frozen=True, slots=True, eq=False)
class Envelope:
    """What a waveform of any length looks like.

    Attributes:
        time: middle of each part in seconds, shape (n,).
        low: smallest sample of each part, scaled to the clip's peak.
        high: largest sample of each part, scaled alike.
    """

    time: NDArray[np.float64]
    low: NDArray[np.float32]
    high: NDArray[np.float32]

    @classmethod
    def of(cls, clip: AudioClip, bins: int = _BINS) -> "Envelope":
        """Smallest and largest sample of equal parts of a clip, in one pass.

        Args:
            clip: of any length.
            bins: parts; a clip with fewer samples gets one part a sample.
        """
        low, high = extremes(clip.samples, bins)
        if not low.size:
            return cls(np.zeros(0), low, high)
        peak = max(-float(low.min()), float(high.max()), 1e-9)
        edges = np.append(_starts(clip.samples.size, bins), clip.samples.size)
        return cls((edges[:-1] + edges[1:]) / 2 / clip.sample_rate_hz, low / peak, high / peak)


def extremes(
    samples: NDArray[np.float32], n: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Least and greatest sample in each of at most n equal parts.

    Args:
        samples: shape (m,), float32.
        n: parts.

    Returns:
        low, high: shape (min(n, m),), float32.
    """
    starts = _starts(samples.size, n)
    if not samples.size:
        return samples, samples
    return np.minimum.reduceat(samples, starts), np.maximum.reduceat(samples, starts)


def peaks(samples: NDArray[np.float32], n: int) -> NDArray[np.float32]:
    """Peak envelope: the greatest magnitude in each of n equal parts.

    Args:
        samples: shape (m,), float32, m >= n, or none at all.
        n: parts.

    Returns:
        Shape (n,), float32, in the samples' own scale.
    """
    low, high = extremes(samples, n)
    return np.maximum(-low, high) if samples.size else np.zeros(n, np.float32)


def loudness_dbfs(clip: AudioClip) -> float:
    """Gated RMS level in dB relative to full scale, without frequency weighting."""
    power = _block_power(clip)
    power = power[power > 10 ** (_ABSOLUTE_GATE_DBFS / 10)]
    if not power.size:
        return dbfs(rms(clip.samples))
    gate = power.mean() * 10 ** (-_RELATIVE_GATE_DB / 10)
    return 10 * float(np.log10(power[power >= gate].mean()))


def rms(samples: NDArray[np.float32]) -> float:
    """Root mean square, 0 for no samples."""
    if not samples.size:
        return 0.0
    pieces = (samples[i : i + _PIECE] for i in range(0, samples.size, _PIECE))
    return float(np.sqrt(sum(np.square(p, dtype=np.float64).sum() for p in pieces) / samples.size))


def dbfs(amplitude: float) -> float:
    """An amplitude in dB relative to full scale, not below the floor."""
    return max(20 * float(np.log10(amplitude)), FLOOR_DBFS) if amplitude > 0 else FLOOR_DBFS


def levels_dbfs(samples: NDArray[np.float32], step_s: float) -> list[float]:
    """RMS level of each part of about `step_s` seconds of a sound at 16 kHz."""
    starts = _starts(samples.size, round(samples.size / (step_s * SAMPLE_RATE_HZ)))
    if not starts.size:
        return []
    sums = np.add.reduceat(np.square(samples, dtype=np.float64), starts)
    power = sums / np.diff(starts, append=samples.size)
    return (10 * np.log10(np.maximum(power, 10 ** (FLOOR_DBFS / 10)))).tolist()


def _block_power(clip: AudioClip) -> NDArray[np.float64]:
    """Mean power of blocks of 0.4 s that overlap by 0.3 s; one shorter block for a short clip."""
    step = round(_STEP_S * clip.sample_rate_hz)
    steps = clip.samples.size // step
    per_block = round(_BLOCK_S / _STEP_S)
    if steps < per_block:
        return np.array([rms(clip.samples) ** 2])
    rows = clip.samples[: steps * step].reshape(steps, step)
    pieces = (rows[i : i + _ROWS] for i in range(0, steps, _ROWS))
    power = np.concatenate([np.square(p, dtype=np.float64).mean(axis=1) for p in pieces])
    return np.convolve(power, np.full(per_block, 1 / per_block), mode="valid")


def _starts(size: int, parts: int) -> NDArray[np.int64]:
    return np.unique(np.linspace(0, size, parts, endpoint=False).astype(np.int64))

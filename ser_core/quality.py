"""Whether a recording is good enough to judge: loudness, peak, clipping, share of speech."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ser_core.audio import CLIPPING_LEVEL, AudioClip

FLOOR_DBFS = -120.0  # reported for digital silence instead of minus infinity
QUIET_DBFS = -62.0  # the quietest RAVDESS clip lies at -60; below, noise reaches the features
CLIPPED_SHARE = 0.001
MIN_SPEECH_S = 1.0

# Gating of ITU-R BS.1770: pauses must not count against a voice.
_BLOCK_S = 0.4
_STEP_S = 0.1
_ABSOLUTE_GATE_DBFS = -70.0
_RELATIVE_GATE_DB = 10.0

# Squares of half an hour would take 230 MB, so they are summed piece by piece.
_ROWS = 600
_PIECE = 2**20


@dataclass(frozen=True, slots=True)
class Quality:
    """The facts about a recording and what they mean.

    Attributes:
        loudness_dbfs: RMS level of the parts that are not pauses, in dB relative to full scale.
        peak_dbfs: largest absolute sample, in dB relative to full scale.
        clipped_share: share of samples at full scale, in [0, 1].
        speech_s: seconds of speech.
        duration_s: length in seconds.
        verdict: one sentence.
    """

    loudness_dbfs: float
    peak_dbfs: float
    clipped_share: float
    speech_s: float
    duration_s: float
    verdict: str


def quality(clip: AudioClip, speech_s: float, clipped_share: float | None = None) -> Quality:
    """Judge a recording.

    Args:
        clip: the recording.
        speech_s: seconds of speech in it.
        clipped_share: share of clipped samples where it was counted before folding and
            resampling, which smooth clipping away; counted in the clip by default.
    """
    loudness = loudness_dbfs(clip)
    if clipped_share is None:
        clipped_share = clipped(clip.samples)
    verdict = _verdict(loudness, clipped_share, speech_s)
    peak = dbfs(float(max(clip.samples.max(initial=0.0), -clip.samples.min(initial=0.0))))
    return Quality(loudness, peak, clipped_share, speech_s, clip.duration_s, verdict)


def loudness_dbfs(clip: AudioClip) -> float:
    """Gated RMS level in dB relative to full scale, without frequency weighting."""
    power = _block_power(clip)
    power = power[power > 10 ** (_ABSOLUTE_GATE_DBFS / 10)]
    if not power.size:
        return dbfs(rms(clip.samples))
    gate = power.mean() * 10 ** (-_RELATIVE_GATE_DB / 10)
    return 10 * float(np.log10(power[power >= gate].mean()))


def clipped(samples: NDArray[np.float32]) -> float:
    """Share of samples at full scale, in [0, 1]."""
    return float(np.mean(np.abs(samples) >= CLIPPING_LEVEL)) if samples.size else 0.0


def rms(samples: NDArray[np.float32]) -> float:
    """Root mean square, 0 for no samples."""
    if not samples.size:
        return 0.0
    pieces = (samples[i : i + _PIECE] for i in range(0, samples.size, _PIECE))
    return float(np.sqrt(sum(np.square(p, dtype=np.float64).sum() for p in pieces) / samples.size))


def dbfs(amplitude: float) -> float:
    """An amplitude in dB relative to full scale, not below the floor."""
    return max(20 * float(np.log10(amplitude)), FLOOR_DBFS) if amplitude > 0 else FLOOR_DBFS


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


def _verdict(loudness: float, clipped_share: float, speech_s: float) -> str:
    if speech_s == 0:
        return "No speech to judge"
    if loudness < QUIET_DBFS:
        return "Too quiet to judge"
    if clipped_share > CLIPPED_SHARE:
        percent = f"{100 * clipped_share:.1f}\N{NO-BREAK SPACE}%"
        return f"Clipped in {percent} of its samples; the answer may be off."
    if speech_s < MIN_SPEECH_S:
        return "Little speech; the answer may be off."
    return "Good enough to judge"

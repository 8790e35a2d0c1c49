"""Whether a recording is good enough to judge: loudness, peak, clipping, share of speech."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ser_core.audio.clip import CLIPPING_LEVEL, AudioClip
from ser_core.audio.levels import dbfs, loudness_dbfs
from ser_core.formatting import percent

QUIET_DBFS = -62.0  # the quietest RAVDESS clip lies at -60; below, noise reaches the features
CLIPPED_SHARE = 0.001
MIN_SPEECH_S = 1.0


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


def quality(
    clip: AudioClip, speech_s: float, clipped_share: float | None = None, raised_db: float = 0.0
) -> Quality:
    """Judge a recording.

    Args:
        clip: the recording.
        speech_s: seconds of speech in it.
        clipped_share: share of clipped samples where it was counted before folding and
            resampling, which smooth clipping away; counted in the clip by default.
        raised_db: by how much the clip is louder than the recording was.
    """
    loudness = loudness_dbfs(clip) - raised_db
    if clipped_share is None:
        clipped_share = clipped(clip.samples)
    verdict = _verdict(loudness, clipped_share, speech_s)
    peak = dbfs(float(max(clip.samples.max(initial=0.0), -clip.samples.min(initial=0.0))))
    return Quality(loudness, peak - raised_db, clipped_share, speech_s, clip.duration_s, verdict)


def clipped(samples: NDArray[np.float32]) -> float:
    """Share of samples at full scale, in [0, 1]."""
    return float(np.mean(np.abs(samples) >= CLIPPING_LEVEL)) if samples.size else 0.0


def _verdict(loudness: float, clipped_share: float, speech_s: float) -> str:
    if speech_s == 0:
        return "No speech to judge"
    if loudness < QUIET_DBFS:
        return "Very quiet; the answer may be off."
    if clipped_share > CLIPPED_SHARE:
        return f"Clipped in {percent(clipped_share, 1)} of its samples; the answer may be off."
    if speech_s < MIN_SPEECH_S:
        return "Little speech; the answer may be off."
    return "Good enough to judge"

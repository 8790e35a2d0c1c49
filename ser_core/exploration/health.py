"""What an index tells about the recordings of a corpus, and what gives their label away.

The indexes are computed from copies at 16 kHz: what resampling smooths away, such as the flat tops
of clipped waves, is found less often than in the files themselves.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ser_core.audio.quality import CLIPPED_SHARE
from ser_core.emotions import Emotion
from ser_core.evaluation.intervals import Estimate, estimates
from ser_core.evaluation.predictions import Predictions

FULL_SCALE_DBFS = -0.1  # a peak this near to full scale was put there, or cut off
MARGIN_DB = 20.0  # of speech above the sound around it; below, noise reaches the features
SHORTEST_S, LONGEST_S = 0.5, 15.0
FENCES = 3.0  # interquartile ranges beyond the quartiles: Tukey's "far out"


def clipped_clips(clips: pd.DataFrame) -> pd.DataFrame:
    """Clips with more samples at full scale than a careful recording has, worst first.

    Args:
        clips: rows of a corpus index.

    Returns:
        Columns clip, clipped_share in [0, 1], peak_dbfs.
    """
    columns = ["clip", "clipped_share", "peak_dbfs"]
    clipped = clips.loc[clips["clipped_share"] > CLIPPED_SHARE, columns]
    return clipped.sort_values("clipped_share", ascending=False, kind="stable")


def at_full_scale(clips: pd.DataFrame) -> int:
    """How many clips peak at full scale."""
    return int((clips["peak_dbfs"] >= FULL_SCALE_DBFS).sum())


def quietest(clips: pd.DataFrame, count: int) -> pd.DataFrame:
    """The clips of lowest level, quietest first.

    Returns:
        Columns clip, loudness_dbfs.
    """
    levels = clips[["clip", "loudness_dbfs"]].dropna()
    return levels.sort_values("loudness_dbfs", kind="stable").head(count)


def silences(clips: pd.DataFrame) -> pd.DataFrame:
    """What of each clip lies before and after its voice, most silent first.

    Returns:
        Columns clip, before_s, after_s, silent_share in [0, 1].
    """
    before, after = clips["onset_s"], clips["duration_s"] - clips["offset_s"]
    table = pd.DataFrame(
        {
            "clip": clips["clip"],
            "before_s": before,
            "after_s": after,
            "silent_share": (before + after) / clips["duration_s"],
        }
    )
    return table.sort_values("silent_share", ascending=False, kind="stable")


def noisy_clips(clips: pd.DataFrame) -> pd.DataFrame:
    """Clips whose speech is less than `MARGIN_DB` above what is heard around it, worst first.

    Returns:
        Columns clip, margin_db, noise_dbfs, loudness_dbfs.
    """
    margins = clips[["clip", "noise_dbfs", "loudness_dbfs"]].copy()
    margins.insert(1, "margin_db", clips["loudness_dbfs"] - clips["noise_dbfs"])
    return margins[margins["margin_db"] < MARGIN_DB].sort_values("margin_db", kind="stable")


@dataclass(frozen=True, slots=True)
class Range:
    """What durations are usual, in seconds."""

    low_s: float
    high_s: float


def usual_durations(clips: pd.DataFrame) -> Range:
    """From 3 interquartile ranges below the first quartile to as far above the third.

    Never wider than from `SHORTEST_S` to `LONGEST_S`.
    """
    low, high = np.percentile(clips["duration_s"].to_numpy(np.float64), [25, 75])
    reach = FENCES * (high - low)
    return Range(float(max(low - reach, SHORTEST_S)), float(min(high + reach, LONGEST_S)))


def odd_durations(clips: pd.DataFrame) -> pd.DataFrame:
    """Clips that are shorter or longer than usual, shortest first.

    Returns:
        Columns clip, duration_s.
    """
    usual = usual_durations(clips)
    odd = ~clips["duration_s"].between(usual.low_s, usual.high_s)
    return clips.loc[odd, ["clip", "duration_s"]].sort_values("duration_s", kind="stable")


def identical(index: pd.DataFrame) -> list[tuple[str, ...]]:
    """Groups of clips that hold the same samples under several names."""
    clips = index.dropna(subset=["sound_sha256"])
    twice = clips[clips.duplicated("sound_sha256", keep=False)]
    return [tuple(group) for _, group in twice.groupby("sound_sha256", sort=False)["clip"]]


def class_means(clips: pd.DataFrame, column: str) -> pd.Series:
    """Mean of a column per emotion that has a value, in display order."""
    means = clips.groupby("emotion")[column].mean().dropna().astype(float)
    return means.reindex([str(e) for e in Emotion if str(e) in means.index])


def recall_by(clips: pd.DataFrame, column: str) -> Estimate | None:
    """How well one number alone names the emotion of a speaker that was not heard before.

    Each speaker in turn is left out; a clip of theirs gets the emotion whose mean over the other
    speakers' clips lies nearest.

    Args:
        clips: rows of a corpus index; those without the number are left out.
        column: the number.

    Returns:
        Balanced recall with its 95 % interval over speakers; None where fewer than two speakers or
        two emotions are left, so that it cannot be told.
    """
    clips = clips.dropna(subset=[column])
    labels = tuple(str(e) for e in Emotion if (clips["emotion"] == e).any())
    speakers, speaker = np.unique(clips["speaker"].to_numpy(str), return_inverse=True)
    if len(labels) < 2 or speakers.size < 2:
        return None
    truth = clips["emotion"].map(labels.index).to_numpy(np.int64)
    values = clips[column].to_numpy(np.float64)
    means = _means_of_others(values, speaker, truth, (speakers.size, len(labels)))
    away = np.abs(values[:, np.newaxis] - means[speaker])
    predicted = np.where(np.isnan(away), np.inf, away).argmin(axis=1)
    unsure = np.zeros((values.size, len(labels)))  # a nearest mean gives no probabilities
    answers = Predictions(labels, truth, predicted, unsure, clips["speaker"].to_numpy(object))
    return estimates(answers)["ua"]


def _means_of_others(
    values: NDArray[np.float64],
    speaker: NDArray[np.int64],
    truth: NDArray[np.int64],
    shape: tuple[int, int],
) -> NDArray[np.float64]:
    """Per speaker and class the mean over everybody else's clips; NaN where there is none."""
    cell = speaker * shape[1] + truth
    sums = np.bincount(cell, values, minlength=shape[0] * shape[1]).reshape(shape)
    counts = np.bincount(cell, minlength=shape[0] * shape[1]).reshape(shape)
    left = counts.sum(axis=0) - counts
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(left > 0, (sums.sum(axis=0) - sums) / left, np.nan)

"""A recording as the player in the browser draws it: numbers, not figures."""

import json
from base64 import b64encode
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ser_core.acoustics.display import log_mel_db
from ser_core.analysis.explanation import Explanation
from ser_core.analysis.timeline import Segment, Timeline
from ser_core.audio.clip import AudioClip
from ser_core.audio.levels import extremes
from ser_core.emotions import Emotion
from ser_core.features.spectra import to_mel
from ser_core.plots.kit.spectrogram import FLOOR_DB, FREQUENCIES, HIGHEST_HZ
from ser_core.plots.result.stack import knots, stack

_LONGEST_SPECTROGRAM_S = 60.0
_BINS_PER_S, _LEAST_BINS, _MOST_BINS = 100, 4000, 120_000
_WHOLE = 10_000  # a share of 1 in the picture
_LEAST_RANGE = 10.0  # points: noise of a point or two shall look small

Marks = tuple[tuple[str, float], ...]  # texts beside a row, at shares of its height from the top


@dataclass(frozen=True, slots=True)
class Curve:
    """Why an answer: fall of its score without each piece of sound, in points."""

    emotion: Emotion
    times: list[float]
    drops: list[float]
    low: float
    high: float
    marks: Marks


@dataclass(frozen=True, slots=True)
class Spectrogram:
    """Loudness: a byte a moment and band, bands from the lowest up, 255 being the loudest."""

    start: float
    end: float
    bands: int
    levels: bytes
    marks: Marks


def picture(clip: AudioClip, timeline: Timeline | None = None) -> bytes:
    """Waveform and probabilities of a recording as JSON, its numbers in base64.

    Args:
        clip: the recording.
        timeline: its result; without one there are no probabilities.

    Returns:
        `low` and `high`: int8, evenly over the duration, 127 being the peak. `time`: float32,
        seconds; `edges`: per emotion in display order the upper edge of its share, uint16, 10000
        being all of it and 0 a pause.
    """
    bins = int(np.clip(clip.duration_s * _BINS_PER_S, _LEAST_BINS, _MOST_BINS))
    low, high = extremes(clip.samples, bins)
    peak = max(-float(low.min()), float(high.max()), 1e-9) if low.size else 1.0
    numbers: dict[str, object] = {
        "low": _packed(np.round(127 * low / peak), np.int8),
        "high": _packed(np.round(127 * high / peak), np.int8),
    }
    if timeline is not None and timeline.segments:
        drawn = stack(knots(timeline))
        shares = np.cumsum(list(drawn.shares.values()), axis=0) * (_WHOLE / 100)
        edges = zip(drawn.shares, np.round(shares), strict=True)
        numbers["time"] = _packed(drawn.time, np.float32)
        numbers["edges"] = {e.value: _packed(edge, np.uint16) for e, edge in edges}
    return json.dumps(numbers).encode()


def curve(found: Explanation) -> Curve:
    """The curve of an explanation; its first and last piece reach to the ends of the window."""
    drops = np.concatenate([found.drops[:1], found.drops, found.drops[-1:]])
    low, high = min(float(drops.min()), 0.0), max(float(drops.max()), _LEAST_RANGE)
    return Curve(
        found.emotion,
        [found.start_s, *np.round(found.times_s, 3).tolist(), found.end_s],
        np.round(drops, 2).tolist(),
        low,
        high,
        ((f"{high:.0f} pts", 0.06), ("0", 0.06 + 0.9 * high / (high - low))),
    )


def spectrogram_span(timeline: Timeline, segment: Segment) -> tuple[float, float]:
    """Seconds of which the spectrogram is shown: all, or what surrounds a segment."""
    if timeline.duration_s <= _LONGEST_SPECTROGRAM_S:
        return 0.0, timeline.duration_s
    middle_s, half_s = (segment.start_s + segment.end_s) / 2, _LONGEST_SPECTROGRAM_S / 2
    start_s = min(max(middle_s - half_s, 0.0), timeline.duration_s - 2 * half_s)
    return start_s, start_s + 2 * half_s


def spectrogram(clip: AudioClip, start_s: float, end_s: float) -> Spectrogram:
    """Log-mel spectrogram of a part of a recording."""
    mel_db = log_mel_db(clip.cut(start_s, end_s).samples)
    levels = np.clip(1 - mel_db / FLOOR_DB, 0, 1) * 255
    marks = [(text, 1 - to_mel(hz) / to_mel(HIGHEST_HZ)) for hz, text in FREQUENCIES.items()]
    return Spectrogram(
        start_s, end_s, len(mel_db), np.round(levels).astype(np.uint8).tobytes(), tuple(marks)
    )


def _packed(values: NDArray[np.floating], dtype: type[np.number]) -> str:
    """Little-endian numbers in base64."""
    return b64encode(values.astype(np.dtype(dtype).newbyteorder("<")).tobytes()).decode("ascii")

"""One clip to look at: its views one above the other, on one time axis."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from ser_core.acoustics.tracks import Ghost, Views
from ser_core.emotions import Emotion
from ser_core.plots.kit import clip_rows as parts
from ser_core.plots.kit.spectrogram import mel_axis, mel_trace
from ser_core.plots.theme import Theme, base_layout

ROWS_PX = {"waveform": 76, "spectrogram": 150, "mfcc": 110, "pitch": 84, "energy": 84}
CURVES = ("waveform", "spectrogram", "pitch", "energy")
CEPSTRUM = ("waveform", "spectrogram", "mfcc")
_AXES = {"waveform": "y", "spectrogram": "y2", "pitch": "y3", "energy": "y4", "mfcc": "y5"}
_ENVELOPE_PX = 88
_LABELS_PX = 58  # room for four digits beside an axis
_FIXED = {"automargin": False}  # else Plotly draws everything again once it has measured the labels


def clip_views(
    views: Views,
    emotion: Emotion | str,
    theme: Theme,
    rows: tuple[str, ...] = CURVES,
    ghost: Ghost | None = None,
) -> go.Figure:
    """Views of a clip, one above the other.

    Args:
        views: of the clip.
        emotion: gives the waveform its colour.
        theme: colours.
        rows: those that are drawn, of ROWS_PX.
        ghost: what stands behind pitch and energy, dashed.
    """
    shown = {row: px for row, px in ROWS_PX.items() if row in rows}
    height, domains = parts.stacked(shown)
    traces = [trace for row in shown for trace in _traces(row, views, emotion, theme, ghost)]
    layout = base_layout(theme, height, margin=_margin() | {"l": _LABELS_PX})
    time_axis = parts.time_axis(0, views.duration_s, _AXES[next(reversed(shown))])
    layout["xaxis"] = time_axis | _FIXED
    for row in shown:
        axis = _axis(row, views, ghost) | _FIXED
        layout[_AXES[row].replace("y", "yaxis")] = {**axis, "domain": domains[row]}
    if ghost is not None and "pitch" in shown:
        layout["annotations"] = [
            parts.words("dashed: own neutral", domains["pitch"], theme, x=1, side="right")
        ]
    return go.Figure(traces, layout)


def _traces(
    row: str, views: Views, emotion: Emotion | str, theme: Theme, ghost: Ghost | None
) -> list[parts.Trace]:
    if row == "waveform":
        return [parts.waveform(views.low, views.high, views.duration_s, theme.colour(emotion))]
    if row == "spectrogram":
        return [mel_trace(views.mel_db, 0.0, theme)]
    if row == "mfcc":
        return [parts.mfcc_trace(views.mfcc, theme)]
    own, behind = parts.solid(theme.ink), parts.dashed(theme.muted)
    if row == "pitch":
        back = ghost and parts.pitch(ghost.times_s, ghost.f0_hz, behind, "own neutral")
        front = parts.pitch(views.times_s, views.f0_hz, own, "pitch")
    else:
        back = ghost and parts.energy(ghost.level_times_s, ghost.level_dbfs, behind, "own neutral")
        front = parts.energy(views.frames_s, views.level_dbfs, own, "energy")
    return [back, front] if back else [front]


def _axis(row: str, views: Views, ghost: Ghost | None) -> parts.Axis:
    if row == "waveform":
        return parts.amplitude_axis(views.low, views.high)
    if row == "spectrogram":
        return mel_axis((0, 1))
    if row == "mfcc":
        return parts.mfcc_axis(len(views.mfcc))
    if row == "pitch":
        return parts.pitch_axis(views.f0_hz, *([ghost.f0_hz] if ghost else []))
    return parts.energy_axis(views.level_dbfs, *([ghost.level_dbfs] if ghost else []))


def clip_envelope(
    envelope: NDArray[np.uint8], duration_s: float, emotion: Emotion | str, theme: Theme
) -> go.Figure:
    """Outline of a clip's loudness, for clips whose sound is not on this machine.

    Args:
        envelope: shape (n,), peaks of n equal parts of the clip; only their ratios count.
        duration_s: length of the clip in seconds.
        emotion: gives the outline its colour.
        theme: colours.
    """
    peaks = relative(envelope)
    height, _ = parts.stacked({"waveform": _ENVELOPE_PX})
    layout = base_layout(theme, height, margin=_margin())
    layout["xaxis"] = parts.time_axis(0, duration_s, "y")
    layout["yaxis"] = parts.amplitude_axis(-peaks, peaks)
    return go.Figure([parts.waveform(-peaks, peaks, duration_s, theme.colour(emotion))], layout)


def relative(envelope: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Peaks in [0, 1], the highest of them 1; shape and order stay."""
    peaks = np.asarray(envelope, dtype=np.float32)
    return peaks / max(float(peaks.max(initial=0)), 1.0)


def envelope_table(envelope: NDArray[np.uint8], duration_s: float) -> pd.DataFrame:
    """The numbers behind `clip_envelope`: time_s of each part's middle, and its peak."""
    peaks = np.asarray(envelope)
    times_s = (np.arange(peaks.size) + 0.5) * duration_s / max(peaks.size, 1)
    return pd.DataFrame({"time_s": times_s.round(3), "peak": peaks})


def _margin() -> dict[str, int]:
    return {"l": 8, "r": 8, "t": parts.TOP_PX, "b": parts.BOTTOM_PX}

"""Two clips stacked on one time axis, which starts where each voice begins."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from ser_core.acoustics.tracks import Views
from ser_core.emotions import Emotion
from ser_core.features.pitch import HOP_S
from ser_core.plots.dataset.clip import relative
from ser_core.plots.kit import clip_rows as parts
from ser_core.plots.kit.spectrogram import mel_axis, mel_trace
from ser_core.plots.theme import Theme, base_layout

_TIME = "seconds from the onset of speech"
_TOP_PX = 22  # the first row has words above it
_ROWS_PX = {
    "waveform A": 66,
    "spectrogram A": 118,
    "waveform B": 66,
    "spectrogram B": 118,
    "pitch": 96,
    "energy": 96,
}
_AXES = {
    "waveform A": "y",
    "spectrogram A": "y2",
    "pitch": "y3",
    "energy": "y4",
    "waveform B": "y5",
    "spectrogram B": "y6",
}


@dataclass(frozen=True, slots=True)
class Side:
    """One of two clips.

    Attributes:
        name: what is written above it, such as "A: angry, strong"; trusted HTML.
        emotion: gives its waveform its colour.
        onset_s: where its speech begins.
        duration_s: its length in seconds.
        envelope: shape (n,), uint8, peaks of n equal parts.
        views: what its sound shows; None where the sound is not here.
    """

    name: str
    emotion: Emotion | str
    onset_s: float
    duration_s: float
    envelope: NDArray[np.uint8]
    views: Views | None = None


def two_clips(a: Side, b: Side, theme: Theme) -> go.Figure:
    """Waveform and spectrogram of each, pitch and energy of both; outlines alone without sound.

    Args:
        a: drawn first, its curves solid.
        b: its curves dashed.
        theme: colours.
    """
    traces: list[parts.Trace] = []
    axes: dict[str, parts.Axis] = {}
    for letter, side in (("A", a), ("B", b)):
        row = f"waveform {letter}"
        low, high = _outline(side, a, b)
        traces.append(
            parts.waveform(
                low,
                high,
                side.duration_s,
                theme.colour(side.emotion),
                start_s=-side.onset_s,
                yaxis=_AXES[row],
                name=row,
            )
        )
        axes[row] = parts.amplitude_axis(low, high)
    if a.views is not None and b.views is not None:
        heard = [("A", a, a.views, parts.solid(theme.ink))]
        heard += [("B", b, b.views, parts.dashed(theme.muted))]
        for letter, side, views, line in heard:
            row, name = f"spectrogram {letter}", side.name
            traces.append(
                {**mel_trace(views.mel_db, -side.onset_s, theme), "yaxis": _AXES[row], "name": row}
            )
            axes[row] = mel_axis((0, 1))
            traces.append(parts.pitch(views.times_s - side.onset_s, views.f0_hz, line, name))
            traces.append(parts.energy(views.frames_s - side.onset_s, views.level_dbfs, line, name))
        axes["pitch"] = parts.pitch_axis(a.views.f0_hz, b.views.f0_hz)
        axes["energy"] = parts.energy_axis(a.views.level_dbfs, b.views.level_dbfs)
    return go.Figure(traces, _layout(axes, a, b, theme))


def _outline(side: Side, a: Side, b: Side) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Of the sound where both are here, else of the index: the two must look alike."""
    if a.views is None or b.views is None or side.views is None:
        peaks = relative(side.envelope)
        return -peaks, peaks
    return side.views.low, side.views.high


def _layout(axes: dict[str, parts.Axis], a: Side, b: Side, theme: Theme) -> dict[str, object]:
    rows = {row: px for row, px in _ROWS_PX.items() if row in axes}
    height, domains = parts.stacked(rows, _TOP_PX)
    layout = base_layout(theme, height, margin={"l": 8, "r": 8, "t": _TOP_PX, "b": parts.BOTTOM_PX})
    start_s = -max(a.onset_s, b.onset_s)
    end_s = max(a.duration_s - a.onset_s, b.duration_s - b.onset_s)
    layout["xaxis"] = parts.time_axis(start_s, end_s, _AXES[next(reversed(rows))], _TIME)
    for row in rows:
        layout[_AXES[row].replace("y", "yaxis")] = {**axes[row], "domain": domains[row]}
    above = {"waveform A": a.name, "waveform B": b.name}
    if "pitch" in rows:
        above["pitch"] = "solid: A, dashed: B"
    layout["annotations"] = [
        parts.words(text, domains[row], theme, x=0, side="left") for row, text in above.items()
    ]
    # speech begins here in both
    layout["shapes"] = [
        {
            "type": "line",
            "x0": 0,
            "x1": 0,
            "yref": "paper",
            "y0": 0,
            "y1": 1,
            "line": {"color": theme.faint, "width": 1, "dash": "dot"},
        }
    ]
    return layout


def two_clips_table(a: Side, b: Side) -> pd.DataFrame:
    """The numbers behind `two_clips`.

    Returns:
        With sound one row per 10 ms from the earlier start: time_s from the onset of speech, and
        pitch_hz and energy_dbfs of each clip, NaN where it has none. Without sound the peaks of
        both outlines, one row each, with time_s and clip ("A" or "B").
    """
    if a.views is None or b.views is None:
        outlines = []
        for letter, side in (("A", a), ("B", b)):
            n = max(len(side.envelope), 1)
            times_s = (np.arange(len(side.envelope)) + 0.5) * side.duration_s / n - side.onset_s
            outlines.append(
                pd.DataFrame({"clip": letter, "time_s": times_s.round(3), "peak": side.envelope})
            )
        return pd.concat(outlines, ignore_index=True)
    curves = {}
    for letter, side, views in (("a", a, a.views), ("b", b, b.views)):
        for name, times_s, values in (
            ("pitch_hz", views.times_s, views.f0_hz),
            ("energy_dbfs", views.frames_s, views.level_dbfs),
        ):
            rows = np.rint((times_s - side.onset_s) / HOP_S).astype(int)
            curves[f"{name}_{letter}"] = pd.Series(values.round(1), rows)
    table = pd.DataFrame(curves)
    table.insert(0, "time_s", (table.index * HOP_S).to_numpy().round(2))
    return table

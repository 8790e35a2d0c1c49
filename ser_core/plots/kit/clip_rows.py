"""The rows that the figures of clips are made of: plain Plotly traces and axes."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ser_core.features.pitch import HOP_S
from ser_core.plots.theme import NOTE_SIZE, Theme

Trace = dict[str, Any]
Axis = dict[str, Any]

TOP_PX, BOTTOM_PX = 8, 44
_GAP_PX = 26
_QUIETEST_DB = 60.0  # below the loudest frame: the room, not the voice
_MFCC_LIMIT = 3.0  # standard deviations


def stacked(rows_px: Mapping[str, int], top_px: int = TOP_PX) -> tuple[int, dict[str, list[float]]]:
    """Height of a figure of rows, and the domain of each.

    Args:
        rows_px: height of each row in px, from the top.
        top_px: room above the first row.

    Returns:
        The figure's height in px; per row the ends of its domain, in [0, 1].
    """
    inner = sum(rows_px.values()) + _GAP_PX * (len(rows_px) - 1)
    domains, end = {}, float(inner)
    for row, px in rows_px.items():
        domains[row] = [max(end - px, 0.0) / inner, end / inner]
        end -= px + _GAP_PX
    return inner + top_px + BOTTOM_PX, domains


def waveform(
    low: NDArray[np.float32],
    high: NDArray[np.float32],
    duration_s: float,
    colour: str,
    *,
    start_s: float = 0.0,
    yaxis: str = "y",
    name: str = "waveform",
) -> Trace:
    """Filled outline between the least and the greatest samples.

    Args:
        low: shape (n,).
        high: shape (n,).
        duration_s: time that the n parts fill.
        colour: of the clip's emotion.
        start_s: time of the first sample.
        yaxis: to draw on.
        name: of the trace.
    """
    middles = start_s + (np.arange(low.size) + 0.5) * duration_s / max(low.size, 1)
    return {
        "type": "scatter",
        "x": np.concatenate([middles, middles[::-1]]).astype(np.float32),
        "y": np.concatenate([high, low[::-1]]).astype(np.float32),
        "yaxis": yaxis,
        "mode": "lines",
        "fill": "toself",
        "fillcolor": colour,
        "line": {"width": 0.6, "color": colour},
        "hoverinfo": "skip",
        "name": name,
    }


def pitch(
    times_s: NDArray[np.float64], f0_hz: NDArray[np.float64], line: Mapping[str, Any], name: str
) -> Trace:
    """The melody on the third y axis; short voiced runs are seen by their points."""
    solid = "dash" not in line
    return {
        **_curve(times_s, f0_hz, line, name),
        "yaxis": "y3",
        "mode": "lines+markers" if solid else "lines",
        "marker": {"color": line["color"], "size": 3},
        "hovertemplate": f"{name}: %{{y:.0f}} Hz at %{{x:.2f}} s<extra></extra>",
    }


def energy(
    times_s: NDArray[np.float64],
    level_dbfs: NDArray[np.float64],
    line: Mapping[str, Any],
    name: str,
) -> Trace:
    """The level on the fourth y axis."""
    return {
        **_curve(times_s, level_dbfs, line, name),
        "yaxis": "y4",
        "mode": "lines",
        "hovertemplate": f"{name}: %{{y:.0f}} dBFS at %{{x:.2f}} s<extra></extra>",
    }


def _curve(
    times_s: NDArray[np.float64], values: NDArray[np.float64], line: Mapping[str, Any], name: str
) -> Trace:
    return {
        "type": "scatter",
        "x": times_s.astype(np.float32),
        "y": values.astype(np.float32),
        "line": dict(line),
        "name": name,
    }


def mfcc_trace(mfcc: NDArray[np.float32], theme: Theme) -> Trace:
    """Standardised MFCC of shape (13, m), frames 10 ms apart, on the fifth y axis."""
    return {
        "type": "heatmap",
        "x0": 0,
        "dx": HOP_S,
        "z": mfcc.round(2),
        "zmin": -_MFCC_LIMIT,
        "zmax": _MFCC_LIMIT,
        "colorscale": [list(step) for step in theme.diverging],
        "showscale": False,
        "hoverongaps": False,
        "yaxis": "y5",
        "name": "MFCC",
        "hovertemplate": "MFCC %{y} at %{x:.2f} s: %{z:+.1f} standard deviations<extra></extra>",
    }


def solid(colour: str) -> dict[str, Any]:
    """The line of the clip itself."""
    return {"color": colour, "width": 1.5}


def dashed(colour: str) -> dict[str, Any]:
    """The line of what the clip is compared with."""
    return {"color": colour, "width": 1.5, "dash": "3px,2px"}


def words(text: str, domain: list[float], theme: Theme, *, x: float, side: str) -> dict[str, Any]:
    """An annotation right above a row, at the left or the right end of the figure."""
    return {
        "text": text,
        "xref": "paper",
        "yref": "paper",
        "x": x,
        "y": domain[1],
        "xanchor": side,
        "yanchor": "bottom",
        "showarrow": False,
        "font": {"size": NOTE_SIZE, "color": theme.muted},
        "bgcolor": theme.background,  # a line may pass below
        "borderpad": 0,
    }


def time_axis(start_s: float, end_s: float, anchor: str, title: str = "time, s") -> Axis:
    """The one time axis, below the last row."""
    return {
        "title": title,
        "range": [start_s, end_s],
        "ticks": "",
        "nticks": 10,
        "anchor": anchor,
    }


def amplitude_axis(low: NDArray[np.float32], high: NDArray[np.float32]) -> Axis:
    """Symmetric, filled by the waveform; amplitudes are not read off."""
    peak = max(float(high.max(initial=0)), -float(low.min(initial=0)), 1e-3)
    return {"title": "amplitude", "showticklabels": False, "range": [-1.05 * peak, 1.05 * peak]}


def pitch_axis(*f0_hz: NDArray[np.float64]) -> Axis:
    """Wide enough for all of some melodies, and for an ordinary voice at least."""
    high = max((float(np.nanmax(f0)) for f0 in f0_hz if np.isfinite(f0).any()), default=0.0)
    return {
        "title": "pitch, Hz",
        "showgrid": True,
        "range": [60.0, max(400.0, 1.08 * high)],
        "dtick": 100 if high <= 450 else 200,
        "tick0": 0,
    }


def energy_axis(*level_dbfs: NDArray[np.float64]) -> Axis:
    """From the loudest frame of all downwards."""
    loudest = max((float(np.nanmax(x)) for x in level_dbfs if np.isfinite(x).any()), default=0.0)
    return {
        "title": "energy, dBFS",
        "showgrid": True,
        "range": [loudest - _QUIETEST_DB, loudest + 4],
        "dtick": 20,
    }


def mfcc_axis(coefficients: int) -> Axis:
    """One row a coefficient, the 0th at the bottom."""
    return {
        "title": "MFCC",
        "range": [-0.5, coefficients - 0.5],
        "tickvals": [0, (coefficients - 1) // 2, coefficients - 1],
    }

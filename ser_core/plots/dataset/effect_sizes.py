"""Which descriptors differ between emotions, and which between speakers."""

from math import ceil
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from ser_core.evaluation.label_sets import short
from ser_core.formatting import number, percent, signed
from ser_core.plots.theme import NOTE_SIZE, Theme, base_layout, colour_at, share_ticks

SMALL = 0.2  # by Cohen; less is muted
_LARGE = 0.8  # by Cohen; the colours reach at least this far, so that noise stays pale
_ROW = 30  # px
_LABEL_SIZE = 13


def effect_grid(effects: pd.DataFrame, theme: Theme) -> go.Figure:
    """Cohen's d per descriptor (row) and emotion (column), signed and coloured from zero.

    Args:
        effects: d; index: names of descriptors in the order of the rows, columns: emotions. NaN
            where there are too few clips to tell.
        theme: light or dark.
    """
    d = effects.to_numpy()
    limit = max(float(np.nanmax(np.abs(d), initial=0)), _LARGE)
    hovers = [
        [f"{name}, {emotion}: {in_words(value)}" for emotion, value in row.items()]
        for name, row in effects.iterrows()
    ]
    columns, rows = list(range(d.shape[1])), list(range(d.shape[0]))
    heat = {
        "type": "heatmap",
        "x": columns,
        "y": rows,
        "z": np.nan_to_num(d),
        "zmin": -limit,
        "zmax": limit,
        "colorscale": [list(step) for step in theme.diverging],
        "showscale": False,
        "xgap": 2,
        "ygap": 2,
        "text": hovers,
        "hovertemplate": "%{text}<extra></extra>",
    }
    written = {
        "type": "scatter",
        "mode": "text",
        "x": columns * len(rows),
        "y": [row for row in rows for _ in columns],
        "text": [_cell(value) for value in d.ravel()],
        "textfont": {"size": NOTE_SIZE, "color": [_ink(v, limit, theme) for v in d.ravel()]},
        "hoverinfo": "skip",
    }
    return go.Figure(
        [heat, written],
        base_layout(theme, _ROW * len(rows) + 38, margin={"t": 30, "b": 8})
        | {
            "xaxis": {
                "side": "top",
                "ticks": "",
                "tickvals": columns,
                "ticktext": [short(emotion) for emotion in effects.columns],
                "range": [-0.5, len(columns) - 0.5],
            },
            "yaxis": _names(effects.index, theme),
        },
    )


def in_words(d: float) -> str:
    """1.6 as "1.6 standard deviations above the other clips"."""
    if np.isnan(d):
        return "too few clips, or no spread"
    side = "above" if d > 0 else "below"
    return f"{number(abs(d), 1)} standard deviations {side} the other clips"


def variance_shares(shares: pd.DataFrame, theme: Theme) -> go.Figure:
    """Share of each descriptor's variance between emotions (dot) and between speakers (ring).

    Args:
        shares: eta squared in [0, 1]; index: names of descriptors in the order of the rows,
            columns: emotion and speaker. NaN where there is none to tell.
        theme: light or dark.
    """
    rows = np.arange(len(shares))
    emotion, speaker = (100 * shares[name].to_numpy() for name in ("emotion", "speaker"))
    joint = {
        "type": "scatter",
        "mode": "lines",
        "x": np.column_stack([emotion, speaker, np.full(len(rows), np.nan)]).ravel(),
        "y": np.repeat(rows, 3),
        "line": {"width": 2, "color": theme.faint},
        "hoverinfo": "skip",
    }
    told = [
        f"{name}: {percent(row['emotion'])} between emotions, {percent(row['speaker'])} between "
        "speakers"
        for name, row in shares.iterrows()
    ]
    top = float(np.nanmax([*emotion, *speaker], initial=0))
    step = 10 if top <= 50 else 25
    ends = max(ceil(top / step) * step, step)
    return go.Figure(
        [
            joint,
            _marks(speaker, rows, "speaker", theme),
            _marks(emotion, rows, "emotion", theme, told),
        ],
        base_layout(theme, _ROW * len(rows) + 62, margin={"t": 26, "r": 16, "b": 36})
        | {
            "hovermode": "y",
            "hoverdistance": -1,
            "xaxis": {"range": [-0.02 * ends, 1.02 * ends], "showgrid": True}
            | {"gridcolor": theme.grid}
            | share_ticks(range(0, ends + 1, step)),
            "yaxis": _names(shares.index, theme),
            "annotations": _mark_names(emotion, speaker, ends, theme),
        },
    )


def _marks(
    x: np.ndarray, rows: np.ndarray, name: str, theme: Theme, told: list[str] | None = None
) -> dict[str, Any]:
    # a ring hides the line behind it
    fill = theme.ink if name == "emotion" else theme.background
    hover = {"text": told, "hovertemplate": "%{text}<extra></extra>"} if told else {}
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": x,
        "y": rows,
        "marker": {"size": 11, "color": fill, "line": {"width": 2, "color": theme.ink}},
        "hoverinfo": "skip",
    } | hover


def _mark_names(
    emotion: np.ndarray, speaker: np.ndarray, ends: float, theme: Theme
) -> list[dict[str, Any]]:
    """What the marks are, above those of the first row, where the two words have room."""
    first = {"emotion": float(emotion[0]), "speaker": float(speaker[0])}
    if np.isnan([*first.values()]).any() or abs(first["emotion"] - first["speaker"]) < ends / 4:
        return []
    return [
        {
            "x": x,
            "y": 0,
            "yshift": 18,
            "text": name,
            "showarrow": False,
            "font": {"size": NOTE_SIZE, "color": theme.muted},
        }
        for name, x in first.items()
    ]


def _names(names: pd.Index, theme: Theme) -> dict[str, Any]:
    return {
        "tickvals": list(range(len(names))),
        "ticktext": list(names),
        "tickfont": {"size": _LABEL_SIZE, "color": theme.text},
        "range": [len(names) - 0.5, -0.5],
    }


def _cell(d: float) -> str:
    return "\N{EN DASH}" if np.isnan(d) else signed(d, 1)


def _ink(d: float, limit: float, theme: Theme) -> str:
    if np.isnan(d) or abs(d) < SMALL:
        return theme.muted
    return theme.text_on(colour_at(theme.diverging, 0.5 + d / limit / 2))

"""How many clips of each emotion a corpus holds."""

from collections.abc import Hashable, Sequence
from html import escape
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from ser_core.emotions import Emotion
from ser_core.exploration.filters import balanced, counts
from ser_core.formatting import count_word
from ser_core.plots.theme import (
    NOTE_SIZE,
    TINT_OPACITY,
    Theme,
    base_layout,
    colour_at,
    with_opacity,
)

_HEIGHT = 372
_LABEL_SIZE = 13
_MOST_WRITTEN = 12  # columns of the grid; in narrower cells a number finds no room
_DARKEST = 0.4  # of the sequential scale: a count is no score and stays quiet
_LETTER = 0.02  # of the longest bar, at the narrowest that the chart gets
_LONGEST_NAME = 9  # letters of a column's name


def clips_per_emotion(
    clips: pd.DataFrame,
    by: str,
    levels: Sequence[str],
    theme: Theme,
    classes: Sequence[Emotion] = tuple(Emotion),
    oversampled: bool = False,
) -> go.Figure:
    """Horizontal bars of clips per emotion, each split by another label.

    An emotion that has fewer clips than the most frequent one ends in a dotted box: what random
    oversampling adds in training. A class without clips keeps its place and shows nothing.

    Args:
        clips: rows of a corpus index.
        by: column that splits each bar.
        levels: values of it, in the order of the parts.
        theme: colours.
        classes: emotions of the corpus, each with a place for its bar.
        oversampled: fills the boxes with the rows that are drawn again.
    """
    table = counts(clips, by).reindex(columns=list(levels), fill_value=0)
    full = balanced(clips)
    rows = {e: place for place, e in enumerate(classes) if str(e) in full.index}
    table = table.loc[[str(e) for e in rows]]
    own = table.sum(axis=1)
    added = full.loc[own.index] - own
    opacities = np.linspace(1, TINT_OPACITY, len(levels)) if len(levels) > 1 else [1.0]
    bars = [
        _part(rows, table[level], level, theme, opacity=opacity)
        for level, opacity in zip(levels, opacities, strict=True)
    ]
    if oversampled:
        bars.append(_part(rows, added, "drawn again", theme, again=True))
    words = "drawn again" if oversampled else "oversampled in training"
    notes = [
        *_ends(rows, full, full if oversampled else own, theme),
        *_level_names(table, theme),
        *_added_words(rows, own, added, words, theme),
    ]
    longest = int(full.max())
    return go.Figure(
        bars,
        base_layout(theme, _HEIGHT, barmode="stack", bargap=0.36)
        | {
            "xaxis": {"visible": False, "range": [0, longest * 1.12]},
            "yaxis": _emotion_axis(rows, theme) | {"range": [len(classes) - 0.4, -1]},
            "margin": {"b": 8},
            "annotations": notes,
            "shapes": [] if oversampled else _boxes(rows, own, added, theme),
        },
    )


def emotion_grid(
    clips: pd.DataFrame,
    by: str,
    levels: Sequence[Hashable],
    theme: Theme,
    classes: Sequence[Emotion] = tuple(Emotion),
) -> go.Figure:
    """Clips per emotion (row) and value of another label (column), the darker the more.

    Few columns have their numbers written in; of many, the pointer tells them.

    Args:
        clips: rows of a corpus index.
        by: column whose values stand side by side.
        levels: values of it, in display order; those without a clip are left out.
        theme: colours.
        classes: emotions of the corpus, each with a place for its row.
    """
    table = counts(clips, by)
    table = table[table.sum(axis=1) > 0][[level for level in levels if level in table.columns]]
    rows = {e: place for place, e in enumerate(classes) if str(e) in table.index}
    numbers = table.to_numpy()
    most = int(numbers.max())
    names = [escape(str(level)) for level in table.columns]
    at = list(range(len(names)))
    heat = {
        "type": "heatmap",
        "x": at,
        "y": list(rows.values()),
        "z": numbers,
        "zmin": 0,
        "zmax": most / _DARKEST,
        "colorscale": [list(step) for step in theme.sequential],
        "showscale": False,
        "xgap": 2,
        "ygap": 2,
        "text": [
            [f"{e}, {names[i]}: {count_word(int(n), 'clip')}" for i, n in enumerate(row)]
            for e, row in zip(rows, numbers, strict=True)
        ],
        "hovertemplate": "%{text}<extra></extra>",
    }
    traces = [heat]
    if len(names) <= _MOST_WRITTEN:
        traces.append(_written(numbers, list(rows.values()), theme))
    step = -(-len(names) // _MOST_WRITTEN)
    return go.Figure(
        traces,
        base_layout(theme, _HEIGHT)
        | {
            "xaxis": {
                "tickvals": at[::step],
                "ticktext": [_short(str(level)) for level in table.columns][::step],
                "tickangle": 0,
                "ticks": "",
                "side": "top",
                "range": [-0.5, len(names) - 0.5],
            },
            "yaxis": _emotion_axis(rows, theme) | {"range": [len(classes) - 0.5, -0.5]},
            "margin": {"t": 30, "b": 8},
        },
    )


def _emotion_axis(rows: dict[Emotion, int], theme: Theme) -> dict[str, Any]:
    return {
        "tickvals": list(rows.values()),
        "ticktext": [e.value for e in rows],
        "tickfont": {"size": _LABEL_SIZE, "color": theme.text},
    }


def _part(
    rows: dict[Emotion, int],
    numbers: pd.Series,
    name: str,
    theme: Theme,
    *,
    opacity: float = 1.0,
    again: bool = False,
) -> dict[str, Any]:
    """One part of every bar."""
    marker: dict[str, Any] = {
        "color": [with_opacity(theme.colour(e), opacity) for e in rows],
        "line": {"width": 0},
    }
    if again:
        marker["pattern"] = {
            "shape": "/",
            "fillmode": "overlay",
            "fgcolor": theme.background,
            "fgopacity": 0.75,
            "size": 8,
            "solidity": 0.4,
        }
    noun = "row" if again else "clip"
    return {
        "type": "bar",
        "orientation": "h",
        "name": name,
        "x": numbers.tolist(),
        "y": list(rows.values()),
        "marker": marker,
        "customdata": [e.value for e in rows],
        "text": [count_word(int(number), noun) for number in numbers],
        "textposition": "none",
        "hovertemplate": f"%{{customdata}}, {escape(str(name))}: %{{text}}<extra></extra>",
    }


def _ends(
    rows: dict[Emotion, int], full: pd.Series, told: pd.Series, theme: Theme
) -> list[dict[str, Any]]:
    """The number at the end of each bar and its box."""
    return [
        {
            "x": int(full[str(e)]),
            "y": place,
            "text": str(told[str(e)]),
            "xanchor": "left",
            "xshift": 4,
            "showarrow": False,
            "font": {"size": _LABEL_SIZE, "color": theme.text},
        }
        for e, place in rows.items()
    ]


def _boxes(
    rows: dict[Emotion, int], own: pd.Series, added: pd.Series, theme: Theme
) -> list[dict[str, Any]]:
    """A dotted box for what oversampling adds to each bar."""
    return [
        {
            "type": "rect",
            "x0": int(own[str(e)]),
            "x1": int(own[str(e)] + added[str(e)]),
            "y0": place - 0.32,
            "y1": place + 0.32,
            "line": {"color": theme.faint, "width": 1, "dash": "dot"},
        }
        for e, place in rows.items()
        if added[str(e)]
    ]


def _added_words(
    rows: dict[Emotion, int], own: pd.Series, added: pd.Series, words: str, theme: Theme
) -> list[dict[str, Any]]:
    """What the added parts mean, in the widest one, where it has room for the words."""
    widest = added.idxmax()
    if added[widest] < _LETTER * 0.9 * len(words) * (own + added).max():
        return []
    return [
        {
            "x": float(own[widest] + added[widest] / 2),
            "y": rows[Emotion(widest)],
            "text": words,
            "showarrow": False,
            "font": {"size": NOTE_SIZE, "color": theme.text},
            "bgcolor": with_opacity(theme.background, 0.85),
            "borderpad": 1,
        }
    ]


def _level_names(table: pd.DataFrame, theme: Theme) -> list[dict[str, Any]]:
    """Names of the levels over the middles of the longest bar's parts; none of a single one."""
    if len(table.columns) < 2:
        return []
    numbers = table.loc[table.sum(axis=1).idxmax()]
    middles = numbers.cumsum() - numbers / 2
    return [
        {
            "x": float(middles[level]),
            "y": -0.75,
            "text": escape(str(level)),
            "showarrow": False,
            "font": {"size": NOTE_SIZE, "color": theme.muted},
        }
        for level, number in numbers.items()
        if number and number >= _LETTER * len(str(level)) * numbers.sum()
    ]


def _written(numbers: np.ndarray, places: list[int], theme: Theme) -> dict[str, Any]:
    """The numbers in the cells; 0 is left blank."""
    most = int(numbers.max())
    colours = [
        theme.text_on(colour_at(theme.sequential, _DARKEST * n / most)) for n in numbers.ravel()
    ]
    return {
        "type": "scatter",
        "mode": "text",
        "x": list(range(numbers.shape[1])) * len(places),
        "y": [place for place in places for _ in range(numbers.shape[1])],
        "text": [str(n) if n else "" for n in numbers.ravel()],
        "textfont": {"size": NOTE_SIZE, "color": colours},
        "hoverinfo": "skip",
    }


def _short(name: str) -> str:
    """A column's name, cut where it would run into the next one."""
    return escape(name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…")

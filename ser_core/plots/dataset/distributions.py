"""How one number of the clips is spread within each emotion."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from ser_core.acoustics.descriptors import Descriptor
from ser_core.emotions import Emotion
from ser_core.formatting import NBSP, count_word, number
from ser_core.plots.theme import Theme, base_layout, symbol

FEWEST = 5  # clips of a violin; fewer are drawn one by one
_ROW, _AXIS = 42, 52  # px
_LABEL_SIZE = 13


def distributions(
    clips: pd.DataFrame,
    summary: pd.DataFrame,
    descriptor: Descriptor,
    theme: Theme,
    classes: Sequence[Emotion] = tuple(Emotion),
) -> go.Figure:
    """A violin per emotion, with its median (dot) and middle half (pale bar) inside.

    An emotion with few clips, or with the same number for all of them, is drawn as points.

    Args:
        clips: rows of a corpus index.
        summary: of `ser_core.exploration.effect_sizes.summary`: the emotions that have a number.
        descriptor: what is shown.
        theme: light or dark.
        classes: emotions of the corpus, each with a place for its row.
    """
    places = {e: place for place, e in enumerate(classes) if str(e) in summary.index}
    values = clips[descriptor.column]
    own = {e: values[clips["emotion"] == e].dropna().to_numpy() for e in places}
    alone = [e for e, each in own.items() if each.size < FEWEST or np.ptp(each) == 0]
    traces = [
        _points(own[e], e, place, theme) if e in alone else _violin(own[e], e, place, theme)
        for e, place in places.items()
    ]
    within = summary.drop(index=[str(e) for e in alone])
    traces += [
        _middle_half(within, places, theme),
        _medians(summary, within, places, descriptor, theme),
    ]
    return go.Figure(
        traces,
        base_layout(theme, _ROW * len(classes) + _AXIS)
        | {
            "hovermode": "y",
            "hoverdistance": -1,
            "xaxis": {"title": {"text": descriptor.title}, "nticks": 7, "showgrid": True}
            | {"gridcolor": theme.grid},
            "yaxis": {
                "tickvals": list(places.values()),
                "ticktext": [e.value for e in places],
                "tickfont": {"size": _LABEL_SIZE, "color": theme.text},
                "range": [len(classes) - 0.5, -0.5],
            },
            "margin": {"r": 12, "b": 44},
        },
    )


def told(row: pd.Series, descriptor: Descriptor) -> str:
    """A row of the summary in words, such as "median 212 Hz, middle half 180 to 250, 96 clips"."""
    unit = f"{NBSP}{descriptor.unit}" if descriptor.unit else ""
    median, low, high = (
        number(row[name], descriptor.decimals) for name in ("median", "low", "high")
    )
    clips = count_word(int(row["clips"]), "clip")
    return f"median {median}{unit}, middle half {low} to {high}, {clips}"


def _violin(values: np.ndarray, emotion: Emotion, place: int, theme: Theme) -> dict[str, Any]:
    return {
        "type": "violin",
        "orientation": "h",
        "name": emotion.value,
        "x": values,
        "y0": place,
        "width": 0.86,
        "spanmode": "hard",
        "points": False,
        "fillcolor": theme.colour(emotion),
        "line": {"width": 1, "color": theme.colour(emotion)},
        "hoverinfo": "skip",
    }


def _points(values: np.ndarray, emotion: Emotion, place: int, theme: Theme) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": emotion.value,
        "x": values,
        "y": np.full(values.size, place),
        "marker": {"symbol": symbol(emotion), "size": 9, "color": theme.colour(emotion)},
        "hoverinfo": "skip",
    }


def _middle_half(summary: pd.DataFrame, places: dict[Emotion, int], theme: Theme) -> dict[str, Any]:
    rows = [places[Emotion(name)] for name in summary.index]
    return {
        "type": "scatter",
        "mode": "lines",
        "name": "middle half",
        "x": [x for low, high in summary[["low", "high"]].to_numpy() for x in (low, high, None)],
        "y": [y for place in rows for y in (place, place, None)],
        "line": {"width": 9, "color": theme.background},
        "opacity": 0.85,
        "hoverinfo": "skip",
    }


def _medians(
    summary: pd.DataFrame,
    within: pd.DataFrame,
    places: dict[Emotion, int],
    descriptor: Descriptor,
    theme: Theme,
) -> dict[str, Any]:
    """The dots; those of rows of points are not seen, but tell the row's numbers too."""
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "median",
        "x": summary["median"].to_numpy(),
        "y": [places[Emotion(name)] for name in summary.index],
        "marker": {
            "size": 8,
            "color": theme.ink,
            "opacity": np.isin(summary.index, within.index).astype(float),
        },
        "text": [f"{name}: {told(row, descriptor)}" for name, row in summary.iterrows()],
        "hovertemplate": "%{text}<extra></extra>",
    }

"""A score per row: a class or a group of clips, for a model and another beside it."""

from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from ser_core.evaluation.intervals import Estimate
from ser_core.evaluation.label_sets import Grouping
from ser_core.formatting import NBSP, percent
from ser_core.plots.theme import LABEL_SIZE, Theme, base_layout, share_ticks

_BAR_PX, _DOT_PX = 36, 21
_FEW_ROWS = 4  # dots of so few would lie on each other
_FIGURES_PX = 64

Shares = NDArray[np.float64]


def class_bars(
    first: tuple[str, Shares],
    second: tuple[str, Shares] | None,
    grouping: Grouping,
    theme: Theme,
) -> go.Figure:
    """A score per class: a bar in the class's colour for one model, a ring for the other.

    Args:
        first: title and scores in [0, 1] of the model with the bars, shape (k,); NaN is left out.
        second: the same for the model with the rings, if there is one.
        grouping: the k classes.
        theme: light or dark.
    """
    labels = grouping.labels
    rows = list(range(len(labels)))
    bar = {
        "type": "bar",
        "orientation": "h",
        "width": 0.62,
        "marker": {"color": class_colours(grouping, theme)},
        **_along(first, labels, rows),
    }
    traces = [bar, *_rings(second, labels, rows, theme)]
    texts = _figures(first[1], None if second is None else second[1])
    return go.Figure(traces, _row_layout(labels, texts, _BAR_PX, LABEL_SIZE, theme))


def group_dots(
    first: tuple[str, Sequence[Estimate]],
    second: tuple[str, Sequence[Estimate]] | None,
    groups: Sequence[str],
    theme: Theme,
) -> go.Figure:
    """Accuracy per group of clips: a dot on its interval for one model, a ring for the other.

    Args:
        first: title and accuracies of the model with the dots, one per group.
        second: the same for the model with the rings, if there is one.
        groups: names, from top to bottom.
        theme: light or dark.
    """
    rows = list(range(len(groups)))
    title, accuracies = first
    values = np.array([e.value for e in accuracies])
    ends_x, ends_y = [], []
    for row, each in zip(rows, accuracies, strict=True):
        if each.low is not None and each.high is not None:
            ends_x += [100 * each.low, 100 * each.high, None]
            ends_y += [row, row, None]
    interval = {
        "type": "scatter",
        "mode": "lines",
        "x": ends_x,
        "y": ends_y,
        "line": {"width": 4, "color": theme.ink},
        "opacity": 0.35,
        "hoverinfo": "skip",
    }
    dots = {
        "type": "scatter",
        "mode": "markers",
        "marker": {"size": 10, "color": theme.ink},
        "cliponaxis": False,
        **_along((title, values), groups, rows),
    }
    other = None if second is None else (second[0], np.array([e.value for e in second[1]]))
    rings = _rings(other, groups, rows, theme)
    texts = _figures(values, None if other is None else other[1])
    # rings first: a dot is smaller, so both are seen where they meet
    traces = [interval, *rings, dots]
    row_px = _DOT_PX if len(groups) > _FEW_ROWS else _BAR_PX
    layout = _row_layout(groups, texts, row_px, 13, theme)
    layout["yaxis"]["showgrid"] = True
    return go.Figure(traces, layout)


def class_colours(grouping: Grouping, theme: Theme) -> list[str]:
    """An emotion's colour for a class of one, ink for several put together."""
    emotions = [grouping.emotion(label) for label in grouping.labels]
    return [theme.ink if e is None else theme.colour(e) for e in emotions]


def ring(theme: Theme, size: int = 12) -> dict[str, Any]:
    """Marker of the second model."""
    return {"size": size, "color": theme.background, "line": {"width": 2.5, "color": theme.ink}}


def _along(model: tuple[str, Shares], labels: Sequence[str], rows: list[int]) -> dict[str, Any]:
    title, values = model
    return {
        "x": 100 * np.asarray(values),
        "y": rows,
        "name": title,
        "customdata": list(labels),
        "hovertemplate": f"%{{customdata}}, {escape(title)}: %{{x:.0f}}{NBSP}%<extra></extra>",
    }


def _rings(
    model: tuple[str, Shares] | None, labels: Sequence[str], rows: list[int], theme: Theme
) -> list[dict[str, Any]]:
    if model is None:
        return []
    shape = {"type": "scatter", "mode": "markers", "marker": ring(theme), "cliponaxis": False}
    return [shape | _along(model, labels, rows)]


def _figures(first: Shares, second: Shares | None) -> list[str]:
    """What stands at the right end of each row."""
    if second is None:
        return [_rounded(a) for a in first.tolist()]
    pairs = zip(first.tolist(), second.tolist(), strict=True)
    return [f"<b>{_rounded(a)}</b>{NBSP} {_rounded(b)}" for a, b in pairs]


def _rounded(share: float) -> str:
    return percent(share).removesuffix(f"{NBSP}%")


def _row_layout(
    labels: Sequence[str], texts: Sequence[str], row_px: int, size: int, theme: Theme
) -> dict[str, Any]:
    """Rows from top to bottom with names at the left and figures at the right."""
    note = {
        "x": 1,
        "xref": "paper",
        "xanchor": "left",
        "xshift": 12,
        "showarrow": False,
        "font": {"size": 13, "color": theme.text},
    }
    margin = {"l": 8, "r": _FIGURES_PX, "t": 8, "b": 36}
    return {
        **base_layout(theme, row_px * len(labels) + 44, margin=margin),
        "hovermode": "closest",
        "xaxis": {"range": [0, 100], **share_ticks()},
        "yaxis": {
            "range": [len(labels) - 0.5, -0.5],
            "tickvals": list(range(len(labels))),
            "ticktext": list(labels),
            "tickfont": {"size": size, "color": theme.text},
        },
        "annotations": [note | {"y": row, "text": text} for row, text in enumerate(texts)],
    }

"""Scores on corpora that a model did not learn from."""

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

import plotly.graph_objects as go

from ser_core.formatting import percent
from ser_core.plots.comparison.marks import Model, marker, row_line, rows_layout
from ser_core.plots.theme import LABEL_SIZE, Theme, share_ticks

_ROW_PX = 40


class Elsewhere(NamedTuple):
    """A model's scores in [0, 1] on one corpus: each clip by itself, and later in a session."""

    alone: float
    later: float | None = None


def elsewhere_rows(
    names: Sequence[str], models: Sequence[tuple[Model, Sequence[Elsewhere | None]]], theme: Theme
) -> go.Figure:
    """A row per corpus: a mark per model, and a line to where a model gets that adapts.

    Args:
        names: of the corpora, from top to bottom.
        models: each with its score per corpus; None where it learned from it.
        theme: light or dark.
    """
    traces = []
    for model, scores in sorted(models, key=lambda m: ("other", "b", "a").index(m[0].part)):
        for row, score in enumerate(scores):
            if score is None:
                continue
            if score.later is not None:
                traces.append(_line(score.alone, score.later, row, theme))
                traces.append(_mark(model, score.later, row, f"{names[row]}, later", 6, theme))
            traces.append(_mark(model, score.alone, row, names[row], 11, theme))
    _, first = next((pair for pair in models if pair[0].part == "a"), models[0])
    texts = ["" if score is None else f"<b>{percent(score.alone)}</b>" for score in first]
    layout = rows_layout([escape(name) for name in names], texts, _ROW_PX, LABEL_SIZE, theme)
    rows = range(len(names))
    return go.Figure(
        traces,
        layout
        | {
            "xaxis": {"range": [0, 100], **share_ticks()},
            "shapes": [row_line(row, 0, 100, theme) for row in rows],
        },
    )


def _line(start: float, end: float, row: int, theme: Theme) -> dict[str, object]:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [100 * start, 100 * end],
        "y": [row, row],
        "line": {"width": 3, "color": theme.ink},
        "opacity": 0.4,
        "hoverinfo": "skip",
    }


def _mark(
    model: Model, score: float, row: int, what: str, size: int, theme: Theme
) -> dict[str, object]:
    text = f"{escape(model.title)}, {escape(what)}: {percent(score, 1)}"
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [100 * score],
        "y": [row],
        "marker": marker(model.part, theme) | {"size": size},
        "name": model.title,
        "hovertemplate": f"{text}<extra></extra>",
    }

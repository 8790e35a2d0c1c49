"""How a score moves with the way of splitting and of copying."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import plotly.graph_objects as go

from ser_core.formatting import NBSP, figure
from ser_core.plots.comparison.marks import row_line, rows_layout
from ser_core.plots.theme import LABEL_SIZE, Theme, share_ticks

_ROW_PX = 46


@dataclass(frozen=True, slots=True)
class Row:
    """One model; scores are fractions in [0, 1].

    Attributes:
        title: of the model.
        scores: name and score of every way.
        chosen: position among them.
        leads: whether it is the model that is explained.
        published: what others published of such a model, if they did.
    """

    title: str
    scores: Sequence[tuple[str, float]]
    chosen: int
    leads: bool = False
    published: float | None = None


def leak_rows(rows: Sequence[Row], theme: Theme) -> go.Figure:
    """A row per model: the chosen way in ink, the other ways faint, a ring for what was published.

    Args:
        rows: from top to bottom.
        theme: light or dark.
    """
    traces = [_spans(rows, theme), _others(rows, theme), *_published(rows, theme)]
    traces.append(_chosen(rows, theme))
    titles = [f"<b>{escape(r.title)}</b>" if r.leads else escape(r.title) for r in rows]
    texts = [_text(row) for row in rows]
    return go.Figure(
        traces,
        rows_layout(titles, texts, _ROW_PX, LABEL_SIZE, theme, f"%{NBSP}right")
        | {
            "xaxis": {"range": [0, 100], **share_ticks()},
            "shapes": [row_line(at, 0, 100, theme) for at in range(len(rows))],
        },
    )


def _spans(rows: Sequence[Row], theme: Theme) -> dict[str, Any]:
    """From the worst to the best of each row."""
    x: list[float | None] = []
    y: list[int | None] = []
    for at, row in enumerate(rows):
        values = [100 * value for _, value in row.scores]
        x += [min(values), max(values), None]
        y += [at, at, None]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": x,
        "y": y,
        "line": {"width": 3, "color": theme.track},
        "hoverinfo": "skip",
    }


def _others(rows: Sequence[Row], theme: Theme) -> dict[str, Any]:
    points = [
        (100 * value, at, f"{escape(row.title)}, {name}: {figure(value)}{NBSP}%")
        for at, row in enumerate(rows)
        for i, (name, value) in enumerate(row.scores)
        if i != row.chosen
    ]
    return _points(points, "the others", {"size": 8, "color": theme.faint, "opacity": 1})


def _chosen(rows: Sequence[Row], theme: Theme) -> dict[str, Any]:
    points = []
    for at, row in enumerate(rows):
        name, value = row.scores[row.chosen]
        points.append((100 * value, at, f"{escape(row.title)}, {name}: {figure(value)}{NBSP}%"))
    return _points(points, "chosen", {"size": 14, "color": theme.ink, "opacity": 1})


def _published(rows: Sequence[Row], theme: Theme) -> list[dict[str, Any]]:
    points = [
        (
            100 * row.published,
            at,
            f"{escape(row.title)}, published: {figure(row.published, 0)}{NBSP}%",
        )
        for at, row in enumerate(rows)
        if row.published is not None
    ]
    # see-through: a dot below it stays in sight
    look = {"size": 18, "symbol": "circle-open", "color": theme.muted, "line": {"width": 2}}
    return [_points(points, "published", look)] if points else []


def _points(
    points: Sequence[tuple[float, int, str]], name: str, marker: dict[str, Any]
) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [x for x, _, _ in points],
        "y": [y for _, y, _ in points],
        "text": [text for _, _, text in points],
        "marker": marker,
        "name": name,
        "hovertemplate": "%{text}<extra></extra>",
    }


def _text(row: Row) -> str:
    value = figure(row.scores[row.chosen][1])
    return f"<b>{value}</b>" if row.leads else value

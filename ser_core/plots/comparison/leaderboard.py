"""Scores on one scale, with their intervals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import plotly.graph_objects as go

from ser_core.formatting import NBSP, figure, interval
from ser_core.plots.theme import LABEL_SIZE, NOTE_SIZE, Theme, base_layout, share_ticks

ROW_PX = 54
_HEAD_PX, _FOOT_PX = 40, 36


@dataclass(frozen=True, slots=True)
class Score:
    """A score as fractions in [0, 1].

    Attributes:
        title: of the model.
        value: the score.
        low: lower end of its interval, if known.
        high: upper end.
    """

    title: str
    value: float
    low: float | None = None
    high: float | None = None


def leaderboard(
    scores: Sequence[Score],
    references: Sequence[tuple[str, float]],
    theme: Theme,
    published: tuple[str, Mapping[str, float]] | None = None,
) -> go.Figure:
    """One row per model: dot, interval, figures at the right; the first is the leader, in ink.

    Args:
        scores: best first.
        references: name and score of dotted lines, such as ("chance", 0.125).
        theme: light or dark.
        published: title of a last row and scores by name that were not measured here: open circles.
    """
    traces = [trace for row, score in enumerate(scores) for trace in _score_row(score, row, theme)]
    titles, figures = [escape(s.title) for s in scores], [_figures(s, bold=True) for s in scores]
    if published is not None:
        title, values = published
        traces.append(_open_circles(values, len(scores), theme))
        titles.append(title)
        figures.append(", ".join(_short(value) for value in values.values()))
    known = any(score.low is not None for score in scores)
    unit = f"% (95{NBSP}% interval)" if known else "%"
    return go.Figure(
        traces,
        base_layout(
            theme,
            height=ROW_PX * len(titles) + _HEAD_PX + _FOOT_PX - 20,
            margin={"l": 8, "r": 118, "t": _HEAD_PX, "b": _FOOT_PX},
        )
        | {
            "xaxis": {"range": [0, 100], **share_ticks()},
            "yaxis": {
                "range": [len(titles) - 0.5, -0.5],
                "tickvals": list(range(len(titles))),
                "ticktext": titles,
                "tickfont": {"size": LABEL_SIZE, "color": theme.text},
            },
            "shapes": [_row_line(row, theme) for row in range(len(titles))]
            + [_dotted(100 * value, theme) for _, value in references],
            "annotations": [_beside(unit, 1, theme.muted, NOTE_SIZE, "paper")]
            + [_beside(text, row, theme.text, 13) for row, text in enumerate(figures)]
            + [_above(f"{name} {figure(value)}", 100 * value, theme) for name, value in references],
        },
    )


def _score_row(score: Score, row: int, theme: Theme) -> list[dict[str, Any]]:
    colour = theme.ink if row == 0 else theme.faint
    dot = {
        "type": "scatter",
        "x": [100 * score.value],
        "y": [row],
        "mode": "markers",
        "marker": {"size": 11, "color": colour, "opacity": 1},
        "name": score.title,
        "text": [f"{escape(score.title)}: {_figures(score)}{NBSP}%"],
        "hovertemplate": "%{text}<extra></extra>",
    }
    if score.low is None or score.high is None:
        return [dot]
    bar = {
        "type": "scatter",
        "x": [100 * score.low, 100 * score.high],
        "y": [row, row],
        "mode": "lines",
        "line": {"width": 4, "color": colour},
        "opacity": 0.5,
        "hoverinfo": "skip",
    }
    return [bar, dot]


def _open_circles(values: Mapping[str, float], row: int, theme: Theme) -> dict[str, Any]:
    return {
        "type": "scatter",
        "x": [100 * value for value in values.values()],
        "y": [row] * len(values),
        "mode": "markers",
        "marker": {
            "size": 11,
            "color": theme.background,
            "opacity": 1,
            "line": {"width": 2, "color": theme.faint},
        },
        "name": "published",
        "text": list(values),
        "hovertemplate": f"%{{text}}, as published: %{{x:.0f}}{NBSP}%<extra></extra>",
    }


def _row_line(row: int, theme: Theme) -> dict[str, Any]:
    line = {"width": 1, "color": theme.grid}
    return {"type": "line", "x0": 0, "x1": 100, "y0": row, "y1": row, "line": line}


def _dotted(x: float, theme: Theme) -> dict[str, Any]:
    line = {"width": 1, "dash": "dot", "color": theme.faint}
    return {"type": "line", "x0": x, "x1": x, "y0": 0, "y1": 1, "yref": "y domain", "line": line}


def _beside(text: str, y: float, colour: str, size: int, yref: str = "y") -> dict[str, Any]:
    """A note at the right end of a row, or above all rows."""
    return {
        "x": 1,
        "xref": "paper",
        "xanchor": "left",
        "xshift": 12,
        "y": y,
        "yref": yref,
        "yanchor": "bottom" if yref == "paper" else "middle",
        "showarrow": False,
        "align": "left",
        "text": text,
        "font": {"size": size, "color": colour},
    }


def _above(text: str, x: float, theme: Theme) -> dict[str, Any]:
    return {
        "x": x,
        "y": 1,
        "yref": "paper",
        "yanchor": "bottom",
        "text": text,
        "showarrow": False,
        "font": {"size": NOTE_SIZE, "color": theme.muted},
    }


def _figures(score: Score, bold: bool = False) -> str:
    value = f"<b>{figure(score.value)}</b>" if bold else figure(score.value)
    if score.low is None or score.high is None:
        return value
    return f"{value}{NBSP} {interval(score.low, score.high)}"


def _short(value: float) -> str:
    return figure(value).removesuffix(".0")

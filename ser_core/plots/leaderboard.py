"""Scores on one scale: all models with their intervals, or the app among chance and people."""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from ser_core.plots.text import NBSP, figure, interval
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
    scores: Sequence[Score], references: Sequence[tuple[str, float]], theme: Theme
) -> go.Figure:
    """One row per model: dot, interval, figures at the right; the first is the leader, in ink.

    Args:
        scores: best first.
        references: name and score of dotted lines, such as ("chance", 0.125).
        theme: light or dark.
    """
    board = go.Figure()
    for row, score in enumerate(scores):
        leads = row == 0
        if score.low is not None and score.high is not None:
            board.add_scatter(
                x=[100 * score.low, 100 * score.high],
                y=[row, row],
                mode="lines",
                line={"width": 4, "color": theme.ink if leads else theme.faint},
                opacity=0.5,
                hoverinfo="skip",
            )
        board.add_scatter(
            x=[100 * score.value],
            y=[row],
            mode="markers",
            marker={"size": 11, "color": theme.ink if leads else theme.faint, "opacity": 1},
            name=score.title,
            hovertemplate=f"{score.title}: {_figures(score)}{NBSP}%<extra></extra>",
        )
        board.add_annotation(
            x=1,
            xref="paper",
            xanchor="left",
            xshift=12,
            y=row,
            showarrow=False,
            align="left",
            text=_figures(score, bold=True),
            font={"size": 13, "color": theme.text},
        )
        board.add_shape(
            type="line", x0=0, x1=100, y0=row, y1=row, line={"width": 1, "color": theme.grid}
        )
    for name, value in references:
        board.add_vline(x=100 * value, line={"width": 1, "dash": "dot", "color": theme.faint})
        _note_above(board, f"{name} {figure(value)}", 100 * value, theme)
    if any(score.low is not None for score in scores):
        board.add_annotation(
            x=1,
            xref="paper",
            xanchor="left",
            xshift=12,
            y=1,
            yref="paper",
            yanchor="bottom",
            text=f"% (95{NBSP}% interval)",
            showarrow=False,
            font={"size": NOTE_SIZE, "color": theme.muted},
        )
    return board.update_layout(
        **base_layout(
            theme,
            height=ROW_PX * len(scores) + _HEAD_PX + _FOOT_PX - 20,
            margin={"l": 8, "r": 118, "t": _HEAD_PX, "b": _FOOT_PX},
        ),
        xaxis={"range": [0, 100], **share_ticks()},
        yaxis={
            "range": [len(scores) - 0.5, -0.5],
            "tickvals": list(range(len(scores))),
            "ticktext": [score.title for score in scores],
            "tickfont": {"size": LABEL_SIZE, "color": theme.text},
        },
    )


def score_scale(score: Score, references: Sequence[tuple[str, float]], theme: Theme) -> go.Figure:
    """One scale from 0 to 100 % with open circles for references and a dot for the score."""
    scale = go.Figure()
    scale.add_scatter(
        x=[0, 100],
        y=[0, 0],
        mode="lines",
        line={"width": 6, "color": theme.track},
        hoverinfo="skip",
    )
    if score.low is not None and score.high is not None:
        scale.add_scatter(
            x=[100 * score.low, 100 * score.high],
            y=[0, 0],
            mode="lines",
            line={"width": 6, "color": theme.ink},
            hoverinfo="skip",
        )
    scale.add_scatter(
        x=[100 * value for _, value in references],
        y=[0] * len(references),
        mode="markers",
        marker={"size": 11, "color": theme.background, "line": {"width": 2, "color": theme.ink}},
        hoverinfo="skip",
    )
    scale.add_scatter(
        x=[100 * score.value],
        y=[0],
        mode="markers",
        marker={"size": 17, "color": theme.ink},
        hoverinfo="skip",
    )
    named = [(f"{name} {_short(value)}", value, False) for name, value in references]
    named.append((f"<b>{score.title} {figure(score.value)}</b>", score.value, True))
    named.sort(key=lambda item: item[1])
    for i, (text, value, is_score) in enumerate(named):
        right_gap = named[i + 1][1] - value if i + 1 < len(named) else 1.0
        left_gap = value - named[i - 1][1] if i else 1.0
        anchor, shift = _away(left_gap, right_gap)
        scale.add_annotation(
            x=100 * value,
            y=0,
            yshift=19,
            xanchor=anchor,
            text=text,
            showarrow=False,
            xshift=shift,
            font={"size": NOTE_SIZE, "color": theme.text if is_score else theme.muted},
        )
    return scale.update_layout(
        **base_layout(theme, height=104, margin={"l": 14, "r": 30, "t": 34, "b": 28}),
        xaxis={"range": [0, 100], **share_ticks(), "ticklabelstandoff": 2},
        yaxis={"range": [-1, 1], "visible": False},
    )


def _away(left_gap: float, right_gap: float) -> tuple[str, int]:
    """Anchor and shift in px that keep a label off its nearer neighbour at any width."""
    if min(left_gap, right_gap) >= 0.25:
        return "center", 0
    reach = 9 if min(left_gap, right_gap) >= 0.07 else -2
    return ("left", -reach) if left_gap < right_gap else ("right", reach)


def _figures(score: Score, bold: bool = False) -> str:
    value = f"<b>{figure(score.value)}</b>" if bold else figure(score.value)
    if score.low is None or score.high is None:
        return value
    return f"{value}{NBSP} {interval(score.low, score.high)}"


def _short(value: float) -> str:
    return figure(value).removesuffix(".0")


def _note_above(board: go.Figure, text: str, x: float, theme: Theme) -> None:
    board.add_annotation(
        x=x,
        y=1,
        yref="paper",
        yanchor="bottom",
        text=text,
        showarrow=False,
        font={"size": NOTE_SIZE, "color": theme.muted},
    )

"""Per-emotion recall of two models, and how a training run went."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from ser_core.emotions import Emotion
from ser_core.plots.text import NBSP
from ser_core.plots.theme import LABEL_SIZE, Theme, base_layout, share_ticks

CURVES_HEIGHT = 280


def recall_bars(
    first: tuple[str, Mapping[Emotion, float]],
    second: tuple[str, Mapping[Emotion, float]] | None,
    theme: Theme,
) -> go.Figure:
    """Recall per emotion: a bar in the emotion's colour for one model, a ring for the other.

    Args:
        first: title and recalls in [0, 1] of the model with the bars.
        second: the same for the model with the rings, if there is one.
        theme: light or dark.
    """
    figure = go.Figure()
    emotions = list(Emotion)
    rows = list(range(len(emotions)))
    title, recalls = first
    figure.add_bar(
        x=[100 * recalls.get(e, float("nan")) for e in emotions],
        y=rows,
        orientation="h",
        width=0.62,
        marker={"color": [theme.colour(e) for e in emotions]},
        name=title,
        customdata=[e.value for e in emotions],
        hovertemplate=f"%{{customdata}}, {title}: %{{x:.0f}}{NBSP}%<extra></extra>",
    )
    shown = [_figure(recalls.get(e)) for e in emotions]
    if second is not None:
        other, others = second
        figure.add_scatter(
            x=[100 * others.get(e, float("nan")) for e in emotions],
            y=rows,
            mode="markers",
            marker=_ring(theme),
            name=other,
            customdata=[e.value for e in emotions],
            hovertemplate=f"%{{customdata}}, {other}: %{{x:.0f}}{NBSP}%<extra></extra>",
        )
        shown = [
            f"<b>{a}</b>{NBSP} {_figure(others.get(e))}"
            for a, e in zip(shown, emotions, strict=True)
        ]
    for row, text in zip(rows, shown, strict=True):
        figure.add_annotation(
            x=1,
            xref="paper",
            xanchor="left",
            xshift=12,
            y=row,
            text=text,
            showarrow=False,
            font={"size": 13, "color": theme.text},
        )
    return figure.update_layout(
        **base_layout(theme, height=330, margin={"l": 8, "r": 64, "t": 8, "b": 36}),
        hovermode="closest",
        xaxis={"range": [0, 100], **share_ticks()},
        yaxis={
            "range": [len(rows) - 0.5, -0.5],
            "tickvals": rows,
            "ticktext": [e.value for e in emotions],
            "tickfont": {"size": LABEL_SIZE, "color": theme.text},
        },
    )


def training_curves(
    history: pd.DataFrame, theme: Theme, last_epoch: int | None = None
) -> go.Figure:
    """Accuracy per epoch: training faint, validation in ink, one line per fold.

    Args:
        history: columns fold, epoch, train_accuracy, val_accuracy; of one protocol.
        theme: light or dark.
        last_epoch: right end of the axis, to compare figures.
    """
    figure = go.Figure()
    looks = {
        "train_accuracy": ("training", theme.faint, 1.0),
        "val_accuracy": ("validation", theme.ink, 1.4),
    }
    for column, (name, colour, width) in looks.items():
        if not history[column].notna().any():
            continue
        for fold, part in history.groupby("fold", sort=True):
            figure.add_scatter(
                x=part["epoch"],
                y=100 * part[column],
                mode="lines",
                opacity=0.75,
                line={"width": width, "color": colour},
                name=f"{name}, fold {fold}",
                hovertemplate=(
                    f"{name}, fold {fold}, epoch %{{x}}: %{{y:.0f}}{NBSP}%<extra></extra>"
                ),
            )
    last = last_epoch or int(history["epoch"].max())
    return figure.update_layout(
        **base_layout(theme, CURVES_HEIGHT, margin={"l": 8, "r": 12, "t": 8, "b": 44}),
        hovermode="closest",
        xaxis={"range": [0, last], "title": {"text": "epoch"}, "nticks": 4, "tickformat": "d"},
        yaxis={"range": [0, 100], "showgrid": True, **share_ticks()},
    )


def _ring(theme: Theme) -> dict[str, Any]:
    return {"size": 12, "color": theme.background, "line": {"width": 2.5, "color": theme.ink}}


def _figure(recall: float | None) -> str:
    return "\N{EN DASH}" if recall is None or recall != recall else f"{100 * recall:.0f}"

"""How a training run went."""

import pandas as pd
import plotly.graph_objects as go

from ser_core.formatting import NBSP
from ser_core.plots.theme import Theme, base_layout, share_ticks

CURVES_HEIGHT = 280


def training_curves(
    history: pd.DataFrame, theme: Theme, last_epoch: int | None = None
) -> go.Figure:
    """Accuracy per epoch: training faint, validation in ink, one line per fold.

    Args:
        history: columns fold, epoch, train_accuracy, val_accuracy; of one protocol.
        theme: light or dark.
        last_epoch: right end of the axis, to compare figures.
    """
    looks = {
        "train_accuracy": ("training", theme.faint, 1.0),
        "val_accuracy": ("validation", theme.ink, 1.4),
    }
    lines = []
    for column, (name, colour, width) in looks.items():
        if not history[column].notna().any():
            continue
        for fold, part in history.groupby("fold", sort=True):
            says = f"{name}, fold {fold}, epoch %{{x}}: %{{y:.0f}}{NBSP}%<extra></extra>"
            lines.append(
                {
                    "type": "scatter",
                    "mode": "lines",
                    "x": part["epoch"].to_numpy(),
                    "y": 100 * part[column].to_numpy(),
                    "opacity": 0.75,
                    "line": {"width": width, "color": colour},
                    "name": f"{name}, fold {fold}",
                    "hovertemplate": says,
                }
            )
    last = last_epoch or int(history["epoch"].max())
    epochs = {"range": [0, last], "title": {"text": "epoch"}, "nticks": 4, "tickformat": "d"}
    layout = {
        **base_layout(theme, CURVES_HEIGHT, margin={"l": 8, "r": 12, "t": 8, "b": 44}),
        "hovermode": "closest",
        "xaxis": epochs,
        "yaxis": {"range": [0, 100], "showgrid": True, **share_ticks()},
    }
    return go.Figure(lines, layout)

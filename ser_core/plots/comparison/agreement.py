"""Where two models agree."""

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from ser_core.formatting import NBSP, count_word, percent, thousands
from ser_core.plots.theme import LABEL_SIZE, Theme, base_layout, colour_at

HEIGHT = 232
_WORDS = (("both right", "only A right"), ("only B right", "both wrong"))


def agreement(counts: NDArray[np.int64], theme: Theme) -> go.Figure:
    """Four cells: number of clips and their share of all.

    Args:
        counts: shape (2, 2): rows are model A right and wrong, columns model B.
        theme: light or dark.
    """
    shares = counts / max(int(counts.sum()), 1)
    at = [(row, column) for row in (0, 1) for column in (0, 1)]
    heat = {
        "type": "heatmap",
        "z": shares,
        "x": [0, 1],
        "y": [0, 1],
        "zmin": 0,
        "zmax": 1,
        "colorscale": [list(step) for step in theme.sequential],
        "showscale": False,
        "xgap": 2,
        "ygap": 2,
        "hoverongaps": False,
        "text": [
            [
                f"{_WORDS[row][column]}: {count_word(int(counts[row, column]), 'clip')}, "
                f"{percent(shares[row, column])}"
                for column in (0, 1)
            ]
            for row in (0, 1)
        ],
        "hovertemplate": "%{text}<extra></extra>",
    }
    written = {
        "type": "scatter",
        "mode": "text",
        "x": [column for _, column in at],
        "y": [row for row, _ in at],
        "text": [
            f"<b>{thousands(int(counts[cell]))}</b><br>{percent(shares[cell])}" for cell in at
        ],
        "textfont": {
            "size": LABEL_SIZE,
            "color": [theme.text_on(colour_at(theme.sequential, shares[cell])) for cell in at],
        },
        "hoverinfo": "skip",
    }
    axis = {"tickvals": [0, 1], "tickfont": {"size": LABEL_SIZE, "color": theme.text}}
    return go.Figure(
        [heat, written],
        base_layout(theme, HEIGHT, margin={"l": 8, "r": 8, "t": 30, "b": 8})
        | {
            "xaxis": axis
            | {
                "range": [-0.5, 1.5],
                "side": "top",
                "ticks": "",
                "ticktext": [f"B{NBSP}right", f"B{NBSP}wrong"],
            },
            "yaxis": axis | {"range": [1.5, -0.5], "ticktext": [f"A{NBSP}right", f"A{NBSP}wrong"]},
        },
    )

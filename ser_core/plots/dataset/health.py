"""How loud the emotions of a corpus were recorded."""

import pandas as pd
import plotly.graph_objects as go

from ser_core.emotions import Emotion
from ser_core.formatting import quantity
from ser_core.plots.theme import Theme, base_layout

_ROW_PX, _REST_PX = 34, 56
_QUANTILES = {"lowest": 0, "q1": 0.25, "median": 0.5, "q3": 0.75, "highest": 1}
_MINUS = "\N{MINUS SIGN}"


def level_table(clips: pd.DataFrame) -> pd.DataFrame:
    """Spread of the level per emotion in dBFS, in display order.

    Args:
        clips: rows of a corpus index.

    Returns:
        Columns emotion, lowest, q1, median, q3, highest, clips.
    """
    groups = clips.dropna(subset=["loudness_dbfs"]).groupby("emotion")["loudness_dbfs"]
    table = pd.DataFrame({name: groups.quantile(q) for name, q in _QUANTILES.items()})
    table["clips"] = groups.size()
    return table.reindex([str(e) for e in Emotion if str(e) in table.index]).reset_index()


def level_per_emotion(table: pd.DataFrame, theme: Theme) -> go.Figure:
    """A box per emotion: the middle half of its clips, their median, the quietest and loudest.

    Args:
        table: from `level_table`.
        theme: light or dark.
    """
    boxes = [
        {
            "type": "box",
            "orientation": "h",
            "name": row.emotion,
            "y": [row.emotion],
            "lowerfence": [row.lowest],
            "q1": [row.q1],
            "median": [row.median],
            "q3": [row.q3],
            "upperfence": [row.highest],
            "line": {"color": theme.colour(row.emotion), "width": 2},
            "fillcolor": "rgba(0,0,0,0)",
            "whiskerwidth": 0.4,
            "width": 0.55,
            "hoverinfo": "skip",
        }
        for row in table.itertuples()
    ]
    words = {
        "type": "scatter",
        "mode": "markers",
        "x": table["median"],
        "y": table["emotion"],
        "marker": {"size": 18, "color": "rgba(0,0,0,0)"},
        "text": [
            f"{row.emotion}: median {_db(row.median)}, from {_db(row.lowest)} to {_db(row.highest)}"
            for row in table.itertuples()
        ],
        "hovertemplate": "%{text}<extra></extra>",
    }
    return go.Figure(
        [*boxes, words],
        base_layout(theme, _ROW_PX * len(table) + _REST_PX)
        | {
            "xaxis": {"title": {"text": "level of the speech, dBFS"}, "nticks": 5},
            "yaxis": {
                "autorange": "reversed",
                "type": "category",
                "tickfont": {"size": 13, "color": theme.text},
            },
        },
    )


def _db(value: float) -> str:
    return quantity(value, "dBFS", 1)

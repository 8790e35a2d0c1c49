"""Several corpora side by side: clips per emotion, and the medians of the emotions they share."""

from collections.abc import Mapping
from html import escape

import pandas as pd
import plotly.graph_objects as go

from ser_core.emotions import Emotion
from ser_core.formatting import thousands
from ser_core.plots.theme import NOTE_SIZE, Theme, base_layout

_BAR_PX, _GAP_PX, _REST_PX = 20, 14, 24


def counts_table(indexes: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Clips per emotion and corpus.

    Args:
        indexes: name for people of each corpus to its index.

    Returns:
        One row per emotion that any of them has, in display order; one column per corpus, int.
    """
    counts = {name: index["emotion"].value_counts() for name, index in indexes.items()}
    table = pd.DataFrame(counts).fillna(0).astype(int)
    table = table.reindex([str(e) for e in Emotion if str(e) in table.index])
    return table.rename_axis("emotion")


def medians_table(indexes: Mapping[str, pd.DataFrame], column: str) -> pd.DataFrame:
    """Median of a descriptor per corpus, for the emotions that all of them have.

    Args:
        indexes: name for people of each corpus to its index.
        column: of the descriptor.

    Returns:
        One row per emotion in display order, one column per corpus; NaN where nothing was measured.
    """
    medians = {name: index.groupby("emotion")[column].median() for name, index in indexes.items()}
    shared = [str(e) for e in Emotion if all(str(e) in each.index for each in medians.values())]
    return pd.DataFrame(medians).reindex(shared).rename_axis("emotion")


def clips_per_corpus(table: pd.DataFrame, theme: Theme) -> go.Figure:
    """A group of bars per emotion on one scale: a bar per corpus, named at its end.

    Args:
        table: from `counts_table`.
        theme: light or dark.
    """
    count, corpora = len(table), list(table.columns)
    longest = int(table.to_numpy().max(initial=1))
    group = _BAR_PX * len(corpora) + _GAP_PX
    thick = _BAR_PX / group
    bars = [
        {
            "type": "bar",
            "orientation": "h",
            "name": escape(name),
            # the first corpus is on top of its group; rows count downwards
            "y": [row + (place - (len(corpora) - 1) / 2) * thick for row in range(count)],
            "x": table[name],
            "width": 0.86 * thick,
            "marker": {"color": [theme.colour(e) for e in table.index], "line": {"width": 0}},
            "text": [_words(number, name) for number in table[name]],
            "textposition": "outside",
            "textfont": {"size": NOTE_SIZE, "color": theme.text},
            "cliponaxis": False,
            "customdata": list(table.index),
            "hovertemplate": f"%{{customdata}}, {escape(name)}: %{{x}} clips<extra></extra>",
        }
        for place, name in enumerate(corpora)
    ]
    return go.Figure(
        bars,
        base_layout(theme, group * count + _REST_PX, barmode="overlay")
        | {
            # room at the right for the words at the longest bar
            "xaxis": {"visible": False, "range": [0, 1.5 * longest]},
            "yaxis": {
                "range": [count - 0.5, -0.5],
                "tickvals": list(range(count)),
                "ticktext": list(table.index),
                "tickfont": {"size": 13, "color": theme.text},
            },
            "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        },
    )


def _words(number: int, name: str) -> str:
    return f"{thousands(number) if number else 'none'} {escape(name)}"

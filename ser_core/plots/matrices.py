"""Confusion matrices whose every cell can be clicked, and the difference of two of them."""

from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from ser_core.comparison import ShareOf, cell_shares
from ser_core.emotions import Emotion
from ser_core.plots.text import NBSP, count_word, percent, signed
from ser_core.plots.theme import NOTE_SIZE, Theme, base_layout, colour_at, short

HEIGHT = 390
QUIET_SHARE = 0.08  # below it a figure is muted
Cell = tuple[Emotion, Emotion]
_EMOTIONS = list(Emotion)
_LEAST_LIMIT = 0.25  # of the difference scale, so that noise stays pale


def matrix(
    counts: NDArray[np.int64], of: ShareOf, theme: Theme, chosen: Cell | None = None
) -> go.Figure:
    """Confusion matrix; rows acted, columns heard.

    A heatmap fires no clicks: transparent points lie over it, with (acted, heard, clips) as
    custom data.

    Args:
        counts: shape (8, 8), in display order.
        of: what a cell shows.
        theme: light or dark.
        chosen: acted and heard emotion of the cell to frame.
    """
    shares = cell_shares(counts, of)
    filled = np.nan_to_num(shares)
    texts, colours, hovers = [], [], []
    for (row, column), share in np.ndenumerate(filled):
        count = int(counts[row, column])
        texts.append(_cell_text(count, share, of))
        quiet = share < QUIET_SHARE
        under = colour_at(theme.sequential, share)
        colours.append(theme.muted if quiet else theme.text_on(under))
        known = "" if of == "counts" else f"{percent(share)}, "
        hovers.append(f"{_pair(row, column)}: {known}{count_word(count, 'clip')}")
    return _grid(filled, (0, 1), theme.sequential, texts, colours, hovers, counts, theme, chosen)


def difference(
    a: NDArray[np.int64],
    b: NDArray[np.int64],
    of: ShareOf,
    theme: Theme,
    chosen: Cell | None = None,
) -> go.Figure:
    """Matrix A minus matrix B: in points of percent, or in clips for "counts".

    Args:
        a: counts of the first model, shape (8, 8).
        b: counts of the second.
        of: what the cells of both show.
        theme: light or dark.
        chosen: acted and heard emotion of the cell to frame.
    """
    if of == "counts":
        delta, unit = (a - b).astype(float), "clips"
        limit = max(float(np.abs(delta).max()), 1.0)
    else:
        delta, unit = (
            100 * (np.nan_to_num(cell_shares(a, of)) - np.nan_to_num(cell_shares(b, of))),
            "points",
        )
        limit = max(float(np.abs(delta).max()), 100 * _LEAST_LIMIT)
    texts, colours, hovers = [], [], []
    for (row, column), value in np.ndenumerate(delta):
        shown = signed(value)
        texts.append("" if shown == "0" else shown)
        under = colour_at(theme.diverging, 0.5 + value / limit / 2)
        colours.append(theme.text_on(under))
        hovers.append(f"{_pair(row, column)}: {shown}{NBSP}{unit}")
    return _grid(delta, (-limit, limit), theme.diverging, texts, colours, hovers, a, theme, chosen)


def cell_of(point: dict[str, Any]) -> Cell | None:
    """Acted and heard emotion of a selected point; custom data comes as a list or as a dict."""
    data = point.get("customdata")
    if isinstance(data, dict):
        data = [data.get(key, data.get(int(key))) for key in ("0", "1")]
    try:
        return Emotion(data[0]), Emotion(data[1])
    except (TypeError, IndexError, ValueError):
        return None


def _grid(
    values: NDArray[np.float64],
    limits: tuple[float, float],
    scale: Any,
    texts: list[str],
    colours: list[str],
    hovers: list[str],
    counts: NDArray[np.int64],
    theme: Theme,
    chosen: Cell | None,
) -> go.Figure:
    at = list(range(len(_EMOTIONS)))
    columns, rows = at * len(at), [row for row in at for _ in at]
    grid = go.Figure()
    grid.add_heatmap(
        z=values,
        x=at,
        y=at,
        zmin=limits[0],
        zmax=limits[1],
        colorscale=[list(s) for s in scale],
        showscale=False,
        xgap=2,
        ygap=2,
        hoverinfo="skip",
    )
    grid.add_scatter(
        x=columns,
        y=rows,
        mode="text",
        text=texts,
        hoverinfo="skip",
        textfont={"size": NOTE_SIZE, "color": colours},
    )
    grid.add_scatter(
        x=columns,
        y=rows,
        mode="markers",
        name="cells",
        marker={"symbol": "square", "size": 30, "color": "rgba(0,0,0,0)", "line": {"width": 0}},
        customdata=[
            [_EMOTIONS[r].value, _EMOTIONS[c].value, int(counts[r, c])]
            for r, c in zip(rows, columns, strict=True)
        ],
        text=hovers,
        hovertemplate="%{text}<extra></extra>",
    )
    if chosen is not None:
        row, column = (_EMOTIONS.index(Emotion(e)) for e in chosen)
        grid.add_shape(
            type="rect",
            x0=column - 0.5,
            x1=column + 0.5,
            y0=row - 0.5,
            y1=row + 0.5,
            line={"width": 2.5, "color": theme.ink},
            layer="above",
        )
    edge = [-0.52, len(at) - 0.48]
    return grid.update_layout(
        **base_layout(theme, HEIGHT, margin={"l": 8, "r": 4, "t": 26, "b": 4}),
        hovermode="closest",
        hoverdistance=-1,
        clickmode="event+select",
        xaxis={
            "range": edge,
            "side": "top",
            "tickvals": at,
            "ticks": "",
            "ticktext": [short(e) for e in _EMOTIONS],
        },
        yaxis={
            "range": edge[::-1],
            "tickvals": at,
            "ticktext": [e.value for e in _EMOTIONS],
            "tickfont": {"size": 13, "color": theme.text},
        },
    )


def _cell_text(count: int, share: float, of: ShareOf) -> str:
    if not count:
        return ""
    if of == "counts":
        return str(count)
    # a cell of few clips is not an empty one
    return f"{100 * share:.0f}" if share >= 0.005 else "<1"


def _pair(row: int, column: int) -> str:
    return f"acted {_EMOTIONS[row]}, heard {_EMOTIONS[column]}"

"""Confusion matrices whose every cell can be clicked, and the difference of two of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from ser_core.evaluation.baselines import ShareOf, cell_shares
from ser_core.evaluation.label_sets import EMOTIONS, short
from ser_core.formatting import NBSP, count_word, percent, signed
from ser_core.plots.theme import NOTE_SIZE, ColourScale, Theme, base_layout, colour_at

HEIGHT = 390
QUIET_SHARE = 0.08  # below it a figure is muted
Cell = tuple[str, str]  # acted and heard class
_WIDE_COLUMNS = 4  # so few have room for their whole names
_LEAST_LIMIT = 0.25  # of the difference scale, so that noise stays pale


def matrix(
    counts: NDArray[np.int64],
    of: ShareOf,
    theme: Theme,
    chosen: Cell | None = None,
    labels: Sequence[str] = EMOTIONS.labels,
    darkest: int | None = None,
) -> go.Figure:
    """Confusion matrix; rows acted, columns heard.

    A heatmap fires no clicks: transparent points lie over it, with (acted, heard, clips) as
    custom data.

    Args:
        counts: shape (k, k), in display order.
        of: what a cell shows.
        theme: light or dark.
        chosen: the cell to frame.
        labels: the k classes.
        darkest: clips of a cell in the darkest colour where counts are shown, so that matrices can
            be compared; those of the largest cell by default.
    """
    shares = cell_shares(counts, of) if darkest is None else counts / darkest
    filled = np.nan_to_num(shares)
    texts, colours, hovers = [], [], []
    for (row, column), share in np.ndenumerate(filled):
        count = int(counts[row, column])
        texts.append(_cell_text(count, share, of))
        quiet = share < QUIET_SHARE
        under = colour_at(theme.sequential, share)
        colours.append(theme.muted if quiet else theme.text_on(under))
        known = "" if of == "counts" else f"{percent(share)}, "
        pair = _pair(labels[row], labels[column])
        hovers.append(f"{pair}: {known}{count_word(count, 'clip')}")
    cells = _Cells(labels, counts, texts, colours, hovers, chosen)
    return _grid(filled, (0, 1), theme.sequential, cells, theme)


def difference(
    a: NDArray[np.int64],
    b: NDArray[np.int64],
    of: ShareOf,
    theme: Theme,
    chosen: Cell | None = None,
    labels: Sequence[str] = EMOTIONS.labels,
) -> go.Figure:
    """Matrix A minus matrix B: in points of percent, or in clips for "counts".

    Args:
        a: counts of the first model, shape (k, k).
        b: counts of the second.
        of: what the cells of both show.
        theme: light or dark.
        chosen: the cell to frame.
        labels: the k classes.
    """
    if of == "counts":
        delta, unit = (a - b).astype(float), "clips"
        limit = max(float(np.abs(delta).max()), 1.0)
    else:
        # NaN where one of them has nothing to divide by: no clip acted so, or none heard so
        delta, unit = 100 * (cell_shares(a, of) - cell_shares(b, of)), "points"
        limit = max(float(np.nanmax(np.abs(delta), initial=0)), 100 * _LEAST_LIMIT)
    texts, colours, hovers = [], [], []
    for (row, column), value in np.ndenumerate(delta):
        pair = _pair(labels[row], labels[column])
        if np.isnan(value):
            texts.append("")
            colours.append(theme.muted)
            hovers.append(f"{pair}: not comparable")
            continue
        shown = signed(value)
        texts.append("" if shown == "0" else shown)
        under = colour_at(theme.diverging, 0.5 + value / limit / 2)
        colours.append(theme.text_on(under))
        hovers.append(f"{pair}: {shown}{NBSP}{unit}")
    cells = _Cells(labels, a, texts, colours, hovers, chosen)
    return _grid(np.nan_to_num(delta), (-limit, limit), theme.diverging, cells, theme)


def cell_of(point: dict[str, Any], labels: Sequence[str] = EMOTIONS.labels) -> Cell | None:
    """The cell of a selected point; custom data comes as a list or as a dict."""
    data = point.get("customdata")
    if isinstance(data, dict):
        data = [data.get(key, data.get(int(key))) for key in ("0", "1")]
    if not data or len(data) < 2 or not {data[0], data[1]} <= {*labels}:
        return None
    return data[0], data[1]


@dataclass(frozen=True, slots=True, eq=False)
class _Cells:
    """What is written on the cells; lists go row by row."""

    labels: Sequence[str]
    counts: NDArray[np.int64]
    texts: list[str]
    colours: list[str]
    hovers: list[str]
    chosen: Cell | None


def _grid(
    values: NDArray[np.float64],
    limits: tuple[float, float],
    scale: ColourScale,
    cells: _Cells,
    theme: Theme,
) -> go.Figure:
    labels, at = cells.labels, list(range(len(cells.labels)))
    few = len(labels) <= _WIDE_COLUMNS
    columns, rows = at * len(at), [row for row in at for _ in at]
    heat = {
        "type": "heatmap",
        "z": values,
        "x": at,
        "y": at,
        "zmin": limits[0],
        "zmax": limits[1],
        "colorscale": [list(step) for step in scale],
        "showscale": False,
        "xgap": 2,
        "ygap": 2,
        "hoverinfo": "skip",
    }
    written = {
        "type": "scatter",
        "x": columns,
        "y": rows,
        "mode": "text",
        "text": cells.texts,
        "hoverinfo": "skip",
        "textfont": {"size": NOTE_SIZE, "color": cells.colours},
    }
    clickable = {
        "type": "scatter",
        "x": columns,
        "y": rows,
        "mode": "markers",
        "name": "cells",
        "marker": {"symbol": "square", "size": 30, "color": "rgba(0,0,0,0)", "line": {"width": 0}},
        "customdata": [
            [labels[r], labels[c], int(cells.counts[r, c])]
            for r, c in zip(rows, columns, strict=True)
        ],
        "text": cells.hovers,
        "hovertemplate": "%{text}<extra></extra>",
    }
    edge = [-0.52, len(at) - 0.48]
    layout = base_layout(theme, HEIGHT, margin={"l": 8, "r": 4, "t": 26, "b": 4}) | {
        # a redraw must not forget the selection: the next click on the cell would go unnoticed
        "uirevision": "keep",
        "hovermode": "closest",
        "hoverdistance": -1,
        "clickmode": "event+select",
        "shapes": [_frame(cells, theme)] if cells.chosen else [],
        "xaxis": {
            "range": edge,
            "side": "top",
            "tickvals": at,
            "ticks": "",
            "ticktext": list(labels) if few else [short(label) for label in labels],
        },
        "yaxis": {
            "range": edge[::-1],
            "tickvals": at,
            "ticktext": list(labels),
            "tickfont": {"size": 13, "color": theme.text},
        },
    }
    return go.Figure([heat, written, clickable], layout)


def _frame(cells: _Cells, theme: Theme) -> dict[str, Any]:
    row, column = (cells.labels.index(label) for label in cells.chosen or ())
    return {
        "type": "rect",
        "x0": column - 0.5,
        "x1": column + 0.5,
        "y0": row - 0.5,
        "y1": row + 0.5,
        "line": {"width": 2.5, "color": theme.ink},
        "layer": "above",
    }


def _cell_text(count: int, share: float, of: ShareOf) -> str:
    if not count:
        return ""
    if of == "counts":
        return str(count)
    # a cell of few clips is not an empty one
    return f"{100 * share:.0f}" if share >= 0.005 else "<1"


def _pair(acted: str, heard: str) -> str:
    return f"acted {acted}, heard {heard}"

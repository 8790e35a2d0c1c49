"""Confusion matrices as tables of cells, and the difference of two of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ser_core.evaluation.baselines import ShareOf, cell_shares
from ser_core.evaluation.label_sets import EMOTIONS, short
from ser_core.formatting import NBSP, count_word, percent, signed
from ser_core.plots.theme import Theme, colour_at

QUIET_SHARE = 0.08  # below it a figure is muted
Cell = tuple[str, str]  # acted and heard class
_WIDE_COLUMNS = 4  # so few have room for their whole names
_LEAST_LIMIT = 0.25  # of the difference scale, so that noise stays pale


@dataclass(frozen=True, slots=True)
class CellLook:
    """One cell of a matrix.

    Attributes:
        value: what the colour stands for: a share, or a difference.
        text: what is written on it.
        words: the whole of it, such as "acted sad, heard as calm: 11 %, 21 clips".
        fill: colour of the cell.
        ink: colour of the text.
    """

    value: float
    text: str
    words: str
    fill: str
    ink: str


@dataclass(frozen=True, slots=True)
class Matrix:
    """A matrix to draw; rows acted, columns heard.

    Attributes:
        labels: the k classes.
        columns: their names above the columns, shorter where there are many.
        cells: k rows of k cells.
    """

    labels: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[CellLook, ...], ...]


def matrix(
    counts: NDArray[np.int64],
    of: ShareOf,
    theme: Theme,
    labels: Sequence[str] = EMOTIONS.labels,
    darkest: int | None = None,
) -> Matrix:
    """Confusion matrix.

    Args:
        counts: shape (k, k), in display order.
        of: what a cell shows.
        theme: light or dark.
        labels: the k classes.
        darkest: clips of a cell in the darkest colour where counts are shown, so that matrices can
            be compared; those of the largest cell by default.
    """
    shares = cell_shares(counts, of) if darkest is None else counts / darkest

    def look(row: int, column: int) -> CellLook:
        share, count = float(np.nan_to_num(shares[row, column])), int(counts[row, column])
        fill = colour_at(theme.sequential, share)
        known = "" if of == "counts" else f"{percent(share)}, "
        words = f"{_pair(labels[row], labels[column])}: {known}{count_word(count, 'clip')}"
        ink = theme.muted if share < QUIET_SHARE else theme.text_on(fill)
        return CellLook(share, _cell_text(count, share, of), words, fill, ink)

    return _grid(labels, look)


def difference(
    a: NDArray[np.int64],
    b: NDArray[np.int64],
    of: ShareOf,
    theme: Theme,
    labels: Sequence[str] = EMOTIONS.labels,
) -> Matrix:
    """Matrix A minus matrix B: in points of percent, or in clips for "counts".

    Args:
        a: counts of the first model, shape (k, k).
        b: counts of the second.
        of: what the cells of both show.
        theme: light or dark.
        labels: the k classes.
    """
    if of == "counts":
        delta, unit = (a - b).astype(float), "clips"
        limit = max(float(np.abs(delta).max()), 1.0)
    else:
        # NaN where one of them has nothing to divide by: no clip acted so, or none heard so
        delta, unit = 100 * (cell_shares(a, of) - cell_shares(b, of)), "points"
        limit = max(float(np.nanmax(np.abs(delta), initial=0)), 100 * _LEAST_LIMIT)

    def look(row: int, column: int) -> CellLook:
        value, pair = float(delta[row, column]), _pair(labels[row], labels[column])
        if np.isnan(value):
            fill = colour_at(theme.diverging, 0.5)
            return CellLook(0.0, "", f"{pair}: not comparable", fill, theme.muted)
        shown = signed(value)
        fill = colour_at(theme.diverging, 0.5 + value / limit / 2)
        words = f"{pair}: {shown}{NBSP}{unit}"
        return CellLook(value, "" if shown == "0" else shown, words, fill, theme.text_on(fill))

    return _grid(labels, look)


def _grid(labels: Sequence[str], look: Callable[[int, int], CellLook]) -> Matrix:
    k = len(labels)
    columns = tuple(labels) if k <= _WIDE_COLUMNS else tuple(short(label) for label in labels)
    cells = tuple(tuple(look(row, column) for column in range(k)) for row in range(k))
    return Matrix(tuple(labels), columns, cells)


def _cell_text(count: int, share: float, of: ShareOf) -> str:
    if not count:
        return ""
    if of == "counts":
        return str(count)
    # a cell of few clips is not an empty one
    return f"{100 * share:.0f}" if share >= 0.005 else "<1"


def _pair(acted: str, heard: str) -> str:
    return f"acted {acted}, heard as {heard}"

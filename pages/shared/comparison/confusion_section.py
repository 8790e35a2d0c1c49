"""Who gets mistaken for whom: two matrices, their difference, and the clips of the chosen cell."""

from functools import partial
from html import escape

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from pages.shared.comparison import cell_clips, models_view
from pages.shared.ui import components, state, style
from pages.shared.ui import matrix as matrix_table
from pages.shared.ui.streamlit_internals import DeltaGenerator
from pages.shared.ui.terms import explained
from ser_core.evaluation.baselines import ShareOf, cell_shares, worst_mistake
from ser_core.formatting import count_word, percent
from ser_core.plots.comparison.confusion import Cell, Matrix, difference, matrix

CELLS = {"recall": "Recall", "precision": "Precision", "counts": "Counts"}
LEGEND = {
    "recall": "Cells: % of the row.",
    "precision": "Cells: % of the column.",
    "counts": "Cells: clips.",
}


def draw(view: models_view.View) -> None:
    """Draw the section."""
    with components.heading_row(
        "Who gets mistaken for whom", mark=explained("Recall", "Precision")
    ):
        of = components.switch("Cells", CELLS, state.SHARE)
    slots = [column.container() for column in _columns(view)]
    components.note(
        f"Rows: acted. Columns: heard, same order. {LEGEND[of]} Click a cell to hear its clips."
    )
    # its widgets know the chosen cell, also on the first run of a bookmarked address
    drawer = cell_clips.drawer(view)
    _matrices(slots, view, of, drawer)
    cell_clips.fill(drawer, view)


def _columns(view: models_view.View) -> list[DeltaGenerator]:
    if view.b is None:
        return st.columns(2, gap="medium")[:1]
    return st.columns(3, gap="medium")


def _matrices(
    slots: list[DeltaGenerator], view: models_view.View, of: ShareOf, drawer: cell_clips.Drawer
) -> None:
    theme, labels = style.current_theme(), view.grouping.labels
    counts = [model.predictions.confusion for model in view.pair]
    sides = (state.MODEL_A, state.MODEL_B)
    for side, slot, model, count in zip(sides, slots, view.pair, counts, strict=False):
        with slot:
            clips = count_word(len(model.rows), "clip")
            components.heading(
                f'{escape(model.title)} <span class="ser-light">{clips}</span>', level=3
            )
            _clickable(
                matrix(count, of, theme, labels),
                side,
                drawer.cell if side == drawer.side else None,
                alt=_finding(model.title, count, labels),
                data=_table(count, of, labels),
                name=f"confusion-{model.bundle.name}-{model.protocol}",
            )
    if view.b is not None:
        with slots[2]:
            _difference(view, counts, of, drawer)


def _difference(
    view: models_view.View, counts: list[NDArray[np.int64]], of: ShareOf, drawer: cell_clips.Drawer
) -> None:
    components.heading(f"A \N{MINUS SIGN} B, {'clips' if of == 'counts' else 'points'}", level=3)
    a, b = (int(count.sum()) for count in counts)
    if of == "counts" and a != b:
        components.note(
            f"A was tested on {count_word(a, 'clip')} and B on {count_word(b, 'clip')}: their "
            "counts cannot be subtracted. Choose Recall or Precision."
        )
        return
    labels = view.grouping.labels
    _clickable(
        difference(*counts, of, style.current_theme(), labels),
        "difference",
        drawer.cell if drawer.side == state.MODEL_A else None,
        alt=_better(view, counts),
        data=_difference_table(counts, of, labels),
        name=f"confusion-{view.a.bundle.name}-minus-{view.b.bundle.name}",
    )


def _clickable(
    figure: Matrix,
    side: str,
    cell: Cell | None,
    *,
    alt: str,
    data: pd.DataFrame,
    name: str,
) -> None:
    matrix_table.draw(
        figure,
        key=f"matrix-{side}",
        alt=alt,
        chosen=cell,
        answered_ms=st.session_state.get(state.CELL_CLICKED_AT, 0.0),
        on_choose=partial(_on_choose, side),
    )
    components.data_popover(data, name, key=f"matrix-{side}-data")


def _on_choose(side: str, cell: Cell | None, at_ms: float) -> None:
    """Open the wanted cell, or close it; of clicks on several matrices the last one counts."""
    if at_ms < st.session_state.get(state.CELL_CLICKED_AT, 0.0):
        return
    st.session_state[state.CELL_CLICKED_AT] = at_ms
    if cell is None:
        cell_clips.close()
    else:
        cell_clips.open_cell(cell, state.MODEL_B if side == state.MODEL_B else state.MODEL_A)


def _finding(title: str, counts: NDArray[np.int64], labels: tuple[str, ...]) -> str:
    if not counts.any():
        return f"{title} was not tested on any of these clips."
    right = percent(np.trace(counts) / counts.sum())
    mistake = worst_mistake(counts, labels)
    if mistake is None:
        return f"{title} names {right} of the clips rightly."
    acted, heard, count = mistake
    return (
        f"{title} names {right} of the clips rightly; its most frequent mistake is {acted} heard "
        f"as {heard}, {count_word(count, 'clip')}."
    )


def _better(view: models_view.View, counts: list[NDArray[np.int64]]) -> str:
    a, b = (np.diag(cell_shares(count, "recall")) for count in counts)
    # a class that one of them lacks is NaN, which is not greater
    better = [name for name, more in zip(view.grouping.labels, a > b, strict=True) if more]
    names = "; ".join(better) or "no class"
    return f"{view.a.title} recognises a larger share than {view.b.title} of: {names}."


def _table(counts: NDArray[np.int64], of: ShareOf, labels: tuple[str, ...]) -> pd.DataFrame:
    """Clips per cell, and the shares that the figure shows."""
    clips = _cells(counts, "clips", labels)
    if of == "counts":
        return clips
    return clips.assign(**{f"{of}_%": 100 * cell_shares(counts, of).ravel()})


def _difference_table(
    counts: list[NDArray[np.int64]], of: ShareOf, labels: tuple[str, ...]
) -> pd.DataFrame:
    if of == "counts":
        return _cells(counts[0] - counts[1], "a_minus_b_clips", labels)
    a, b = (100 * cell_shares(count, of) for count in counts)
    return _cells(a - b, f"a_minus_b_{of}_points", labels)


def _cells(values: NDArray[np.number], name: str, labels: tuple[str, ...]) -> pd.DataFrame:
    """One row per cell: acted, heard and a value."""
    acted, heard = np.repeat(labels, len(labels)), np.tile(labels, len(labels))
    return pd.DataFrame({"acted": acted, "heard": heard, name: values.ravel()})

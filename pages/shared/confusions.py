"""Who gets mistaken for whom: two matrices, their difference, and the clips of the chosen cell."""

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray
from streamlit.delta_generator import DeltaGenerator

from pages.shared import cache, cell_clips, components, state, style
from ser_core.comparison import filtered, worst_mistake
from ser_core.emotions import Emotion
from ser_core.metrics import confusion
from ser_core.plots.matrices import cell_of, difference, matrix
from ser_core.plots.text import count_word, percent, thousands

EMOTIONS = list(Emotion)
CLASSES = [e.value for e in Emotion]
CELLS = {"recall": "Recall", "precision": "Precision", "counts": "Counts"}
LEGEND = {
    "recall": "Cells: % of the row.",
    "precision": "Cells: % of the column.",
    "counts": "Cells: clips.",
}
FILTERS = {
    state.SEX: ("female", "male"),
    state.INTENSITY: ("normal", "strong"),
    state.STATEMENT: ("kids", "dogs"),
}


def section(
    models: list[cache.Bundle], protocol: str
) -> tuple[cache.Bundle, cache.Bundle | None] | None:
    """Draw the whole section.

    Args:
        models: those with predictions under the protocol, best first.
        protocol: of the predictions.

    Returns:
        The two models that were chosen (one, if there is no second); None if there is none.
    """
    controls = components.heading_row("Who gets mistaken for whom")
    if not models:
        components.empty(
            "No model has its predictions beside it.",
            "Train one again to see its mistakes:",
            command="python -m train fit cnn",
        )
        return None
    with controls, st.container(horizontal=True, width="content"):
        of = st.segmented_control(
            "Cells",
            list(CELLS),
            default="recall",
            required=True,
            format_func=CELLS.get,
            key=state.SHARE,
            label_visibility="collapsed",
            bind="query-params",
        )
        wanted = _filters()

    columns = st.columns(3 if len(models) > 1 else 1, gap="medium")
    titles = {m.name: m.title for m in models}
    chosen: list[cache.Bundle] = []
    for side, column in zip((state.MODEL_A, state.MODEL_B), columns, strict=False):
        with column:
            name = st.selectbox(
                f"Model {side.upper()}",
                list(titles),
                index=len(chosen),
                format_func=titles.get,
                key=side,
                label_visibility="collapsed",
                bind="query-params",
            )
        chosen.append(next(m for m in models if m.name == name))
    pair = (chosen[0], chosen[1] if len(chosen) > 1 else None)

    rows = [filtered(m.rows(protocol), **wanted) for m in chosen]
    if rows[0].empty:
        _no_clips(wanted)
        return pair
    slots = [column.container() for column in columns]
    components.note(_caption(of, wanted, len(rows[0]), len(chosen[0].rows(protocol))))
    # its widgets know the chosen cell, also on the first run of a bookmarked address
    drawer = cell_clips.drawer(chosen)
    _matrices(slots, chosen, rows, of, drawer)
    cell_clips.fill(drawer, chosen, rows)
    return pair


def _filters() -> dict[str, str | None]:
    wanted = {}
    with st.popover("Filter clips", icon=":material/filter_list:", key="filters"):
        for column, values in FILTERS.items():
            wanted[column] = components.one_of(column.capitalize(), values, column)
    return wanted


def _no_clips(wanted: dict[str, str | None]) -> None:
    reason = ", ".join(value for value in wanted.values() if value)
    box = components.empty("No clip matches these filters.", f"Chosen: {reason}.")
    box.button("Clear filters", on_click=_clear_filters)


def _clear_filters() -> None:
    for column in FILTERS:
        st.session_state[column] = components.ALL


def _matrices(
    slots: list[DeltaGenerator],
    chosen: list[cache.Bundle],
    rows: list[pd.DataFrame],
    of: str,
    drawer: cell_clips.Drawer,
) -> None:
    theme = style.current_theme()
    counts = [confusion(r["emotion"], r["predicted"], CLASSES) for r in rows]
    for side, slot, model, count in zip(
        (state.MODEL_A, state.MODEL_B), slots, chosen, counts, strict=False
    ):
        with slot:
            _clickable(
                matrix(count, of, theme, drawer.cell if side == drawer.side else None),
                side,
                alt=_finding(model.title, count),
                data=_table(count, "acted"),
                name=f"confusion-{model.name}",
            )
    if len(counts) < 2:
        return
    with slots[2]:
        unit = "clips" if of == "counts" else "points"
        st.html(f'<h3 class="ser-h ser-field">A \N{MINUS SIGN} B, {unit}</h3>')
        _clickable(
            difference(*counts, of, theme),
            "difference",
            alt=_better(chosen, counts),
            data=_table(counts[0] - counts[1], "acted"),
            name=f"confusion-{chosen[0].name}-minus-{chosen[1].name}",
        )


def _clickable(figure: object, side: str, **chart: object) -> None:
    key = f"matrix-{side}"
    components.chart(
        figure,
        key=key,
        on_select=lambda: _on_click(key, side),
        selection_mode=("points",),
        **chart,
    )


def _on_click(key: str, side: str) -> None:
    """Open the clicked cell, or close it if it was open.

    A second click on the point that Plotly holds as selected comes as an empty selection, even if
    another cell was opened since by other means.
    """
    held = f"{key}-held"
    points = st.session_state[key]["selection"]["points"]
    clicked = cell_of(points[-1]) if points else None
    cell = clicked or st.session_state.get(held)
    st.session_state[held] = clicked
    side = state.MODEL_B if side == state.MODEL_B else state.MODEL_A
    if cell is None or (cell, side) == (cell_clips.chosen_cell(), cell_clips.chosen_side()):
        cell_clips.close()
    else:
        cell_clips.open_cell(cell, side)


def _caption(of: str, wanted: dict[str, str | None], clips: int, whole: int) -> str:
    active = ", ".join(value for value in wanted.values() if value)
    which = (
        f" Filtered: {active}, {thousands(clips)} of {thousands(whole)} clips." if active else ""
    )
    return (
        f"Rows: acted. Columns: heard, same order. {LEGEND[of]} Click a cell to hear its clips."
        f"{which}"
    )


def _finding(title: str, counts: NDArray[np.int64]) -> str:
    right = percent(np.trace(counts) / counts.sum())
    mistake = worst_mistake(counts)
    if mistake is None:
        return f"{title} names {right} of the clips rightly."
    acted, heard, count = mistake
    return (
        f"{title} names {right} of the clips rightly; its most frequent mistake is {acted} heard "
        f"as {heard}, {count_word(count, 'clip')}."
    )


def _better(chosen: list[cache.Bundle], counts: list[NDArray[np.int64]]) -> str:
    a, b = (np.diag(c) / np.maximum(c.sum(axis=1), 1) for c in counts)
    better = [e.value for e, d in zip(EMOTIONS, a - b, strict=True) if d > 0]
    names = ", ".join(better) or "no emotion"
    return f"{chosen[0].title} recognises more clips than {chosen[1].title} of: {names}."


def _table(counts: NDArray[np.int64], corner: str) -> pd.DataFrame:
    table = pd.DataFrame(counts, columns=[f"heard {e}" for e in CLASSES])
    table.insert(0, corner, CLASSES)
    return table

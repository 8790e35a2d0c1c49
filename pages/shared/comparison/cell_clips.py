"""The clips behind one cell of a confusion matrix, or the surest mistakes while none is open."""

from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from pages.shared.comparison import clip_list, models_view
from pages.shared.comparison.clip_filter import actor_numbers
from pages.shared.ui import components, state, style
from pages.shared.ui.streamlit_internals import DeltaGenerator
from ser_core.formatting import count_word, percent
from ser_core.plots.comparison.confusion import Cell

_SURE_WIDTH, _TEXT_WIDTH = 104, 78


def chosen_cell() -> Cell | None:
    """The open cell, acted and heard; None while there is none."""
    acted, heard = (st.session_state.get(key) for key in (state.ACTED, state.HEARD))
    return (acted, heard) if acted and heard else None


def chosen_side() -> str:
    """Whether the open cell is of model A or of model B."""
    return st.session_state.get(state.SIDE) or state.MODEL_A


def open_cell(cell: Cell, side: str) -> None:
    """Open a cell of one of the two models; only before the drawer is drawn, as in a callback."""
    st.session_state[state.ACTED], st.session_state[state.HEARD] = cell
    st.session_state[state.SIDE] = side


def close() -> None:
    """Close the drawer; the next list starts at its top."""
    st.session_state[state.ACTED] = st.session_state[state.HEARD] = None
    st.session_state[state.LISTEN] = None


@dataclass(frozen=True, slots=True)
class Drawer:
    """The box of the clips, with its head drawn.

    Attributes:
        box: to draw the clips in.
        title: to write what is open in.
        cell: acted and heard; None while nothing is open.
        side: `state.MODEL_A` or `state.MODEL_B`.
    """

    box: DeltaGenerator
    title: DeltaGenerator
    cell: Cell | None
    side: str


def drawer(view: models_view.View) -> Drawer:
    """Draw the box and the widgets that lead to every cell without a pointer."""
    box = st.container(border=True)
    head = box.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    )
    title = head.container(width="content")
    with head, st.container(horizontal=True, width="content", vertical_alignment="center"):
        side = _side_control(view)
        for key, word in ((state.ACTED, "Acted"), (state.HEARD, "Heard as")):
            if st.session_state.get(key) not in (None, *view.grouping.labels):
                st.session_state[key] = None  # a class of another grouping
            st.selectbox(
                word,
                view.grouping.labels,
                index=None,
                placeholder=word,
                key=key,
                label_visibility="collapsed",
                width=148,
                bind="query-params",
            )
        cell = chosen_cell()
        if cell is not None:
            st.button("Close", icon=":material/close:", type="tertiary", on_click=close)
    return Drawer(box, title, cell, side)


def fill(opened: Drawer, view: models_view.View) -> None:
    """Draw the clips of the open cell, or the surest mistakes.

    Args:
        opened: what `drawer` returned.
        view: what the page looks at.
    """
    model = view.pair[(state.MODEL_A, state.MODEL_B).index(opened.side)]
    with opened.box:
        if opened.cell is None:
            _surest_mistakes(opened, model, view)
        else:
            _cell(opened, opened.cell, model, view)


def _side_control(view: models_view.View) -> str:
    if view.b is None:
        return state.MODEL_A
    return components.switch(
        "Model of the cell", {s: s.upper() for s in (state.MODEL_A, state.MODEL_B)}, state.SIDE
    )


def _cell(opened: Drawer, cell: Cell, model: models_view.Rated, view: models_view.View) -> None:
    answers = model.predictions
    acted, heard = (answers.labels.index(label) for label in cell)
    at = answers.surest((answers.truth == acted) & (answers.predicted == heard))
    marks = [components.mark(view.grouping.emotion(label)) for label in cell]
    opened.title.html(
        f'<h3 class="ser-h">Acted {marks[0]}{cell[0]}, heard as {marks[1]}{cell[1]} '
        f'<span class="ser-light">{count_word(at.size, "clip")}, {escape(model.title)}</span></h3>'
    )
    if not at.size:
        components.note(f"No clip was acted {cell[0]} and heard as {cell[1]}.")
        return
    shown, columns = pd.DataFrame(), {}
    for label, column in dict(zip(reversed(cell), (heard, acted), strict=True)).items():
        shown[label] = _whole_percent(answers.probabilities[at, column])
        columns[label] = _bar(f"How sure the model was of {label}.", label, view)
    _list(
        model,
        view,
        at,
        shown,
        columns,
        name=f"clips-{cell[0]}-heard-{cell[1]}".replace(", ", "-"),
        alt=f"{count_word(at.size, 'clip')} acted {cell[0]} and heard as {cell[1]}, surest first.",
    )


def _surest_mistakes(opened: Drawer, model: models_view.Rated, view: models_view.View) -> None:
    answers = model.predictions
    at = answers.surest(~answers.right)
    opened.title.html(
        '<h3 class="ser-h">Surest mistakes <span class="ser-light">'
        f'{count_word(at.size, "mistake")}, {escape(model.title)}</span></h3><p class="ser-note">'
        "Click a cell, or choose what was acted and what was heard.</p>"
    )
    if not len(model.rows):
        components.note(f"{model.title} was not tested on any of these clips.")
        return
    if not at.size:
        components.note(f"{model.title} heard every one of these clips rightly.")
        return
    labels = np.array(answers.labels)
    shown = pd.DataFrame(
        {
            "acted": labels[answers.truth[at]],
            "heard": labels[answers.predicted[at]],
            "sure": _whole_percent(answers.confidence[at]),
        }
    )
    columns = {"sure": _bar("How sure the model was of what it heard.", None, view)}
    columns |= {name: st.column_config.TextColumn(width=82) for name in ("acted", "heard")}
    _list(
        model,
        view,
        at,
        shown,
        columns,
        name="surest-mistakes",
        alt=f"{count_word(at.size, 'mistake')}, surest first; the model was "
        f"{percent(answers.confidence[at[0]])} sure of the first.",
    )


def _list(
    model: models_view.Rated,
    view: models_view.View,
    at: np.ndarray,
    shown: pd.DataFrame,
    columns: dict[str, Any],
    *,
    name: str,
    alt: str,
) -> None:
    clips = model.rows.iloc[at]
    shown["speaker"] = actor_numbers(clips).to_numpy()
    columns["speaker"] = st.column_config.NumberColumn(width=68)
    for column in ("sex", "intensity", "statement"):
        shown[column] = clips[column].to_numpy()
        columns[column] = st.column_config.TextColumn(width=_TEXT_WIDTH)
    clip_list.browse(clips, shown, columns, view, key="clips", name=name, alt=alt)


def _bar(help_text: str, label: str | None, view: models_view.View) -> object:
    theme = style.current_theme()
    emotion = None if label is None else view.grouping.emotion(label)
    return st.column_config.ProgressColumn(
        format="%d %%",
        min_value=0,
        max_value=100,
        color=theme.ink if emotion is None else theme.colour(emotion),
        width=_SURE_WIDTH,
        help=help_text,
    )


def _whole_percent(shares: np.ndarray) -> np.ndarray:
    return np.round(100 * shares).astype(int)

"""A confusion matrix to click, tap, walk by arrow keys and hear read aloud.

A table of buttons in the page itself: no click depends on a figure that is being redrawn, and a
swipe over it scrolls the page. What is wanted open is decided in the browser and told as a whole,
so that of a quick series of clicks the last one always counts.
"""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import streamlit as st

from ser_core.plots.comparison.confusion import Cell, Matrix

_HERE = Path(__file__).parent


def draw(
    figure: Matrix,
    *,
    key: str,
    alt: str,
    chosen: Cell | None = None,
    answered_ms: float = 0.0,
    on_choose: Callable[[Cell | None, float], None] | None = None,
) -> None:
    """Draw a matrix.

    Args:
        figure: what to draw.
        key: of the element.
        alt: the finding in words, the table's caption for those who do not see it.
        chosen: the cell with a frame around it.
        answered_ms: time of the last click, on any matrix, that `chosen` knows of.
        on_choose: called before the page runs with the cell that the visitor wants open, None to
            close it, and the time of the click in ms; without it the cells are no buttons.
    """

    def chose() -> None:
        match st.session_state[key].get("wanted"):
            case {"cell": [str(row), str(column)], "at": int() | float() as at} if on_choose:
                on_choose((row, column), at)
            case {"cell": None, "at": int() | float() as at} if on_choose:
                on_choose(None, at)

    data = asdict(figure) | {
        "alt": alt,
        "chosen": chosen,
        "answered": answered_ms,
        "clickable": on_choose is not None,
    }
    _component()(key=key, data=data, on_wanted_change=chose)


@st.cache_resource(show_spinner=False)
def _component() -> Callable[..., Any]:
    return st.components.v2.component(
        "confusion_matrix",
        html="<div class='ser-matrix'></div>",
        css=(_HERE / "matrix.css").read_text(encoding="utf-8"),
        js=(_HERE / "matrix.js").read_text(encoding="utf-8"),
        isolate_styles=False,
    )

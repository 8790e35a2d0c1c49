"""What a page is controlled by: a row, which a narrow screen folds behind a title."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from html import escape

import streamlit as st

from pages.shared.ui.streamlit_internals import DeltaGenerator


@contextmanager
def folded(place: DeltaGenerator, title: str, keys: Iterable[str]) -> Iterator[DeltaGenerator]:
    """Room for the controls of a page, once a page.

    The browser folds it, so that Python need not know the width of the screen.

    Args:
        place: where it comes.
        title: on a narrow screen, with the number of those that are not as they were at first.
        keys: of the widgets, which are bound to the URL.
    """
    head = place.container(horizontal=True, vertical_alignment="center", key="fold")
    # always the same HTML: another would be drawn anew, and folded
    head.html(f"<details><summary>{escape(title)}</summary></details>", width="content")
    row = place.container(
        horizontal=True, vertical_alignment="bottom", width="content", key="controls"
    )
    with row:
        yield row
    chosen = sum(key in st.query_params for key in keys)
    if chosen:
        head.html(f'<span class="ser-light">{chosen} chosen</span>', width="content")

"""Tabs of a page, of which only the open one is drawn."""

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

import streamlit as st

V = TypeVar("V")


def draw(
    parts: Mapping[str, Callable[[V], None]], view: V, key: str, kept: Iterable[str] = ()
) -> None:
    """Draw the tabs and what is in the open one.

    Args:
        parts: title of each tab, and what draws it.
        view: what it draws from.
        key: of the tabs, and name of the URL's parameter.
        kept: widgets of the tabs: Streamlit forgets those of hidden ones unless they are written
            back.
    """
    for widget in kept:
        if widget in st.session_state:
            st.session_state[widget] = st.session_state[widget]
    tabs = st.tabs(list(parts), key=key, on_change="rerun", bind="query-params")
    for tab, part in zip(tabs, parts.values(), strict=True):
        if tab.open:
            with tab:
                part(view)

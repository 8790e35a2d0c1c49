"""Tabs of a page, of which only the open one is drawn."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import streamlit as st

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Section(Generic[V]):
    """A tab.

    Attributes:
        title: its name, on the page and in the URL.
        draw: draws it.
        keys: of its widgets, which are its part of the URL.
    """

    title: str
    draw: Callable[[V], None]
    keys: tuple[str, ...] = ()


def draw(sections: Sequence[Section[V]], view: V, key: str) -> None:
    """Draw the tabs and what is in the open one.

    Args:
        sections: the tabs.
        view: what they draw from.
        key: of the tabs, and name of the URL's parameter.
    """
    for widget in (widget for section in sections for widget in section.keys):
        if widget in st.session_state:  # Streamlit forgets a hidden one unless it is written back
            st.session_state[widget] = st.session_state[widget]
    if key not in st.session_state and key not in st.query_params:
        st.session_state[key] = _meant(sections).title
    titles = [section.title for section in sections]
    for tab, section in zip(
        st.tabs(titles, key=key, on_change="rerun", bind="query-params"), sections, strict=True
    ):
        if tab.open:
            with tab:
                section.draw(view)


def _meant(sections: Sequence[Section[V]]) -> Section[V]:
    """The tab that an address speaks of without naming it."""
    asked = set(st.query_params)
    return next((section for section in sections if asked & {*section.keys}), sections[0])

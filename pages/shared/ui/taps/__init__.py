"""A finger's tap on a figure selects the point below it; a swipe over it moves the page."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

_HERE = Path(__file__).parent


def follow(key: str) -> None:
    """Follow the fingers on the page's figures; it takes no room.

    Args:
        key: of the element.
    """
    _component()(key=key, height=0)


@st.cache_resource(show_spinner=False)
def _component() -> Callable[..., Any]:
    return st.components.v2.component(
        "taps", html="<i></i>", js=(_HERE / "taps.js").read_text(encoding="utf-8")
    )

"""Keeps pages inside the frame that app.py draws."""

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager


def ensure() -> None:
    """Start again through app.py if Streamlit runs this page by itself.

    Until st.navigation was called once in a server's life, Streamlit serves every file in pages/ as
    a page of its own, without app.py: the first visitor after a start would see a bookmarked page
    bare. Every page calls this first, through its title.
    """
    if PagesManager.uses_pages_directory:
        PagesManager.uses_pages_directory = False
        st.rerun()

"""Lets every page be the first one that a new server is asked for."""

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager


def through_app() -> None:
    """Start over through app.py where Streamlit runs a page of its own accord.

    Because there is a folder named pages, Streamlit shows its own navigation until app.py has once
    called st.navigation. On a server whose first visitor follows a link to a page, that is never:
    this page would stay without style, and its link's filters without effect.
    """
    if PagesManager.uses_pages_directory:
        PagesManager.uses_pages_directory = False
        st.rerun()

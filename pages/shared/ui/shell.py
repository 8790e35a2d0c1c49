"""Keeps pages inside the frame that app.py draws, and visitors' sound off the disk."""

import streamlit as st
from starlette.formparsers import MultiPartParser
from streamlit.runtime.pages_manager import PagesManager


def ensure() -> None:
    """Start again through app.py if Streamlit runs this page by itself.

    Until st.navigation was called once in a server's life, Streamlit serves every file in pages/ as
    a page of its own, without app.py: the first visitor after a start would see a bookmarked page
    bare. Every page calls this first, through its title.
    """
    keep_uploads_in_memory()
    if PagesManager.uses_pages_directory:
        PagesManager.uses_pages_directory = False
        st.rerun()


def keep_uploads_in_memory() -> None:
    """Never let an upload touch the disk, as the pages promise.

    Streamlit's upload route reads a form through Starlette, which moves a file of more than 1 MB to
    a temporary file on the way into memory. Starlette has no setting for it, only this class
    attribute, where 0 means no limit; server.maxUploadSize bounds the size before.
    """
    MultiPartParser.spool_max_size = 0

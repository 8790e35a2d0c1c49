"""Everything of Streamlit that the pages use beyond its documented interface; nothing else does."""

import streamlit as st
from starlette.formparsers import MultiPartParser

# remove when Streamlit names the types of a container and of an upload in its documentation
from streamlit.delta_generator import DeltaGenerator as DeltaGenerator
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.uploaded_file_manager import UploadedFile as UploadedFile


def ensure_frame() -> None:
    """Start again through app.py if Streamlit runs this page by itself.

    Until st.navigation was called once in a server's life, Streamlit serves every file in pages/ as
    a page of its own, without app.py: the first visitor after a start would see a bookmarked page
    bare. Every page calls this first, through its title.
    """
    keep_uploads_in_memory()
    # remove when Streamlit has a setting that ignores the folder pages/
    if PagesManager.uses_pages_directory:
        PagesManager.uses_pages_directory = False
        st.rerun()


def keep_uploads_in_memory() -> None:
    """Never let an upload touch the disk, as the pages promise.

    Streamlit's upload route reads a form through Starlette, which moves a file of more than 1 MB to
    a temporary file on the way into memory, unless this class attribute is 0: no limit;
    server.maxUploadSize bounds the size before.
    """
    # remove when Starlette or Streamlit has a setting for it
    MultiPartParser.spool_max_size = 0

"""Everything of Streamlit that the pages use beyond its documented interface; nothing else does."""

import asyncio
from collections import deque
from contextlib import suppress
from pathlib import Path

import streamlit as st
from starlette.formparsers import MultiPartParser

# remove when Streamlit names the types of a container and of an upload in its documentation
from streamlit import runtime
from streamlit.delta_generator import DeltaGenerator as DeltaGenerator
from streamlit.errors import StreamlitAPIException
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue
from streamlit.runtime.memory_session_storage import MemorySessionStorage
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.session_manager import SessionInfo
from streamlit.runtime.uploaded_file_manager import UploadedFile as UploadedFile
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

MOST_UPLOADED_MB = 700  # of one visitor: an hour of stereo sound at 48 kHz
_refused: deque[str] = deque(maxlen=1000)  # ids of files for which there was no room
_add_file = MemoryUploadedFileManager.add_file
_EARLY_S = 1.0  # a session is ended before Streamlit forgets it
_leaving: dict[str, asyncio.TimerHandle] = {}  # of pages that are closed, by their session
_save = MemorySessionStorage.save
_delete = MemorySessionStorage.delete
_clear = ForwardMsgQueue.clear
_WHOLE = ForwardMsg.FINISHED_SUCCESSFULLY  # a page's run, not one of a fragment


def ensure_frame() -> None:
    """Start again through app.py if Streamlit runs this page by itself.

    Until st.navigation was called once in a server's life, Streamlit serves every file in pages/ as
    a page of its own, without app.py: who comes first after a start would see a bookmarked page
    bare. Then app.py itself is among the pages. Every page calls this first, through its title.
    """
    keep_uploads_in_memory()
    bound_uploads()
    end_closed_pages()
    keep_whole_pages()
    # remove when Streamlit has a setting that ignores the folder pages/
    context = get_script_run_ctx()  # None where a page is run without Streamlit
    pages = context.pages_manager.get_pages().values() if context else ()
    if any(Path(page["script_path"]).name == "app.py" for page in pages):
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


def bound_uploads() -> None:
    """Let no visitor fill the server's memory: Streamlit bounds a file, but not how many there are.

    What finds no room is kept as a file without content; `was_refused` tells it from an empty one.
    """
    # remove when Streamlit bounds the files of a session together
    MemoryUploadedFileManager.add_file = _add_within_bounds


def run_again() -> None:
    """Run the fragment again that calls this, or the page where that runs as a whole."""
    # remove when st.rerun can be told to do either
    try:
        st.rerun(scope="fragment")
    except StreamlitAPIException:
        st.rerun()


def end_closed_pages() -> None:
    """End a session when its page has been closed for server.disconnectedSessionTTL.

    Streamlit ends it with the next page that is closed, which may be hours later. What a visitor
    has said, and files, would stay in memory until then.
    """
    # remove when Streamlit ends sessions by the clock
    MemorySessionStorage.save = _save_for_a_while
    MemorySessionStorage.delete = _take_back


def keep_whole_pages() -> None:
    """Let no run of a fragment drop what the page's run before it has drawn of the same fragment.

    Streamlit drops what was not sent yet, but not the message that the page's run has ended, at
    which the browser removes what did not come: a microphone would be closed as it opens.
    """
    # remove when Streamlit drops both or neither
    ForwardMsgQueue.clear = _clear_unless_whole


def was_refused(file: UploadedFile) -> bool:
    """Whether there was no room for an uploaded file."""
    return file.file_id in _refused


def media_address(content: bytes, mimetype: str, key: str) -> str:
    """Where this visitor's browser can fetch bytes, in parts if it likes.

    They stay in memory for as long as every run of the page asks for the address again, as those of
    st.audio do.

    Args:
        content: the bytes.
        mimetype: what they are.
        key: whatever was given under the same one before is forgotten.
    """
    # remove when a component can be given bytes to fetch
    path = runtime.get_instance().media_file_mgr.add(content, mimetype, key)
    base = str(st.get_option("server.baseUrlPath")).strip("/")
    return f"/{base}{path}" if base else path


def _add_within_bounds(
    self: MemoryUploadedFileManager, session_id: str, file: UploadedFileRec
) -> None:
    kept = tuple(self.file_storage.get(session_id, {}).values())
    if sum(len(each.data) for each in (*kept, file)) > MOST_UPLOADED_MB * 1e6:
        _refused.append(file.file_id)
        file = file._replace(data=b"")
    _add_file(self, session_id, file)


def _clear_unless_whole(
    self: ForwardMsgQueue,
    retain_lifecycle_msgs: bool = False,
    fragment_ids_this_run: list[str] | None = None,
) -> None:
    of_fragment = fragment_ids_this_run is not None
    if of_fragment and any(m.script_finished == _WHOLE for m in self._queue if _ends(m)):
        self._delta_index_map = {}  # what comes now replaces nothing that waits
    else:
        _clear(self, retain_lifecycle_msgs, fragment_ids_this_run)


def _ends(message: ForwardMsg) -> bool:
    return message.WhichOneof("type") == "script_finished"


def _save_for_a_while(self: MemorySessionStorage, info: SessionInfo) -> None:
    _save(self, info)
    wait_s = st.get_option("server.disconnectedSessionTTL") - _EARLY_S
    loop = asyncio.get_running_loop()
    _leaving[info.session.id] = loop.call_later(wait_s, _end, self, info)


def _take_back(self: MemorySessionStorage, session_id: str) -> None:
    """Its page has come back, or Streamlit ends it itself."""
    if leaving := _leaving.pop(session_id, None):
        leaving.cancel()
    _delete(self, session_id)


def _end(storage: MemorySessionStorage, info: SessionInfo) -> None:
    """End a session whose page has not come back, also where a busy server is late to do so."""
    session = info.session
    del _leaving[session.id]
    with suppress(KeyError):  # Streamlit has forgotten it
        _delete(storage, session.id)
    session.shutdown()
    # the server may hold on to the session itself until the next visitor comes
    session.session_state.clear()
    session.session_state._new_widget_state.widget_metadata.clear()
    session._fragment_storage.clear()

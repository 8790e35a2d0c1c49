"""What is changed in Streamlit itself: uploads are bounded, closed pages end, pages come whole."""

import asyncio
from unittest.mock import MagicMock

import pytest
import streamlit as st
from streamlit.proto.Common_pb2 import FileURLs
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue
from streamlit.runtime.memory_session_storage import MemorySessionStorage
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.session_manager import SessionInfo
from streamlit.runtime.uploaded_file_manager import UploadedFile, UploadedFileRec

from pages.shared.live.scoring import Scoring
from pages.shared.live.tasks import Task
from pages.shared.ui import streamlit_internals


def test_a_visitor_s_uploads_are_bounded_together(monkeypatch):
    monkeypatch.setattr(streamlit_internals, "MOST_UPLOADED_MB", 0.001)
    monkeypatch.setattr(MemoryUploadedFileManager, "add_file", streamlit_internals._add_file)
    streamlit_internals.bound_uploads()
    manager = MemoryUploadedFileManager("/upload")
    for name, size in (("first", 600), ("second", 600), ("third", 300)):
        manager.add_file("visitor", UploadedFileRec(name, f"{name}.wav", "audio/wav", bytes(size)))
    manager.add_file("other", UploadedFileRec("theirs", "theirs.wav", "audio/wav", bytes(900)))
    kept = {
        f.file_id: len(f.data) for f in manager.get_files("visitor", ("first", "second", "third"))
    }
    assert kept == {"first": 600, "second": 0, "third": 300}
    assert len(manager.get_files("other", ("theirs",))[0].data) == 900
    second = UploadedFile(manager.get_files("visitor", ("second",))[0], FileURLs())
    assert streamlit_internals.was_refused(second)
    scoring = Scoring()
    task = Task(second, "any")
    scoring.want([task])
    scoring.wait(10)
    assert "second.wav was not taken: 700 MB of files are kept" in scoring[task.key].found.message


@pytest.mark.parametrize(
    ("ended", "fragments", "kept"),
    [
        (ForwardMsg.FINISHED_SUCCESSFULLY, ["a"], ["delta"]),  # the page's end would remove it
        (ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY, ["a"], []),
        (ForwardMsg.FINISHED_SUCCESSFULLY, None, []),  # another run of the page draws it again
    ],
)
def test_what_a_page_has_drawn_is_sent_before_it_is_drawn_again(ended, fragments, kept):
    streamlit_internals.keep_whole_pages()
    queue = ForwardMsgQueue()
    drawn, end = ForwardMsg(), ForwardMsg()
    drawn.metadata.delta_path[:] = [0, 0]
    drawn.delta.fragment_id = "a"
    drawn.delta.new_element.text.body = "first"
    end.script_finished = ended
    queue.enqueue(drawn)
    queue.enqueue(end)
    queue.clear(retain_lifecycle_msgs=True, fragment_ids_this_run=fragments)
    again = ForwardMsg()
    again.CopyFrom(drawn)
    queue.enqueue(again)
    kinds = [message.WhichOneof("type") for message in queue.flush()]
    assert kinds == [*kept, "script_finished", "delta"]


@pytest.mark.parametrize(
    ("kept_s", "back", "ends"),
    [
        (30, False, 1),
        (0, False, 1),  # the server was so busy that Streamlit has forgotten it meanwhile
        (30, True, 0),
    ],
    ids="gone forgotten back".split(),
)
def test_the_session_of_a_closed_page_ends_unless_it_comes_back(kept_s, back, ends, monkeypatch):
    streamlit_internals.end_closed_pages()
    wait_s = st.get_option("server.disconnectedSessionTTL") - 0.05
    monkeypatch.setattr(streamlit_internals, "_EARLY_S", wait_s)
    session = MagicMock(id="visit")

    async def visit() -> None:
        storage = MemorySessionStorage(ttl_seconds=kept_s)
        storage.save(SessionInfo(None, session))
        if back:
            storage.delete(session.id)
        await asyncio.sleep(0.2)
        assert storage.list() == []

    asyncio.run(visit())
    assert session.shutdown.call_count == ends
    assert session.session_state.clear.call_count == ends

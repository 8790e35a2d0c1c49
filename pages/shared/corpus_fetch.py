"""Fetches a corpus for the whole server while the visitors go on using the page."""

import logging
import threading

import streamlit as st

from pages.shared import components
from ser_core.corpora import archive, get
from ser_core.corpora.index import default_root
from ser_core.corpora.verify import verify
from ser_core.errors import SerError

_LOG = logging.getLogger(__name__)
_POLL_S = 1.0


class Fetch:
    """One download at a time, whoever starts it; every visitor may watch it.

    Attributes:
        error: why the last attempt failed; None if it did not.
    """

    def __init__(self, corpus: str) -> None:
        self.error: str | None = None
        self._corpus = corpus
        self._progress = 0.0, ""
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    @property
    def running(self) -> bool:
        """Whether a download is under way."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def progress(self) -> tuple[float, str]:
        """Share done in [0, 1], and what is being done."""
        return self._progress

    def start(self) -> None:
        """Begin, unless it is under way already."""
        with self._lock:
            if self.running:
                return
            self.error, self._progress = None, (0.0, "Connecting")
            self._thread = threading.Thread(target=self._run, name="fetch-corpus", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        try:
            root = archive.download(self._corpus, default_root(self._corpus), self._downloaded)
            self._progress = 0.0, "Checking every recording"
            verify(self._corpus, root, progress=self._checked).raise_if_bad(self._corpus)
        except SerError as error:
            self.error = str(error)
        except Exception:  # the thread's end must reach the visitor, whatever it is
            _LOG.exception("Fetching %s failed", self._corpus)
            self.error = (
                "The recordings could not be fetched; the server's log says why. Try again, or "
                f"run: python -m train download {self._corpus}"
            )

    def _downloaded(self, done: int, total: int) -> None:
        if not total:  # nobody tells it
            self._progress = 0.0, f"Fetching the recordings, {done / 1e6:.0f} MB so far"
            return
        text = f"Fetching the recordings, {done / 1e6:.0f} of {total / 1e6:.0f} MB"
        self._progress = done / total, "Unpacking" if done >= total else text

    def _checked(self, done: int, total: int) -> None:
        self._progress = done / max(total, 1), f"Checking recording {done} of {total}"


@st.cache_resource(show_spinner=False, max_entries=8)
def fetch_of(corpus: str) -> Fetch:
    """The server's one download of a corpus: its disk is shared, so this is too."""
    return Fetch(corpus)


def offer(corpus: str) -> None:
    """Say that the sound is missing, and offer to fetch it or show how far that is."""
    fetch = fetch_of(corpus)
    if fetch.running:
        _watch(corpus)
        return
    if fetch.error:
        components.problem(fetch.error)
    else:
        components.notice(
            "The clips are not on this machine. Everything but sound and spectra works.",
            icon=":material/volume_off:",
        )
    info = get(corpus).info
    what = "the clips" if info.bytes is None else f"{info.bytes / 1e6:.0f}\N{NO-BREAK SPACE}MB"
    st.button(f"Fetch {what}", on_click=fetch.start, icon=":material/download:", key="fetch")
    if info.md5 is None:
        components.note("No checksum of this archive is published, so none can be compared.")


@st.fragment(run_every=_POLL_S)
def _watch(corpus: str) -> None:
    fetch = fetch_of(corpus)
    share, text = fetch.progress
    if fetch.running:
        st.progress(min(share, 1.0), text=text)
    else:
        st.rerun()

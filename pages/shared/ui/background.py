"""Work that goes on for the whole server while the visitors go on using the page."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

import streamlit as st

from pages.shared.ui import components
from ser_core.errors import CancelledError, SerError

T = TypeVar("T")
Report = Callable[[float, str], None]  # share done in [0, 1], and what is being done

_LOG = logging.getLogger(__name__)
_POLL_S = 1.0


class Job(Generic[T]):
    """Runs once at a time, whoever starts it; every visitor may watch and cancel it.

    Attributes:
        error: why the last run failed; None if it did not.
        cancelled: whether the last run was cancelled.
        result: of the last run that came to its end.
        ended_at: when that was, in seconds since 1970; None before the first.
    """

    def __init__(
        self,
        name: str,
        work: Callable[[Report], T],
        failed: str,
        rest_s: float = 0.0,
        on_end: Callable[[], None] = lambda: None,
    ) -> None:
        """Prepare it.

        Args:
            name: for the log.
            work: what to do; the callback it gets ends it where a visitor has cancelled.
            failed: what to tell the visitors where it fails for a reason that nobody foresaw.
            rest_s: so long after it came to its end it cannot be started again.
            on_end: called on its thread when all that is to be known of the run is known.
        """
        self.error: str | None = None
        self.cancelled = False
        self.result: T | None = None
        self.ended_at: float | None = None
        self._name, self._work, self._failed, self._rest_s = name, work, failed, rest_s
        self._on_end = on_end
        self._progress = 0.0, ""
        self._cancel = threading.Event()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    @property
    def running(self) -> bool:
        """Whether it is under way."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def resting(self) -> bool:
        """Whether it has just come to its end: anybody may start it, but not all the time."""
        if self.ended_at is None:
            return False
        return 0 <= time.time() - self.ended_at < self._rest_s  # a clock may be set back

    @property
    def progress(self) -> tuple[float, str]:
        """Share done in [0, 1], and what is being done."""
        return self._progress

    def start(self) -> None:
        """Begin, unless it is under way already."""
        with self._lock:
            if self.running or self.resting:
                return
            self.error, self.cancelled, self._progress = None, False, (0.0, "Starting")
            self._cancel.clear()
            self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End it as soon as it tells how far it is."""
        self._cancel.set()

    def cancel(self) -> None:
        """End it, and wait a moment until it has ended."""
        self.stop()
        self.wait(_POLL_S)

    def wait(self, timeout_s: float) -> None:
        """Wait until it has ended, but not longer than this."""
        if self._thread is not None:
            self._thread.join(timeout_s)

    def finish(self, result: T) -> None:
        """Keep a result."""
        self.ended_at = time.time()  # first: whoever sees the result asks when it came
        self.error, self.cancelled, self.result = None, False, result

    def _run(self) -> None:
        try:
            self.finish(self._work(self._report))
        except CancelledError:
            self.cancelled = True
        except SerError as error:
            # a server that fell silent is noticed only after the visitor has given up
            self.cancelled = self._cancel.is_set()
            self.error = None if self.cancelled else str(error)
        except Exception:  # the thread's end must reach the visitor, whatever it is
            _LOG.exception("%s failed", self._name)
            self.error = self._failed
        finally:
            self._on_end()

    def _report(self, share: float, text: str) -> None:
        if self._cancel.is_set():
            raise CancelledError("It was cancelled; start it again to go on.")
        self._progress = min(max(share, 0.0), 1.0), text


class Turns:
    """So many may work at once, in the order in which they came.

    A semaphore would let whoever has just had it take it again before those who wait have woken up.
    """

    def __init__(self, at_once: int) -> None:
        self._free = at_once
        self._waiting: deque[threading.Event] = deque()
        self._lock = threading.Lock()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn, and have it."""
        self._take()
        try:
            yield
        finally:
            self._give()

    def let_others(self) -> None:
        """In the middle of a turn: let those who wait have theirs first."""
        if self._waiting:
            self._give()
            self._take()

    def _take(self) -> None:
        mine = threading.Event()
        with self._lock:
            if self._free:
                self._free -= 1
                return
            self._waiting.append(mine)
        mine.wait()

    def _give(self) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()  # from hand to hand: nobody can come between
            else:
                self._free += 1


@st.fragment(run_every=_POLL_S)
def watch(job: Job, key: str) -> None:
    """Show how far a job is, with a button that cancels it; the page runs again when it ends.

    Args:
        job: under way.
        key: of the button.
    """
    if not job.running:
        st.rerun()
    share, text = job.progress
    with st.container(horizontal=True, vertical_alignment="bottom", key=f"{key}-row"):
        st.progress(share, text=components.plain(text))
        st.button("Cancel", on_click=job.cancel, icon=":material/close:", key=key)


def begin(job: Job, key: str) -> None:
    """Start a visitor's own job, kept in their session, and show that it goes on.

    Args:
        job: not started yet.
        key: in the session.
    """
    st.session_state[key] = job
    job.start()
    st.rerun()


def outcome(key: str) -> object | None:
    """What the visitor's job gave, None before; the job and what it worked on are let go then.

    Args:
        key: in the session.
    """
    kept = st.session_state.get(key)
    if isinstance(kept, Job):
        if kept.result is None:
            return None
        kept = st.session_state[key] = kept.result
    return kept


def under_way(key: str, button: str) -> bool:
    """Show how far the visitor's job is, if it goes on; else why it failed, if it did.

    Args:
        key: in the session.
        button: key of the one that cancels it.
    """
    job = st.session_state.get(key)
    if not isinstance(job, Job):
        return False
    if job.running:
        watch(job, button)
        return True
    if job.error:
        components.problem(job.error)
    return False

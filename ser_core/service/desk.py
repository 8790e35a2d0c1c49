"""Where the sound is judged: a few threads, and a queue that says when it is full."""

import asyncio
import math
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from ser_core.errors import CancelledError
from ser_core.reports.records import Record
from ser_core.service.problems import ProblemError

_FIRST_S = 2.0  # how long a piece of work takes, before any was timed
_NEW_WEIGHT = 0.2
_LONGEST_S = 60


class Work:
    """Something that a thread does, how far it is, and the wish that it end.

    Attributes:
        progress: the share that is done.
        future: what comes of it.
    """

    future: "Future[list[Record]]"

    def __init__(self) -> None:
        self.progress = 0.0
        self._cancelled = False

    def cancel(self) -> None:
        """Let it end at its next step, or not begin."""
        self._cancelled = True
        self.future.cancel()

    def told(self, share: float) -> None:
        """Note how far it is; called by the thread.

        Raises:
            CancelledError: if it is to end.
        """
        if self._cancelled:
            raise CancelledError("The work was cancelled.")
        self.progress = share


class Desk:
    """Threads that judge, one piece of work each, and what waits for them.

    Only the event loop counts, so that no lock is needed.
    """

    def __init__(self, workers: int, queue: int, name: str) -> None:
        self._workers, self._queue = workers, queue
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix=name)
        self._taken: set[Work] = set()
        self._mean_s = _FIRST_S

    @property
    def running(self) -> int:
        """Pieces of work that are being done."""
        return min(len(self._taken), self._workers)

    @property
    def waiting(self) -> int:
        """Pieces of work that wait."""
        return max(len(self._taken) - self._workers, 0)

    def check(self) -> None:
        """See whether there is room.

        Raises:
            ProblemError: 503 with the seconds after which there should be.
        """
        if len(self._taken) >= self._workers + self._queue:
            wait_s = math.ceil(self._mean_s * (self._queue + 1) / self._workers)
            told = "All are busy and the queue is full. Come again after Retry-After seconds."
            raise ProblemError(503, told, retry_s=min(wait_s, _LONGEST_S))

    def take(self, do: Callable[[Work], list[Record]], ended: Callable[[], None]) -> Work:
        """Queue a piece of work.

        Args:
            do: called in a thread.
            ended: called when it has ended, however it did.

        Raises:
            ProblemError: 503 if the queue is full.
        """
        self.check()
        work, loop = Work(), asyncio.get_running_loop()

        def timed() -> list[Record]:
            began_s = time.monotonic()
            work.told(0.0)
            found = do(work)
            self._mean_s += _NEW_WEIGHT * (time.monotonic() - began_s - self._mean_s)
            return found

        def left() -> None:
            self._taken.discard(work)
            ended()

        self._taken.add(work)
        work.future = self._threads.submit(timed)
        work.future.add_done_callback(lambda _: loop.call_soon_threadsafe(left))
        return work

    async def close(self) -> None:
        """Cancel everything, and wait for the threads."""
        for work in list(self._taken):
            work.cancel()
        await asyncio.to_thread(self._threads.shutdown, cancel_futures=True)

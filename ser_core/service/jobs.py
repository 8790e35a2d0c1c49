"""Work that nobody waits for on the line: kept in memory for a while, then forgotten."""

import asyncio
import secrets
from concurrent.futures import CancelledError as NotBegun
from typing import Any

from ser_core.errors import CancelledError
from ser_core.formatting import minutes
from ser_core.service.desk import Work
from ser_core.service.problems import ProblemError, unforeseen

_ID_BYTES = 24
_MOST_KEPT = 1000


class Job:
    """One piece of work with a name that nobody can guess."""

    def __init__(self, work: Work) -> None:
        self.id = secrets.token_urlsafe(_ID_BYTES)
        self.work = work
        self._problem: ProblemError | None = None
        self._settled = False

    def settle(self) -> None:
        """Look at how it ended; a fault is told in the log once."""
        self._settled = True
        try:
            self.work.future.result()
        except (CancelledError, NotBegun):
            pass
        except Exception as error:
            self._problem = unforeseen(error)

    def told(self) -> dict[str, Any]:
        """The JSON object of it."""
        future = self.work.future
        state = "running" if future.running() or future.done() else "waiting"
        if self._settled:
            state = "failed" if self._problem else "done"
        return {
            "id": self.id,
            "state": state,
            "progress": 1.0 if state == "done" else round(self.work.progress, 3),
            "results": future.result() if state == "done" else None,
            "error": self._problem.detail if self._problem else None,
        }


class Jobs:
    """All jobs that are known."""

    def __init__(self, kept_s: float) -> None:
        self._kept_s = kept_s
        self._jobs: dict[str, Job] = {}

    def __len__(self) -> int:
        return len(self._jobs)

    def add(self, work: Work) -> Job:
        """Keep a piece of work until some time after its end."""
        job, loop = Job(work), asyncio.get_running_loop()

        def over() -> None:
            job.settle()
            loop.call_later(self._kept_s, self._jobs.pop, job.id, None)

        self._jobs[job.id] = job
        work.future.add_done_callback(lambda _: loop.call_soon_threadsafe(over))
        done = [each.id for each in self._jobs.values() if each.work.future.done()]
        for name in done[: max(len(self._jobs) - _MOST_KEPT, 0)]:
            del self._jobs[name]
        return job

    def get(self, name: str) -> Job:
        """A job.

        Raises:
            ProblemError: 404 if there is none, or no longer.
        """
        if name not in self._jobs:
            kept = f"Results are kept for {minutes(self._kept_s)}."
            raise ProblemError(404, f"There is no such job, or no longer. {kept}")
        return self._jobs[name]

    def drop(self, name: str) -> None:
        """Cancel a job and forget it.

        Raises:
            ProblemError: 404 if there is none.
        """
        self.get(name).work.cancel()
        del self._jobs[name]

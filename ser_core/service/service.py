"""All that one service is made of, and how it judges."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import ParamSpec, TypeVar

from ser_core.bundles.model import EmotionModel
from ser_core.bundles.store import Bundle, ModelStore
from ser_core.errors import ModelError, WordsError
from ser_core.inputs import Input
from ser_core.reports.records import Record
from ser_core.scoring import Wanted, scored
from ser_core.service.bodies import Bodies
from ser_core.service.desk import Desk, Work
from ser_core.service.jobs import Jobs
from ser_core.service.metrics import Metrics
from ser_core.service.problems import ProblemError
from ser_core.service.settings import Settings
from ser_core.words import transcriber

ALL = "all"
_P = ParamSpec("_P")
_T = TypeVar("_T")


class Shelf:
    """The models, each of which is in memory once, for all threads."""

    def __init__(self, name: str | None = None) -> None:
        """Load the model that answers where none is named.

        Raises:
            ModelError: if there is no such model, or it fails its checks.
        """
        self._store = ModelStore()
        first = self._store.load(name)
        self.default, self.names = first.folder.name, self._store.names()
        self._loaded, self._lock = {self.default: first}, threading.Lock()

    def check(self, name: str | None) -> None:
        """See whether there is such a model, without loading it.

        Raises:
            ModelError: if there is none.
        """
        if name not in (None, ALL, *self.names):
            raise ModelError(f"There is no model '{name}'. Choose from: {', '.join(self.names)}.")

    def bundles(self) -> list[Bundle]:
        """What is known of each."""
        return [self._store.bundle(name) for name in self.names]

    def models(self, name: str | None) -> list[EmotionModel]:
        """A model, or all; the first use of one loads it, which takes a moment."""
        names = self.names if name == ALL else [name or self.default]
        with self._lock:
            for each in names:
                if each not in self._loaded:
                    self._loaded[each] = self._store.load(each)
        return [self._loaded[each] for each in names]


class Service:
    """The parts of a service that its routes share.

    Words and faces take so much longer than a voice that they have a desk of their own, in whose
    queue nobody else stands. It has one thread: there is one Whisper, which serves one at a time,
    and the pictures of one large film can fill more memory than all else.

    Attributes:
        ready: whether the first answer will be as quick as later ones.
        streams: how many there are now.
    """

    def __init__(self, settings: Settings, shelf: Shelf) -> None:
        self.settings, self.shelf = settings, shelf
        self.bodies, self.metrics = Bodies(settings), Metrics()
        self.desk = Desk(settings.workers, settings.queue, "judge")
        self.job_desk = Desk(settings.job_workers, settings.queue, "job")
        self.slow_desk = Desk(1, settings.queue, "slow")
        self.jobs = Jobs(settings.kept_s)
        self.ready, self.streams = False, 0
        self._threads = ThreadPoolExecutor(settings.workers, "stream")
        watch = self.metrics.watch
        watch("requests_running", "Requests that are judged", lambda: self.desk.running)
        watch("requests_waiting", "Requests that wait", lambda: self.desk.waiting)
        watch("jobs_running", "Jobs that are judged", lambda: self.job_desk.running)
        watch("jobs_waiting", "Jobs that wait", lambda: self.job_desk.waiting)
        watch("slow_running", "With words or faces: judged", lambda: self.slow_desk.running)
        watch("slow_waiting", "With words or faces: waiting", lambda: self.slow_desk.waiting)
        watch("jobs_known", "Jobs that are kept, done or not", lambda: len(self.jobs))
        watch("streams", "Live streams", lambda: self.streams)
        watch("body_bytes", "Bytes of uploads in memory", lambda: self.bodies.held)

    async def in_thread(self, do: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Do what takes a moment, such as hearing half a second, beside the event loop."""
        return await asyncio.get_running_loop().run_in_executor(
            self._threads, partial(do, *args, **kwargs)
        )

    async def close(self) -> None:
        """Let go of all work."""
        await self.desk.close()
        await self.job_desk.close()
        await self.slow_desk.close()
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def with_transcriber(self, wanted: Wanted) -> Wanted:
        """The same with Whisper, which is in memory once, from the first wish for words on.

        Raises:
            ProblemError: 501 where words cannot be written down, 422 if the language is not known.
        """
        try:
            whisper = await asyncio.to_thread(transcriber.load)  # streams are not to wait for it
        except WordsError as error:
            raise ProblemError(501, f"This service writes down no words. {error}") from error
        try:
            whisper.require(wanted.language)
        except WordsError as error:
            raise ProblemError(422, str(error)) from error
        return replace(wanted, transcriber=whisper)

    def judge(
        self, files: list[Input], model: str | None, wanted: Wanted, work: Work
    ) -> list[Record]:
        """Records of files, as the command line writes them; each file is let go once it has one.

        Raises:
            CancelledError: if the work was cancelled.
        """
        wanted = replace(wanted, models=self.shelf.models(model))
        records: list[Record] = []
        total = len(files)
        for nth in range(total):
            each = replace(wanted, told=_Told(nth, total, work))
            records += [found.record for found in scored(files.pop(0), each)]
            work.told((nth + 1) / total)
        self._count(records)
        return records

    def _count(self, records: Sequence[Record]) -> None:
        for record in records:
            outcome = "failed" if record["error"] else "judged"
            self.metrics.files.labels(outcome).inc()
            self.metrics.sound_s.inc(record["duration_s"] or 0.0)


class _Told:
    """How far one of several files is, as a share of all."""

    def __init__(self, nth: int, total: int, work: Work) -> None:
        self._nth, self._total, self._work = nth, total, work

    def __call__(self, share: float) -> None:
        self._work.told((self._nth + share) / self._total)

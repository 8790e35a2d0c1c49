"""Scores one visitor's files one after another, beside the page that goes on."""

import os
import threading
import weakref
from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from pages.shared.live import telling_apart
from pages.shared.live.tasks import Failed, Line, Task
from pages.shared.live.telling_apart import SCORING, Known
from pages.shared.ui import cache
from pages.shared.ui.background import Job, Report, Turns
from pages.shared.ui.streamlit_internals import MOST_UPLOADED_MB, was_refused
from ser_core.analysis.result import Result, judged_by, result_of, told_apart, with_timeline
from ser_core.decoding.decode import decode
from ser_core.errors import AudioError
from ser_core.formatting import progress_s

MAX_KEPT_S = 60 * 60  # of one visitor; the last file may go beyond by its own length
_FAILED = "The file could not be scored, for a reason that nobody foresaw. Try again."
_SERVER = Turns(max((os.cpu_count() or 1) - 1, 1))  # one core is left to the pages


class Scoring(Mapping[str, Line]):
    """The files of one visitor by their keys: found, being scored, or waiting.

    One file at a time; of the whole server so many as it has cores for, and a long file lets others
    go first now and then. It ends with the visitor's session, which alone holds it.
    """

    def __init__(self) -> None:
        self._lines: dict[str, Line] = {}
        self._active: Line | None = None
        self._changed = threading.Condition(threading.RLock())

    def __getitem__(self, key: str) -> Line:
        return self._lines[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._lines)

    def __len__(self) -> int:
        return len(self._lines)

    def __del__(self) -> None:
        if self._active is not None:
            self._active.stop()

    @property
    def active(self) -> bool:
        """Whether something is being scored, or will be without anybody's doing."""
        return any(self._ready(line) for line in self._lines.values())

    @property
    def kept_s(self) -> float:
        """Seconds of sound that are kept for this visitor; the same sound counts once."""
        results = [line.found for line in self._lines.values() if isinstance(line.found, Result)]
        return sum({id(r.clip): r.clip.duration_s for r in results}.values())

    @property
    def full(self) -> bool:
        """Whether there is no room for more sound."""
        return self.kept_s >= MAX_KEPT_S

    def want(self, tasks: Sequence[Task]) -> set[str]:
        """Score these, in this order, and nothing else.

        Other models' results for the same sounds stay; everything else is forgotten.

        Returns:
            Keys that were not there before.
        """
        with self._changed:
            keys, sources = {task.key for task in tasks}, {task.source for task in tasks}
            new = keys - self._lines.keys()
            kept = {task.key: self._lines.get(task.key) or Line(task) for task in tasks}
            for key, line in self._lines.items():
                if line.task.source in sources and isinstance(line.found, Result):
                    kept.setdefault(key, line)
                elif key not in kept:
                    line.stop()
            self._lines = kept
            self._go_on()
            self._changed.notify_all()
        return new

    def have(self, task: Task, result: Result) -> None:
        """Start from what is known of a sound, as from what a live session gave."""
        with self._changed:
            self._lines.setdefault(task.key, Line(task, result))

    def correct(self, key: str, result: Result) -> None:
        """Keep what the visitor has made of a result; other models will start from it."""
        with self._changed:
            line = self._lines[key]
            line.correct(result)
            self._lines = {
                key: other
                for key, other in self._lines.items()
                if other is line
                or other.task.voices != line.task.voices
                or other.task.source != line.task.source
            }

    def cancel(self) -> None:
        """Score no more for now; what was found stays."""
        with self._changed:
            for line in self._lines.values():
                if line.waiting:
                    line.stop()
            self._changed.notify_all()

    def go_on(self) -> None:
        """Score what was cancelled, and try again what may succeed another time."""
        with self._changed:
            for line in self._lines.values():
                line.again()
            self._go_on()

    def wait(self, timeout_s: float) -> None:
        """Wait until nothing is being scored, but not longer than this."""
        with self._changed:
            self._changed.wait_for(lambda: not self.active, timeout_s)

    def _go_on(self) -> None:
        ready = filter(self._ready, self._lines.values())
        if self._active is None and (line := next(ready, None)) is not None:
            self._active = line
            line.start(self._job(line.task))

    def _ready(self, line: Line) -> bool:
        room = line is self._active or not self.full or self._known(line.task) is not None
        return line.waiting and room

    def _known(self, task: Task) -> Known | None:
        """What is known of the same sound; best of all with as many voices."""
        known = [
            Known(line.found, line.task.voices == task.voices)
            for line in self._lines.values()
            if line.task.source == task.source and isinstance(line.found, Result)
        ]
        return max(known, key=lambda each: each.value, default=None)

    def _job(self, task: Task) -> Job[Result | Failed]:
        return Job(
            "A file's scoring",  # no name of a visitor's file gets into a log
            partial(_scored, task, self._known(task)),
            _FAILED,
            on_end=partial(_ended, weakref.ref(self)),
        )

    def _end(self) -> None:
        with self._changed:
            self._active = None
            self._go_on()
            self._changed.notify_all()


def _ended(scoring: "weakref.ref[Scoring]") -> None:
    if (alive := scoring()) is not None:
        alive._end()


def _scored(task: Task, known: Known | None, report: Report) -> Result | Failed:
    if was_refused(task.file):
        return Failed(
            task.file.name,
            f"{task.file.name} was not taken: {MOST_UPLOADED_MB} MB of files are kept at a time. "
            "Remove other files, then bring it again.",
        )
    with _SERVER.turn():
        try:
            return _judged(task, known, report)
        except AudioError as error:
            return Failed(task.file.name, str(error))


def _judged(task: Task, known: Known | None, report: Report) -> Result:
    model, name = cache.model(task.model), task.file.name
    read = partial(decode, task.file.getvalue(), name, track=task.track)
    if known is None:
        report(0.0, "Reading")
    sound = known.result if known else read(channel=task.channel)
    total_s = sound.clip.duration_s

    def tell(what: str, share: float) -> None:
        text = f"{what}, {progress_s(share * total_s, total_s)}"
        if task.voices is not None:  # two steps
            share = (share + (what == SCORING)) / 2
        report(share, text)
        _SERVER.let_others()

    if task.voices is None:
        judge = partial(judged_by, known.result) if known else partial(result_of, sound, name)
        return judge(model, lambda done_s: tell(SCORING, done_s / total_s))
    found = telling_apart.conversation(
        sound, task.voices, known, lambda number: read(channel=number).clip, model, tell
    )
    result = known.result if known else with_timeline(sound, name, found.timeline)
    return told_apart(result, found)

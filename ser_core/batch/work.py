"""What a worker does: the files of one voice, a record each, whatever happens to them."""

import hashlib
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from ser_core.analysis.analyser import Adapt
from ser_core.bundles.model import EmotionModel
from ser_core.bundles.store import ModelStore
from ser_core.errors import SerError
from ser_core.inputs import Input, Voices, with_content
from ser_core.reports.records import Record, failed_record
from ser_core.scoring import Wanted, scored

_UNFORESEEN = "The file could not be judged, for a reason that nobody foresaw ({}). Report it."
_ENDED = "The process that read the file came to its end, twice. The file was left alone."


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked of every file.

    Attributes:
        models: folders or names of the models that judge.
        adapt: against what an utterance is heard: others of its file, or nothing.
        track: of files with several, from 1.
        each_channel: whether every channel is judged by itself.
    """

    models: tuple[str, ...]
    adapt: Adapt = Adapt.FILE
    track: int | None = None
    each_channel: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Files that one worker judges in their order: those of a speaker, or one alone."""

    inputs: tuple[Input, ...]
    speaker: str = ""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a file was when it was judged; None where it could not be read.

    Attributes:
        sha256: of the content.
        bytes: its size.
        changed_ns: when it was changed last.
    """

    sha256: str | None = None
    bytes: int | None = None
    changed_ns: int | None = None


def judge(order: Order, group: Group) -> list[Record]:
    """Records of a group's files, each with its stamp and with the seconds that it took."""
    speakers = {each.path.as_posix(): group.speaker for each in group.inputs if group.speaker}
    wanted = Wanted(
        _models(order.models), Voices(order.adapt, speakers), order.track, order.each_channel
    )
    return [record for given in group.inputs for record in _judged(given, wanted)]


def _judged(given: Input, wanted: Wanted) -> Iterator[Record]:
    began_s = time.monotonic()
    names = [model.card.name for model in wanted.models]
    try:
        given = with_content(given)
        records = [each.record for each in scored(given, wanted)]
    except SerError as error:
        records = failed(given, names, str(error))
    except Exception as error:
        records = failed(given, names, _UNFORESEEN.format(type(error).__name__))
    took_s = round(time.monotonic() - began_s, 3)
    yield from _stamped(given, records, took_s)


def _stamped(given: Input, records: list[Record], took_s: float | None) -> Iterator[Record]:
    """Records with what the file was, by which the next run sees that it is done."""
    stamp = stamp_of(given)
    more = {name: getattr(stamp, name) for name in Stamp.__slots__} | {"took_s": took_s}
    return (record | more for record in records)


def failed(given: Input, names: Sequence[str], why: str) -> list[Record]:
    """A record for each model that was asked in vain."""
    return [failed_record(given.name, name, why) for name in names]


def given_up(order: Order, group: Group) -> list[Record]:
    """Records of a group that ends whatever process works on it."""
    return [
        record
        for given in group.inputs
        for record in _stamped(given, failed(given, order.models, _ENDED), None)
    ]


def stamp_of(given: Input) -> Stamp:
    """What the file is now; behind an address, what was fetched from there."""
    if given.address:
        if given.content is None:
            return Stamp()
        return Stamp(hashlib.sha256(given.content).hexdigest(), len(given.content))
    try:
        with given.path.open("rb") as file:
            told = os.fstat(file.fileno())
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return Stamp()
    return Stamp(digest, told.st_size, told.st_mtime_ns)


@cache
def _models(names: tuple[str, ...]) -> list[EmotionModel]:
    """The models of this process."""
    store = ModelStore()
    return [store.load(name) for name in names]


def start_worker() -> None:
    """Let a process end with the one that started it, even where that was killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the one that started it
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def follow() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=follow, daemon=True).start()

"""What one visitor's files gave, kept as long as the files are on the page."""

from collections.abc import Callable, Sequence
from typing import TypeVar
from weakref import WeakKeyDictionary

import streamlit as st

from pages.shared.live.scoring import Scoring
from pages.shared.live.tasks import Task
from pages.shared.ui import components, state
from pages.shared.ui.streamlit_internals import DeltaGenerator, UploadedFile
from ser_core.analysis.conversation import Conversation
from ser_core.analysis.result import Result, told_apart
from ser_core.formatting import progress_s

_PROGRESS_FROM_S = 20.0  # a shorter sound is scored within a blink
_BLINK_S = 0.3

_Found = TypeVar("_Found")
Progress = Callable[[float, float], None]


def mine() -> Scoring:
    """The files of this visitor."""
    return st.session_state.setdefault(state.RESULTS, Scoring())


def task(file: UploadedFile, model: str, voices: int | None) -> Task:
    """What is to be scored of a file: the track and the channel that the visitor asked for."""
    chosen = st.session_state.setdefault(state.SOURCES, {})
    return Task(file, model, *chosen.get(file.file_id, (None, None)), voices)


def want_source(file_id: str, track: int | None, channel: int | None) -> None:
    """Ask for a track and a channel of a file."""
    st.session_state.setdefault(state.SOURCES, {})[file_id] = track, channel


def want(tasks: Sequence[Task]) -> Scoring:
    """Have these files scored in this order, and forget all others and what was clicked in them.

    What takes no longer than a blink is there when this returns.
    """
    scoring = mine()
    before = set(scoring)
    if scoring.want(tasks):
        scoring.wait(_BLINK_S)
    for key in before - set(scoring):
        for widget in [name for name in st.session_state if f"-{key}-" in str(name)]:
            del st.session_state[widget]
    return scoring


def correct(wanted: Task, conversation: Conversation) -> None:
    """Keep what the visitor has made of the voices of a file."""
    line = mine().get(wanted.key)
    if line is not None and isinstance(line.found, Result):
        mine().correct(wanted.key, told_apart(line.found, conversation))


def once(result: Result, key: tuple[object, ...], compute: Callable[[], _Found]) -> _Found:
    """What is computed once about a recording, and forgotten together with it."""
    kept = st.session_state.setdefault(state.FINDINGS, WeakKeyDictionary()).setdefault(result, {})
    if key not in kept:
        kept[key] = compute()
    return kept[key]


def known(result: Result, key: tuple[object, ...]) -> bool:
    """Whether `once` would answer without computing."""
    return key in st.session_state.get(state.FINDINGS, {}).get(result, {})


def shown_in(bar: DeltaGenerator, name: str) -> Progress:
    """Shows in an empty place how far a sound of this name is scored."""

    def show(done_s: float, total_s: float) -> None:
        if total_s >= _PROGRESS_FROM_S:
            text = f"Scoring {components.plain(name)}, {progress_s(done_s, total_s)}"
            bar.progress(min(done_s / total_s, 1.0), text=text)

    return show

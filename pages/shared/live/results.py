"""Scores files for one visitor and keeps the results as long as the files are on the page."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar
from weakref import WeakKeyDictionary

import streamlit as st

from pages.shared.ui import cache, components, state
from pages.shared.ui.streamlit_internals import (
    MOST_UPLOADED_MB,
    DeltaGenerator,
    UploadedFile,
    was_refused,
)
from ser_core.analysis.result import Result, result_of
from ser_core.decoding.decode import decode
from ser_core.errors import SerError

MAX_FILES = 20
_PROGRESS_FROM_S = 20.0  # a shorter sound is scored within a blink
MAX_KEPT_S = 60 * 60  # of one visitor; the last file may go beyond by its own length


@dataclass(frozen=True, slots=True)
class Failed:
    """A file that could not be scored, and what to tell the visitor."""

    name: str
    message: str


_Found = TypeVar("_Found")
Progress = Callable[[float, float], None]


def key_of(file: UploadedFile, model: str) -> str:
    """Names a result: an uploaded file never changes, so its identity stands for its content."""
    track, channel = wanted(file)
    return f"{file.file_id}-{model}-{track}-{channel}"


def wanted(file: UploadedFile) -> tuple[int | None, int | None]:
    """Which track and channel of a file the visitor asked for; None for what we choose."""
    chosen = st.session_state.setdefault(state.SOURCES, {})
    return chosen.get(file.file_id, (None, None))


def want(file_id: str, track: int | None, channel: int | None) -> None:
    """Ask for a track and a channel of a file."""
    st.session_state.setdefault(state.SOURCES, {})[file_id] = track, channel


def find(key: str) -> Result | Failed | None:
    """A result or a failure; None where the file was not scored yet."""
    return st.session_state.setdefault(state.RESULTS, {}).get(key)


def keep_only(keys: Iterable[str]) -> None:
    """Forget the results of files that were taken off the page, and what was clicked in them."""
    results = st.session_state.setdefault(state.RESULTS, {})
    for key in results.keys() - set(keys):
        del results[key]
        for widget in [name for name in st.session_state if f"-{key}-" in str(name)]:
            del st.session_state[widget]


def kept_s() -> float:
    """Seconds of sound that are kept for this visitor."""
    found = st.session_state.setdefault(state.RESULTS, {}).values()
    return sum(f.timeline.duration_s for f in found if isinstance(f, Result))


def score(file: UploadedFile, model: str, progress: Progress) -> Result | Failed:
    """Score a file once.

    Args:
        file: its bytes are read only if it was not scored yet.
        model: name of the model.
        progress: called with the seconds done and the seconds in all.

    Returns:
        The result, or why there is none.
    """
    key = key_of(file, model)
    found = find(key)
    if found is not None:
        return found
    if was_refused(file):
        return Failed(
            file.name,
            f"{file.name} was not taken: {MOST_UPLOADED_MB} MB of files are kept at a time. Remove "
            "other files, then bring it again.",
        )
    if kept_s() >= MAX_KEPT_S:
        # not remembered: it is scored as soon as there is room
        return Failed(
            file.name,
            f"{file.name} was not scored: {MAX_KEPT_S // 60} minutes of sound are kept at a time. "
            "Remove other files to make room.",
        )
    try:
        track, channel = wanted(file)
        decoded = decode(file.getvalue(), file.name, track=track, channel=channel)
        total_s = decoded.clip.duration_s
        found = result_of(
            decoded, file.name, cache.model(model), lambda done: progress(done, total_s)
        )
    except SerError as error:
        found = Failed(file.name, str(error))
    st.session_state[state.RESULTS][key] = found
    return found


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
        if total_s < _PROGRESS_FROM_S:
            return
        if total_s < 120:
            amount = f"{done_s:.0f} of {total_s:.0f} seconds"
        else:
            amount = f"{done_s / 60:.0f} of {total_s / 60:.0f} minutes"
        bar.progress(min(done_s / total_s, 1.0), text=f"Scoring {components.plain(name)}, {amount}")

    return show

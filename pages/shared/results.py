"""Scores files for one visitor and keeps the results as long as the files are on the page."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import streamlit as st

from pages.shared import cache, state
from ser_core.decoding import decode
from ser_core.errors import SerError
from ser_core.judging import Judged, judge

MAX_FILES = 20


@dataclass(frozen=True, slots=True)
class Failed:
    """A file that could not be scored, and what to tell the visitor."""

    name: str
    message: str


Progress = Callable[[float, float], None]


def key_of(content: bytes, name: str, model: str) -> str:
    """Names a result: the same bytes, file name and model give the same one."""
    digest = hashlib.sha256(content + name.encode()).hexdigest()
    return f"{digest[:16]}-{model}"


def find(key: str) -> Judged | Failed | None:
    """A result or a failure; None where the file was not scored yet."""
    return st.session_state.setdefault(state.RESULTS, {}).get(key)


def keep_only(keys: Iterable[str]) -> None:
    """Forget the results of files that were taken off the page."""
    wanted = set(keys)
    results = st.session_state.setdefault(state.RESULTS, {})
    for key in results.keys() - wanted:
        del results[key]


def score(key: str, content: bytes, name: str, model: str, progress: Progress) -> Judged | Failed:
    """Score a file once.

    Args:
        key: from `key_of`.
        content: the file.
        name: its name.
        model: name of the model.
        progress: called with the seconds done and the seconds in all.

    Returns:
        The result, or why there is none.
    """
    found = find(key)
    if found is None:
        try:
            decoded = decode(content, name)
            total_s = decoded.clip.duration_s
            found = judge(decoded, name, cache.model(model), lambda done: progress(done, total_s))
        except SerError as error:
            found = Failed(name, str(error))
        st.session_state[state.RESULTS][key] = found
    return found

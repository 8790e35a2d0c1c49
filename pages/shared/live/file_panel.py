"""The Record and Upload tabs: files in, one result or one message each."""

from collections.abc import Callable, Sequence
from functools import partial
from html import escape

import streamlit as st

from pages.shared.live import file_list, result_view, results, settings, voice_words
from pages.shared.live.tasks import Task
from pages.shared.ui import components, state, wording
from pages.shared.ui.streamlit_internals import MOST_UPLOADED_MB, UploadedFile
from ser_core.analysis.result import Result
from ser_core.decoding.channels import name_of
from ser_core.decoding.folding import MAX_DURATION_S
from ser_core.decoding.formats import COMMON
from ser_core.formatting import NBSP
from ser_core.speakers import diarisation

MAX_FILES = 20


def record() -> None:
    """Draw the Record tab."""
    nth = st.session_state.setdefault(state.UPLOAD_ROUND, 0)
    model, voices = _settings_row(
        "Record if you agree that your voice is analysed. Say a sentence or two, then stop."
    )
    recorded = st.audio_input(
        "Recording", sample_rate=16_000, key=f"recorded-{nth}", label_visibility="collapsed"
    )
    if model is not None:
        files = [recorded] if recorded else []
        _results(files, model, voices, "record", wording.NEW_RECORDING)
    components.note(f"{wording.PRIVACY} {wording.LAW}")


def upload() -> None:
    """Draw the Upload tab."""
    nth = st.session_state.setdefault(state.UPLOAD_ROUND, 0)
    model, voices = _settings_row(
        f"{', '.join(COMMON)} and most others; up to {MAX_DURATION_S // 60} minutes and "
        f"{st.get_option('server.maxUploadSize')}{NBSP}MB each, {MAX_FILES} files and "
        f"{MOST_UPLOADED_MB}{NBSP}MB in all."
    )
    files = st.file_uploader(
        "Sound files",
        accept_multiple_files=True,
        key=f"uploaded-{nth}",
        label_visibility="collapsed",
    )
    if len(files) > MAX_FILES:
        components.caution(f"Only the first {MAX_FILES} files are scored.")
    if model is not None:
        _results(files[:MAX_FILES], model, voices, "upload", wording.NEW_FILES)
    components.note(f"{wording.PRIVACY} {wording.LAW}")


def _settings_row(text: str) -> tuple[str | None, int | None]:
    row = st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    )
    row.html(f'<p class="ser-note">{escape(text)}</p>', width="content")
    with row.container(horizontal=True, width="content", vertical_alignment="center"):
        voices = settings.voices_choice()
        model = settings.model_choice()
    if why_not := diarisation.missing():
        components.note(why_not)
    return model, voices


def _another() -> None:
    """A new widget key empties the widget."""
    st.session_state[state.UPLOAD_ROUND] += 1


def _results(
    files: Sequence[UploadedFile], model: str, voices: int | None, tab: str, again: str
) -> None:
    tasks = [results.task(file, model, voices) for file in files]
    shown = st.session_state.get(state.SHOWN_FILE)
    # who has chosen a file waits for it; a long one keeps nobody from seeing the short ones
    scoring = results.want(sorted(tasks, key=lambda t: (t.file.file_id != shown, t.file.size)))
    task = file_list.draw(tasks, tab) if tasks else None
    result = task and scoring[task.key].found
    if isinstance(result, Result):
        if len(tasks) > 1:
            st.space("small")
        _source(task, result, tab)
        # the recording is part of the key: another one starts with its own first segment
        show(task, result, f"{tab}-{task.key}", again, _another)


def show(task: Task, result: Result, key: str, again: str, on_again: Callable[[], None]) -> None:
    """Draw the result of a task; what is changed about its voices is kept.

    Args:
        task: what was to be scored.
        result: what was found.
        key: as for `result_view.show`, and so are the others.
        again: see there.
        on_again: see there.
    """
    if result.conversation and task.voices is not None:
        found = len(result.conversation.timelines)
        if text := voice_words.found_voices(task.voices, found):
            components.notice(text)
    film = task.file.getvalue if result.film else None
    result_view.show(result, key, again, on_again, partial(results.correct, task), film)


def _source(task: Task, result: Result, tab: str) -> None:
    """Let the visitor choose among tracks, and among channels with a voice each."""
    channel = task.channel
    if result.tracks == 1 and not result.apart and channel is None:
        return
    row = st.container(horizontal=True)
    track, prefix = result.track, f"{tab}-{task.file.file_id}"
    with row:
        if result.tracks > 1:
            track = st.segmented_control(
                "Sound track",
                range(1, result.tracks + 1),
                default=result.track,
                key=f"{prefix}-track",
                required=True,
            )
        if result.apart or channel is not None:
            channel = st.segmented_control(
                "Voice",
                range(result.channels + 1),
                default=channel or 0,
                format_func=lambda nth: _side(nth, result.channels),
                key=f"{prefix}-channel",
                required=True,
            )
    if (track, channel or None) != (result.track, result.channel):
        results.want_source(
            task.file.file_id, track if result.tracks > 1 else None, channel or None
        )
        st.rerun()


def _side(channel: int, channels: int) -> str:
    return "Both" if not channel else name_of(channel - 1, channels).capitalize()

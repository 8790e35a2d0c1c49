"""The Record and Upload tabs: files in, one result or one message each."""

from collections.abc import Mapping, Sequence
from html import escape

import pandas as pd
import streamlit as st

from pages.shared.live import downloads, result_view, results, settings
from pages.shared.ui import components, state, wording
from pages.shared.ui.streamlit_internals import UploadedFile
from ser_core.analysis.result import Result
from ser_core.decoding.channels import name_of
from ser_core.decoding.folding import MAX_DURATION_S
from ser_core.decoding.formats import COMMON
from ser_core.formatting import percent


def record() -> None:
    """Draw the Record tab."""
    nth = st.session_state.setdefault(state.UPLOAD_ROUND, 0)
    model = _model_row(
        "Record if you agree that your voice is analysed. Say a sentence or two, then stop."
    )
    recorded = st.audio_input(
        "Recording", sample_rate=16_000, key=f"recorded-{nth}", label_visibility="collapsed"
    )
    if model is not None:
        _results([recorded] if recorded else [], model, "record", "Another recording")
    components.note(f"{wording.PRIVACY} {wording.LAW}")


def upload() -> None:
    """Draw the Upload tab."""
    nth = st.session_state.setdefault(state.UPLOAD_ROUND, 0)
    formats = f"{', '.join(COMMON)} and most others"
    model = _model_row(f"{formats}; up to {MAX_DURATION_S // 60} minutes each.")
    files = st.file_uploader(
        "Sound files",
        accept_multiple_files=True,
        key=f"uploaded-{nth}",
        label_visibility="collapsed",
    )
    if len(files) > results.MAX_FILES:
        components.caution(f"Only the first {results.MAX_FILES} files are scored.")
    if model is not None:
        _results(files[: results.MAX_FILES], model, "upload", "Another file")
    components.note(f"{wording.PRIVACY} {wording.LAW}")


def _model_row(text: str) -> str | None:
    row = st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    )
    row.html(f'<p class="ser-note">{escape(text)}</p>', width="content")
    with row:
        return settings.model_choice()


def _another() -> None:
    """A new widget key empties the widget."""
    st.session_state[state.UPLOAD_ROUND] += 1


def _results(files: Sequence[UploadedFile], model: str, tab: str, again: str) -> None:
    scored = _score_all(files, model)
    for found in scored.values():
        if isinstance(found, results.Failed):
            components.problem(found.message)
    good = {key: found for key, found in scored.items() if isinstance(found, Result)}
    if not good:
        return
    chosen = next(iter(good)) if len(files) == 1 else _choose(scored, good, model, tab)
    file = next(file for file in files if results.key_of(file, model) == chosen)
    _source(file, good[chosen], tab)
    # the recording is part of the key: another one starts with its own first segment
    result_view.show(good[chosen], f"{tab}-{chosen}", again, _another)


def _source(file: UploadedFile, result: Result, tab: str) -> None:
    """Let the visitor choose among tracks, and among channels with a voice each."""
    _, channel = results.wanted(file)
    if result.tracks == 1 and not result.apart and channel is None:
        return
    row = st.container(horizontal=True)
    track, prefix = result.track, f"{tab}-{file.file_id}"
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
        results.want(file.file_id, track if result.tracks > 1 else None, channel or None)
        st.rerun()


def _side(channel: int, channels: int) -> str:
    return "Both" if not channel else name_of(channel - 1, channels).capitalize()


def _score_all(files: Sequence[UploadedFile], model: str) -> dict[str, Result | results.Failed]:
    keyed = {results.key_of(file, model): file for file in files}
    results.keep_only(keyed)
    bar, scored = st.empty(), {}
    for key, file in keyed.items():
        scored[key] = results.score(file, model, results.shown_in(bar, file.name))
    bar.empty()
    return scored


def _choose(
    scored: Mapping[str, Result | results.Failed], good: Mapping[str, Result], model: str, tab: str
) -> str:
    """A table of all files; the key of the chosen one."""
    popover = components.heading_row("Files", small=True).popover(
        "Download all", icon=":material/download:", key=f"{tab}-all", on_change="rerun"
    )
    if popover.open:
        with popover:
            downloads.of_all(list(scored.values()), model, f"{tab}-all")
    selection = st.dataframe(
        pd.DataFrame([_row(result) for result in good.values()]),
        hide_index=True,
        row_height=38,
        key=f"{tab}-files",
        on_select="rerun",
        selection_mode="single-row",
        selection_default={"selection": {"rows": [0]}},
        alt="Files with their answers; the chosen one is shown below",
    )
    rows = selection["selection"]["rows"]
    return list(good)[rows[0] if rows and rows[0] < len(good) else 0]


def _row(result: Result) -> dict[str, str]:
    verdict = result.timeline.verdict
    words = wording.of_verdict(verdict, result.timeline.speech_s)
    return {
        "file": result.name,
        "answer": words.headline,
        "sure": percent(verdict.confidence) if verdict.emotion else "",
        "length": wording.whole_seconds(result.timeline.duration_s),
        "quality": result.quality.verdict,
    }

"""Several files, or one that takes a while: how far each is, and what was found so far."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from pages.shared.live import downloads, results, voice_words
from pages.shared.live.scoring import MAX_KEPT_S, Scoring
from pages.shared.live.tasks import Failed, Line, Task
from pages.shared.ui import components, state
from ser_core.analysis.result import Result
from ser_core.formatting import percent, seconds

_REFRESH_S = 0.5
_BUTTON_PX = 130


def draw(tasks: Sequence[Task], tab: str) -> Task | None:
    """Show how far the files are, while they are scored.

    Args:
        tasks: in the order of the list.
        tab: prefix of the keys.

    Returns:
        The one whose result is to be shown below, if there is one yet.
    """
    scoring = results.mine()
    shown = _shown(tasks, scoring)
    pace = _REFRESH_S if scoring.active else None
    st.fragment(_lines, run_every=pace)(tasks, tab, shown, pace is not None)
    return shown


def _shown(tasks: Sequence[Task], scoring: Scoring) -> Task | None:
    """The chosen file if it has a result; the first that has one where none is chosen."""
    good = {t.file.file_id: t for t in tasks if isinstance(scoring[t.key].found, Result)}
    wanted = st.session_state.get(state.SHOWN_FILE)
    on_page = {t.file.file_id for t in tasks}
    if good and wanted not in good and (wanted not in on_page or not scoring.active):
        wanted = st.session_state[state.SHOWN_FILE] = next(iter(good))
    return good.get(wanted)


def _lines(tasks: Sequence[Task], tab: str, shown: Task | None, was_active: bool) -> None:
    scoring = results.mine()
    if any(task.key not in scoring for task in tasks):
        return  # the page is about to be drawn with other files
    first_found = shown is None and _shown(tasks, scoring) is not None
    if scoring.active != was_active or first_found:
        st.rerun()  # the page sets the pace and shows results
    if len(tasks) == 1:
        _only(scoring, tasks[0], tab)
        return
    row = components.heading_row("Files", small=True)
    with row.container(horizontal=True, width="content"):
        _buttons(scoring, tab)
        _download(scoring, tasks, tab)
    for nth, task in enumerate(tasks):
        _line(scoring, task, f"{tab}-file-{nth}", task == shown)


def _only(scoring: Scoring, task: Task, tab: str) -> None:
    """The one file, unless its result is there and speaks for itself."""
    found = scoring[task.key].found
    if isinstance(found, Failed):
        components.problem(found.message)
    elif found is None:
        _line(scoring, task, tab, shown=False)
    _buttons(scoring, tab)


def _buttons(scoring: Scoring, tab: str) -> None:
    """Cancel while something is scored; go on or try again where that can help."""
    founds = [line.found for line in scoring.values()]
    if scoring.active:
        st.button("Cancel", on_click=scoring.cancel, icon=":material/close:", key=f"{tab}-cancel")
    elif any(line.cancelled and line.found is None for line in scoring.values()):
        st.button("Go on", on_click=scoring.go_on, icon=":material/play_arrow:", key=f"{tab}-go-on")
    elif any(isinstance(found, Failed) and not found.lasting for found in founds):
        st.button(
            "Try again", on_click=scoring.go_on, icon=":material/refresh:", key=f"{tab}-retry"
        )


def _download(scoring: Scoring, tasks: Sequence[Task], tab: str) -> None:
    if not any(isinstance(scoring[task.key].found, Result) for task in tasks):
        return
    popover = st.popover(
        "Download all", icon=":material/download:", key=f"{tab}-all", on_change="rerun"
    )
    if popover.open:
        founds = [
            scoring[task.key].found or Failed(task.file.name, "It was not scored.")
            for task in tasks
        ]
        with popover:
            downloads.of_all(founds, tasks[0].model, f"{tab}-all")


def _line(scoring: Scoring, task: Task, key: str, shown: bool) -> None:
    found, name = scoring[task.key].found, f'<b class="name">{escape(task.file.name)}</b>'
    if not isinstance(found, Result):
        told = escape(found.message) if found else _doing(scoring, scoring[task.key])
        st.html(f'<div class="ser-file alone">{name}<span class="rest">{told}</span></div>')
        return
    row = st.container(horizontal=True, vertical_alignment="center", key=key)
    row.html(f'<div class="ser-file">{name}{_answer(found)}</div>')
    pressed = row.button(
        "Shown below" if shown else "Show",
        key=f"{key}-show",
        width=_BUTTON_PX,
        disabled=shown,
        help=None if shown else f"Show {components.plain(task.file.name)} below",
    )
    if pressed:
        st.session_state[state.SHOWN_FILE] = task.file.file_id
        st.rerun()


def _answer(result: Result) -> str:
    timeline = result.timeline
    words = voice_words.of_result(result)
    sure = f"{percent(timeline.verdict.confidence)} sure" if words.emotion else ""
    cells = (sure, seconds(timeline.duration_s), result.quality.verdict)
    return f"<span>{components.mark(words.emotion)}{escape(words.headline)}</span>" + "".join(
        f'<span class="ser-light">{escape(cell)}</span>' for cell in cells
    )


def _doing(scoring: Scoring, line: Line) -> str:
    """HTML of what is being done with a file of which nothing is known yet."""
    if (progress := line.progress) is not None:
        share, what = progress
        done = f"{100 * share:.0f}"
        return (
            f'{what}<span class="track" role="progressbar" aria-valuenow="{done}" '
            f'aria-label="Scoring {escape(line.task.file.name)}">'
            f'<span class="fill" style="width:{done}%"></span></span>'
        )
    if line.cancelled:
        return "Cancelled"
    if scoring.full:
        return (
            f"Not scored: {MAX_KEPT_S // 60} minutes of sound are kept at a time. Remove other "
            "files to make room."
        )
    return "Waiting"

"""The head of a result: what was judged and by whom, and the answer."""

from collections.abc import Callable
from html import escape

import streamlit as st

from pages.shared.live import downloads, voice_words
from pages.shared.ui import components, wording
from ser_core.analysis.course import course_of
from ser_core.analysis.result import Result
from ser_core.analysis.timeline import Timeline
from ser_core.decoding.channels import name_of
from ser_core.formatting import from_to, kilohertz, seconds
from ser_core.plots.result.timeline import NOT_SURE

_CHANNELS = {1: "mono", 2: "stereo"}


def header(result: Result, key: str, again: str, on_again: Callable[[], None]) -> None:
    """What was judged and by whom, and what can be done with it.

    Args:
        result: the recording and its result.
        key: prefix of the keys of its widgets.
        again: text of the button that makes room for another recording.
        on_again: called when it is pressed.
    """
    row = st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    )
    row.html(
        f'<b style="font-weight:600">{escape(result.name)}</b> '
        f'<span class="ser-light">{_facts(result)}</span>',
        width="content",
    )
    buttons = row.container(horizontal=True, width="content")
    buttons.button(again, icon=":material/note_add:", key=f"{key}-again", on_click=on_again)
    with buttons:
        downloads.share(result, key)
    popover = buttons.popover(
        "Download", icon=":material/download:", key=f"{key}-download", on_change="rerun"
    )
    if popover.open:
        with popover:
            downloads.of_result(result, key)
    components.note(downloads.whose(result))


def answer(result: Result) -> None:
    """The answer, and what it rests on."""
    timeline = result.timeline
    words = voice_words.of_result(result)
    if voice_words.several(result):
        components.answer(words.headline, words.detail)
        return
    if timeline.verdict.kind == "mixed":
        components.answer(words.headline, words.detail)
        _changes(timeline)
        return
    components.answer(words.headline, words.detail, words.emotion, words.quiet)
    if timeline.verdict.probabilities:
        components.bars(timeline.verdict.probabilities)


def _facts(result: Result) -> str:
    channels = _CHANNELS.get(result.channels, f"{result.channels} channels")
    if result.channel is not None:
        channels = f"{name_of(result.channel - 1, result.channels)} channel"
    rate = kilohertz(result.source_rate_hz)
    return f"{seconds(result.timeline.duration_s)}, {rate}, {channels}"


def _changes(timeline: Timeline) -> None:
    """A ribbon of the whole recording, and below it when each part is, or how much of each."""
    parts = wording.named_parts(course_of(timeline))
    items = [_item(part.emotion, from_to(part.start_s, part.end_s)) for part in parts] or [
        _item(emotion, seconds(duration))
        for emotion, duration in timeline.seconds_per_answer().items()
    ]
    st.html(f'{_ribbon(timeline)}<div class="ser-key ser-seconds">{"".join(items)}</div>')


def _item(emotion: object, value: str) -> str:
    name = emotion or NOT_SURE
    mark = components.mark(None if emotion is None else str(emotion))
    return f'<span class="item">{mark}{name} <span class="ser-light">{value}</span></span>'


def _ribbon(timeline: Timeline) -> str:
    """Each segment in its colour, where it is in the recording; the names stand below."""
    whole_s = max(timeline.duration_s, 1e-3)
    pieces = "".join(
        f'<span style="left:{100 * s.start_s / whole_s:.2f}%;'
        f"width:{100 * s.duration_s / whole_s:.2f}%;"
        f'background:var(--ser-{s.emotion or "not-sure"})"></span>'
        for s in timeline.segments
    )
    return f'<div class="ser-ribbon" aria-hidden="true">{pieces}</div>'

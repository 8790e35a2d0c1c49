"""The voices of a conversation: how much each speaks, how it sounds, and what can be put right."""

from collections.abc import Callable
from html import escape

import streamlit as st

from pages.shared.live import voice_words
from pages.shared.live.voice_words import called, plain_name
from pages.shared.ui import cache, components, player
from ser_core.analysis.conversation import Conversation, corrected
from ser_core.analysis.result import Result
from ser_core.analysis.timeline import Segment, Timeline
from ser_core.errors import VoiceError
from ser_core.formatting import percent, seconds
from ser_core.speakers.corrections import (
    LONGEST_NAME,
    given,
    merged,
    renamed,
    retimed,
    split,
    unused,
)
from ser_core.speakers.diarisation import Diarisation

Correct = Callable[[Conversation], None]
_ANOTHER = "Another voice"


def summary(result: Result, key: str, on_correct: Correct | None) -> None:
    """A line for each voice, with what can be changed about it.

    Args:
        result: a recording whose voices were told apart.
        key: prefix of the keys of its widgets.
        on_correct: called with what the visitor has made of the conversation.
    """
    conversation = result.conversation
    speech_s = max(result.timeline.speech_s, 1e-3)
    for number, (name, timeline) in enumerate(conversation.timelines.items()):
        row = st.container(
            horizontal=True, vertical_alignment="center", key=f"{key}-voice-{number}"
        )
        row.html(_line(name, timeline, timeline.speech_s / speech_s))
        if on_correct is None:
            continue
        change = row.popover(
            # coloured, so that the style can leave the name to those who do not see the row
            f"Change :gray[{components.plain(called(name))}]",
            icon=":material/edit:",
            type="tertiary",
            key=f"{key}-change-{number}",
            on_change="rerun",
        )
        if change.open:
            with change:
                _changes(result, name, f"{key}-{number}", on_correct)


def _line(name: str, timeline: Timeline, share: float) -> str:
    """HTML of a voice: its name, its share of the speech in the colours of its emotions, a line."""
    spoken_s = max(timeline.speech_s, 1e-3)
    parts = "".join(
        f'<span style="width:{100 * share * s / spoken_s:.2f}%;'
        f'background:var(--ser-{emotion or "not-sure"})"></span>'
        for emotion, s in timeline.seconds_per_answer().items()
    )
    mark = components.mark(timeline.verdict.emotion)
    return (
        f'<div class="ser-voice"><b>{escape(called(name))}</b>'
        f'<span class="ser-light">{seconds(timeline.speech_s)}, {percent(share)}</span>'
        f'<span class="sounds">{mark}{escape(voice_words.sounding(timeline))}</span>'
        f'<span class="track" aria-hidden="true">{parts}</span></div>'
    )


def _changes(result: Result, name: str, key: str, on_correct: Correct) -> None:
    conversation = result.conversation
    found = conversation.diarisation
    typed = st.text_input("Name", called(name), max_chars=LONGEST_NAME, key=f"{key}-name-{name}")
    if typed != called(name):
        _correct(result, lambda: renamed(found, name, plain_name(typed)), on_correct)
    others = [each for each in conversation.timelines if each != name]
    if conversation.apart:
        components.note("Each voice has a channel of its own, so who speaks is known.")
        return
    if others:
        same = st.selectbox(
            "The same person as",
            others,
            index=None,
            format_func=called,
            placeholder="Choose a voice",
            key=f"{key}-same-{name}",
        )
        if same:
            _correct(result, lambda: merged(found, name, same), on_correct)
    if st.button("Split into two voices", key=f"{key}-split-{name}", width="stretch"):
        _correct(result, lambda: split(found, conversation.heard, name), on_correct)


def said_by(result: Result, segment: Segment, key: str, on_correct: Correct) -> None:
    """Who says the chosen segment, and a way to say that it is somebody else."""
    conversation = result.conversation
    if conversation is None or conversation.apart:
        return
    found = conversation.diarisation
    new = unused(found)
    row = st.container(horizontal=True, vertical_alignment="bottom")
    chosen = row.selectbox(
        "Said by",
        [*found.names, new],
        index=found.names.index(segment.voice),
        format_func=lambda name: _ANOTHER if name == new else called(name),
        key=f"{key}-said-{segment.start_s:.2f}-{segment.voice}-{found.voices}",
        width=220,
    )
    if chosen != segment.voice:
        ends = segment.start_s, segment.end_s
        _correct(result, lambda: given(found, *ends, segment.voice, chosen), on_correct)
    borders = row.popover(
        "Borders", icon=":material/width:", type="tertiary", key=f"{key}-borders", on_change="rerun"
    )
    if borders.open:
        with borders:
            _borders(result, segment, key, on_correct)


def _borders(result: Result, segment: Segment, key: str, on_correct: Correct) -> None:
    """When the turn begins and ends that holds a segment."""
    found = result.conversation.diarisation
    middle_s = (segment.start_s + segment.end_s) / 2
    turn = next(
        turn
        for turn in found.turns
        if turn.onset_s <= middle_s < turn.offset_s and found.names[turn.voice] == segment.voice
    )

    def moment(label: str, at_s: float) -> float:
        """What is typed, and what stood there to the last digit where nothing was."""
        shown = round(at_s, 1)
        typed = st.number_input(
            f"{label}, s",
            0.0,
            result.timeline.duration_s,
            shown,
            0.1,
            "%.1f",
            key=f"{key}-{label}-{at_s:.3f}",
        )
        return at_s if typed == shown else typed

    onset_s, offset_s = moment("Begins at", turn.onset_s), moment("Ends at", turn.offset_s)
    components.note("Of all that the voice says here without a break. Others give way.")
    if st.button("Move", key=f"{key}-move", width="stretch"):
        _correct(result, lambda: retimed(found, turn, onset_s, offset_s), on_correct)


def _correct(result: Result, change: Callable[[], Diarisation], on_correct: Correct) -> None:
    """Do it, or say why not."""
    try:
        diarisation = change()
    except VoiceError as error:
        components.problem(str(error))
        return
    model = cache.model(result.timeline.model)
    on_correct(corrected(result.conversation, diarisation, result.clip, model))
    st.rerun()


def rows(result: Result) -> list[player.Row]:
    """A row of the player for each voice; nothing where voices weren't told apart."""
    conversation = result.conversation
    if conversation is None:
        return []
    segments = list(enumerate(result.timeline.segments))
    return [
        player.Row(
            called(name),
            () if conversation.apart else _at_once(conversation.diarisation, number),
            [i for i, segment in segments if segment.voice == name],
        )
        for number, name in enumerate(conversation.timelines)
    ]


def _at_once(found: Diarisation, voice: int) -> list[player.Piece]:
    own = [turn for turn in found.turns if turn.voice == voice]
    return [
        player.Piece(start_s, end_s, "at once")
        for start_s, end_s in found.overlaps
        if any(turn.onset_s <= start_s and turn.offset_s >= end_s for turn in own)
    ]

"""The words of a result, written down where the visitor asks for it, beside the voice."""

from collections.abc import Callable, Sequence
from html import escape

import streamlit as st

from pages.shared.live import word_rows
from pages.shared.live.voice_words import called
from pages.shared.ui import background, components, player
from pages.shared.ui.background import Job, Report, Turns
from ser_core.analysis import said
from ser_core.analysis.result import Result
from ser_core.formatting import clock, percent
from ser_core.reports.records import Record, words_record
from ser_core.words import transcriber, weights
from ser_core.words.transcript import Transcript, Word, text_of

_FAILED = "The words could not be written down, for a reason that nobody foresaw. Try again."
_DIFFER = "Words say one thing, the voice another"
_AGREE = "Nowhere do the words say one thing and the voice clearly another."
_ENGLISH_ALONE = "How positive or negative words are is known of English alone."
_BESIDE = "Words never change what the voice is said to sound like."
_LANGUAGES = {
    None: "Found by itself",
    "en": "English",
    "de": "German",
    "fr": "French",
    "es": "Spanish",
    "it": "Italian",
    "pt": "Portuguese",
    "pl": "Polish",
    "tr": "Turkish",
    "ru": "Russian",
    "ar": "Arabic",
    "zh": "Chinese",
    "ja": "Japanese",
}
_SERVER = Turns(1)  # Whisper takes two cores


def control(result: Result, key: str) -> None:
    """A button that opens all about words; they are written down only if the visitor wants it.

    Args:
        result: a recording with speech.
        key: prefix of the keys of its widgets, and of what is kept.
    """
    popover = st.popover(
        "Words", type="tertiary", icon=":material/subtitles:", key=f"{key}-words", on_change="rerun"
    )
    if not popover.open:
        return
    with popover:
        if why_not := weights.missing():
            components.note(why_not)
        elif transcript := _transcript(key):
            _written(result, transcript)
        else:
            _offer(result, key)


def words_of(result: Result, key: str) -> Sequence[Sequence[Word]]:
    """The words of each segment; none where they were not written down."""
    transcript = _transcript(key)
    return said.words_of_segments(result.timeline, transcript.words) if transcript else ()


def recorded(record: Record, result: Result, key: str) -> Record:
    """The record of a result, with what is said where it was written down."""
    transcript = _transcript(key)
    if transcript is None:
        return record
    words = words_of(result, key)
    return words_record(record, transcript, words, said.said_in(result.timeline, transcript))


def rows(result: Result, words: Sequence[Sequence[Word]]) -> list[player.Row]:
    """Rows of the player with words."""
    return word_rows.rows(result.timeline, words, called) if words else []


def spoken(words: Sequence[Sequence[Word]], segment: int) -> str:
    """What is said in a segment, for who does not see the rows."""
    text = text_of(words[segment]) if words else ""
    return f"“{text}”" if text else ""


def _kept(key: str) -> str:
    return f"{key}-written"


def _transcript(key: str) -> Transcript | None:
    kept = background.outcome(_kept(key))
    return kept if isinstance(kept, Transcript) else None


def _offer(result: Result, key: str) -> None:
    if background.under_way(_kept(key), f"{key}-writing"):
        return
    language = st.selectbox(
        "Language", _LANGUAGES, format_func=_LANGUAGES.__getitem__, key=f"{key}-language"
    )
    if st.button("Write the words down", icon=":material/edit_note:", key=f"{key}-write"):
        background.begin(Job("words", _work(result, language), _FAILED), _kept(key))
    components.note(f"Whisper writes them, on this server. {_BESIDE}")


def _work(result: Result, language: str | None) -> Callable[[Report], Transcript]:
    clip, timeline = result.clip, result.timeline

    def work(report: Report) -> Transcript:
        report(0.0, "Waiting")
        with _SERVER.turn():
            return said.transcribed(
                clip,
                timeline,
                transcriber.load(),
                language,
                lambda done: report(done, f"Writing down, {percent(done)}"),
            )

    return work


def _written(result: Result, transcript: Transcript) -> None:
    """All that is said, line by line, and where words and voice differ."""
    utterances = said.said_in(result.timeline, transcript)
    lines = "".join(
        f'<p class="ser-text">{components.mark(each.emotion)} '
        f'<span class="ser-light">{clock(each.start_s)}</span> {escape(each.text)}</p>'
        for each in utterances
        if each.text
    )
    st.html(lines or '<p class="ser-note">No words were understood.</p>')
    if transcript.language != "en":
        components.note(_ENGLISH_ALONE)
        return
    found = word_rows.disagreements(utterances, called)
    if not found:
        components.note(f"{_AGREE} {_BESIDE}")
        return
    components.heading(_DIFFER, level=3)
    for sentence in found:
        components.note(sentence)
    components.note(_BESIDE)

"""The result of one recording, the same for all three ways to bring it."""

from collections.abc import Callable, Sequence
from html import escape

import streamlit as st

from pages.shared.live import (
    answer_view,
    explanation_panel,
    face_panel,
    results,
    voices_view,
    words_panel,
)
from pages.shared.live.voice_words import called
from pages.shared.live.voices_view import Correct
from pages.shared.ui import cache, components, player, style, wording
from ser_core.analysis.result import Result, opinion
from ser_core.analysis.timeline import Probabilities, Segment
from ser_core.audio.quality import Quality
from ser_core.errors import SerError
from ser_core.formatting import from_to, percent
from ser_core.plots.result.model_outputs import (
    Opinion,
    opinions_alt,
    opinions_figure,
    opinions_table,
    sentence,
)
from ser_core.plots.result.player import picture, spectrogram, spectrogram_span
from ser_core.plots.result.timeline import NOT_SURE, timeline_alt, timeline_table
from ser_core.reports.html import quality_figures
from ser_core.words.transcript import Word

_OFFERS = {"spectrogram": "Spectrogram", "why": "Why"}


def show(
    result: Result,
    key: str,
    again: str,
    on_again: Callable[[], None],
    on_correct: Correct | None = None,
    film: Callable[[], bytes] | None = None,
) -> None:
    """Draw a result.

    Args:
        result: the recording and its result.
        key: prefix of the keys of its widgets.
        again: text of the button that makes room for another recording.
        on_again: called when it is pressed.
        on_correct: called with what the visitor has made of the voices, where that is kept.
        film: gives the file, where it has moving pictures as well.
    """
    answer_view.header(result, key, again, on_again)
    for warning in result.warnings:
        components.caution(warning)
    st.fragment(_body)(result, key, on_correct, film)


def _body(
    result: Result, key: str, on_correct: Correct | None, film: Callable[[], bytes] | None
) -> None:
    """All that follows the chosen segment; a click draws no more than this anew."""
    segments = result.timeline.segments
    selected = min(st.session_state.get(_segment_key(key), 0), max(len(segments) - 1, 0))
    words = words_panel.words_of(result, key)
    left, right = st.columns([7, 5], gap="medium")
    with left:
        answer_view.answer(result)
        if result.conversation:
            voices_view.summary(result, key, on_correct)
    with right:
        if len(segments) > 1:
            _segment(result, selected, words_panel.spoken(words, selected))
            if on_correct and segments[selected].voice:
                voices_view.said_by(result, segments[selected], key, on_correct)
        else:
            _quality(result.quality)
    _player(result, selected, words, key)
    if not segments:
        return
    with st.container(horizontal=True):
        components.data_popover(timeline_table(result.timeline), "windows", key=f"{key}-windows")
        words_panel.control(result, key)
        if film:
            face_panel.control(result, film, key)
    why = st.container(key=f"{key}-why")
    left, right = st.columns([7, 5], gap="medium")
    with left:
        _opinions(result, selected, key)
    if len(segments) > 1:
        with right:
            _quality(result.quality)
    if "why" in st.session_state.get(_shown_key(key), ()):
        with why:  # last, for it takes a moment
            explanation_panel.show(result, selected, key)


def _segment_key(key: str) -> str:
    """Holds which segment is chosen."""
    return f"{key}-segment"


def _shown_key(key: str) -> str:
    """Holds which views are shown besides."""
    return f"{key}-shown"


def _player(result: Result, selected: int, words: Sequence[Sequence[Word]], key: str) -> None:
    def choose(index: int) -> None:
        st.session_state[_segment_key(key)] = index

    def show_views(names: Sequence[str]) -> None:
        st.session_state[_shown_key(key)] = names

    timeline = result.timeline
    player.draw(
        results.once(result, ("wav",), result.wav),
        results.once(result, ("picture",), lambda: picture(result.clip, timeline)),
        timeline.duration_s,
        key=f"{key}-player",
        alt=f"{result.name}. {timeline_alt(timeline)}",
        segments=[
            _piece(segment, words_panel.spoken(words, nth))
            for nth, segment in enumerate(timeline.segments)
        ],
        rows=voices_view.rows(result)
        + face_panel.rows(result, key)
        + words_panel.rows(result, words),
        chosen=selected,
        views=_views(result, selected, key),
        on_choose=choose,
        on_show=show_views,
    )


def _piece(segment: Segment, spoken: str) -> player.Piece:
    name, sure = segment.emotion or NOT_SURE, percent(segment.confidence)
    then = wording.next_best(segment.probabilities, segment.emotion is None)
    who = called(segment.voice) if segment.voice else ""
    when = ", ".join(filter(None, (from_to(segment.start_s, segment.end_s), who)))
    words = f"{when}, {name}, {sure} sure" if segment.emotion else f"{when}, {name}, {then}"
    return player.Piece(
        segment.start_s,
        segment.end_s,
        name,
        segment.emotion,
        sure if segment.emotion else "",
        then,
        f"{words} {spoken}".strip(),
        who,
    )


def _views(result: Result, selected: int, key: str) -> player.Views | None:
    segments, shown = result.timeline.segments, st.session_state.get(_shown_key(key), ())
    if not segments:
        return None
    span = spectrogram_span(result.timeline, segments[selected])
    return player.Views(
        _OFFERS,
        shown,
        explanation_panel.curve_of(result, selected) if "why" in shown else None,
        results.once(result, ("spectrogram", *span), lambda: spectrogram(result.clip, *span))
        if "spectrogram" in shown
        else None,
    )


def _segment(result: Result, selected: int, spoken: str) -> None:
    """The chosen segment: which, when, what is said, what it sounds like, how sure."""
    segments = result.timeline.segments
    segment = segments[selected]
    who = called(segment.voice) if segment.voice else ""
    title = escape(wording.segment_title(selected, len(segments), segment, who))
    when = from_to(segment.start_s, segment.end_s)
    components.heading(f'{title} <span class="ser-light">{when}</span>', level=3)
    if spoken:
        components.note(spoken)
    if segment.emotion is None:
        components.note(wording.why_unsure(segment.probabilities))
    components.bars(segment.probabilities, rest=False)


def _quality(found: Quality) -> None:
    cells = "".join(
        f'<div><div class="ser-note">{name}</div><div class="ser-figure">{value}</div></div>'
        for name, value in quality_figures(found)
    )
    components.heading("Recording quality", level=3)
    with st.container(border=True):
        st.html(
            f'<div class="ser-verdict">{escape(found.verdict)}</div>'
            f'<div class="ser-figures">{cells}</div>'
        )


def _opinion(result: Result, selected: int, name: str) -> Probabilities:
    def compute() -> Probabilities:
        return opinion(result, result.timeline.segments[selected], cache.model(name))

    return results.once(result, ("opinion", selected, name), compute)


def _opinions(result: Result, selected: int, key: str) -> None:
    segment = result.timeline.segments[selected]
    components.heading("What each model says", level=3)
    opinions = []
    for bundle in cache.bundles():
        if bundle.card is None:
            continue
        try:
            probabilities = (
                segment.probabilities
                if bundle.name == result.timeline.model
                else _opinion(result, selected, bundle.name)
            )
        except SerError as error:
            components.problem(str(error))
            continue
        says = sentence(probabilities, bundle.card.abstain_threshold)
        opinions.append(Opinion(bundle.title, says, probabilities))
    components.chart(
        opinions_figure(opinions, style.current_theme()),
        key=f"{key}-opinions",
        alt=opinions_alt(opinions),
        data=opinions_table(opinions),
        name="models",
    )

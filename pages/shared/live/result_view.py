"""The result of one recording, the same for all three ways to bring it."""

import math
from html import escape

import pandas as pd
import streamlit as st

from pages.shared.live import downloads, explanation_panel, results
from pages.shared.ui import cache, components, style, wording
from ser_core.analysis.result import Result, opinion
from ser_core.analysis.timeline import Probabilities, Segment
from ser_core.audio.clip import to_wav
from ser_core.audio.quality import Quality
from ser_core.decoding.channels import name_of
from ser_core.emotions import Emotion
from ser_core.errors import SerError
from ser_core.formatting import NBSP, seconds
from ser_core.plots.result.model_outputs import (
    Opinion,
    opinions_alt,
    opinions_figure,
    opinions_table,
    sentence,
)
from ser_core.plots.result.targets import segment_at
from ser_core.plots.result.timeline import NOT_SURE, timeline_alt, timeline_figure, timeline_table
from ser_core.reports.html import quality_figures

_CHANNELS = {1: "mono", 2: "stereo"}
_LONG_TABLE, _TABLE_HEIGHT, _ROW_HEIGHT = 10, 380, 38


def show(result: Result, key: str, again: str, on_again: object) -> None:
    """Draw a result.

    Args:
        result: the recording and its result.
        key: prefix of the keys of its widgets.
        again: text of the button that makes room for another recording.
        on_again: called when it is pressed.
    """
    _header(result, key, again, on_again)
    for warning in result.warnings:
        components.caution(warning)
    timeline = result.timeline
    if timeline.adapted_to:
        components.note(wording.ONE_VOICE.format(utterances=timeline.adapted_to))
    st.space("small")
    left, right = st.columns([7, 5], gap="medium", vertical_alignment="center")
    with left:
        _answer(result)
    with right:
        st.audio(result.wav(), format="audio/wav", alt=f"Player for {result.name}")
    segments, selected = timeline.segments, 0
    if segments:
        st.space("small")
        selected = _selected(key, len(segments))
        _chart(result, selected, key)
    st.space("small")
    left, right = st.columns([7, 5], gap="medium")
    with right if segments else left:
        components.heading("Recording quality", level=3)
        _quality(result.quality)
    if segments:
        with left:
            components.heading("Segments", level=3)
            _segments(segments, key)
            components.note("Choose a row, or click in the chart above, to hear a segment.")
        st.space("small")
        _segment(result, selected, key)
        _opinions(result, selected, key)
        st.space("small")
        explanation_panel.show(result, selected, key)


def _header(result: Result, key: str, again: str, on_again: object) -> None:
    row = st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    )
    rate_khz = f"{result.source_rate_hz / 1000:g}{NBSP}kHz"
    channels = _CHANNELS.get(result.channels, f"{result.channels} channels")
    if result.channel is not None:
        channels = f"{name_of(result.channel - 1, result.channels)} channel"
    facts = f"{seconds(result.timeline.duration_s)}, {rate_khz}, {channels}"
    row.html(
        f'<b style="font-weight:600">{escape(result.name)}</b> '
        f'<span class="ser-light">{facts}</span>',
        width="content",
    )
    buttons = row.container(horizontal=True, width="content")
    buttons.button(again, icon=":material/note_add:", key=f"{key}-again", on_click=on_again)
    popover = buttons.popover(
        "Download", icon=":material/download:", key=f"{key}-download", on_change="rerun"
    )
    if popover.open:
        with popover:
            downloads.of_result(result, key)


def _answer(result: Result) -> None:
    timeline = result.timeline
    verdict = timeline.verdict
    words = wording.of_verdict(verdict, timeline.speech_s)
    components.answer(words.headline, words.detail, words.emotion, words.quiet)
    if verdict.kind == "mixed":
        items = "".join(
            f'<span class="item">{components.mark(emotion)}{emotion or NOT_SURE} '
            f'<span class="ser-light">{seconds(duration)}</span></span>'
            for emotion, duration in timeline.seconds_per_answer().items()
        )
        st.html(f'<div class="ser-key ser-seconds">{items}</div>')
    elif verdict.probabilities:
        components.bars(verdict.probabilities)


def _table_key(key: str) -> str:
    """The table holds which segment is chosen; the chart writes there."""
    return f"{key}-segments"


def _selected(key: str, count: int) -> int:
    """The chosen row of the table, which is drawn further down the page."""
    state = st.session_state.get(_table_key(key))
    rows = state["selection"]["rows"] if state else []
    return rows[0] if rows and rows[0] < count else 0


def _chart(result: Result, selected: int, key: str) -> None:
    timeline, chart_key = result.timeline, f"{key}-timeline"
    components.chart(
        timeline_figure(result.envelope, timeline, style.current_theme(), selected),
        key=chart_key,
        alt=timeline_alt(timeline),
        on_select=lambda: _on_click(chart_key, timeline.segments, key),
        selection_mode=("points",),
    )
    components.key_strip(e for e in Emotion if e in timeline.segments[0].probabilities)
    components.data_popover(timeline_table(timeline), "windows", key=f"{key}-windows")


def _on_click(chart_key: str, segments: tuple[Segment, ...], key: str) -> None:
    """Choose the clicked segment in the table.

    A click on the point that Plotly holds as selected comes as an empty selection: it means the
    same point once more.
    """
    held = f"{chart_key}-held"
    points = st.session_state[chart_key]["selection"]["points"]
    clicked = segment_at(points[-1], segments) if points else st.session_state.get(held)
    if clicked is not None and clicked < len(segments):
        st.session_state[held] = clicked
        # complete, or the browser's own form of it would count as another choice
        chosen = {"rows": [clicked], "columns": [], "cells": []}
        st.session_state[_table_key(key)] = {"selection": chosen}
        _hear(key)


def _hear(key: str) -> None:
    """Somebody chose a segment: its player starts by itself in the run that follows, only there."""
    st.session_state[f"{key}-hear"] = True
    st.session_state[f"{key}-choices"] = st.session_state.get(f"{key}-choices", 0) + 1


def _segment(result: Result, selected: int, key: str) -> None:
    """Title and player of the chosen segment."""
    segment = result.timeline.segments[selected]
    title = wording.segment_title(selected, segment.start_s, segment.end_s)
    left, right = st.columns([7, 5], gap="medium", vertical_alignment="center")
    with left:
        components.heading(title)
    with right, st.container(key=f"{key}-segment"):
        st.audio(
            to_wav(result.clip.cut(segment.start_s, segment.end_s)),
            format="audio/wav",
            # Streamlit lets the same player start by itself only once: an end that lies behind the
            # sound's end, and moves with every choice, makes it another player
            end_time=math.ceil(segment.duration_s) + st.session_state.get(f"{key}-choices", 0),
            autoplay=st.session_state.pop(f"{key}-hear", False),
            alt=f"Player: {title}",
        )


def _segments(segments: tuple[Segment, ...], key: str) -> None:
    table = pd.DataFrame(
        {
            "sounds": [s.emotion or NOT_SURE for s in segments],
            "sure": [round(100 * s.confidence) for s in segments],
            "start": [s.start_s for s in segments],
            "end": [s.end_s for s in segments],
            "next": [wording.next_best(s.probabilities, s.emotion is None) for s in segments],
        }
    )
    st.dataframe(
        table,
        hide_index=True,
        row_height=_ROW_HEIGHT,
        height="auto" if len(table) < _LONG_TABLE else _TABLE_HEIGHT,
        key=_table_key(key),
        on_select=lambda: _hear(key),
        selection_mode="single-row-required",
        selection_default={"selection": {"rows": [0]}},
        alt="Segments of speech with their answers; the chosen row drives what follows",
        column_config={
            "sounds": st.column_config.TextColumn("sounds", width=110),
            "sure": st.column_config.ProgressColumn(
                "sure",
                format=f"%d{NBSP}%%",
                min_value=0,
                max_value=100,
                color=style.current_theme().ink,
                width=150,
            ),
            "start": st.column_config.NumberColumn("start, s", format="%.1f", width=80),
            "end": st.column_config.NumberColumn("end, s", format="%.1f", width=80),
            "next": st.column_config.TextColumn("next", width=170),
        },
    )


def _quality(found: Quality) -> None:
    cells = "".join(
        f'<div><div class="ser-note">{name}</div><div class="ser-figure">{value}</div></div>'
        for name, value in quality_figures(found)
    )
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

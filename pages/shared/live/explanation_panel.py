"""Why the answer of a segment."""

import streamlit as st

from pages.shared.live import results
from pages.shared.ui import cache, components, style
from pages.shared.ui.streamlit_internals import DeltaGenerator
from ser_core.acoustics.display import log_mel_db
from ser_core.analysis.explanation import (
    Explanation,
    emotion_to_explain,
    explain,
    window_to_explain,
)
from ser_core.analysis.result import Result
from ser_core.analysis.timeline import Segment, Timeline
from ser_core.formatting import NBSP, percent, seconds
from ser_core.plots.result.explanation import why_alt, why_figure, why_table

_LONGER_S = 0.3  # a segment that is longer than its window by this much says which part is shown


def show(result: Result, selected: int, key: str) -> None:
    """Draw the section for one segment.

    Args:
        result: the recording and its result.
        selected: index of the segment.
        key: prefix of the keys of its elements.
    """
    segment = result.timeline.segments[selected]
    emotion = emotion_to_explain(segment)
    with st.container(key=f"{key}-why"):
        components.heading(f"Why {emotion}?", level=3)
        note, bar = st.empty(), st.empty()
        found = _explanation(result, selected, bar)
        bar.empty()
        with note:
            components.note(_sentence(found, result.timeline, segment))
        sound = result.clip.cut(found.start_s, found.end_s).samples
        components.chart(
            why_figure(found, log_mel_db(sound), style.current_theme()),
            key=f"{key}-why-chart",
            alt=why_alt(found),
        )
        components.note(_check(found))
        components.data_popover(why_table(found), "why", key=f"{key}-why-data")


def _explanation(result: Result, selected: int, bar: DeltaGenerator) -> Explanation:
    timeline = result.timeline
    segment = timeline.segments[selected]

    def compute() -> Explanation:
        window = window_to_explain(timeline, segment)
        return explain(
            result.clip.cut(window.start_s, window.end_s),
            cache.model(timeline.model),
            emotion_to_explain(segment),
            window.start_s,
            lambda share: bar.progress(share, text="Silencing one piece after the other"),
        )

    return results.once(result, ("why", selected), compute)


def _sentence(found: Explanation, timeline: Timeline, segment: Segment) -> str:
    text = (
        f"How far the score for {found.emotion} falls when a short piece of sound is silenced. "
        "High means the model leaned on it."
    )
    if segment.emotion is None:
        text = f"Not sure here; {found.emotion} came closest. {text}"
    if segment.duration_s - (found.end_s - found.start_s) > _LONGER_S:
        text += (
            f" Shown from {found.start_s:.1f} to {seconds(found.end_s)}, where that score is "
            "highest."
        )
    answered = window_to_explain(timeline, segment).probabilities[found.emotion]
    if percent(answered) != percent(found.probability):
        text += (
            f" While listening, that score was {percent(answered)}, heard against the voice's "
            "other utterances or by another model; this is the model by itself."
        )
    return text


def _check(found: Explanation) -> str:
    """The deletion check in one or two sentences."""
    check = found.deletion
    text = (
        f"Check: silence the most important {check.deleted_s:g}{NBSP}s and "
        f"{percent(found.probability)} {_falls(check.drop)}; silence as much at random and it "
        f"{_falls(check.random_drop)} (mean of {len(check.random_drops)} draws)."
    )
    if not check.better_than_chance:
        text += (
            f" As much came of {check.as_good} of these draws, which is no better than chance: do "
            "not trust this picture."
        )
    return text


def _falls(points: float) -> str:
    rounded = round(points)
    unit = "point" if abs(rounded) == 1 else "points"
    if rounded < 0:
        return f"rises by {-rounded} {unit}"
    return f"falls by {rounded} {unit}" if rounded else "does not fall"

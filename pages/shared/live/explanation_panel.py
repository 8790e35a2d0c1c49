"""Why the answer of a segment: the words below the curve that the player draws."""

import streamlit as st

from pages.shared.live import results
from pages.shared.ui import cache, components
from pages.shared.ui.streamlit_internals import run_again
from ser_core.analysis.explanation import (
    Explanation,
    emotion_to_explain,
    explain,
    window_to_explain,
)
from ser_core.analysis.result import Result
from ser_core.analysis.timeline import Segment, Timeline
from ser_core.formatting import clock, percent, quantity
from ser_core.plots.result.explanation import why_alt, why_table
from ser_core.plots.result.player import Curve, curve

_LONGER_S = 0.3  # a segment that is longer than its window by this much says which part is shown


def curve_of(result: Result, selected: int) -> Curve | None:
    """The curve of one segment; None while nobody has waited for it yet."""
    if not results.known(result, ("why", selected)):
        return None
    return curve(_explanation(result, selected))


def show(result: Result, selected: int, key: str) -> None:
    """Say why one segment got its answer; the first time it takes a moment.

    Args:
        result: the recording and its result.
        selected: index of the segment.
        key: prefix of the keys of its elements.
    """
    if not results.known(result, ("why", selected)):
        _explanation(result, selected)
        run_again()  # from where the player is drawn
    found, segment = _explanation(result, selected), result.timeline.segments[selected]
    components.heading(f"Why {found.emotion}?", level=3)
    components.note(why_alt(found))
    components.note(_sentence(found, result.timeline, segment))
    components.note(_check(found))
    components.data_popover(why_table(found), "why", key=f"{key}-why-data")


def _explanation(result: Result, selected: int) -> Explanation:
    timeline = result.timeline
    segment = timeline.segments[selected]

    def compute() -> Explanation:
        window, bar = window_to_explain(timeline, segment), st.empty()
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
            f" Shown from {clock(found.start_s)} to {clock(found.end_s)}, where that score is "
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
        f"Check: silence the most important {quantity(check.deleted_s, 's', 2)} and "
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

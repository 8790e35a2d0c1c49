"""The Speak tab: the microphone, what it hears now, and the result after Stop."""

import logging

import streamlit as st

from pages.shared import cache, components, microphone, result_view, settings, state, style, wording
from pages.shared.microphone import Microphone
from ser_core.decoding import Decoded
from ser_core.errors import SerError
from ser_core.judging import Judged, with_timeline
from ser_core.listening import RECORDING_S, Listener, State
from ser_core.plots.live import (
    plane_alt,
    plane_figure,
    recent_alt,
    recent_figure,
    recent_table,
)
from ser_core.plots.text import NBSP

REFRESH_S = 0.5
CHART_REFRESH_S = 1.0  # the widest chart is most of what a refresh costs
_LOG = logging.getLogger(__name__)
_QUIETEST_DBFS = -70.0  # left end of the level meter


def show() -> None:
    """Draw the tab."""
    mic: Microphone = st.session_state.setdefault(state.MICROPHONE, Microphone())
    consent = st.empty()
    strip = st.container(border=True, key="live-strip")
    left, middle, right = strip.columns([3, 7, 2], gap="medium", vertical_alignment="center")
    with left:
        playing = microphone.stream(mic)
    with right.container(horizontal=True, horizontal_alignment="right"):
        model = settings.model_choice(locked=playing)
    if model is None:
        return
    _start_or_stop(mic, playing, model)
    if state.LISTENER in st.session_state:
        # every fragment draws inside its own place: one that outlives its page by a moment cannot
        # write into another
        with middle:
            st.fragment(_state_now, run_every=REFRESH_S)()
        with st.container(key="live"):
            st.fragment(_answer_now, run_every=REFRESH_S)()
            st.fragment(_recent, run_every=CHART_REFRESH_S)()
    else:
        with middle:
            _draw_state(State.OFF, None)
        if (result := st.session_state.get(state.LIVE_RESULT)) is not None:
            result_view.show(result, "live", "Clear", _clear)
        else:
            with consent:
                components.note(wording.CONSENT)
            _draw_answer(None)
    components.note(f"{wording.PRIVACY} {wording.LAW}")


def _start_or_stop(mic: Microphone, playing: bool, model: str) -> None:
    listener: Listener | None = st.session_state.get(state.LISTENER)
    if playing and listener is None:
        st.session_state[state.LISTENER] = Listener(cache.model(model))
        _clear()
    elif not playing and listener is not None:
        del st.session_state[state.LISTENER]
        try:
            st.session_state[state.LIVE_RESULT] = _result(listener, mic)
        finally:
            st.session_state[state.MICROPHONE] = Microphone()


def _result(listener: Listener, mic: Microphone) -> Judged | None:
    """What a session gave; None if no sound came."""
    warnings = [*mic.warnings()]
    try:
        listener.push(mic.drain())
        clip, timeline = listener.finish()
    except Exception:  # whatever the model's fault, the recording is the visitor's
        _LOG.exception("The end of a session could not be judged")
        clip, timeline = listener.so_far()
        warnings.append("The end could not be judged; the recording is whole. Upload it again.")
    if not clip.samples.size:
        return None
    if listener.duration_s - clip.duration_s > 1:
        warnings.append(f"Only the last {RECORDING_S // 60} minutes were kept.")
    rate_hz, channels, clipped_share = mic.source
    decoded = Decoded(clip, rate_hz, channels, clipped_share, tuple(warnings))
    return with_timeline(decoded, "microphone.wav", timeline)


def _clear() -> None:
    st.session_state.pop(state.LIVE_RESULT, None)


def _listen() -> Listener | None:
    """Hand over what the microphone has heard; None once the session is over."""
    mic: Microphone = st.session_state[state.MICROPHONE]
    listener: Listener | None = st.session_state.get(state.LISTENER)
    if listener is None:
        return None
    if mic.take_ended():
        st.rerun()  # the connection broke: the page must show the result
    waited_s = mic.waiting_s - REFRESH_S  # so much is due to the pace of the page
    listener.push(mic.drain())
    listener.behind_s = max(waited_s, mic.waiting_s)
    listener.clipped_share = mic.clipped_share
    return listener


def _state_now() -> None:
    try:
        listener = _listen()
    except SerError as error:
        components.problem(str(error))
        return
    if listener is not None:
        _draw_state(listener.state, listener)


def _answer_now() -> None:
    try:
        listener = _listen()  # again, so that no answer waits for the other fragment's turn
    except SerError:
        return  # told in the strip
    if listener is not None:
        _draw_answer(listener)


def _draw_state(now: State, listener: Listener | None) -> None:
    text = f"{listener.behind_s:.1f}{NBSP}s behind" if now is State.BEHIND else now.value
    chip = components.chip_html(text, filled=now is State.SPEECH, dot=now is not State.OFF)
    whole = int(listener.duration_s) if listener else 0
    clock = f'<span class="ser-light">{whole // 60}:{whole % 60:02d}</span>' if listener else ""
    share = 0.0 if listener is None else 1 - listener.level_dbfs / _QUIETEST_DBFS
    share = min(max(share, 0.0), 1.0)
    st.html(
        f'<div class="ser-live"><div class="ser-state">{chip}{clock}</div>'
        f'<div class="ser-level" role="meter" aria-label="Level" aria-valuenow="{share:.2f}">'
        f'<div class="track"><span class="fill" style="width:{100 * share:.0f}%"></span></div>'
        '<div class="names"><span>too quiet</span><span>good</span><span>clipping</span></div>'
        "</div></div>"
    )


def _draw_answer(listener: Listener | None) -> None:
    theme = style.current_theme()
    window = listener.answer if listener else None
    windows = list(listener.history) if listener else []
    if window is None:
        words = wording.of_moment(None, None, 0, 0)
    else:
        ago_s = listener.duration_s - window.end_s
        words = wording.of_moment(
            listener.emotion, window.probabilities, window.end_s - window.start_s, ago_s
        )
    left, right = st.columns([7, 5], gap="medium")
    with left:
        components.answer(words.headline, words.detail, words.emotion, words.quiet)
        if window is not None:
            components.bars(window.probabilities)
        elif listener and listener.duration_s == 0:
            components.note("Waiting for sound from the browser.")
    with right:
        components.chart(plane_figure(windows, theme), key="live-plane", alt=plane_alt(windows))


def _recent() -> None:
    listener: Listener | None = st.session_state.get(state.LISTENER)
    if listener is None:
        return
    windows, theme = list(listener.history), style.current_theme()
    components.heading("Last 30 seconds", level=3)
    components.chart(
        recent_figure(windows, listener.duration_s, theme),
        key="live-recent",
        alt=recent_alt(windows),
    )
    components.key_strip()
    components.data_popover(recent_table(windows), "last-30-seconds", key="live-recent-data")

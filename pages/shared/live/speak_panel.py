"""The Speak tab: the microphone, what it hears now, and the result after Stop."""

import time
from collections.abc import Sequence

import plotly.graph_objects as go
import streamlit as st

from pages.shared.live import (
    examples_panel,
    live_session,
    microphone,
    result_view,
    results,
    settings,
    voice_control,
)
from pages.shared.live.live_session import REFRESH_S
from pages.shared.live.microphone import Microphone, Stream
from pages.shared.ui import cache, components, state, style, wording
from ser_core.analysis.timeline import Window
from ser_core.errors import SerError
from ser_core.formatting import NBSP, minute_clock
from ser_core.live.listener import Listener, State
from ser_core.plots.result.live import (
    plane_alt,
    plane_figure,
    recent_alt,
    recent_figure,
    recent_table,
)
from ser_core.plots.theme import Theme

CHART_REFRESH_S = 1.0  # the widest chart is most of what a refresh costs
CONNECT_S = 8.0  # a connection that works stands after one or two
_QUIETEST_DBFS = -70.0  # left end of the level meter
_DEAD_DBFS = -85.0  # below the noise of an open microphone, above what a codec makes of zeros


def show() -> None:
    """Draw the tab."""
    mic: Microphone = st.session_state.setdefault(state.MICROPHONE, Microphone())
    consent = st.empty()
    strip = st.container(border=True, key="live-strip")
    left, middle, right = strip.columns([3, 6, 4], gap="medium", vertical_alignment="center")
    meter = middle.empty()
    if state.LISTENER not in st.session_state:
        # what would move Start is drawn before it: a click on its way must not miss it
        with consent.container():
            components.note(wording.CONSENT)
        with meter.container():
            _draw_state(State.OFF, None)
    with left:
        stream = microphone.stream(mic)
    with right.container(horizontal=True, horizontal_alignment="right"):
        pause = st.container(width="content")
        model = _controls(stream)
    if model is None:
        return
    bar = st.empty()
    live_session.follow(stream, model, results.shown_in(bar, "the recording"))
    bar.empty()
    with pause:
        _pause(stream)
    if state.LISTENER in st.session_state:
        st.session_state.pop(state.CONNECTING_SINCE, None)
        # every fragment draws inside its own place: one that outlives its page by a moment cannot
        # write into another
        with meter.container():
            st.fragment(_state_now, run_every=REFRESH_S)()
        with st.container(key="live"):
            st.fragment(_answer_now, run_every=REFRESH_S)()
            st.fragment(_recent, run_every=CHART_REFRESH_S)()
    else:
        with meter.container():
            _draw_state(State.OFF, None)
        with consent.container():
            _before(stream)
        if (result := st.session_state.get(state.LIVE_RESULT)) is not None:
            result_view.show(result, "live", wording.NEW_RECORDING, live_session.clear)
        else:
            examples_panel.before_use()
    components.note(f"{wording.PRIVACY} {wording.LAW}")


def _controls(stream: Stream) -> str | None:
    """Voice and Settings; the chosen model, None where there is none."""
    place = st.container(width="content")
    model = settings.model_choice()
    if model is not None:
        with place:
            voice_control.control(model, stream.playing)
    return model


def _pause(stream: Stream) -> None:
    listener: Listener | None = st.session_state.get(state.LISTENER)
    if stream.playing and listener is not None:
        st.button(
            "Resume" if listener.paused else "Pause",
            icon=":material/play_arrow:" if listener.paused else ":material/pause:",
            type="tertiary",
            on_click=live_session.pause_or_resume,
            key="live-pause",
        )


def _before(stream: Stream) -> None:
    """What to know before any sound flows: consent, or why there is no connection."""
    if stream.connecting:
        st.session_state.setdefault(state.CONNECTING_SINCE, time.monotonic())
        st.fragment(_connecting, run_every=1.0)()
        return
    components.note(wording.CONSENT)
    if _connecting_s() >= CONNECT_S:  # and it was given up
        components.caution(wording.NO_CONNECTION, icon=":material/wifi_off:")
    elif state.LIVE_RESULT in st.session_state and st.session_state[state.LIVE_RESULT] is None:
        components.caution(wording.NOTHING_CAME, icon=":material/mic_off:")


def _connecting() -> None:
    if _connecting_s() >= CONNECT_S:
        components.caution(wording.NO_CONNECTION, icon=":material/wifi_off:")
    else:
        components.note("Connecting.")


def _connecting_s() -> float:
    """Seconds since Start was pressed and nothing came of it; 0 otherwise."""
    since = st.session_state.get(state.CONNECTING_SINCE)
    return 0.0 if since is None else time.monotonic() - since


def _state_now() -> None:
    try:
        listener = live_session.listen()
    except SerError as error:
        components.problem(str(error))
        return
    if listener is None:
        return
    _draw_state(listener.state, listener)
    if (trouble := _trouble(listener)) is not None:
        components.note(trouble)


def _trouble(listener: Listener) -> str | None:
    """Why nothing is heard, if so."""
    mic: Microphone = st.session_state[state.MICROPHONE]
    if listener.paused:  # first: a microphone that is paused sends nothing
        return wording.PAUSED
    if mic.missing_s > live_session.MISSING_S:
        return wording.NO_SOUND
    if live_session.woke_up():
        return wording.ASLEEP
    silent = listener.answer is None and listener.level_dbfs < _DEAD_DBFS
    if silent and listener.duration_s > live_session.MISSING_S:
        return wording.ONLY_SILENCE
    return None


def _answer_now() -> None:
    try:
        listener = live_session.listen()  # again: no answer waits for the other fragment's turn
    except SerError:
        return  # told in the strip
    if listener is not None:
        _draw_answer(listener)


def _draw_state(now: State, listener: Listener | None) -> None:
    text = f"{listener.behind_s:.1f}{NBSP}s behind" if now is State.BEHIND else now.value
    chip = components.chip_html(text, filled=now is State.SPEECH, dot=now is not State.OFF)
    time_s = (
        f'<span class="ser-light">{minute_clock(listener.duration_s)}</span>' if listener else ""
    )
    share = 0.0 if listener is None else 1 - listener.level_dbfs / _QUIETEST_DBFS
    share = min(max(share, 0.0), 1.0)
    st.html(
        f'<div class="ser-live"><div class="ser-state">{chip}{time_s}</div>'
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
        until_s = None if window is None else window.end_s
        components.answer(words.headline, words.detail, words.emotion, words.quiet, until_s)
        if window is not None:
            components.bars(window.probabilities)
            if listener and listener.mixed:
                components.note(wording.answering(listener.models, cache.titles()))
            if listener and listener.adapts:
                st.html(components.chip_html(wording.adapted_to(listener.adapted_to)))
        elif listener and listener.duration_s == 0:
            components.note("Waiting for sound from the browser.")
    with right:
        components.chart(_plane(windows, theme), key="live-plane", alt=plane_alt(windows))


def _plane(windows: Sequence[Window], theme: Theme) -> go.Figure:
    """The plane, made anew only for a new answer: to make it is much of what a refresh costs."""
    seen = windows[-1] if windows else None, theme.name
    kept = st.session_state.get(state.PLANE)
    if kept is None or kept[0] != seen:
        kept = st.session_state[state.PLANE] = seen, plane_figure(windows, theme)
    return kept[1]


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

"""One visitor's live session: from Start to the result, whatever fails on the way."""

import logging

import streamlit as st

from pages.shared import cache, live_calibration, microphone, state
from pages.shared.microphone import Microphone
from pages.shared.results import Progress
from ser_core.analysis import Model, analyse
from ser_core.decoding import Decoded
from ser_core.judging import Judged, with_timeline
from ser_core.listening import RECORDING_S, Listener
from ser_core.speaker import Calibrated

REFRESH_S = 0.5
_LOG = logging.getLogger(__name__)


def follow(stream: microphone.Stream, model: str, progress: Progress) -> None:
    """Start or stop with the browser, and answer with the chosen model.

    Args:
        stream: what the browser does.
        model: name of the model.
        progress: called with the seconds done where the end takes time.
    """
    listener: Listener | None = st.session_state.get(state.LISTENER)
    if stream.playing and listener is None:
        st.session_state[state.LISTENER] = Listener(_choose(model))
        clear()
    elif stream.playing and st.session_state[state.LISTENS_WITH] != _choice(model):
        listener.use(_choose(model))
    elif not stream.playing and listener is not None:
        del st.session_state[state.LISTENER]
        live_calibration.cancel()
        try:
            st.session_state[state.LIVE_RESULT] = _result(listener, stream.microphone, progress)
        finally:
            st.session_state[state.MICROPHONE] = Microphone()


def clear() -> None:
    """Forget the result of the last session."""
    st.session_state.pop(state.LIVE_RESULT, None)


def listen() -> Listener | None:
    """Hand over what the microphone has heard; None once the session is over."""
    mic: Microphone = st.session_state[state.MICROPHONE]
    listener: Listener | None = st.session_state.get(state.LISTENER)
    if listener is None:
        return None
    if mic.take_ended():
        st.rerun()  # the connection broke: the page must show the result
    waited_s = mic.waiting_s - REFRESH_S  # so much is due to the pace of the page
    samples = mic.drain()
    if listener.paused:
        return listener  # and forget the samples
    listener.push(samples)
    live_calibration.push(samples)
    listener.behind_s = max(waited_s, mic.waiting_s)
    listener.clipped_share = mic.clipped_share
    return listener


def pause_or_resume() -> None:
    """Turn a pause on or off."""
    listener = listen()
    if listener is None:
        return
    if listener.paused:
        listener.resume()
    else:
        listener.pause()


def _choice(model: str) -> tuple[str, int]:
    return model, live_calibration.version()


def _choose(model: str) -> Model:
    """The model, calibrated to the visitor if they asked for it."""
    chosen = live_calibration.applied(cache.model(model))
    st.session_state[state.LISTENS_WITH] = _choice(model)
    return chosen


def _result(listener: Listener, mic: Microphone, progress: Progress) -> Judged | None:
    """What a session gave; None if no sound came."""
    warnings = [*mic.warnings()]
    try:
        if not listener.paused:
            listener.push(mic.drain())
        clip, timeline = listener.finish()
        if listener.mixed:  # several models answered: the last one judges all of it
            timeline = analyse(clip, _last_model(), lambda s: progress(s, clip.duration_s))
    except Exception:  # whatever the model's fault, the recording is the visitor's
        _LOG.exception("The end of a session could not be judged")
        clip, timeline = listener.so_far()
        warnings.append("The end could not be judged; the recording is whole. Upload it again.")
    if not clip.samples.size:
        return None
    if listener.duration_s - clip.duration_s > 1:
        warnings.append(f"Only the last {RECORDING_S // 60} minutes were kept.")
    if isinstance(_last_model(), Calibrated):
        warnings.append("Calibrated to your neutral voice.")
    decoded = Decoded(clip, *mic.source, tuple(warnings))
    return with_timeline(decoded, "microphone.wav", timeline)


def _last_model() -> Model:
    name, _ = st.session_state[state.LISTENS_WITH]
    return live_calibration.applied(cache.model(name))

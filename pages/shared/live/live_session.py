"""One visitor's live session: from Start to the result, whatever fails on the way."""

import logging
import math
import time

import streamlit as st

from pages.shared.live import microphone, voice_control
from pages.shared.live.microphone import Microphone
from pages.shared.live.results import Progress
from pages.shared.ui import cache, state, wording
from ser_core.analysis.analyser import analyse
from ser_core.analysis.result import Result, with_timeline
from ser_core.decoding.decode import Decoded
from ser_core.live.listener import Listener
from ser_core.live.recording import RECORDING_S

REFRESH_S = 0.5
MISSING_S = 3.0  # without a frame, something is wrong
ASLEEP_S = 5.0
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
        listener = st.session_state[state.LISTENER] = Listener(cache.model(model))
        listener.adapt(voice_control.wanted())
        stream.microphone.begin()
        clear()
    elif stream.playing:
        if (chosen := cache.model(model)) is not listener.model:
            listener.use(chosen)
        listener.adapt(voice_control.wanted())
    elif listener is not None:
        # a click may interrupt this: the listener stays until its result is there
        st.session_state[state.LIVE_RESULT] = _result(listener, stream.microphone, progress)
        del st.session_state[state.LISTENER]
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
    if listener.paused:
        return listener
    if waited_s > ASLEEP_S:
        st.session_state[state.WOKE_AT] = time.monotonic()
    listener.push(mic.drain())
    listener.behind_s = max(waited_s, mic.waiting_s)
    listener.clipped_share = mic.clipped_share
    return listener


def pause_or_resume() -> None:
    """Turn a pause on or off."""
    mic: Microphone = st.session_state[state.MICROPHONE]
    listener: Listener | None = st.session_state.get(state.LISTENER)
    if listener is None:
        return
    if listener.paused:
        listener.resume()
        mic.deaf = False
    else:
        mic.deaf = True  # first: sound arrives on another thread meanwhile
        listener.push(mic.drain())
        listener.pause()


def woke_up() -> bool:
    """Whether much sound had piled up a moment ago, as after a tab was hidden."""
    return time.monotonic() - st.session_state.get(state.WOKE_AT, -math.inf) < ASLEEP_S


def _result(listener: Listener, mic: Microphone, progress: Progress) -> Result | None:
    """What a session gave; None if no sound came."""
    warnings, told = [*mic.warnings()], listener.told
    if mic.missing_s > MISSING_S:
        warnings.append(wording.BROKE_OFF)
    try:
        listener.push(mic.drain())
        clip, timeline = listener.finish()
        if listener.mixed:  # several models answered: the last one judges all of it
            timeline = analyse(clip, listener.model, lambda s: progress(s, clip.duration_s))
    except Exception:  # whatever the model's fault, the recording is the visitor's
        _LOG.exception("The end of a session could not be judged")
        clip, timeline = listener.so_far()
        warnings.append("The end could not be judged; the recording is whole. Upload it again.")
    if not clip.samples.size:
        return None
    if listener.duration_s - clip.duration_s > 1:
        warnings.append(f"Only the last {RECORDING_S // 60} minutes were kept.")
    if listener.adapted_to:
        warnings.append(wording.heard_again(listener.changed, len(timeline.utterances)))
    decoded = Decoded(clip, *mic.source, tuple(warnings))
    return with_timeline(decoded, "microphone.wav", timeline, told)

"""The component that opens the microphone, on a server that is busy."""

from types import SimpleNamespace

import pytest
import streamlit as st
from streamlit_webrtc import component

from pages.shared.live import microphone
from pages.shared.live.microphone import Microphone, flowing, forget

KEY = "microphone-1"
PLAYING = component.WebRtcStreamerState(playing=True, signalling=False)


@pytest.fixture
def runs(monkeypatch):
    """How many runs of the page the server has counted; the component asks for it."""
    counted = SimpleNamespace(script_run_count=1)

    def streamer(key, **settings):
        return component._get_or_create_context(key)

    monkeypatch.setattr(component, "get_this_session_info", lambda: counted)
    monkeypatch.setattr(microphone, "webrtc_streamer", streamer)
    monkeypatch.setattr(microphone, "create_audio_sink_track", lambda **settings: object())
    yield counted
    forget(KEY)


def drawn() -> bool:
    return flowing(Microphone(), KEY, True, {})


def test_a_connection_survives_runs_that_are_counted_late(runs):
    assert not drawn()
    st.session_state[KEY]._set_state(PLAYING)
    runs.script_run_count += 2
    assert drawn()
    runs.script_run_count += 3
    assert drawn()


def test_a_component_that_was_away_begins_anew(runs):
    drawn()
    st.session_state[KEY]._set_state(PLAYING)
    forget(KEY)
    assert not drawn()

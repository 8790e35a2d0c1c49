"""The component that opens the microphone: until its sound flows, and on a server that is busy."""

from types import SimpleNamespace

import pytest
import streamlit as st
from streamlit_webrtc import component

from pages.shared.live import live_session, microphone
from pages.shared.live.microphone import Microphone, flowing, forget
from tests.pages.demo import act, demo, html, strip

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


def build(at) -> None:
    """Answer as a component does that the browser has built."""
    key = component.generate_frontend_component_key(at.session_state["live"].key)
    at.session_state[key] = {"playing": False}


@pytest.mark.usefixtures("two_models")
def test_a_connection_that_does_not_come_is_told_and_given_up(browser, monkeypatch):
    at = demo()
    act(at, "start")
    assert "Connecting" in html(at)
    session = at.session_state["live"]
    first = session.key
    monkeypatch.setattr(live_session, "CONNECT_S", 0.0)
    at.run()
    assert "tab Record works without it" in html(at)
    assert strip(at)["phase"] == "connecting"
    second = session.key
    assert second != first  # tried once more
    build(at)
    at.run()
    assert browser.wanted
    assert session.key == second
    monkeypatch.setattr(live_session, "GIVE_UP_S", 0.0)
    at.run()
    assert "tab Record works without it" in html(at)
    assert strip(at)["phase"] == "off"
    assert not browser.wanted


@pytest.mark.usefixtures("two_models")
def test_the_browser_is_told_to_play_only_once_its_part_is_built(browser):
    at = demo()
    act(at, "start")
    assert not browser.wanted
    build(at)
    at.run()
    assert browser.wanted
    act(at, "stop")
    assert not browser.wanted
    act(at, "start")
    assert not browser.wanted  # the next one is another


def test_no_session_gets_the_offer_that_a_browser_made_to_another():
    sessions = [live_session.LiveSession() for _ in range(2)]
    for session in sessions:
        session.start()
    assert sessions[0].key != sessions[1].key

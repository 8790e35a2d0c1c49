"""Until the sound of a visitor's microphone flows."""

import pytest

from pages.shared.live import live_session
from tests.pages.demo import act, demo, html, strip

pytestmark = pytest.mark.usefixtures("browser", "two_models")


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
    session.mounted = True
    at.run()
    assert browser.wanted
    assert session.key == second
    monkeypatch.setattr(live_session, "GIVE_UP_S", 0.0)
    at.run()
    assert "tab Record works without it" in html(at)
    assert strip(at)["phase"] == "off"
    assert not browser.wanted


def test_the_browser_is_told_to_play_only_once_its_part_is_built(browser):
    at = demo()
    act(at, "start")
    assert not browser.wanted
    at.session_state["live"].mounted = True  # as when the component has answered
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

"""As many may speak at once as the server can hear."""

import gc

import pytest

from pages.shared.live import places, speak_panel
from pages.shared.live.live_session import GIVE_UP_S, LiveSession
from pages.shared.live.phase import Phase
from pages.shared.live.places import SETTING, Places, carried
from ser_core.bundles.store import ModelStore
from tests.pages.demo import demo, html, stop, strip
from tests.voice import voice


@pytest.fixture(autouse=True)
def nobody_speaks(monkeypatch):
    monkeypatch.setattr(places, "_PLACES", Places())


@pytest.fixture
def one_place(monkeypatch):
    monkeypatch.setenv(SETTING, "1")


def press_start(at) -> None:
    """As the strip does it."""
    speak_panel._act(at.session_state["live"], "angry", "start")
    at.run()


@pytest.mark.usefixtures("two_models", "one_place")
def test_the_second_of_one_place_reads_that_it_is_full_until_the_first_stops(browser):
    first, second = demo(), demo()
    press_start(first)
    browser.playing = True
    first.run()
    assert strip(first)["phase"] == "live"
    press_start(second)
    assert strip(second)["phase"] == "off"
    assert strip(second)["message"] == "full"
    assert "Try again in a minute" in html(second)
    browser.say(voice(1.0))
    first.run()
    assert strip(first)["phase"] == "live"
    stop(first, browser)
    press_start(second)
    assert strip(second)["phase"] == "connecting"
    assert "Try again in a minute" not in html(second)


@pytest.mark.usefixtures("two_models", "one_place", "browser")
def test_who_finds_it_full_can_still_bring_a_file():
    first, second = demo(), demo()
    press_start(first)
    press_start(second)
    assert strip(second)["message"] == "full"
    for tab in ("Record", "Upload"):
        second.session_state["tab"] = tab
        second.run()
        assert second.get("audio_input" if tab == "Record" else "file_uploader")


def test_a_place_is_free_again_when_a_session_ends():
    held, first, second = Places(), LiveSession(), LiveSession()
    assert held.take(first, 1)
    assert first.phase is Phase.CONNECTING
    assert not held.take(second, 1)
    assert second.phase is Phase.OFF
    first.stop()
    assert held.take(second, 1)
    assert not held.take(first, 1)


@pytest.mark.parametrize("phase", [Phase.LIVE, Phase.PAUSED, Phase.ENDING])
def test_a_place_is_free_again_when_the_connection_ends(phase):
    held, first, second = Places(), LiveSession(), LiveSession()
    assert held.take(first, 1)
    first.phase = phase
    assert not held.take(second, 1)
    first.microphone.close()
    assert held.take(second, 1)


def test_a_place_is_free_again_when_no_connection_comes(monkeypatch):
    held, first, second = Places(), LiveSession(), LiveSession()
    assert held.take(first, 1)
    first._since -= GIVE_UP_S + 1
    assert held.take(second, 1)


def test_a_place_is_free_again_when_its_page_is_gone():
    held, second = Places(), LiveSession()
    assert held.take(LiveSession(), 1)
    gc.collect()
    assert held.take(second, 1)


def test_who_has_a_place_may_start_anew():
    held, only = Places(), LiveSession()
    assert held.take(only, 1)
    assert held.take(only, 1)


@pytest.mark.parametrize(("given", "want"), [("3", 3), ("0", 7), ("-2", 7), ("many", 7), ("", 7)])
def test_a_number_in_the_environment_wins(monkeypatch, given, want):
    monkeypatch.setenv(SETTING, given)
    monkeypatch.setattr(places, "_measured", lambda model: 7)
    assert places.capacity("any") == want


def test_a_slower_machine_or_fewer_cores_carry_fewer():
    assert carried(0.04, 2) > carried(0.04, 1) > carried(0.08, 1) >= 1
    assert carried(5.0, 1) == 1
    # one interpreter serves all, however many cores there are
    assert carried(0.04, 64) == carried(0.04, 8)


@pytest.mark.usefixtures("two_models")
def test_the_machine_is_measured_once(monkeypatch):
    shares = [0.05, 5.0]
    monkeypatch.setattr(places, "network_share", lambda model: shares.pop(0))
    monkeypatch.delenv(SETTING, raising=False)
    assert places.capacity("angry") == places.capacity("angry") > 1


@pytest.mark.usefixtures("two_models")
def test_what_the_networks_take_is_measured():
    share = places.network_share(ModelStore().load("angry"))
    assert 0 < share < 10


@pytest.mark.usefixtures("no_models")
def test_a_model_that_is_not_there_is_told_by_the_page(monkeypatch):
    monkeypatch.delenv(SETTING, raising=False)
    assert places.capacity("none") == 1

"""While a visitor speaks: a pause, another model, adaptation to the voice, and trouble."""

import shutil
import threading
import time

import numpy as np
import pytest
from streamlit.runtime.scriptrunner import RerunData, RerunException

from pages.shared.live import live_session, speak_panel
from pages.shared.live.microphone import Microphone
from ser_core.live.listener import Listener
from tests.bundles import make_adapting_bundle
from tests.pages.demo import act, demo, html, started, stop, strip, told
from tests.voice import silence, voice

pytestmark = pytest.mark.usefixtures("browser", "two_models")


@pytest.fixture
def speaking(browser):
    """The page while somebody speaks: Start was pressed, two seconds of voice were heard."""
    at = started(browser)
    say(at, browser, voice(2.0))
    return at


def say(at, browser, samples: np.ndarray) -> None:
    for part in np.array_split(samples, max(samples.size // 24_000, 1)):
        browser.say(part)
        at.run()
    assert not at.exception


def press(at, label: str) -> None:
    (button,) = [b for b in at.button if b.label == label]
    button.click().run()
    assert not at.exception


def test_a_pause_hears_and_keeps_nothing(speaking, browser):
    act(speaking, "pause")
    assert "Paused" in html(speaking)
    assert "Nothing is heard or kept" in html(speaking)
    say(speaking, browser, voice(5.0, seed=2))
    act(speaking, "resume")
    assert "Paused" not in html(speaking)
    say(speaking, browser, voice(2.0, seed=3))
    # 2 s, a gap of 1 s, 2 s
    assert "5.0 s, 16 kHz" in stop(speaking, browser)


def test_what_arrives_while_a_pause_begins_is_not_kept(speaking, browser, monkeypatch):
    pause = Listener.pause

    def slow_pause(listener):
        browser.say(voice(1.0, seed=2))  # on another thread, while this one ends the utterance
        pause(listener)
        browser.say(voice(1.0, seed=3))

    monkeypatch.setattr(Listener, "pause", slow_pause)
    act(speaking, "pause")
    act(speaking, "resume")
    # 2 s and a gap of 1 s
    assert "3.0 s, 16 kHz" in stop(speaking, browser)


def test_stop_while_paused_keeps_what_was_said_before(speaking, browser):
    act(speaking, "pause")
    say(speaking, browser, voice(3.0))
    assert "3.0 s, 16 kHz" in stop(speaking, browser)


def test_the_model_may_change_and_the_last_one_judges_all(speaking, browser):
    assert "Sounds angry" in html(speaking)
    speaking.selectbox(key="live_model").select("sad").run()
    say(speaking, browser, np.concatenate([voice(2.0, seed=1), silence(1.0)]))
    assert "Sounds sad" in html(speaking)
    text = stop(speaking, browser)
    assert "Sounds sad" in text
    assert "Mixed" not in text


def test_who_leaves_the_tab_and_comes_back_finds_the_result(speaking, browser):
    for tab in ("Upload", "Speak"):
        speaking.session_state["tab"] = tab
        speaking.run()
    assert "2.0 s, 16 kHz" in html(speaking)
    assert not browser.wanted


def test_a_connection_that_breaks_ends_the_session(speaking, browser):
    browser.playing = False
    speaking.run()
    assert "2.0 s, 16 kHz" in html(speaking)
    assert strip(speaking)["phase"] == "off"


def test_the_last_words_are_waited_for(speaking, browser):
    act(speaking, "stop")
    assert strip(speaking)["phase"] == "ending"
    browser.say(voice(0.5))  # was on its way
    browser.playing = False
    speaking.run()
    assert "2.5 s, 16 kHz" in html(speaking)


def test_a_browser_that_does_not_stop_is_not_waited_for(speaking, monkeypatch):
    act(speaking, "stop")
    monkeypatch.setattr(live_session, "LAST_WORDS_S", 0.0)
    speaking.run()
    assert "2.0 s, 16 kHz" in html(speaking)


def test_levels_come_twenty_times_a_second(speaking, browser):
    browser.say(np.concatenate([np.zeros(4_000, np.float32), voice(0.25)]))
    speaking.run()
    levels = strip(speaking)["levels"]
    assert len(levels) == 10
    assert max(levels[:4]) == 0 < min(levels[6:])


def test_an_earlier_moment_never_comes_later(speaking):
    turns = []
    for _ in range(3):
        speaking.run()
        turns.append(strip(speaking)["turn"])
    assert turns == sorted(set(turns))


def test_a_device_that_sends_only_silence_is_told(browser):
    at = started(browser)
    say(at, browser, np.zeros(64_000, np.float32))
    assert "nothing but silence" in html(at)


def test_a_device_that_goes_is_told(speaking, monkeypatch):
    monkeypatch.setattr(Microphone, "missing_s", 4.0)
    speaking.run()
    assert "No sound arrives" in html(speaking)


def test_sound_that_piled_up_is_told(speaking, browser):
    browser.say(voice(8.0))
    speaking.run()
    assert "The page was asleep" in html(speaking)


def test_a_session_without_any_sound_says_so(browser):
    at = started(browser)
    assert "No sound came" in stop(at, browser)


def test_a_model_that_goes_meanwhile_takes_no_recording_along(speaking, browser, two_models):
    shutil.rmtree(two_models / "angry")
    assert "2.0 s, 16 kHz" in stop(speaking, browser)


def test_a_click_while_the_end_is_judged_loses_nothing(speaking, browser, monkeypatch):
    say(speaking, browser, np.concatenate([voice(20.0, seed=1), silence(1.0)]))
    speaking.selectbox(key="live_model").select("sad").run()
    clicks = []

    def interrupted(bar, name):
        def progress(done_s, total_s):
            if not clicks:
                clicks.append(done_s)
                raise RerunException(RerunData())

        return progress

    monkeypatch.setattr(speak_panel.results, "shown_in", interrupted)
    text = stop(speaking, browser)
    assert clicks
    assert "23.0 s, 16 kHz" in text


@pytest.fixture
def adapting(two_models):
    """The model that is chosen at first hears utterances against their voice."""
    shutil.rmtree(two_models / "angry")
    make_adapting_bundle(two_models, "angry")


def test_only_a_model_that_adapts_offers_it(two_models):
    assert "New speaker" not in [b.label for b in demo().button]
    shutil.rmtree(two_models / "angry")
    make_adapting_bundle(two_models, "angry")
    (button,) = [b for b in demo().button if b.label == "New speaker"]
    assert button.disabled  # nobody speaks yet


@pytest.mark.usefixtures("adapting")
def test_the_page_counts_the_utterances_of_a_voice(speaking, browser):
    assert "Not adapted yet" in html(speaking)
    for sentence in range(2):
        say(speaking, browser, np.concatenate([silence(0.5), voice(2.0, 120, sentence)]))
        say(speaking, browser, silence(1.0))
    assert "Adapted to this voice: 2" in html(speaking)
    press(speaking, "New speaker")
    speaking.run()
    assert "Not adapted yet" in html(speaking)
    say(speaking, browser, np.concatenate([voice(2.0, 180, 5), silence(1.0)]))
    assert "Adapted to this voice: 1" in html(speaking)
    text = stop(speaking, browser)
    assert any("against the whole session" in w for w in told(speaking.warning))
    assert "microphone.wav" in text


@pytest.mark.usefixtures("adapting")
def test_adapting_can_be_turned_off(speaking, browser):
    speaking.toggle(key="adapt_to_voice").set_value(False).run()
    say(speaking, browser, np.concatenate([voice(2.0, seed=4), silence(1.0)]))
    assert "dapted" not in html(speaking)
    stop(speaking, browser)
    assert not any("against the whole session" in w for w in told(speaking.warning))


def test_a_session_that_ends_while_its_last_run_still_listens_is_judged(
    speaking, browser, monkeypatch
):
    session = speaking.session_state["live"]
    inside, go_on, push = threading.Event(), threading.Event(), Listener.push
    order = []

    def slow_push(listener, samples):
        if threading.current_thread().name == "broken off":
            inside.set()
            go_on.wait(10)
            order.append("heard")
        push(listener, samples)

    def finish(listener, finish=Listener.finish):
        order.append("finished")
        return finish(listener)

    monkeypatch.setattr(Listener, "push", slow_push)
    monkeypatch.setattr(Listener, "finish", finish)
    browser.say(voice(1.0, seed=2))
    run = threading.Thread(target=session.hear, name="broken off")
    run.start()
    assert inside.wait(10)
    session.follow(False, session.listener.model, False)
    back = threading.Thread(target=session.finish, args=(lambda *_: None,))
    back.start()
    back.join(0.3)
    assert order == []  # it waits
    go_on.set()
    run.join(10)
    back.join(30)
    assert order == ["heard", "finished"]
    assert session.result.clip.duration_s == pytest.approx(3.0, abs=0.1)


def test_a_clock_that_is_set_back_stops_nothing(speaking, browser, monkeypatch):
    before = strip(speaking)
    now, now_ns = time.time, time.time_ns
    monkeypatch.setattr(time, "time", lambda: now() - 7200)
    monkeypatch.setattr(time, "time_ns", lambda: now_ns() - 7200 * 10**9)
    say(speaking, browser, voice(2.0, seed=2))
    after = strip(speaking)
    assert after["session"] == before["session"]
    assert after["turn"] > before["turn"]  # else the browser takes it for an older one
    assert after["clock"] == before["clock"] + 2
    assert after["message"] == ""
    assert "4.0 s, 16 kHz" in stop(speaking, browser)

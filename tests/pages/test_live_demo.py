import re

import numpy as np
import pytest

from ser_core.analysis.analyser import Analyser
from ser_core.live.recording import Recording
from tests.pages.demo import SPOKEN, demo, html, say, scored, start, started, stop, told, uploaded
from tests.voice import voice

pytestmark = pytest.mark.usefixtures("browser", "two_models")


def test_only_the_open_tab_runs():
    assert demo().file_uploader.len == 0
    at = demo("Upload")
    assert at.file_uploader.len == 1
    assert demo("Record").get("audio_input")


def test_before_use_there_is_consent_and_something_to_try(browser):
    at = demo()
    assert [t.value for t in at.title] == ["Live demo"]
    assert "Press Start if you agree" in html(at)
    assert "Off" in html(at)
    text = html(at)
    assert "Try an example" in text
    assert not at.get("plotly_chart")
    assert not browser.wanted
    assert browser.receive is None  # nothing is loaded that could ask for a microphone


def test_a_recording_gives_an_answer():
    at = demo("Record")
    scored(at.audio_input[0].set_value(("recording.wav", SPOKEN, "audio/wav")).run())
    assert "Sounds angry" in html(at)


def test_without_a_model_the_page_says_what_to_do(two_models):
    for card in two_models.glob("*/card.json"):
        card.unlink()
    for tab in ("Speak", "Record", "Upload"):
        at = demo(tab)
        assert "No model is installed." in html(at)
        assert "python -m train fit" in at.code[0].value


def test_an_altered_model_is_told_not_thrown(two_models):
    (two_models / "angry" / "model.onnx").write_bytes(b"other")
    at = uploaded(("talk.wav", SPOKEN))
    assert any("was altered" in text for text in told(at.error))


def test_speaking_shows_a_state_and_an_answer_then_a_result(browser):
    at = started(browser)
    assert "Listening" in html(at)
    say(at, browser, voice(4.0))
    text = html(at)
    assert "Speech" in text
    assert "0:04" in text
    assert re.search(r"Sounds angry.*% sure, for the last 3 seconds", text)
    text = stop(at, browser)
    assert "microphone.wav" in text
    assert "Sounds angry" in text
    assert "Off" in text


def test_stop_before_any_sound_gives_no_result(browser):
    text = stop(started(browser), browser)
    assert "No sound came" in text
    assert "Try an example" in text
    assert "Sounds" not in text


@pytest.mark.parametrize("when", ["push", "finish"])
def test_a_fault_at_the_stop_loses_no_sound(browser, monkeypatch, when):
    at = started(browser)
    browser.say(voice(2.0))
    at.run()
    browser.say(voice(1.0))

    def fail(*_):
        raise RuntimeError("the model broke")

    monkeypatch.setattr(Analyser, when, fail)
    assert "3.0 s, 16 kHz" in stop(at, browser)
    assert any("recording is whole" in text for text in told(at.warning))
    browser.say(voice(1.0))  # on its way when Stop was pressed
    assert at.session_state["live"].microphone.waiting_s == 0


def test_sound_that_waited_too_long_is_told_as_delay(browser):
    at = started(browser)
    browser.say(voice(3.0))
    at.run()
    assert "2.5 s behind" in html(at)  # the page looks twice a second
    browser.say(voice(0.5))
    at.run()
    assert "behind" not in html(at)


def test_clipping_before_folding_is_told(browser):
    at = started(browser)
    say(at, browser, np.clip(voice(2.0) * 40, -1, 1))
    assert "Clipping" in html(at)


def test_a_new_session_starts_empty(browser):
    at = demo()
    for _ in range(2):
        start(at, browser)
        browser.say(voice(2.0))
        at.run()
        text = stop(at, browser)
    assert "2.0 s, 16 kHz, mono" in text  # though two channels came


def test_a_long_session_keeps_its_end_and_says_so(browser, monkeypatch):
    monkeypatch.setattr("ser_core.live.listener.Recording", lambda: Recording(capacity_s=2.0))
    at = started(browser)
    say(at, browser, voice(4.0))
    assert "2.0 s, 16 kHz" in stop(at, browser)
    assert any("Only the last" in text for text in told(at.warning))


def test_the_chosen_model_holds_in_every_tab():
    at = demo("Upload")
    at.selectbox(key="live_model").select("sad").run()
    at.query_params["tab"] = "Record"
    at.run()
    assert at.get("audio_input")
    assert at.selectbox(key="live_model").value == "sad"

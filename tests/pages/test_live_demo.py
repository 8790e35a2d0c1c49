import io
import json
import re
from pathlib import Path
from types import SimpleNamespace

import av
import numpy as np
import pytest
import soundfile as sf
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages.shared import downloads, microphone
from ser_core import bundle
from ser_core.decoding import decode
from ser_core.emotions import Emotion
from ser_core.inference import load_model
from ser_core.judging import judge
from ser_core.listening import Recording
from tests.bundles import make_bundle
from tests.voice import RATE_HZ, silence, voice

PAGE = Path(__file__).parents[2] / "pages" / "live_demo.py"


class Browser:
    """Stands for the visitor's browser: what the WebRTC component would hand over."""

    def __init__(self) -> None:
        self.playing = False
        self.receive = self.ended = None
        self._sent = 0

    def sink(self, callback, key, on_ended=None):
        self.receive, self.ended = callback, on_ended
        return object()

    def streamer(self, **settings):
        assert "audio_frame_callback" not in settings  # it loses sound
        assert settings["sink_audio_track"] is not None
        return SimpleNamespace(state=SimpleNamespace(playing=self.playing))

    def say(self, samples: np.ndarray) -> None:
        stereo = np.repeat((samples * 32767).astype(np.int16), 2).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(stereo, format="s16", layout="stereo")
        frame.sample_rate, frame.pts = RATE_HZ, self._sent
        self._sent += samples.size
        self.receive(frame)


@pytest.fixture(autouse=True)
def fresh_caches():
    st.cache_data.clear()
    st.cache_resource.clear()


@pytest.fixture(autouse=True)
def browser(monkeypatch) -> Browser:
    made = Browser()
    monkeypatch.setattr(microphone, "create_audio_sink_track", made.sink)
    monkeypatch.setattr(microphone, "webrtc_streamer", made.streamer)
    return made


@pytest.fixture(autouse=True)
def models(monkeypatch, tmp_path) -> Path:
    make_bundle(tmp_path, "angry", favourite=Emotion.ANGRY, title="Angry one")
    make_bundle(tmp_path, "sad", favourite=Emotion.SAD, title="Sad one")
    monkeypatch.setattr(bundle, "MODELS_DIR", tmp_path)
    return tmp_path


def demo(tab: str | None = None) -> AppTest:
    at = AppTest.from_file(str(PAGE), default_timeout=60)
    if tab:
        at.query_params["tab"] = tab
    return at.run()


def html(at: AppTest) -> str:
    texts = [element.proto.body for element in at.get("html")]
    return re.sub(r"[\s\N{NO-BREAK SPACE}]+", " ", " ".join(texts))


def wav(samples: np.ndarray, rate: int = RATE_HZ) -> bytes:
    buffer = io.BytesIO()
    sf.write(buffer, samples, rate, "PCM_16", format="WAV")
    return buffer.getvalue()


def uploaded(*files: tuple[str, bytes]) -> AppTest:
    at = demo("Upload")
    at.file_uploader[0].set_value([(name, content, "audio/wav") for name, content in files])
    return at.run()


SPOKEN = wav(np.concatenate([silence(0.5), voice(3.0), silence(0.5)]))


def test_only_the_open_tab_runs():
    assert demo().file_uploader.len == 0
    at = demo("Upload")
    assert not at.exception
    assert at.file_uploader.len == 1
    assert demo("Record").get("audio_input")


def test_before_use_there_is_consent_and_nothing_else():
    at = demo()
    assert not at.exception
    assert [t.value for t in at.title] == ["Live demo"]
    assert "Press Start if you agree" in html(at)
    assert "Off" in html(at)
    assert "No speech yet" in html(at)


def test_an_upload_gives_an_answer_and_what_each_model_says():
    at = uploaded(("talk.wav", SPOKEN))
    assert not at.exception
    text = html(at)
    assert "talk.wav" in text
    assert "4.0 s, 16 kHz, mono" in text
    assert "Sounds angry" in text
    assert "Good enough to judge" in text
    assert "First stretch" in text
    charts = [chart.proto.alt for chart in at.get("plotly_chart")]
    assert any("ends angry" in alt for alt in charts)
    assert any("Angry one sounds angry" in alt and "Sad one sounds sad" in alt for alt in charts)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("notes.docx", b"no sound in here " * 50, "notes.docx is not audio. Upload wav"),
        ("empty.wav", b"", "empty.wav is empty (0 bytes)."),
        ("nothing.wav", wav(np.zeros(0)), "nothing.wav contains no sound."),
    ],
)
def test_a_bad_file_gets_a_message_and_no_traceback(name, content, message):
    at = uploaded((name, content))
    assert not at.exception
    assert any(error.value.startswith(message) for error in at.error)


def test_a_bad_file_does_not_take_the_others_along():
    at = uploaded(("a.wav", SPOKEN), ("b.txt", b"text"), ("c.wav", wav(silence(2.0))))
    assert not at.exception
    assert len(at.error) == 1
    files = at.dataframe[0].value
    assert list(files["file"]) == ["a.wav", "c.wav"]
    assert list(files["answer"]) == ["Sounds angry", "No speech found"]


@pytest.mark.parametrize("samples", [silence(3.0), voice(0.1)[:1]], ids=["silence", "one sample"])
def test_silence_is_not_an_emotion(samples):
    at = uploaded(("quiet.wav", wav(samples)))
    assert not at.exception
    text = html(at)
    assert "No speech found" in text
    assert "The recording is silence or noise." in text
    assert "Sounds" not in text


def test_a_file_name_is_shown_as_text():
    at = uploaded(("<b onclick=x>.wav", SPOKEN))
    assert not at.exception
    assert "<b onclick" not in " ".join(e.proto.body for e in at.get("html"))


def test_a_file_is_scored_once(monkeypatch):
    at, calls = uploaded(("talk.wav", SPOKEN)), []
    monkeypatch.setattr("pages.shared.results.decode", lambda *a: calls.append(a))
    at.run()
    assert not at.exception
    assert "Sounds angry" in html(at)
    assert not calls


def test_another_model_gives_its_own_answer():
    at = uploaded(("talk.wav", SPOKEN))
    at.selectbox(key="live_model").select("sad").run()
    assert not at.exception
    assert "Sounds sad" in html(at)


def test_unsure_models_say_so(models):
    make_bundle(models, "angry", abstain_threshold=0.99)
    at = uploaded(("talk.wav", SPOKEN))
    assert "Not sure" in html(at)


def test_a_recording_gives_an_answer():
    at = demo("Record")
    at.audio_input[0].set_value(("recording.wav", SPOKEN, "audio/wav")).run()
    assert not at.exception
    assert "Sounds angry" in html(at)


def test_without_a_model_the_page_says_what_to_do(models):
    for card in models.glob("*/card.json"):
        card.unlink()
    for tab in ("Speak", "Record", "Upload"):
        at = demo(tab)
        assert not at.exception
        assert "No model is installed." in html(at)
        assert "python -m train fit" in at.code[0].value


def test_an_altered_model_is_told_not_thrown(models):
    (models / "angry" / "model.onnx").write_bytes(b"other")
    at = uploaded(("talk.wav", SPOKEN))
    assert not at.exception
    assert any("was altered" in error.value for error in at.error)


def test_speaking_shows_a_state_and_an_answer_then_a_result(browser):
    at = demo()
    browser.playing = True
    at.run()
    assert not at.exception
    assert "Listening" in html(at)

    for part in np.split(voice(4.0), 8):
        browser.say(part)
    at.run()
    text = html(at)
    assert not at.exception
    assert "Speech" in text
    assert "0:04" in text
    assert re.search(r"Sounds angry.*% sure, for the last 3 seconds", text)
    assert at.selectbox(key="live_model").disabled

    browser.playing = False
    at.run()
    text = html(at)
    assert not at.exception
    assert "microphone.wav" in text
    assert "Sounds angry" in text
    assert "Off" in text


def test_stop_before_any_sound_gives_no_result(browser):
    at = demo()
    for browser.playing in (True, False):
        at.run()
    assert not at.exception
    assert "No speech yet" in html(at)


def test_a_new_session_starts_empty(browser):
    at = demo()
    for _ in range(2):
        browser.playing = True
        at.run()
        browser.say(voice(2.0))
        at.run()
        browser.playing = False
        at.run()
    assert not at.exception
    assert "2.0 s, 16 kHz, stereo" in html(at)


def test_the_json_download_is_the_command_line_s_record():
    judged = judge(decode(SPOKEN, "talk.wav"), "talk.wav", load_model("angry", bundle.MODELS_DIR))
    (record,) = json.loads(downloads.json_text([downloads.record_of(judged)]))
    assert record["file"] == "talk.wav"
    assert record["emotion"] == "angry"
    assert record["segments"]


def test_a_long_session_keeps_its_end_and_says_so(browser, monkeypatch):
    monkeypatch.setattr("ser_core.listening.Recording", lambda: Recording(capacity_s=2.0))
    at = demo()
    browser.playing = True
    at.run()
    for part in np.split(voice(4.0), 8):
        browser.say(part)
        at.run()
    browser.playing = False
    at.run()
    assert not at.exception
    assert any("Only the last" in warning.value for warning in at.warning)
    assert "2.0 s, 16 kHz" in html(at)


def test_the_chosen_model_holds_in_every_tab():
    at = demo("Upload")
    at.selectbox(key="live_model").select("sad").run()
    at.query_params["tab"] = "Record"
    at.run()
    assert at.get("audio_input")
    assert at.selectbox(key="live_model").value == "sad"

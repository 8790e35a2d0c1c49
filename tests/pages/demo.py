"""The live demo as its tests meet it: a stand-in for the browser, and what the page shows."""

import io
import json
import re
from html import unescape
from pathlib import Path
from types import SimpleNamespace

import av
import numpy as np
import soundfile as sf
from streamlit.testing.v1 import AppTest

from pages.shared.ui.strip.words import MESSAGES
from tests.voice import RATE_HZ, silence, voice

PAGE = Path(__file__).parents[2] / "pages" / "live_demo.py"


class Browser:
    """Stands for the visitor's browser: what the WebRTC component would hand over."""

    def __init__(self) -> None:
        self.playing = self.wanted = False
        self.receive = self.ended = None
        self._sent = 0

    def sink(self, callback, key, on_ended=None):
        self.receive, self.ended = callback, on_ended
        return object()

    def streamer(self, **settings):
        assert "audio_frame_callback" not in settings  # it loses sound
        assert settings["sink_audio_track"] is not None
        self.wanted = settings["desired_playing_state"]
        return SimpleNamespace(state=SimpleNamespace(playing=self.playing))

    def say(self, samples: np.ndarray) -> None:
        stereo = np.repeat((samples * 32767).astype(np.int16), 2).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(stereo, format="s16", layout="stereo")
        frame.sample_rate, frame.pts = RATE_HZ, self._sent
        self._sent += samples.size
        self.receive(frame)


def demo(tab: str | None = None) -> AppTest:
    at = AppTest.from_file(str(PAGE), default_timeout=60)
    if tab:
        at.query_params["tab"] = tab
    at.run()
    return at


def act(at: AppTest, what: str) -> None:
    """Press a button of the strip: start, stop, pause or resume."""
    at.session_state["live"].act(what)
    at.run()


def started(browser: Browser) -> AppTest:
    """The page of a visitor who has pressed Start, and whose browser sends sound."""
    at = demo()
    start(at, browser)
    return at


def start(at: AppTest, browser: Browser) -> None:
    act(at, "start")
    browser.playing = True
    at.run()


def say(at: AppTest, browser: Browser, samples: np.ndarray) -> None:
    """Speak in pieces of half a second, after each of which the page looks."""
    for part in np.array_split(samples, max(2 * samples.size // RATE_HZ, 1)):
        browser.say(part)
        at.run()


def press(at: AppTest, label: str) -> AppTest:
    (button,) = [b for b in at.button if b.label == label]
    return button.click().run()


def stop(at: AppTest, browser: Browser) -> str:
    act(at, "stop")
    browser.playing = False
    at.run()
    return html(at)


def strip(at: AppTest) -> dict:
    """What the live strip was last told."""
    protos = [e.proto for e in at.get("bidi_component") if e.proto.id.endswith("-live-strip-feed")]
    return json.loads(protos[0].bytes)


def html(at: AppTest) -> str:
    """What is written on the page and in its strip."""
    texts = [element.proto.body for element in at.get("html")]
    if any(e.proto.id.endswith("-live-strip") for e in at.get("bidi_component")):
        now = strip(at)
        clock = "" if now["clock"] is None else f"{now['clock'] // 60}:{now['clock'] % 60:02d}"
        answer = [str(text) for text in now["answer"].values()]
        texts += [now["state"], clock, MESSAGES.get(now["message"], ""), *answer]
    return re.sub(r"[\s\N{NO-BREAK SPACE}]+", " ", " ".join(texts))


def player(at: AppTest) -> dict:
    """What the browser is given to draw the player of a result from."""
    found = (element.proto for element in at.get("bidi_component"))
    return json.loads(next(p.json for p in found if p.id.endswith("-player")))


def choose(at: AppTest, segment: int) -> AppTest:
    """Choose a segment, as a click in the player does."""
    (result,) = at.session_state["results"]
    at.session_state[f"upload-{result}-segment"] = segment
    return at.run()


def ask_for(at: AppTest, *views: str) -> AppTest:
    """Press the buttons of further views in the player."""
    (result,) = at.session_state["results"]
    at.session_state[f"upload-{result}-shown"] = views
    return at.run()


def wav(samples: np.ndarray, rate: int = RATE_HZ) -> bytes:
    buffer = io.BytesIO()
    sf.write(buffer, samples, rate, "PCM_16", format="WAV")
    return buffer.getvalue()


def shown(markdown: str) -> str:
    """Escaped text as the page shows it."""
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", markdown)


def told(messages) -> list[str]:
    """Texts of messages, as the page shows them."""
    return [shown(message.value) for message in messages]


def uploaded(*files: tuple[str, bytes]) -> AppTest:
    at = demo("Upload")
    at.file_uploader[0].set_value([(name, content, "audio/wav") for name, content in files]).run()
    return scored(at)


def scored(at: AppTest) -> AppTest:
    """The page when all files are scored: a browser looks by itself, a test must."""
    at.session_state["results"].wait(60)
    return at.run()


def files(at: AppTest) -> list[str]:
    """The lines of the list of files, as text."""
    lines = (e.proto.body for e in at.get("html") if 'class="ser-file' in e.proto.body)
    return [" ".join(re.sub(r"<[^>]+>", " ", unescape(line)).split()) for line in lines]


SPOKEN = wav(np.concatenate([silence(0.5), voice(3.0), silence(0.5)]))

"""A synthetic visitor of the Speak tab: a clocked voice over WebRTC, and eyes for the page."""

import asyncio
import io
import json
import re
import wave
from dataclasses import dataclass, field
from typing import Any
from urllib.request import urlopen

import numpy as np
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from numpy.typing import NDArray
from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.Element_pb2 import Element

from benchmarks.live_voice import Voice
from benchmarks.page import BenchmarkError, Page

PAGE = "live_demo"
_WAIT_S = 60.0  # for whatever a visitor waits for
_LAST_WORDS_S = 1.0  # what was said is on its way for so long before Stop is pressed
_CLOSE_S = 0.5  # the component's frontend closes the connection so long after Stop
_IDLE: dict[str, Any] = {"playing": False, "sdpOffer": "", "iceCandidates": {}}
_STRIP = "-live-strip"
_LOST = re.compile(r"([\d.]+)\s*s of sound were lost")
_ANSWERS = ("Sounds ", "Not sure")


class FullError(BenchmarkError):
    """The app said that as many speak as it can hear."""


@dataclass
class Seen:
    """What the page has shown.

    Attributes:
        strip: id of the component with the buttons.
        component: the microphone's component: its id and its arguments.
        boxes: options of every select box by its id.
        clock_s: the clock of the session; -1 before there is one.
        lags_s: for each second of the clock, seconds from when it was sent to when it was shown.
        states: texts of the state beside the clock.
        answers: headlines that name an emotion or say "Not sure", where they change.
        lost_s: seconds of sound that the page says were lost.
        sound: address of the recording in the result.
        full: whether the page says that there is no place.
        problems: error messages on the page.
    """

    strip: str = ""
    component: tuple[str, dict[str, Any]] | None = None
    boxes: dict[str, list[str]] = field(default_factory=dict)
    clock_s: int = -1
    lags_s: list[float] = field(default_factory=list)
    states: set[str] = field(default_factory=set)
    answers: list[str] = field(default_factory=list)
    lost_s: float = 0.0
    sound: str = ""
    full: bool = False
    problems: list[str] = field(default_factory=list)


class Visitor:
    """Opens the page, presses Start, speaks, and presses Stop.

    Args:
        url: address of the app, with http.
        samples: what the visitor says, see `Voice`.
        model: title of the model to choose; the page's own choice if None.
    """

    def __init__(self, url: str, samples: NDArray[np.int16], model: str | None = None) -> None:
        self.page = Page(url, PAGE, self._look)
        self.seen, self.voice = Seen(), Voice(samples)
        self.sent_s = self.heard_s = 0.0
        self.heard = np.zeros(0, np.int16)  # the recording in the result
        self._model = model
        self._peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))

    async def start(self) -> None:
        """Open the page and speak; returns when the page's clock runs.

        Raises:
            BenchmarkError: if the page does not come to that.
        """
        await self.ask()
        await self._value()
        self._peer.addTransceiver(self.voice, direction="sendonly")
        await self._peer.setLocalDescription(await self._peer.createOffer())
        offer = self._peer.localDescription
        await self._value(sdpOffer={"type": offer.type, "sdp": offer.sdp})
        await self.page.until(lambda: self._argument("sdp_answer_json"), _WAIT_S, "answer")
        answer = json.loads(self._argument("sdp_answer_json"))
        await self._peer.setRemoteDescription(RTCSessionDescription(**answer))
        await self.page.until(self._connected, _WAIT_S, "connection")
        await self._value(playing=True)
        await self.page.until(lambda: self.seen.clock_s > 0, _WAIT_S, "running clock")

    async def ask(self) -> None:
        """Open the page and press Start.

        Raises:
            FullError: if there is no place.
            BenchmarkError: if the page does not ask for the microphone.
        """
        await self.page.open()
        await self.page.until(lambda: self.seen.strip, _WAIT_S, "strip on the page")
        if self._model is not None:
            await self._choose(self._model)
        await self._press("start")
        seen = self.seen
        await self.page.until(lambda: seen.component or seen.full, _WAIT_S, "microphone")
        if seen.full:
            raise FullError("The page says that it is full.")

    def forget_warm_up(self) -> None:
        """Count lags, updates and answers from now on."""
        self.seen.lags_s.clear()
        self.seen.answers.clear()
        self.page.turns_s.clear()

    async def stop(self) -> None:
        """Fall silent, press Stop a moment later and fetch the recording from the result.

        Raises:
            BenchmarkError: if no result comes.
        """
        self.voice.fall_silent()
        await asyncio.sleep(_LAST_WORDS_S)
        self.sent_s = self.voice.sent_s
        await self._press("stop")
        await self._value()
        await asyncio.sleep(_CLOSE_S)
        await self._peer.close()
        await self.page.until(lambda: self.seen.sound, _WAIT_S, "result")
        sound = await asyncio.to_thread(_fetch, self.page.url + self.seen.sound)
        with wave.open(io.BytesIO(sound)) as file:
            self.heard_s = file.getnframes() / file.getframerate()
            self.heard = np.frombuffer(file.readframes(file.getnframes()), np.int16)

    async def leave(self) -> None:
        """Close what is open, also where that is interrupted: else the page would stay for ever."""
        try:
            await self._peer.close()
        finally:
            await self.page.close()

    async def vanish(self) -> None:
        """Be gone without a word, like a tab that was killed."""
        self.page.vanish()
        for sender in self._peer.getSenders():
            await sender.transport.transport.stop()  # the way of the sound, not its encryption
        await self._peer.close()

    def cut(self, away: bool = True) -> None:
        """Let the network carry no sound, or carry it again."""

        async def lost(packet: bytes) -> None:
            pass

        for sender in self._peer.getSenders():
            if away:
                sender.transport._send_rtp = lost
            else:
                del sender.transport._send_rtp

    async def _press(self, what: str) -> None:
        await self.page.trigger(self.seen.strip, "act", what)

    async def _value(self, **changes: Any) -> None:
        await self.page.set_component(self.seen.component[0], _IDLE | changes)

    def _connected(self) -> bool:
        return self._peer.connectionState == "connected"

    def _argument(self, name: str) -> Any:
        return self.seen.component[1].get(name)

    async def _choose(self, title: str) -> None:
        def box() -> str | None:
            return next((b for b, titles in self.seen.boxes.items() if title in titles), None)

        await self.page.until(box, _WAIT_S, f"choice of the model '{title}'")
        await self.page.select(box(), title)

    def _look(self, element: Element) -> None:
        match element.WhichOneof("type"):
            case "component_instance" if "webrtc" in element.component_instance.component_name:
                component = element.component_instance
                self.seen.component = (component.id, json.loads(component.json_args))
            case "selectbox":
                self.seen.boxes[element.selectbox.id] = [*element.selectbox.options]
            case "bidi_component" if element.bidi_component.id.endswith(_STRIP):
                self.seen.strip = element.bidi_component.id
                self._read(json.loads(element.bidi_component.json)["now"])
            case "bidi_component" if element.bidi_component.id.endswith(f"{_STRIP}-feed"):
                self._read(json.loads(element.bidi_component.bytes))
            case "bidi_component" if element.bidi_component.component_name == "player":
                self.seen.sound = json.loads(element.bidi_component.json)["sound"]
            case "alert":
                self._read_alert(element.alert.body, element.alert.format)

    def _read(self, now: dict[str, Any]) -> None:
        """Look at the strip."""
        self.seen.full = now["message"] == "full"
        if now["clock"] is not None:
            self.seen.states.add(now["state"])
            self._read_clock(now["clock"])
        text = now["answer"]["headline"]
        if text.startswith(_ANSWERS) and [text] != self.seen.answers[-1:]:
            self.seen.answers.append(text)

    def _read_clock(self, clock_s: int) -> None:
        shown = max(self.seen.clock_s, 0)
        if clock_s > shown:
            self.seen.lags_s.append(self.voice.sent_s - (shown + 1))  # its oldest new second
        self.seen.clock_s = clock_s

    def _read_alert(self, markdown: str, kind: int) -> None:
        text = markdown.replace("\\", "")
        if lost := _LOST.search(text):
            self.seen.lost_s = float(lost[1])
        elif kind == Alert.ERROR:
            self.seen.problems.append(text)


def _fetch(url: str) -> bytes:
    with urlopen(url, timeout=_WAIT_S) as answer:
        return answer.read()

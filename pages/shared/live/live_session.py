"""One visitor's live session: from Start to the result, whatever fails on the way."""

import logging
import math
import threading
import time
from secrets import token_hex

import streamlit as st

from pages.shared.live import hearing
from pages.shared.live.microphone import Microphone
from pages.shared.live.phase import Phase
from pages.shared.live.results import Progress
from pages.shared.live.session_end import MISSING_S, judged
from pages.shared.ui import state
from ser_core.analysis.result import Result
from ser_core.analysis.timeline import Window
from ser_core.audio.levels import levels_dbfs
from ser_core.bundles.model import Model
from ser_core.live.listener import Listener
from ser_core.speakers.known import KnownVoice

REFRESH_S = 0.5
LEVEL_S = 0.05
CONNECT_S = 8.0  # a connection that works stands after one or two; then it is tried once more
GIVE_UP_S = 20.0
LAST_WORDS_S = 1.0  # what was said before Stop is on its way for no longer
ASLEEP_S = 5.0
_DEAD_DBFS = -85.0  # below the noise of an open microphone, above what a codec makes of zeros
_LOG = logging.getLogger(__name__)


class LiveSession:
    """What a visitor does with the microphone, again and again while the page is open.

    OFF to CONNECTING by `start`, to LIVE when sound flows, to PAUSED and back, to ENDING by `stop`
    or where the connection breaks, to OFF when `finish` has the result. A page that comes back may
    run while the last run of the one that broke off still does: `hear` and `finish` take turns.

    Attributes:
        name: tells it from every other, and nothing else.
        phase: where it stands.
        microphone: where the sound arrives.
        listener: what follows the sound; None before there is any.
        result: of the last session; None if there was none or no sound came.
        starts: how often the browser was asked for sound.
        several: whether the visitor says that several people take turns.
        remark: what is told while it is off.
        levels: dBFS of the sound that came since the last time, 20 a second.
    """

    def __init__(self) -> None:
        self.name = token_hex(8)
        self.phase = Phase.OFF
        self.microphone = Microphone()
        self.listener: Listener | None = None
        self.result: Result | None = None
        self.remark = "consent"
        self.levels: list[float] = []
        self._turn = threading.RLock()
        self.starts = 0
        self.several = False
        self._playing = self._tried_again = False
        self._since = self._woke_at = -math.inf

    def __del__(self) -> None:
        # a connection outlives its page by a while, and its end waits for the garbage collector
        self.microphone.deaf = True
        self.microphone.drain()

    @property
    def on(self) -> bool:
        """Whether the browser is to send sound."""
        return self.phase in (Phase.CONNECTING, Phase.LIVE, Phase.PAUSED)

    @property
    def history(self) -> list[Window]:
        """The answers of the last half minute, by time."""
        return list(self.listener.history) if self.listener else []

    @property
    def speaking(self) -> bool:
        """Whether it takes one of the places for live sound: not if its connection has ended or
        does not come, though the page may be closed and nobody notices.
        """
        if self.phase is Phase.CONNECTING:
            return self._connecting_s <= GIVE_UP_S
        return self.phase is not Phase.OFF and not self.microphone.closed

    def act(self, what: str) -> None:
        """Do what the visitor wants: start, stop, pause or resume; nothing where it is too late."""
        match what:
            case "start" if self.phase is Phase.OFF:
                self.start()
            case "stop":
                self.stop()
            case "pause" if self.phase is Phase.LIVE:
                self._pause()
            case "resume" if self.phase is Phase.PAUSED:
                self._resume()

    def start(self) -> None:
        """Ask the browser for sound."""
        self.phase, self._since, self._tried_again = Phase.CONNECTING, time.monotonic(), False
        self._ask()
        self.clear()

    def _ask(self) -> None:
        """Use a component of its own: one that has stopped starts anew in the midst of a run of the
        page, where it is drawn twice and opens two connections.
        """
        self.starts += 1
        self.microphone.deaf = True
        self.microphone = Microphone()

    @property
    def key(self) -> str:
        """Key of the component that opens the microphone; "" before the first."""
        return self._key(self.starts) if self.starts else ""

    @property
    def next_key(self) -> str:
        """The key after the next Start."""
        return self._key(self.starts + 1)

    def _key(self, start: int) -> str:
        # the browser may still hold the offer that a component made to a server that is gone
        return f"microphone-{self.name}-{start % 2}"

    def clear(self) -> None:
        """Forget the result."""
        self.result, self.remark = None, "consent"

    def refuse(self) -> None:
        """There is no place for it."""
        self.remark = "full"

    def follow(self, playing: bool, model: Model, adapts: bool, voices: int | None = None) -> None:
        """Begin when sound flows, end when it no longer does, and answer as the visitor wants.

        Args:
            playing: whether sound flows.
            model: what answers.
            adapts: whether it adapts to the voice.
            voices: how many people take turns, 0 for as many as are found; None for one person.
        """
        self._playing = playing
        if self.phase is Phase.CONNECTING and playing:
            self.listener = Listener(model)
            self.phase = Phase.LIVE
            self.microphone.begin()
        elif self.on and self.listener and not playing:
            self.stop()
        if self.listener and self.phase is not Phase.ENDING:
            if self.listener.model is not model:
                self.listener.use(model)
            self.listener.adapt(adapts)
            self.listener.expect(voices)

    def hear(self) -> None:
        """Take what the microphone has heard; ends what has no connection any longer.

        Where no connection comes, the microphone is asked for under another `key`.
        """
        if self.phase is Phase.CONNECTING:
            self._wait()
        if self.listener is None or not self.on:
            return
        if self.microphone.take_ended():
            self._playing = False
            self.stop()
        elif self.phase is Phase.LIVE:
            try:
                with self._turn:
                    if self.listener is not None:  # still
                        self._push(self.listener)
            except Exception:  # the recording is the visitor's
                _LOG.exception("A session could not be heard on")
                self.stop()

    def _wait(self) -> None:
        """Try once more, then give up: a browser can mix up its own attempts."""
        if self._connecting_s > GIVE_UP_S:
            self.phase, self.remark = Phase.OFF, "no_connection"
        elif self._connecting_s > CONNECT_S and not self._tried_again:
            self._tried_again = True
            self._ask()

    def _push(self, listener: Listener) -> None:
        waited_s = self.microphone.waiting_s - REFRESH_S  # so much is due to the pace of the page
        if waited_s > ASLEEP_S:
            self._woke_at = time.monotonic()
        self.levels = levels_dbfs(hearing.push(listener, self.microphone), LEVEL_S)
        listener.behind_s = max(waited_s, self.microphone.waiting_s)
        listener.clipped_share = self.microphone.clipped_share

    def _pause(self) -> None:
        if self.listener:
            self.microphone.deaf = True  # first: sound arrives on another thread meanwhile
            with self._turn:
                self.listener.push(self.microphone.drain())
                self.listener.pause()
            self.phase = Phase.PAUSED

    def _resume(self) -> None:
        if self.listener:
            self.listener.resume()
            self.microphone.deaf = False
            self.phase = Phase.LIVE

    def new_speaker(self) -> None:
        """Somebody else goes on."""
        if self.listener:
            self.listener.new_speaker()

    @property
    def voices(self) -> list[KnownVoice]:
        """Who has spoken, where several people take turns."""
        turns = self.listener.turns if self.listener else None
        return list(turns.known.voices) if turns else []

    def rename(self, voice: KnownVoice, name: str) -> None:
        """Give a voice a name.

        Raises:
            VoiceError: if there is no name, or another voice has it.
        """
        if self.listener and self.listener.turns:
            self.listener.turns.known.rename(voice, name)

    def stop(self) -> None:
        """End the session; once it is over, `finish` has its result."""
        if self.on:
            self.phase = Phase.ENDING if self.listener else Phase.OFF
            self._since = time.monotonic()

    @property
    def over(self) -> bool:
        """Whether a session has ended and nothing of it is on its way any longer."""
        late = not self._playing or time.monotonic() - self._since > LAST_WORDS_S
        return self.phase is Phase.ENDING and late

    def leave(self) -> None:
        """The visitor was elsewhere, and the browser has closed the microphone."""
        self.stop()
        self._playing = False

    def finish(self, progress: Progress) -> None:
        """Judge what was said, if the session is over.

        Args:
            progress: called with the seconds done where this takes time; where it throws, as when a
                click interrupts the page, the session can be finished again.
        """
        with self._turn:
            if self.listener is None or not self.over:
                return
            self.result = judged(self.listener, self.microphone, progress)
            self.remark = "consent" if self.result else "nothing_came"
            self.listener, self.phase = None, Phase.OFF
            self.microphone.deaf = True  # a moment later, the browser has closed it

    @property
    def message(self) -> str:
        """Key of what the strip tells beside the state; "" where nothing is to be told."""
        match self.phase:
            case Phase.OFF:
                return self.remark
            case Phase.CONNECTING if self._connecting_s > CONNECT_S:
                return "no_connection"
            case Phase.LIVE:
                return self._trouble()
            case _:
                return self.phase.value

    @property
    def _connecting_s(self) -> float:
        return time.monotonic() - self._since

    def _trouble(self) -> str:
        """Why nothing is heard, if so."""
        if self.listener is None or self.microphone.missing_s > MISSING_S:
            return "no_sound"
        if time.monotonic() - self._woke_at < ASLEEP_S:
            return "asleep"
        silent = self.listener.answer is None and self.listener.level_dbfs < _DEAD_DBFS
        if silent and self.listener.duration_s > MISSING_S:
            return "only_silence"
        return "" if self.listener.duration_s else "waiting"


def mine() -> LiveSession:
    """The visitor's session."""
    session: LiveSession = st.session_state.setdefault(state.LIVE, LiveSession())
    return session

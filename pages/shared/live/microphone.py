"""The browser's microphone: WebRTC frames into a bounded buffer that the page drains."""

import threading
import time
from collections import deque
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from streamlit_webrtc import WebRtcMode, create_audio_sink_track, webrtc_streamer
from streamlit_webrtc.component import generate_frontend_component_key

from pages.shared.live.ice_settings import RtcConfiguration
from ser_core.audio.clip import SAMPLE_RATE_HZ, MonoStream
from ser_core.decoding.channels import LiveChannels
from ser_core.decoding.container import as_float
from ser_core.formatting import seconds

CAPACITY_S = 60.0
_CLIPPING_S = 1.0  # how long "clipping" is told after it happened
_TOGETHER = 50  # frames of 20 ms at most, if nobody drains: on the event loop they hold up others
_LOSS_S = 0.05  # less is nothing that a listener would notice
# The browser's own processing changes gain and spectrum more than the voice's emotion does.
_CONSTRAINTS = {
    "video": False,
    "audio": {"echoCancellation": False, "noiseSuppression": False, "autoGainControl": False},
}


class Microphone:
    """Samples of one visitor's microphone, mono 16 kHz, between two threads.

    `receive` runs on the event loop that carries every visitor's sound, so it only collects frames;
    whoever drains folds and resamples them. If nobody does, the oldest samples are dropped.

    Attributes:
        dropped: samples lost because nobody drained in time, or on their way here.
        deaf: while true, what arrives is not even looked at.
    """

    def __init__(self, capacity_s: float = CAPACITY_S) -> None:
        self._lock = threading.Lock()
        self._capacity = round(capacity_s * SAMPLE_RATE_HZ)
        self._arrived: list[Any] = []  # frames of one sound, in order
        self._pieces: deque[NDArray[np.float32]] = deque()
        self._waiting = 0
        self._stream: MonoStream | None = None
        self._channels = LiveChannels()
        self._format: tuple[int, int] | None = None
        self._next_pts = 0
        self._ended = False
        self._clipping: deque[tuple[int, int]] = deque()  # frames, and how many of them clip
        self._frames = self._clipped = 0  # of the whole session
        self._heard_at = time.monotonic()
        self._closed_at: float | None = None
        self.dropped = 0
        self.deaf = False

    def begin(self) -> None:
        """Count from now on how long no sound has come."""
        self._heard_at, self._closed_at = time.monotonic(), None

    def receive(self, frame: Any) -> None:
        """Take one av.AudioFrame."""
        self._heard_at = time.monotonic()
        form = frame.sample_rate, frame.layout.nb_channels
        with self._lock:
            if self.deaf:  # what comes next is another sound, and nothing of it is missing
                self._convert()
                self._stream = None
                return
            self._follow(frame, form)
            self._arrived.append(frame)
            if len(self._arrived) >= _TOGETHER:
                self._convert()

    def drain(self) -> NDArray[np.float32]:
        """Remove and return what has arrived: shape (n,), float32, 16 kHz."""
        with self._lock:
            self._convert()
            pieces, self._pieces, self._waiting = self._pieces, deque(), 0
        return np.concatenate([np.zeros(0, np.float32), *pieces])

    @property
    def source(self) -> tuple[int, int, float]:
        """Rate in Hz and channels of the last connection, share of clipped frames of all."""
        with self._lock:
            self._convert()
        rate_hz, channels = self._format or (SAMPLE_RATE_HZ, 1)
        channels = 1 if self._channels.alike else channels  # a browser sends any microphone twice
        return rate_hz, channels, self._clipped / max(self._frames, 1)

    @property
    def clipped_share(self) -> float:
        """Share of clipped frames in the last second, before folding and resampling, in [0, 1]."""
        with self._lock:
            self._convert()
            frames, clipped = (sum(counts) for counts in zip((0, 0), *self._clipping, strict=True))
        return clipped / frames if frames else 0.0

    def close(self) -> None:
        """Note that the connection ended; called on the event loop."""
        self._ended, self._closed_at = True, time.monotonic()

    @property
    def closed(self) -> bool:
        """Whether the connection has ended."""
        return self._closed_at is not None

    def take_ended(self) -> bool:
        """Whether the connection ended since the last call."""
        ended, self._ended = self._ended, False
        return ended

    def warnings(self) -> tuple[str, ...]:
        """What the listener should know about the sound."""
        lost_s = self.dropped / SAMPLE_RATE_HZ
        if lost_s < _LOSS_S:
            return ()
        return (f"The network or the page was too slow: {seconds(lost_s)} of sound were lost.",)

    @property
    def missing_s(self) -> float:
        """Seconds without a frame: the device is gone, the network stands or the tab sleeps.

        Once the connection has ended they are those before its end.
        """
        return (self._closed_at or time.monotonic()) - self._heard_at

    @property
    def waiting_s(self) -> float:
        """Seconds of sound that wait to be drained."""
        frames_s = sum(frame.samples / frame.sample_rate for frame in tuple(self._arrived))
        return self._waiting / SAMPLE_RATE_HZ + frames_s

    def _follow(self, frame: Any, form: tuple[int, int]) -> None:
        """Note what is missing before a frame, and where another sound begins."""
        pts = self._next_pts if frame.pts is None else frame.pts
        gap = pts - self._next_pts
        # A reconnect starts the clock again: another sound, which must not meet the old one's end.
        if self._stream is None or form != self._format or gap < 0:
            self._convert()
            self._stream, self._format = MonoStream(frame.sample_rate), form
        else:
            self.dropped += round(gap * SAMPLE_RATE_HZ / frame.sample_rate)
        self._next_pts = pts + frame.samples

    def _convert(self) -> None:
        """Make samples of the frames that have arrived."""
        frames, self._arrived = self._arrived, []
        if not frames or self._stream is None:
            return
        rate_hz, before = frames[0].sample_rate, self._stream.clipped
        block = as_float(*frames)
        self._stream.use = self._channels.hear(block, rate_hz)
        self._store(self._stream.push(block))
        self._count(len(block), self._stream.clipped - before, rate_hz)

    def _store(self, samples: NDArray[np.float32]) -> None:
        self._pieces.append(samples)
        self._waiting += samples.size
        while self._waiting > self._capacity:
            lost = self._pieces.popleft().size
            self._waiting -= lost
            self.dropped += lost

    def _count(self, frames: int, clipped: int, rate_hz: int) -> None:
        self._frames += frames
        self._clipped += clipped
        self._clipping.append((frames, clipped))
        known = sum(n for n, _ in self._clipping)
        while known - self._clipping[0][0] >= _CLIPPING_S * rate_hz:
            known -= self._clipping.popleft()[0]


def flowing(
    microphone: Microphone, key: str, wanted: bool, servers: dict[str, RtcConfiguration]
) -> bool:
    """Let the browser send its sound, or not; returns whether it flows.

    A component of streamlit-webrtc does it. Told from here whether to play, it has no buttons of
    its own. A sink track is used because it hands over every frame in order; the component's frame
    callback keeps only the last frame of each batch.

    Args:
        microphone: where the sound goes.
        key: of the component.
        wanted: whether it is to send, which it is told once it is `built`.
        servers: STUN and TURN servers, see `ice.configuration`.
    """
    # Runs of the page are counted by another thread, late where the server is busy. A component
    # that finds two more than the last time takes itself for one that was away, and would close its
    # connection and open another for ever; `forget` tells it where that is so.
    # remove when streamlit-webrtc asks the browser
    if (known := st.session_state.get(key)) is not None:
        known._last_rendered_run_count = None
    sink = create_audio_sink_track(
        callback=microphone.receive, key=f"{key}-sink", on_ended=microphone.close
    )
    context = webrtc_streamer(
        key=key,
        mode=WebRtcMode.SENDONLY,
        sink_audio_track=sink,
        media_stream_constraints=_CONSTRAINTS,
        desired_playing_state=wanted and built(key),
        media_toggle_controls=False,  # the strip has Pause
        **servers,
    )
    return bool(context.state.playing)


def built(key: str) -> bool:
    """Whether the browser has built a component: told to play earlier, it opens several connections
    and mixes them up.
    """
    return st.session_state.get(generate_frontend_component_key(key)) is not None  # it answers then


def forget(key: str) -> None:
    """Take a component that was away from the page for another one when it comes back."""
    st.session_state.pop(key, None)

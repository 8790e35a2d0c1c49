"""What a synthetic visitor says, and the track that says it by the clock."""

import asyncio
import fractions
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile as sf
import soxr
from aiortc import MediaStreamTrack
from av import AudioFrame
from numpy.typing import NDArray

from benchmarks.page import BenchmarkError
from ser_core.corpora.published import SUFFIXES
from tests.voice import RATE_HZ as VOICE_RATE_HZ
from tests.voice import voice

RATE_HZ = 48_000
FRAME = 960  # samples in 20 ms, what a browser sends at a time
FRAME_S = FRAME / RATE_HZ
PAUSE_S = 1.0
_PHRASES = 12
_PHRASE_S = 3.0


class Voice(MediaStreamTrack):
    """An endless track that repeats some sound, 20 ms at a time, by the clock.

    Args:
        samples: shape (n,), int16, 48 kHz, n a multiple of 960.
    """

    kind = "audio"

    def __init__(self, samples: NDArray[np.int16]) -> None:
        super().__init__()
        self._frames = samples.reshape(-1, FRAME)
        self._start_s: float | None = None
        self._silent = False
        self.sent = 0

    @property
    def sent_s(self) -> float:
        """Seconds of sound that were handed to the connection."""
        return self.sent * FRAME_S

    def fall_silent(self) -> None:
        """Send nothing from now on."""
        self._silent = True

    async def recv(self) -> AudioFrame:
        """The next frame when its time has come."""
        if self._start_s is None:
            self._start_s = time.monotonic()
        await asyncio.sleep(self._start_s + self.sent_s - time.monotonic())
        if self._silent:
            await asyncio.Event().wait()  # until the connection closes
        block = self._frames[self.sent % len(self._frames)]
        frame = AudioFrame.from_ndarray(block[None], format="s16", layout="mono")
        frame.sample_rate, frame.time_base = RATE_HZ, fractions.Fraction(1, RATE_HZ)
        frame.pts = self.sent * FRAME
        self.sent += 1
        return frame


def speech(folder: Path | None, visitor: int) -> NDArray[np.int16]:
    """Twelve phrases with a second of silence after each, others for every visitor.

    Args:
        folder: recordings to choose from, in it and below; made-up voices if None.
        visitor: number of the visitor, from 0.

    Returns:
        Shape (n,), int16, 48 kHz, whole frames of 20 ms.

    Raises:
        BenchmarkError: if the folder holds no recording.
    """
    parts = []
    for phrase in _recorded(folder, visitor) if folder else _made_up(visitor):
        pause = round(PAUSE_S * RATE_HZ) - phrase.size % FRAME
        parts += [phrase, np.zeros(pause, np.float32)]
    return np.round(32_767 * np.clip(np.concatenate(parts), -1, 1)).astype(np.int16)


def _made_up(visitor: int) -> Iterator[NDArray[np.float32]]:
    for phrase in range(_PHRASES):
        spoken = voice(_PHRASE_S, 100 + 10 * (phrase + visitor) % 130, seed=97 * visitor + phrase)
        yield soxr.resample(spoken, VOICE_RATE_HZ, RATE_HZ)


def _recorded(folder: Path, visitor: int) -> Iterator[NDArray[np.float32]]:
    files = sorted(file for file in folder.rglob("*") if file.suffix.lower() in SUFFIXES)
    if not files:
        raise BenchmarkError(f"No recording in {folder}. Name a folder of WAV or FLAC files.")
    for file in np.random.default_rng(visitor).choice(np.array(files, object), _PHRASES):
        samples, rate_hz = sf.read(file, dtype="float32", always_2d=True)
        yield soxr.resample(samples.mean(axis=1), rate_hz, RATE_HZ)

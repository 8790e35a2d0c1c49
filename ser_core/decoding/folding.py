"""Blocks of any rate to mono 16 kHz, and what is put right about their level."""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from ser_core.audio.clip import SAMPLE_RATE_HZ, AudioClip, MonoStream
from ser_core.audio.levels import FLOOR_DBFS, loudness_dbfs
from ser_core.audio.quality import QUIET_DBFS
from ser_core.decoding.channels import Choice
from ser_core.decoding.container import Block
from ser_core.formatting import percent
from ser_core.runtime import release_memory

MAX_DURATION_S = 30 * 60
HELD = 0.998  # of full scale, at most
_START_SAMPLES = 60 * SAMPLE_RATE_HZ
_MOST_SAMPLES = MAX_DURATION_S * SAMPLE_RATE_HZ
_PIECE = 2**17  # samples; a mark for each one of half an hour would take 29 MB
_OFFSET = 0.25  # of the sound's own level; an ordinary recording has less
_RAISED_DBFS = -30.0  # as loud as an ordinary recording


def within_limit(blocks: Iterable[Block]) -> Iterator[Block]:
    """The blocks of what is read of a long recording."""
    read_s = 0.0
    for block in blocks:
        yield block
        read_s += len(block.samples) / block.rate_hz
        if read_s >= MAX_DURATION_S:
            return


class Folding:
    """Blocks to mono 16 kHz, up to the limit."""

    def __init__(self, choice: Choice, full_scale: float) -> None:
        self._choice, self._full_scale = choice, full_scale
        self._samples, self._filled = np.zeros(_START_SAMPLES, np.float32), 0
        self._stream: MonoStream | None = None
        self._rate_hz = 0
        self._frames = self._clipped = self._not_finite = 0
        self.read_s = 0.0
        self.too_long = False

    def take(self, block: Block) -> bool:
        """Take the next block; whether another one is wanted."""
        room = round((MAX_DURATION_S - self.read_s) * block.rate_hz)
        self.too_long = len(block.samples) > room
        if not room:
            return False
        if self._stream is None or block.rate_hz != self._rate_hz:
            self._end_stream()
            self._stream = MonoStream(block.rate_hz, self._choice.use, self._full_scale)
            self._rate_hz = block.rate_hz
        taken = block.samples[:room]
        self._append(self._stream.push(taken))
        self.read_s += len(taken) / block.rate_hz
        return not self.too_long

    def finish(self) -> NDArray[np.float32]:
        """All samples, shape (n,), float32, 16 kHz."""
        self._end_stream()
        self._samples.resize(self._filled, refcheck=False)
        self._stream = None
        return self._samples

    @property
    def clipped_share(self) -> float:
        """Share of source frames at full scale, in [0, 1]."""
        return self._clipped / max(self._frames, 1)

    def warnings(self) -> Iterator[str]:
        """What was left out."""
        if self.too_long:
            yield f"Only the first {MAX_DURATION_S // 60} minutes were read."
        if self._not_finite:
            share = percent(self._not_finite / self._frames, 1)
            yield f"{share} of the samples are not numbers and were read as silence."

    def _end_stream(self) -> None:
        stream = self._stream
        if stream is None:
            return
        self._append(stream.push(np.zeros((0, 1), np.float32), last=True))
        self._frames += stream.frames
        self._clipped += stream.clipped
        self._not_finite += stream.not_finite

    def _append(self, part: NDArray[np.float32]) -> None:
        filled = self._filled + part.size
        if filled > self._samples.size:
            # in place: parts and their concatenation side by side would take twice the memory
            room = max(min(2 * self._samples.size, _MOST_SAMPLES), filled)
            self._samples.resize(room, refcheck=False)
            release_memory()  # a few times in half an hour of sound
        self._samples[self._filled : filled] = part
        self._filled = filled


def center(samples: NDArray[np.float32]) -> None:
    """Take a constant offset out, in place; silence that was put in stays silence."""
    pieces = [samples[start : start + _PIECE] for start in range(0, samples.size, _PIECE)]
    count = sum(int(np.count_nonzero(piece)) for piece in pieces)
    if not count:
        return
    offset = sum(float(piece.sum(where=piece != 0, dtype=np.float64)) for piece in pieces) / count
    power = sum(float(np.square(piece, dtype=np.float64).sum()) for piece in pieces) / count
    level = max(power - offset**2, 0.0) ** 0.5
    if abs(offset) > _OFFSET * level > 0:
        for piece in pieces:
            np.subtract(piece, np.float32(offset), out=piece, where=piece != 0)


def fit_full_scale(samples: NDArray[np.float32]) -> None:
    """Scale in place: lossy codecs may exceed full scale; models ignore gain, players do not."""
    peak = _peak(samples)
    if peak > 1.0:
        samples /= np.float32(peak)


def raise_quiet(samples: NDArray[np.float32]) -> float:
    """Make a very quiet sound as loud as others, in place; by how many dB."""
    loudness = loudness_dbfs(AudioClip(samples))
    if not FLOOR_DBFS < loudness < QUIET_DBFS:
        return 0.0
    gain = min(10 ** ((_RAISED_DBFS - loudness) / 20), HELD / _peak(samples))
    if gain <= 1:
        return 0.0
    samples *= np.float32(gain)
    return 20 * float(np.log10(gain))


def _peak(samples: NDArray[np.float32]) -> float:
    return float(max(samples.max(initial=0.0), -samples.min(initial=0.0)))

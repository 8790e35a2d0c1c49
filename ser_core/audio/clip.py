"""The one audio type of the project, and the fold and resampling that lead to it."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import soundfile as sf
import soxr
from numpy.typing import NDArray

from ser_core.errors import AudioError

SAMPLE_RATE_HZ = 16_000
CLIPPING_LEVEL = 0.999
_WAV_BLOCK = 2**20  # samples
_MAX_MAGNITUDE = 1e10  # floats in 32-bit integer units reach 2e9; beyond is damage, and overflows


@dataclass(frozen=True, slots=True, eq=False)
class AudioClip:
    """Mono audio.

    Attributes:
        samples: shape (n,), float32, nominal range [-1, 1].
        sample_rate_hz: samples a second.
    """

    samples: NDArray[np.float32]
    sample_rate_hz: int = SAMPLE_RATE_HZ

    def __post_init__(self) -> None:
        if self.samples.ndim != 1 or self.samples.dtype != np.float32:
            raise AudioError(
                f"Expected mono float32 samples of shape (n,), got {self.samples.dtype} "
                f"{self.samples.shape}. Average the channels before building an AudioClip."
            )

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.samples.size / self.sample_rate_hz

    def cut(self, start_s: float, end_s: float) -> "AudioClip":
        """The part between two times in seconds, as a view."""
        start, end = (round(t * self.sample_rate_hz) for t in (start_s, end_s))
        return AudioClip(self.samples[max(start, 0) : end], self.sample_rate_hz)


class MonoStream:
    """Folds blocks of any rate and channel count to mono 16 kHz, without seams between blocks.

    One object serves one sound: the resampler remembers the end of the last block.

    Attributes:
        use: the channels to average, from 0; None for all.

    Args:
        source_rate_hz: samples a second of what is pushed.
        use: see above.
        full_scale: the magnitude that becomes 1.
    """

    def __init__(
        self, source_rate_hz: int, use: Sequence[int] | None = None, full_scale: float = 1.0
    ) -> None:
        self.use = use
        self._full_scale = np.float32(full_scale)
        self._resampler = (
            None
            if source_rate_hz == SAMPLE_RATE_HZ
            else soxr.ResampleStream(source_rate_hz, SAMPLE_RATE_HZ, 1, dtype="float32")
        )
        self.frames = 0
        self.clipped = 0
        self.not_finite = 0

    def push(self, block: NDArray[np.float32], last: bool = False) -> NDArray[np.float32]:
        """Convert the next block.

        Args:
            block: shape (n, channels), float32.
            last: true for the final block, to get the resampler's tail.

        Returns:
            Samples that are ready, shape (m,), float32, 16 kHz; m may be 0.
        """
        usable = np.abs(block) <= _MAX_MAGNITUDE  # false for NaN, too
        if not usable.all():
            self.not_finite += int((~usable).any(axis=1).sum())
            block = np.where(usable, block, np.float32(0))
        self.frames += len(block)
        if self.use is not None and max(self.use) < block.shape[1]:
            block = block[:, self.use]
        if self._full_scale != 1:
            block = block / self._full_scale
        self.clipped += int((np.abs(block) >= CLIPPING_LEVEL).any(axis=1).sum())
        mono = block.mean(axis=1, dtype=np.float32)
        return mono if self._resampler is None else self._resampler.resample_chunk(mono, last)

    @property
    def clipped_share(self) -> float:
        """Share of source frames at full scale, in [0, 1]."""
        return self.clipped / self.frames if self.frames else 0.0


def to_int16(samples: NDArray[np.float32]) -> NDArray[np.int16]:
    """Samples as 16-bit integers, of which -1 is the least; `from_int16` gives them back."""
    return np.clip(np.rint(samples * np.float32(2**15)), -(2**15), 2**15 - 1).astype(np.int16)


def from_int16(samples: NDArray[np.int16]) -> NDArray[np.float32]:
    """16-bit integers as samples in [-1, 1)."""
    return samples.astype(np.float32) / np.float32(2**15)


def to_wav(clip: AudioClip) -> bytes:
    """Encode as a 16-bit PCM WAV file; one that was decoded from 16 bits stays what it was."""
    buffer = io.BytesIO()
    with sf.SoundFile(buffer, "w", clip.sample_rate_hz, 1, "PCM_16", format="WAV") as file:
        for start in range(0, clip.samples.size, _WAV_BLOCK):  # no second copy of a long sound
            file.write(to_int16(clip.samples[start : start + _WAV_BLOCK]))
    return buffer.getvalue()

"""What a live session keeps of its sound."""

import numpy as np
from numpy.typing import NDArray

from ser_core.audio.clip import SAMPLE_RATE_HZ, AudioClip, from_int16, to_int16

RECORDING_S = 10 * 60


class Recording:
    """The end of a sound, in memory, as 16-bit samples; the oldest are overwritten.

    Its memory is promised at once and given by the system as sound comes, so that a short session
    holds little, and one of hours no more than a full ring.
    """

    def __init__(self, capacity_s: float = RECORDING_S) -> None:
        self._ring = np.zeros(round(capacity_s * SAMPLE_RATE_HZ), np.int16)
        self._size = 0  # samples pushed so far

    def push(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """Append samples of shape (n,), float32, 16 kHz, and give them as `clip` will."""
        whole = to_int16(samples)
        self._size += whole.size
        kept = whole[-self._ring.size :]
        self._ring[np.arange(self._size - kept.size, self._size) % self._ring.size] = kept
        return from_int16(whole)

    @property
    def duration_s(self) -> float:
        """Seconds that are kept."""
        return min(self._size, self._ring.size) / SAMPLE_RATE_HZ

    def clip(self) -> AudioClip:
        """What is kept, as one clip."""
        if self._size <= self._ring.size:
            kept = self._ring[: self._size]
        else:
            kept = np.roll(self._ring, -(self._size % self._ring.size))
        return AudioClip(from_int16(kept))

"""What an analyser remembers of an utterance, so that it can answer it anew."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ser_core.analysis.timeline import Segment, Window
from ser_core.analysis.voice import Voice
from ser_core.emotions import Emotion


class Scored(NamedTuple):
    """A window, and its vector where the model adapts."""

    window: Window
    vector: NDArray[np.float32] | None


@dataclass(frozen=True, slots=True)
class Spoken:
    """One utterance and its answers.

    Attributes:
        onset_s: its start.
        offset_s: its end.
        windows: by time.
        segments: by time.
        voice: who spoke, where the model adapts.
        vectors: of each window, where it does.
    """

    onset_s: float
    offset_s: float
    windows: tuple[Window, ...]
    segments: tuple[Segment, ...]
    voice: Voice | None = None
    vectors: tuple[NDArray[np.float32], ...] = ()

    @property
    def vector(self) -> NDArray[np.float32]:
        """Mean of the windows' vectors, each weighing its seconds."""
        seconds = [w.end_s - w.start_s for w in self.windows]
        return np.average(self.vectors, axis=0, weights=seconds).astype(np.float32)

    @property
    def speech_s(self) -> float:
        """Length in seconds."""
        return self.offset_s - self.onset_s

    @property
    def answers(self) -> list[Emotion | None]:
        """Of its segments, by time."""
        return [segment.emotion for segment in self.segments]

"""An utterance as an analyser takes it: its windows, and what it remembers to answer it anew."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ser_core.analysis.timeline import Segment, Window
from ser_core.analysis.voice import Voice
from ser_core.audio.clip import SAMPLE_RATE_HZ
from ser_core.bundles.model import AdaptingModel
from ser_core.emotions import Emotion


@dataclass(frozen=True, slots=True)
class Answer:
    """What a live listener is told.

    Attributes:
        window: the sound and its probabilities.
        whole: whether it stands for a whole utterance; the last seconds of an open one if not.
        onset_s: when the utterance began.
    """

    window: Window
    whole: bool
    onset_s: float


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


def window_bounds(n_samples: int, window_s: float, hop_s: float) -> list[tuple[int, int]]:
    """First and last sample of the windows over an utterance.

    A short utterance is one window. A longer one gets a window every hop and one at its end.

    Args:
        n_samples: length of the utterance at 16 kHz.
        window_s: window length in seconds.
        hop_s: distance of window starts in seconds.

    Returns:
        Pairs (start, end) in samples, by time.
    """
    window, hop = round(window_s * SAMPLE_RATE_HZ), round(hop_s * SAMPLE_RATE_HZ)
    if n_samples <= window:
        return [(0, n_samples)]
    starts = [*range(0, n_samples - window, hop), n_samples - window]
    return [(start, start + window) for start in starts]


def heard_against(
    baseline: NDArray[np.float32] | None,
    windows: Sequence[Window],
    vectors: Sequence[NDArray[np.float32]],
    model: AdaptingModel,
) -> tuple[Window, ...]:
    """Windows that a model has heard, answered anew.

    Args:
        baseline: of their voice, shape (d,); None where nothing is known of it.
        windows: at least one.
        vectors: of each window, shape (d,).
        model: what made the vectors.
    """
    heard = np.stack(vectors)
    rows = model.again(heard, np.zeros_like(heard[:1]) if baseline is None else baseline[None])
    return tuple(
        replace(window, probabilities=dict(zip(model.card.labels, row.tolist(), strict=True)))
        for window, row in zip(windows, rows, strict=True)
    )

"""Sound in, timeline out: the same path for a file, a microphone and the scoring of a corpus."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ser_core.analysis.timeline import Segment, Timeline, Window, pooled, segments_of
from ser_core.audio.clip import SAMPLE_RATE_HZ, AudioClip
from ser_core.bundles.model import Model
from ser_core.speech.segmenter import Segmenter, Utterance

RUNNING_HOP_S = 0.5
RUNNING_MIN_S = 1.0  # less speech than this gives answers that jump
EARLY_PAUSE_S = 0.25  # waiting for the pause that ends an utterance would delay its answer
RECENT_S = 60.0
LIVE_MEMORY_S = 15 * 60.0  # what a live analyser still knows of its past
_FEED_S = 5.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What a live listener is told.

    Attributes:
        window: the sound and its probabilities.
        whole: whether it stands for a whole utterance; the last seconds of an open one if not.
    """

    window: Window
    whole: bool


class Analyser:
    """Follows one sound. Not thread-safe: one analyser belongs to one listener.

    A window is scored once. Those of an open utterance lie on the grid of the ones that its end
    will ask for, and a short pause scores the utterance as if it had ended: when it does, its
    answer is there.

    Attributes:
        recent: with `live`, an answer every half second of open speech and one for every
            utterance, for the last minute.
    """

    def __init__(self, model: Model, live: bool = False) -> None:
        self._model = model
        self._live = live
        self._segmenter = Segmenter()
        self._utterances: list[tuple[float, float]] = []
        self._windows: list[Window] = []
        self._segments: list[Segment] = []
        self._samples = 0
        self._scored: dict[tuple[float, int, int], Window] = {}  # of the open utterance
        self._running = 0  # samples of the open utterance that have been answered
        self.recent: deque[Answer] = deque(maxlen=round(RECENT_S / RUNNING_HOP_S))

    def use(self, model: Model) -> None:
        """Answer with another model from now on."""
        self._model = model
        self._scored.clear()

    @property
    def duration_s(self) -> float:
        """Seconds of sound taken in."""
        return self._samples / SAMPLE_RATE_HZ

    @property
    def in_speech(self) -> bool:
        """Whether the sound just ended in speech."""
        return self._segmenter.in_speech

    def push(self, samples: NDArray[np.float32]) -> None:
        """Take the next samples: shape (n,), float32, 16 kHz."""
        self._samples += samples.size
        for utterance in self._segmenter.push(samples):
            self.score(utterance)
        if self._live:
            self._score_running()

    def finish(self) -> Timeline:
        """End the sound and give its timeline."""
        for utterance in self._segmenter.flush():
            self.score(utterance)
        return self.timeline()

    def timeline(self) -> Timeline:
        """The utterances that have ended so far; of a live sound, those of the last 15 minutes."""
        card = self._model.card
        return Timeline(
            card.name,
            self.duration_s,
            tuple(self._utterances),
            tuple(self._windows),
            tuple(self._segments),
            card.temperature,
            card.abstain_threshold,
        )

    def score(self, utterance: Utterance) -> None:
        """Score an utterance that has ended; `push` calls it, as may whoever has utterances."""
        windows, segments = self._heard(utterance)
        self._utterances.append((utterance.onset_s, utterance.offset_s))
        self._windows += windows
        self._segments += segments
        if self._live:
            self._tell_whole(utterance, segments)
            self._forget(utterance.offset_s - LIVE_MEMORY_S)
        self._scored.clear()
        self._running = 0

    def _heard(self, utterance: Utterance) -> tuple[list[Window], list[Segment]]:
        card = self._model.card
        windows = [
            self._window(utterance, start, end)
            for start, end in window_bounds(utterance.samples.size, card.window_s, card.hop_s)
        ]
        ends = utterance.onset_s, utterance.offset_s
        return windows, segments_of(windows, *ends, card.abstain_threshold, card.temperature)

    def _tell_whole(self, utterance: Utterance, segments: Sequence[Segment]) -> None:
        parts = [(s.probabilities, s.duration_s) for s in segments]
        mean = pooled(parts, self._model.card.temperature)
        answer = Answer(Window(utterance.onset_s, utterance.offset_s, mean), whole=True)
        if not self.recent or self.recent[-1] != answer:
            self.recent.append(answer)

    def _forget(self, before_s: float) -> None:
        self._utterances = [u for u in self._utterances if u[1] > before_s]
        self._windows = [w for w in self._windows if w.end_s > before_s]
        self._segments = [s for s in self._segments if s.end_s > before_s]

    def _score_running(self) -> None:
        spoken = self._segmenter.open_utterance()
        if spoken is None:
            return
        if self._segmenter.pause_s >= EARLY_PAUSE_S:
            self._tell_whole(spoken, self._heard(spoken)[1])
            return
        hop = round(RUNNING_HOP_S * SAMPLE_RATE_HZ)
        end = spoken.samples.size // hop * hop
        if end < max(self._running + 1, round(RUNNING_MIN_S * SAMPLE_RATE_HZ)):
            return
        self._running = end
        start = max(end - round(self._model.card.window_s * SAMPLE_RATE_HZ), 0)
        self.recent.append(Answer(self._window(spoken, start, end), whole=False))

    def _window(self, utterance: Utterance, start: int, end: int) -> Window:
        key = (utterance.onset_s, start, end)
        if key not in self._scored:
            row = self._model.probabilities(utterance.samples[start:end])
            self._scored[key] = Window(
                utterance.onset_s + start / SAMPLE_RATE_HZ,
                utterance.onset_s + end / SAMPLE_RATE_HZ,
                dict(zip(self._model.card.labels, row.tolist(), strict=True)),
            )
        return self._scored[key]


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


def analyse(
    clip: AudioClip, model: Model, progress: Callable[[float], None] | None = None
) -> Timeline:
    """Score a whole clip.

    Args:
        clip: 16 kHz sound.
        model: a loaded model.
        progress: called with the seconds done, now and then.
    """
    analyser, step = Analyser(model), round(_FEED_S * SAMPLE_RATE_HZ)
    for start in range(0, clip.samples.size, step):
        analyser.push(clip.samples[start : start + step])
        if progress:
            progress(analyser.duration_s)
    return analyser.finish()

"""Cuts a stream of samples into utterances: stretches of speech between pauses.

Files and live streams pass through the same state machine on the same 32 ms grid, so how the
samples were chunked on their way here never changes an utterance.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ser_core.audio.clip import SAMPLE_RATE_HZ, AudioClip
from ser_core.speech.detector import CHUNK_SAMPLES, SpeechDetector

# Hysteresis: at the detector's usual 0.5 / 0.35 some shrill RAVDESS voices count as silence (1 % of
# the clips), here less than half of them, while white noise, chords and sweeps stay below 0.11.
SPEECH_ON = 0.30
SPEECH_OFF = 0.15
MIN_SPEECH_CHUNKS = 8  # 0.26 s; shorter sounds are clicks and knocks
PAUSE_CHUNKS = 19  # 0.61 s; nearly every pause inside a RAVDESS sentence is shorter
PAD_SAMPLES = SAMPLE_RATE_HZ // 10  # soft onsets and decays are below the detector's threshold
MAX_SAMPLES = 15 * SAMPLE_RATE_HZ  # bounds the memory that a monologue takes
_FEED_SAMPLES = 5 * SAMPLE_RATE_HZ


@dataclass(frozen=True, slots=True, eq=False)
class Utterance:
    """One stretch of speech.

    Attributes:
        onset_s: start in seconds from the start of the sound.
        offset_s: end in seconds.
        samples: shape (n,), float32, 16 kHz.
    """

    onset_s: float
    offset_s: float
    samples: NDArray[np.float32]


class Segmenter:
    """Finds the utterances of one sound, pushed in pieces of any size."""

    def __init__(self) -> None:
        self._detector = SpeechDetector()
        self._audio = np.zeros(0, np.float32)  # samples from _base on
        self._base = 0
        self._received = 0
        self._position = 0  # samples that the detector has seen
        self._floor = 0  # an utterance never starts before the end of the last one
        self._active = False
        self._onset: int | None = None
        self._last_speech = 0
        self._speech_chunks = 0

    @property
    def in_speech(self) -> bool:
        """Whether the last chunk was speech."""
        return self._active

    @property
    def pause_s(self) -> float:
        """Seconds since the end of the last speech; 0 between utterances."""
        return 0.0 if self._onset is None else (self._position - self._last_speech) / SAMPLE_RATE_HZ

    def open_utterance(self) -> Utterance | None:
        """The utterance that is being spoken, up to now, once it is long enough to be one."""
        if self._onset is None or self._speech_chunks < MIN_SPEECH_CHUNKS:
            return None
        return self._cut(self._onset, min(self._last_speech + PAD_SAMPLES, self._position))

    def push(self, samples: NDArray[np.float32]) -> list[Utterance]:
        """Take the next samples.

        Args:
            samples: shape (n,), float32, 16 kHz; any n.

        Returns:
            The utterances that ended, oldest first.
        """
        self._received += samples.size
        return self._take(samples)

    def flush(self) -> list[Utterance]:
        """End the sound: take the rest of the samples and close the open utterance."""
        rest = self._received - self._position
        ended = self._take(np.zeros(CHUNK_SAMPLES - rest, np.float32)) if rest else []
        if self._onset is not None:
            ended += self._close(self._last_speech + PAD_SAMPLES)
        return ended

    def _take(self, samples: NDArray[np.float32]) -> list[Utterance]:
        self._audio = np.concatenate([self._audio, samples])
        ended = []
        while self._position + CHUNK_SAMPLES <= self._base + self._audio.size:
            start = self._position - self._base
            ended += self._step(self._audio[start : start + CHUNK_SAMPLES])
        self._forget()
        return ended

    def _step(self, chunk: NDArray[np.float32]) -> list[Utterance]:
        threshold = SPEECH_OFF if self._active else SPEECH_ON
        self._active = self._detector.probability(chunk) >= threshold
        start, self._position = self._position, self._position + CHUNK_SAMPLES
        if self._active:
            if self._onset is None:
                self._onset = max(start - PAD_SAMPLES, self._floor)
                self._speech_chunks = 0
            self._last_speech = self._position
            self._speech_chunks += 1
        if self._onset is None:
            return []
        if self._position - self._last_speech >= PAUSE_CHUNKS * CHUNK_SAMPLES:
            return self._close(self._last_speech + PAD_SAMPLES)
        if self._position - self._onset >= MAX_SAMPLES:
            return self._close(self._position)
        return []

    def _close(self, end: int) -> list[Utterance]:
        end = min(end, self._received)  # not the silence that flush adds
        enough = self._speech_chunks >= MIN_SPEECH_CHUNKS
        ended = [self._cut(self._onset, end)] if enough and self._onset is not None else []
        self._onset, self._floor = None, end
        return ended

    def _cut(self, onset: int, end: int) -> Utterance:
        part = self._audio[onset - self._base : end - self._base].copy()
        return Utterance(onset / SAMPLE_RATE_HZ, end / SAMPLE_RATE_HZ, part)

    def _forget(self) -> None:
        """Drop samples that no utterance can reach any more."""
        keep = self._position - PAD_SAMPLES if self._onset is None else self._onset
        drop = max(keep - self._base, 0)
        self._audio, self._base = self._audio[drop:].copy(), self._base + drop


def find_utterances(
    clip: AudioClip, progress: Callable[[float], None] | None = None
) -> list[Utterance]:
    """All utterances of a clip, in order.

    Args:
        clip: 16 kHz sound.
        progress: called with the seconds done, now and then.
    """
    segmenter, found = Segmenter(), []
    for start in range(0, clip.samples.size, _FEED_SAMPLES):
        found += segmenter.push(clip.samples[start : start + _FEED_SAMPLES])
        if progress:
            progress(min(start + _FEED_SAMPLES, clip.samples.size) / SAMPLE_RATE_HZ)
    return found + segmenter.flush()

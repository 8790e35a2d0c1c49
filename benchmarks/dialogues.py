"""Dialogues out of acted clips: who speaks when, and how, is known because it was put there.

Voices take turns of one to three clips, with pauses, some of them into each other; each has its
place in one of two rooms. A seed makes the same dialogue again.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.signal import fftconvolve

from ser_core.audio.clip import SAMPLE_RATE_HZ, AudioClip
from ser_core.corpora.base import Record
from ser_core.corpora.index.reading import located, require_root
from ser_core.corpora.registry import get
from ser_core.decoding.decode import decode
from ser_core.emotions import Emotion
from ser_core.speech.detector import CHUNK_SAMPLES, SpeechDetector

ROOMS = {"studio": (0.0, 50.0), "room": (0.5, 25.0)}  # seconds of reverberation, dB above the noise
_TURN_CLIPS = 3
_BREATH_S, _PAUSE_S, _OVERLAP_S = (0.15, 0.6), (0.2, 1.2), (0.3, 1.0)
_OVERLAPS = 0.15  # share of turns that begin before the last one ends
_LEVEL_DB = 3.0  # voices are up to this much louder or softer than the middle
_SPEECH_RMS, _LEVEL_CLIPS = 0.05, 8
_DIRECT_S, _REVERB_DB = 0.004, (-6.0, 0.0)  # the tail's energy, against the direct sound
_SPEECH = 0.3  # probability
_GAP_CHUNKS = round(0.3 * SAMPLE_RATE_HZ / CHUNK_SAMPLES)

Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Spoken:
    """A stretch of one voice without a pause of 0.3 s. Times in seconds."""

    onset_s: float
    offset_s: float
    voice: str
    emotion: Emotion


@dataclass(frozen=True, slots=True, eq=False)
class Dialogue:
    """A sound and what is true of it; the text is of all voices, by the start of each sentence."""

    name: str
    clip: AudioClip
    spoken: tuple[Spoken, ...]
    voices: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a dialogue is made of: a seed, the corpus, who may speak, and how."""

    corpus: str
    speakers: tuple[str, ...]
    voices: int
    room: str
    seed: int
    length_s: float = 90.0

    @property
    def name(self) -> str:
        """Of the dialogue."""
        return f"{self.corpus}-{self.voices}-{self.room}-{self.seed}"


def build(plan: Plan) -> Dialogue:
    """The dialogue of a plan.

    Raises:
        CorpusError: if the corpus is not here.
    """
    rng = np.random.default_rng([plan.seed, plan.voices, zlib.crc32(plan.name.encode())])
    clips = _clips(plan.corpus)
    speakers = [str(s) for s in rng.choice(sorted(plan.speakers), plan.voices, replace=False)]
    left = {s: [clips[s][i] for i in rng.permutation(len(clips[s]))] for s in speakers}
    reverb_s, noise_db = ROOMS[plan.room]
    mix = _Mix({s: _Voice(left[s][:_LEVEL_CLIPS], reverb_s, rng) for s in speakers})
    last = ""
    while mix.end_s < plan.length_s and (able := [s for s in speakers if s != last and left[s]]):
        last = str(rng.choice(able))
        gap_s = -rng.uniform(*_OVERLAP_S) if rng.random() < _OVERLAPS else rng.uniform(*_PAUSE_S)
        for _ in range(min(rng.integers(1, _TURN_CLIPS + 1), len(left[last]))):
            mix.add(last, *left[last].pop(), gap_s)
            gap_s = rng.uniform(*_BREATH_S)
    return Dialogue(plan.name, mix.clip(noise_db, rng), mix.truth(), plan.voices, mix.text())


def taking_turns(plan: Plan, utterances: int) -> list[tuple[str, Samples]]:
    """A clip after another of voices that take turns, each as the microphone hears it.

    Args:
        plan: of which the length does not count; one voice alone is possible.
        utterances: how many.

    Returns:
        Speaker and sound of each, by time.

    Raises:
        CorpusError: if the corpus is not here.
    """
    rng = np.random.default_rng([plan.seed, plan.voices, zlib.crc32(plan.name.encode())])
    clips, (reverb_s, noise_db) = _clips(plan.corpus), ROOMS[plan.room]
    speakers = [str(s) for s in rng.choice(sorted(plan.speakers), plan.voices, replace=False)]
    left = {s: [clips[s][i] for i in rng.permutation(len(clips[s]))] for s in speakers}
    voices = {s: _Voice(left[s][:_LEVEL_CLIPS], reverb_s, rng) for s in speakers}
    order: list[str] = []
    while len(order) < utterances:
        able = [s for s in speakers if plan.voices == 1 or s not in order[-1:]]
        order += [str(rng.choice(able))] * int(rng.integers(1, _TURN_CLIPS + 1))
    said = []
    for speaker in order[:utterances]:
        heard = voices[speaker].heard(_trimmed(left[speaker].pop()[1])[0])
        said.append((speaker, _noisy(heard, noise_db, rng)))
    return said


def _noisy(sound: Samples, noise_db: float, rng: np.random.Generator) -> Samples:
    noise = rng.standard_normal(sound.size) * _SPEECH_RMS * 10 ** (-noise_db / 20)
    return sound + noise.astype(np.float32)


class _Voice:
    """A speaker's level and place."""

    def __init__(
        self, clips: Sequence[tuple[Record, Path]], reverb_s: float, rng: np.random.Generator
    ) -> None:
        rms = np.median([np.sqrt(np.mean(_trimmed(file)[0] ** 2)) for _, file in clips])
        level = 10 ** (rng.uniform(-_LEVEL_DB, _LEVEL_DB) / 20)
        self._response = _room(reverb_s, rng) * np.float32(_SPEECH_RMS * level / rms)

    def heard(self, dry: Samples) -> Samples:
        """What reaches the microphone."""
        return fftconvolve(dry, self._response).astype(np.float32)


class _Mix:
    """What has been said so far."""

    def __init__(self, voices: dict[str, _Voice]) -> None:
        self._voices = voices
        self._parts: list[tuple[int, Samples]] = []
        self._spoken: list[Spoken] = []
        self._sentences: list[tuple[int, str]] = []
        self._end = SAMPLE_RATE_HZ // 2

    @property
    def end_s(self) -> float:
        """End of the last word."""
        return self._end / SAMPLE_RATE_HZ

    def add(self, speaker: str, record: Record, file: Path, gap_s: float) -> None:
        """Let a voice speak, some seconds after the end so far, or before it."""
        dry, spoken = _trimmed(file)
        at = max(self._end + round(gap_s * SAMPLE_RATE_HZ), 0)
        self._parts.append((at, self._voices[speaker].heard(dry)))
        self._spoken += [
            Spoken((at + a) / SAMPLE_RATE_HZ, (at + b) / SAMPLE_RATE_HZ, speaker, record.emotion)
            for a, b in spoken
        ]
        sentences = get(record.corpus).info.statements
        self._sentences.append((at, sentences.get(record.statement, "")))
        self._end = max(self._end, at + dry.size)

    def clip(self, noise_db: float, rng: np.random.Generator) -> AudioClip:
        """All voices and some noise."""
        size = self._end + SAMPLE_RATE_HZ
        sound = _noisy(np.zeros(size, np.float32), noise_db, rng)
        for at, part in self._parts:
            sound[at : at + part.size] += part[: size - at]
        return AudioClip(sound * np.float32(min(1.0, 0.99 / np.abs(sound).max())))

    def truth(self) -> tuple[Spoken, ...]:
        """Who spoke when, by time."""
        return tuple(sorted(self._spoken, key=lambda each: each.onset_s))

    def text(self) -> str:
        """What was said, by the start of each sentence."""
        return " ".join(sentence for _, sentence in sorted(self._sentences))


@lru_cache(maxsize=8)
def _clips(corpus: str) -> dict[str, list[tuple[Record, Path]]]:
    found: dict[str, list[tuple[Record, Path]]] = {}
    for record, file in located(corpus, require_root(corpus)):
        found.setdefault(record.speaker, []).append((record, file))
    return found


@lru_cache(maxsize=4096)
def _trimmed(file: Path) -> tuple[Samples, list[tuple[int, int]]]:
    """The sound of a clip from its first speech to its last, and where in it speech is."""
    samples = decode(file).clip.samples
    found = stretches(samples) or [(0, samples.size)]
    first, last = found[0][0], found[-1][1]
    return samples[first:last], [(a - first, b - first) for a, b in found]


def stretches(samples: Samples) -> list[tuple[int, int]]:
    """First and last sample of what is said without a pause of 0.3 s.

    What is speech in a clean clip is told by the voice activity detector, which has no part in
    diarisation: by level alone, breaths were speech.
    """
    detector = SpeechDetector()
    chunks = samples[: samples.size // CHUNK_SAMPLES * CHUNK_SAMPLES].reshape(-1, CHUNK_SAMPLES)
    spoken = np.flatnonzero([detector.probability(chunk) >= _SPEECH for chunk in chunks])
    if not spoken.size:
        return []
    breaks = np.flatnonzero(np.diff(spoken) > _GAP_CHUNKS)
    starts, ends = spoken[[0, *(breaks + 1)]], spoken[[*breaks, -1]] + 1
    return [
        (int(a) * CHUNK_SAMPLES, int(b) * CHUNK_SAMPLES) for a, b in zip(starts, ends, strict=True)
    ]


def _room(reverb_s: float, rng: np.random.Generator) -> Samples:
    """A response: the direct sound, and behind it noise that fades by 60 dB in the given time."""
    if not reverb_s:
        return np.ones(1, np.float32)
    times = np.arange(round(reverb_s * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    tail = rng.standard_normal(times.size) * 10 ** (-3 * times / reverb_s)
    tail[: round(_DIRECT_S * SAMPLE_RATE_HZ)] = 0
    tail *= 10 ** (rng.uniform(*_REVERB_DB) / 20) / np.linalg.norm(tail)
    tail[0] = 1
    return tail.astype(np.float32)

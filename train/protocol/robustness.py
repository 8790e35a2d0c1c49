"""How well a model holds when whole clips are disturbed, on the path that serves people.

Every sound stays float32 from the disturbance to the features, so nothing clips, however loud.
"""

import hashlib
import sys
import zlib
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ser_core.audio.clip import AudioClip
from ser_core.bundles.metrics import Scores
from ser_core.bundles.model import EmotionModel
from ser_core.emotions import Emotion
from ser_core.evaluation.scores import confusion, scores_of
from ser_core.speech.segmenter import Utterance, find_utterances
from train.data import waveforms
from train.data.cache import cached, code_hash
from train.data.rows import Row
from train.data.waveforms import Samples
from train.progress import track
from train.protocol.evaluate import clip_probabilities

_WORKERS = 2
_RT60_S, _WET = 0.5, 0.5  # a lively living room; the direct sound is 3 dB above the tail
_CODE = code_hash(sys.modules[__name__])


@dataclass(frozen=True)
class Voices:
    """Who babbles: every neutral clip of a corpus, the pool being the same for each model.

    A clip is never disturbed by its own speaker. Some voices of the pool were learned from, but
    as neutral ones and alone: no model here was trained on babble.
    """

    rows: tuple[Row, ...]

    @classmethod
    def of(cls, rows: list[Row]) -> "Voices":
        """The pool of a corpus: all of its clips where one speaker at most is ever neutral."""
        neutral = tuple(row for row in rows if row.record.emotion == Emotion.NEUTRAL)
        enough = len({row.record.speaker for row in neutral}) > 1
        return cls(neutral if enough else tuple(rows))

    @cached_property
    def key(self) -> str:
        """Changes with any recording of the pool."""
        return hashlib.sha256(" ".join(row.hash for row in self.rows).encode()).hexdigest()

    def beside(self, speaker: str) -> list[Samples]:
        """The speech of all others, each of shape (n,), 16 kHz."""
        return [voice for owner, voice in self._samples if owner != speaker]

    @cached_property
    def _samples(self) -> list[tuple[str, Samples]]:
        return [(row.record.speaker, row.speech()) for row in self.rows]


@dataclass(frozen=True)
class Scene:
    """A clip and what is around it."""

    row: Row
    voices: Voices

    @cached_property
    def samples(self) -> Samples:
        """The whole clip, shape (n,), 16 kHz."""
        return self.row.clip().samples

    def noisy(self, noise: Samples, snr_db: float) -> Samples:
        """With noise at a signal-to-noise ratio in dB over the speech; pauses do not count."""
        speech, whole = (float(np.mean(x**2)) for x in (self.row.speech(), self.samples))
        pauses_db = 10 * np.log10(max(speech, 1e-20) / max(whole, 1e-20))
        return waveforms.add_noise(self.samples, noise, snr_db - pauses_db)

    def babble(self, rng: np.random.Generator) -> Samples:
        """Six recordings of other voices, drawn at random, as long as the clip."""
        others = self.voices.beside(self.row.record.speaker)
        return waveforms.babble(self.samples.size, others, rng)


Condition = Callable[[Scene, np.random.Generator], Samples]


def _gain(change_db: float) -> Condition:
    return lambda scene, _: waveforms.gain(scene.samples, change_db)


def _white(snr_db: float) -> Condition:
    return lambda s, rng: s.noisy(waveforms.white_noise(s.samples.size, rng), snr_db)


def _babble(snr_db: float) -> Condition:
    return lambda scene, rng: scene.noisy(scene.babble(rng), snr_db)


def _speed(factor: float) -> Condition:
    return lambda scene, _: waveforms.speed(scene.samples, factor)


CONDITIONS: dict[str, Condition] = {
    "gain -12 dB": _gain(-12),
    "gain +12 dB": _gain(12),
    "white noise 20 dB": _white(20),
    "white noise 10 dB": _white(10),
    "white noise 0 dB": _white(0),
    "babble 20 dB": _babble(20),
    "babble 10 dB": _babble(10),
    "babble 0 dB": _babble(0),
    "telephone 8 kHz": lambda scene, _: waveforms.telephone(scene.samples),
    "opus 24 kbit/s": lambda scene, _: waveforms.opus(scene.samples, 24_000),
    "reverberation": lambda s, rng: waveforms.reverberate(s.samples, _RT60_S, _WET, rng),
    "speed 0.9": _speed(0.9),
    "speed 1.1": _speed(1.1),
}


def disturb(row: Row, condition: str, voices: Voices) -> Samples:
    """One clip under one condition, shape (n,), 16 kHz; the same at every call."""
    rng = np.random.default_rng([int(row.hash[:8], 16), zlib.crc32(condition.encode())])
    return CONDITIONS[condition](Scene(row, voices), rng)


def score(
    rows: list[Row], model: EmotionModel, condition: str, voices: Voices
) -> NDArray[np.float64]:
    """Served probabilities of disturbed clips: find speech, score windows, sum up.

    Args:
        rows: clips to score.
        model: the exported model.
        condition: a key of CONDITIONS.
        voices: pool for the babble.

    Returns:
        Shape (n, k), columns as in LABELS.
    """
    return np.array([_score_clip(row, model, condition, voices) for row in rows])


def answers(
    rows: list[Row], bundle: Path, voices: Voices, label: str
) -> dict[str, NDArray[np.float64]]:
    """`score` of every condition, in two processes (which load no TensorFlow).

    Args:
        rows: clips to score.
        bundle: folder of the exported model.
        voices: pool for the babble.
        label: of the progress bar.

    Returns:
        Per condition shape (n, k).
    """
    with ProcessPoolExecutor(_WORKERS, get_context("spawn")) as pool:
        tables = pool.map(_score_bundle, repeat(rows), repeat(bundle), CONDITIONS, repeat(voices))
        return {name: next(tables) for name in track(list(CONDITIONS), label)}


def summary(
    probabilities: dict[str, NDArray[np.float64]], truth: NDArray[np.int64]
) -> dict[str, Scores]:
    """UA and WA per condition, as metrics.json holds them.

    Args:
        probabilities: per condition shape (n, k).
        truth: column of each clip's emotion, shape (n,).
    """
    found = {
        name: scores_of(confusion(truth, p.argmax(axis=1), p.shape[1]))
        for name, p in probabilities.items()
    }
    return {name: Scores(float(f["ua"]), float(f["wa"])) for name, f in found.items()}


def _score_bundle(
    rows: list[Row], bundle: Path, condition: str, voices: Voices
) -> NDArray[np.float64]:
    return score(rows, EmotionModel(bundle), condition, voices)


def _score_clip(
    row: Row, model: EmotionModel, condition: str, voices: Voices
) -> NDArray[np.float64]:
    clip = AudioClip(disturb(row, condition, voices))
    utterances = _utterances(row, clip, condition, voices)
    return clip_probabilities(utterances, lambda: clip, model)[0]


def _utterances(row: Row, clip: AudioClip, condition: str, voices: Voices) -> list[Utterance]:
    """Finding speech takes longer than judging it and is the same for every model: cached."""

    def times() -> NDArray[np.float64]:
        found = find_utterances(clip)
        return np.array([(u.onset_s, u.offset_s) for u in found]).reshape(-1, 2)

    key = f"{row.copy_key(condition)} {_CODE} {voices.key}"
    found = cached("utterances", key, times).tolist()
    return [Utterance(a, b, clip.cut(a, b).samples) for a, b in found]

"""Voices of a sound that is still going on, known again by how they sound.

With every utterance all those before are grouped anew, as a file's are when all of it is there
(`clustering`), and a group keeps the name of the voice that most of it was told to be. So what was
told of an earlier utterance may change: the first words of somebody new are often taken for those
of another, until a second utterance sounds like them. Two people are taken for one more often than
one for two, which happens to those who shout now and then (`python -m benchmarks.turns`).
"""

from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ser_core.audio.clip import SAMPLE_RATE_HZ
from ser_core.errors import VoiceError
from ser_core.speakers.clustering import DISTANCE, LEAST_S, MOST_VOICES, Labels, Vectors, near
from ser_core.speakers.corrections import clean_name
from ser_core.speakers.diarisation import NAMES, missing
from ser_core.speakers.embedding import embed
from ser_core.speakers.filter_bank import log_mel_bands

# cosine distances
SAFE_DISTANCE = 0.57  # of groups that are two voices, where nobody said how many there are
_STAYING = 0.03  # so much nearer they may be once several voices are known
_FAR = 0.64  # so far from all others, one utterance alone is a voice
_ALONE_S, _GROUPED_S = 1.5, 1.0  # of such an utterance; of one that takes part in grouping
_TELLING_S = 0.5  # a shorter one is taken for the voice that spoke last
_FIRST = 3.0  # weight of who was heard first as a voice
_HEARD_S = 4.0  # of an utterance, which bounds the work for a long one
_REMEMBERED = 200  # utterances, more than ten minutes
_TAKEN = "Choose another name; if the two are one, they can be merged after Stop."


@dataclass(eq=False, slots=True)
class KnownVoice:
    """One voice of a session; its name is a letter until somebody gives another."""

    name: str


@dataclass(eq=False, slots=True)
class _Said:
    onset_s: float
    offset_s: float
    vector: NDArray[np.float32] | None
    heard_s: float
    voice: KnownVoice | None = None


class KnownVoices:
    """The voices of one session. Not thread-safe.

    Raises:
        VoiceError: if the networks that tell voices apart are missing.

    Attributes:
        most: so many voices at most, 1 to 8.
        counted: whether somebody said that there are so many.
        voices: in order of appearance.
    """

    def __init__(
        self,
        most: int = MOST_VOICES,
        counted: bool = False,
        distance: float = SAFE_DISTANCE,
    ) -> None:
        """Begin a session.

        Args:
            most: see the class.
            counted: see the class.
            distance: cosine distance of groups that are two voices, where nobody said how many
                there are.
        """
        if why := missing():
            raise VoiceError(why)
        self.most, self.counted = most, counted
        self._distance = distance
        self.voices: list[KnownVoice] = []
        self._gone: list[KnownVoice] = []
        self._said: deque[_Said] = deque(maxlen=_REMEMBERED)

    def hear(self, onset_s: float, samples: NDArray[np.float32]) -> KnownVoice:
        """Whose an utterance is.

        Args:
            onset_s: when it begins. Told again with more samples, it replaces what it was.
            samples: shape (n,), float32, 16 kHz.
        """
        offset_s = onset_s + samples.size / SAMPLE_RATE_HZ
        heard_s = min(offset_s - onset_s, _HEARD_S)
        last = self._said[-1] if self._said else None
        if last and last.voice and (last.onset_s, last.heard_s) == (onset_s, heard_s):
            last.offset_s = offset_s
            return last.voice
        return self.add(onset_s, offset_s, vector_of(samples))

    def add(
        self, onset_s: float, offset_s: float, vector: NDArray[np.float32] | None
    ) -> KnownVoice:
        """Whose an utterance is that has its vector already: see `hear`.

        Args:
            onset_s: when it begins.
            offset_s: when it ends.
            vector: from `vector_of`, shape (192,).
        """
        if self._said and self._said[-1].onset_s == onset_s:
            self._said.pop()
        said = _Said(onset_s, offset_s, vector, min(offset_s - onset_s, _HEARD_S))
        self._said.append(said)
        return self._group()

    @property
    def owners(self) -> dict[float, KnownVoice]:
        """The voice of each utterance by its onset in seconds, as far as they are remembered."""
        return {each.onset_s: each.voice for each in self._said if each.voice}

    @property
    def said(self) -> list[tuple[float, float, str]]:
        """Start and end of each utterance in seconds, and the name of its voice."""
        return [(s.onset_s, s.offset_s, s.voice.name) for s in self._said if s.voice]

    def rename(self, voice: KnownVoice, name: str) -> None:
        """Give a voice another name, also that of one of which no utterance is left.

        Raises:
            VoiceError: if there is no name, or another voice has it.
        """
        others = [each.name for each in self.voices if each is not voice]
        voice.name = clean_name(name, others, _TAKEN)
        self._gone = [each for each in self._gone if each is voice or each.name != voice.name]

    def _group(self) -> KnownVoice:
        """Group all utterances; gives the voice of the last one."""
        telling = [each for each in self._said if each.vector is not None]
        labels = self._labels(telling) if telling else np.zeros(0, np.intp)
        owners = self._owners(telling, labels)
        for each, label in zip(telling, labels, strict=True):
            each.voice = owners[int(label)]
        if telling:  # who goes last comes back first, of those who go together the first one
            self._gone += [v for v in reversed(self.voices) if v not in owners.values()]
            self.voices = [voice for voice in self.voices if voice in owners.values()]
            self.voices += [v for v in owners.values() if v not in self.voices]
        return self._lend()

    def _labels(self, telling: Sequence[_Said]) -> Labels:
        """A group for each, counted from 0 in order of appearance."""
        vectors = np.stack([each.vector for each in telling if each.vector is not None])
        seconds = np.array([each.heard_s for each in telling])
        sure = seconds >= min(_GROUPED_S, seconds.max())
        distance = self._distance - (_STAYING if len(self.voices) > 1 else 0.0)
        distance = DISTANCE if self.counted else distance
        means = _directions(vectors[sure], seconds[sure], distance, self.most)
        nearest = np.argmax(vectors @ means.T, axis=1)
        order = list(dict.fromkeys(nearest.tolist()))
        return np.array([order.index(label) for label in nearest.tolist()], np.intp)

    def _owners(self, telling: Sequence[_Said], labels: Labels) -> dict[int, KnownVoice]:
        """The voice of each group: the one that most of it was before, or a new one.

        Where a voice falls into two, who was heard first keeps it, unless the other is heard much
        longer.
        """
        shared: dict[tuple[int, KnownVoice], float] = {}
        first: dict[KnownVoice, int] = {}
        for each, label in zip(telling, labels.tolist(), strict=True):
            if each.voice is not None:
                pair = label, each.voice
                shared[pair] = shared.get(pair, 0.0) + each.heard_s
                first.setdefault(each.voice, label)

        def held(pair: tuple[int, KnownVoice]) -> float:
            label, voice = pair
            return shared[pair] * (_FIRST if first[voice] == label else 1.0)

        owners: dict[int, KnownVoice] = {}
        for label, voice in sorted(shared, key=held, reverse=True):
            if label not in owners and voice not in owners.values():
                owners[label] = voice
        for label, voice in shared:  # of voices that are one now, the first stays
            before = self.voices[: self.voices.index(owners[label])] if label in owners else []
            if voice in before and voice not in owners.values():
                owners[label] = voice
        for label in dict.fromkeys(labels.tolist()):
            if label not in owners:
                owners[label] = self._new(owners.values())
        return owners

    def _new(self, owners: Collection[KnownVoice] = ()) -> KnownVoice:
        """A voice that has no group, as after it was taken for another; else the next letter."""
        if idle := [voice for voice in self.voices if voice not in owners]:
            return idle[0]
        if self._gone:
            voice = self._gone.pop()
        else:
            taken = {voice.name for voice in self.voices}
            voice = KnownVoice(next((name for name in NAMES if name not in taken), "?"))
        self.voices.append(voice)
        return voice

    def _lend(self) -> KnownVoice:
        """What is too short to tell whose it is, is taken for the voice that spoke last."""
        last = self.voices[0] if self.voices else self._new()
        for each in self._said:
            if each.vector is None and each.voice not in self.voices:
                each.voice = last
            last = each.voice or last
        return last


def vector_of(samples: NDArray[np.float32]) -> NDArray[np.float32] | None:
    """What the voice of an utterance is like; None where it is too short to tell.

    Args:
        samples: shape (n,), float32, 16 kHz; the first four seconds count.

    Returns:
        Shape (192,), of length 1.
    """
    if samples.size < _TELLING_S * SAMPLE_RATE_HZ:
        return None
    return embed(log_mel_bands(samples[: round(_HEARD_S * SAMPLE_RATE_HZ)]))


def _directions(
    vectors: Vectors, seconds: NDArray[np.floating], distance: float, most: int
) -> Vectors:
    """The directions of the voices, shape (voices, d).

    A voice is a group of two utterances or more, or a single one that is far from all of those.
    """
    labels = near(vectors, distance)
    count, total = np.bincount(labels), np.bincount(labels, seconds)
    order = np.argsort(-total, kind="stable").tolist()
    voices = [group for group in order if count[group] > 1 and total[group] >= LEAST_S]
    voices = voices or order[:1]
    for group in order:
        if group not in voices and total[group] >= _ALONE_S:
            own = vectors[labels == group]
            apart = [1 - float((own @ vectors[labels == v].T).mean()) for v in voices]
            if min(apart) > _FAR:
                voices.append(group)
    means = np.stack([vectors[labels == group].mean(axis=0) for group in voices[:most]])
    return means / np.linalg.norm(means, axis=1, keepdims=True)

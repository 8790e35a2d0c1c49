"""Who spoke when, in a sound of any length.

One network says where voices begin, end and speak at once, within ten seconds. What a voice says
between pauses becomes a vector by another, and the vectors are grouped: that one voice laughs and
whispers within ten seconds does not matter then, as it would if voices were told apart there.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ser_core.audio.clip import SAMPLE_RATE_HZ, AudioClip
from ser_core.errors import VoiceError
from ser_core.speakers import embedding, segmentation
from ser_core.speakers.clustering import voices_of
from ser_core.speakers.embedding import embed
from ser_core.speakers.filter_bank import FRAME_SAMPLES as BAND_SAMPLES
from ser_core.speakers.filter_bank import HOP_SAMPLES, log_mel_bands
from ser_core.speakers.segmentation import (
    FIRST_FRAME_S,
    FRAME_S,
    Run,
    activity,
    runs,
    tracks,
    window_starts,
)

_WINDOW_HOP_SAMPLES = 5 * SAMPLE_RATE_HZ
_LEAST_ALONE_S = 0.25  # less speech does not tell whose it is
_SURE_S = 1.0  # as much speech takes part in finding the voices
_GAP_S, _SHORTEST_S = 0.3, 0.1  # of a turn
_FINDING = 0.4  # share of the work
NAMES = tuple("ABCDEFGH")  # until somebody gives others


@dataclass(frozen=True, slots=True)
class Turn:
    """A stretch of one voice. Times in seconds; voices count from 0 in order of appearance."""

    onset_s: float
    offset_s: float
    voice: int


@dataclass(frozen=True, slots=True)
class Diarisation:
    """Who spoke when.

    Attributes:
        turns: by time; those of different voices may overlap.
        voices: how many there are.
        called: their names, in the order of their numbers, if somebody gave them any.
    """

    turns: tuple[Turn, ...]
    voices: int
    called: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Of each voice, in the order of their numbers."""
        return self.called or NAMES[: self.voices]

    @property
    def overlaps(self) -> tuple[tuple[float, float], ...]:
        """Where several voices speak at once."""
        found = []
        for i, first in enumerate(self.turns):
            for other in self.turns[i + 1 :]:
                if other.onset_s >= first.offset_s:
                    break
                found.append((other.onset_s, min(first.offset_s, other.offset_s)))
        return tuple(sorted(found))


@dataclass(frozen=True, slots=True)
class Heard:
    """What is said between pauses, and how it sounds.

    Attributes:
        run: when.
        vector: of the voice; None where too little is said alone.
        alone_s: seconds in which nobody else speaks.
    """

    run: Run
    vector: NDArray[np.float32] | None
    alone_s: float

    @property
    def onset_s(self) -> float:
        """When it begins."""
        return _start_s(self.run.start)

    @property
    def offset_s(self) -> float:
        """When it ends."""
        return _start_s(self.run.end)


def diarise(
    clip: AudioClip,
    voices: int | None = None,
    progress: Callable[[float], None] | None = None,
) -> Diarisation:
    """Find who spoke when.

    Args:
        clip: 16 kHz sound.
        voices: how many there are, 1 to 8; None where that is to be found. Fewer are found where
            fewer say three seconds.
        progress: called with the share that is done.
    """
    return told_apart(listen(clip, progress), voices)


def missing() -> str:
    """Why voices cannot be told apart here, and what to do; "" where they can."""
    gone = [f.name for f in (segmentation.MODEL_FILE, embedding.MODEL_FILE) if not f.is_file()]
    if not gone:
        return ""
    return (
        f"Voices cannot be told apart here: {' and '.join(gone)} is missing from "
        "ser_core/speakers. Install the app again."
    )


def listen(clip: AudioClip, progress: Callable[[float], None] | None = None) -> list[Heard]:
    """All of the work of `diarise` that does not depend on the number of voices.

    Raises:
        VoiceError: if its networks are missing.
    """
    if why := missing():
        raise VoiceError(why)
    tick = progress or (lambda _: None)
    starts = window_starts(clip.samples.size, _WINDOW_HOP_SAMPLES)
    whole = tracks(activity(clip.samples, starts, lambda s: tick(s * _FINDING)), starts)
    spoken, heard = runs(whole), []
    for number, run in enumerate(spoken, 1):
        heard.append(_heard(clip.samples, whole, run))
        tick(_FINDING + (1 - _FINDING) * number / len(spoken))
    return heard


def told_apart(heard: Sequence[Heard], voices: int | None = None) -> Diarisation:
    """The rest of it, which takes no time: see `diarise`."""
    return _turns([each.run for each in heard], _named(heard, voices))


def _heard(samples: NDArray[np.float32], whole: NDArray[np.bool_], run: Run) -> Heard:
    """The vector of what a run says while nobody else speaks."""
    start, end = (max(round(_start_s(f) * SAMPLE_RATE_HZ), 0) for f in (run.start, run.end))
    bands = log_mel_bands(samples[start:end])
    middles_s = (start + np.arange(len(bands)) * HOP_SAMPLES + BAND_SAMPLES / 2) / SAMPLE_RATE_HZ
    frames = np.rint((middles_s - FIRST_FRAME_S) / FRAME_S).astype(np.intp)
    alone = whole[np.clip(frames, run.start, run.end - 1)].sum(axis=1) == 1
    alone_s = float(alone.sum() * HOP_SAMPLES / SAMPLE_RATE_HZ)
    return Heard(run, embed(bands[alone]) if alone_s >= _LEAST_ALONE_S else None, alone_s)


def _start_s(frame: int) -> float:
    return FIRST_FRAME_S + (frame - 0.5) * FRAME_S


def _named(heard: Sequence[Heard], count: int | None) -> list[int]:
    """The voice of each run: the nearest one, or that of a neighbour where it tells too little."""
    known = {i: each.vector for i, each in enumerate(heard) if each.vector is not None}
    if not known:
        return [0] * len(heard)
    vectors = np.stack(list(known.values()))
    seconds = np.array([heard[i].alone_s for i in known])
    sure = seconds >= min(_SURE_S, seconds.max())
    means = voices_of(vectors[sure], seconds[sure], count)
    names = dict(zip(known, np.argmax(vectors @ means.T, axis=1).tolist(), strict=True))

    def neighbour(i: int) -> int:
        run = heard[i].run
        return min(
            known, key=lambda j: (heard[j].run.track != run.track, _apart(heard[j].run, run))
        )

    return [names[i if i in names else neighbour(i)] for i in range(len(heard))]


def _apart(first: Run, second: Run) -> int:
    return max(first.start, second.start) - min(first.end, second.end)


def _turns(spoken: Sequence[Run], names: Sequence[int]) -> Diarisation:
    """Runs of one voice in one where hardly a pause is between."""
    last: dict[int, list[float]] = {}
    joined: list[tuple[list[float], int]] = []
    for run, name in zip(spoken, names, strict=True):
        onset_s, offset_s = _start_s(run.start), _start_s(run.end)
        if name in last and onset_s - last[name][1] <= _GAP_S:
            last[name][1] = max(last[name][1], offset_s)
        else:
            last[name] = [onset_s, offset_s]
            joined.append((last[name], name))
    long = [(a, b, name) for (a, b), name in joined if b - a >= _SHORTEST_S]
    order = {name: i for i, name in enumerate(dict.fromkeys(name for _, _, name in long))}
    return Diarisation(tuple(Turn(a, b, order[name]) for a, b, name in long), len(order))

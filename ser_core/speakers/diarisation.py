"""Who spoke when, in a sound of any length: windows of ten seconds, put together.

As in pyannote.audio's pipeline (Bredin 2023): a network says who speaks when within a window, every
voice of a window becomes a vector, vectors are grouped over all windows, and windows that overlap
vote frame by frame.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from ser_core.audio.clip import SAMPLE_RATE_HZ, AudioClip
from ser_core.speakers import filter_bank
from ser_core.speakers.clustering import clusters
from ser_core.speakers.embedding import embed
from ser_core.speakers.segmentation import (
    FIRST_FRAME_S,
    FRAME_S,
    FRAME_SAMPLES,
    FRAMES,
    VOICES,
    WINDOW_SAMPLES,
    activity,
    window_starts,
)

MOST_VOICES = 8
HOP_SAMPLES = 5 * SAMPLE_RATE_HZ
_LEAST_ALONE_S = 0.5  # less speech does not tell whose it is
_SURE_S = 1.5  # as much speech takes part in finding the groups
_THRESHOLD = 0.6
_LEAST_VOICE_S = 3.0
_GAP_S, _SHORTEST_S = 0.3, 0.1


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
    """

    turns: tuple[Turn, ...]
    voices: int

    @property
    def overlaps(self) -> tuple[tuple[float, float], ...]:
        """Where several voices speak at once."""
        found = []
        turns = self.turns
        for i, first in enumerate(turns):
            for other in turns[i + 1 :]:
                if other.onset_s >= first.offset_s:
                    break
                found.append((other.onset_s, min(first.offset_s, other.offset_s)))
        return tuple(found)


def diarise(
    clip: AudioClip,
    voices: int | None = None,
    progress: Callable[[float], None] | None = None,
) -> Diarisation:
    """Find who spoke when.

    Args:
        clip: 16 kHz sound.
        voices: how many there are, 1 to 8; None where that is to be found.
        progress: called with the share that is done.
    """
    starts = window_starts(clip.samples.size, HOP_SAMPLES)
    active = activity(clip.samples, starts, progress)
    heard, vectors, seconds = _vectors(clip.samples, starts, active)
    if not heard:
        return Diarisation((), 0)
    sure = seconds >= min(_SURE_S, seconds.max())
    groups = clusters(
        vectors[sure],
        seconds[sure] * HOP_SAMPLES / WINDOW_SAMPLES,
        voices,
        _THRESHOLD,
        _LEAST_VOICE_S,
        MOST_VOICES,
    )
    means = np.stack([vectors[sure][groups == g].mean(axis=0) for g in range(groups.max() + 1)])
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    scores = _voted(starts, active, _names(heard, vectors @ means.T), len(means))
    return _turns(scores)


Local = tuple[int, int]  # number of a window, and of a voice in it


def _vectors(
    samples: NDArray[np.float32], starts: list[int], active: NDArray[np.bool_]
) -> tuple[list[Local], NDArray[np.float32], NDArray[np.float64]]:
    """Voices of windows that speak long enough, their vectors and their seconds."""
    heard, vectors, seconds = [], [], []
    alone = active & (active.sum(axis=2, keepdims=True) == 1)
    for window, start in enumerate(starts):
        bands = filter_bank.log_mel_bands(samples[start : start + WINDOW_SAMPLES])
        frames = _frames_of(len(bands))
        for voice in range(VOICES):
            spoken = bands[alone[window, frames, voice]]
            length_s = len(spoken) * filter_bank.HOP_SAMPLES / SAMPLE_RATE_HZ
            if length_s >= _LEAST_ALONE_S:
                heard.append((window, voice))
                vectors.append(embed(spoken))
                seconds.append(length_s)
    return heard, np.array(vectors, np.float32), np.array(seconds)


def _frames_of(n_bands: int) -> NDArray[np.intp]:
    """The network's frame that lies nearest to each frame of the bands."""
    middles_s = (
        np.arange(n_bands) * filter_bank.HOP_SAMPLES + filter_bank.FRAME_SAMPLES / 2
    ) / SAMPLE_RATE_HZ
    return np.clip(np.rint((middles_s - FIRST_FRAME_S) / FRAME_S), 0, FRAMES - 1).astype(np.intp)


def _names(heard: list[Local], likeness: NDArray[np.float32]) -> dict[Local, int]:
    """The voice that each voice of a window is: two of a window are not the same."""
    rows: dict[int, list[int]] = {}
    for row, (window, _) in enumerate(heard):
        rows.setdefault(window, []).append(row)
    names: dict[Local, int] = {}
    voices = range(likeness.shape[1])
    for members in rows.values():
        several = len(members) <= len(voices)
        choices = permutations(voices, len(members)) if several else [likeness[members].argmax(1)]
        best = max(choices, key=lambda chosen: likeness[members, chosen].sum())
        names |= {heard[row]: int(voice) for row, voice in zip(members, best, strict=True)}
    return names


def _voted(
    starts: list[int], active: NDArray[np.bool_], names: dict[Local, int], voices: int
) -> NDArray[np.float64]:
    """Share of the windows, those weighing most that have a frame in their middle, by voice."""
    weights = np.hamming(FRAMES)
    votes = np.zeros((starts[-1] // FRAME_SAMPLES + FRAMES, voices))
    total = np.zeros((len(votes), 1))
    for window, start in enumerate(starts):
        frames = slice(start // FRAME_SAMPLES, start // FRAME_SAMPLES + FRAMES)
        total[frames, 0] += weights
        for voice in range(voices):
            locals_ = [v for v in range(VOICES) if names.get((window, v)) == voice]
            votes[frames, voice] += weights * active[window][:, locals_].any(axis=1)
    return votes / total


def _turns(votes: NDArray[np.float64]) -> Diarisation:
    found = []
    for voice, share in enumerate(votes.T):
        edges = np.flatnonzero(np.diff(np.concatenate([[0], share > 0.5, [0]])))
        times = (edges * FRAME_S + FIRST_FRAME_S - FRAME_S / 2).reshape(-1, 2).tolist()
        joined: list[list[float]] = []
        for onset, offset in times:
            if joined and onset - joined[-1][1] <= _GAP_S:
                joined[-1][1] = offset
            else:
                joined.append([onset, offset])
        found += [(a, b, voice) for a, b in joined if b - a >= _SHORTEST_S]
    found.sort()
    order = {voice: i for i, voice in enumerate(dict.fromkeys(voice for _, _, voice in found))}
    return Diarisation(tuple(Turn(a, b, order[v]) for a, b, v in found), len(order))

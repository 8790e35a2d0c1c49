"""Who speaks when within ten seconds: up to three voices, two of them at once.

The network is pyannote's segmentation-3.0 (MIT, see NOTICE.md; Plaquet & Bredin 2023, "Powerset
multi-class cross entropy loss for neural speaker diarization"). It names voices anew in every
window: `diarisation` finds out which are the same.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, permutations
from pathlib import Path

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from ser_core.audio.clip import SAMPLE_RATE_HZ
from ser_core.runtime import one_thread_session

MODEL_FILE = Path(__file__).with_name("segmentation.onnx")
WINDOW_SAMPLES = 10 * SAMPLE_RATE_HZ
FRAMES = 589  # of a window
FRAME_SAMPLES = 270
FRAME_S = FRAME_SAMPLES / SAMPLE_RATE_HZ
FIRST_FRAME_S = 0.0619375 / 2  # middle of what the first frame sees
VOICES = 3
_PAUSE_FRAMES = round(0.2 / FRAME_S)
# the network answers with one of the sets of at most two voices
_SETS = np.array(
    [
        [voice in chosen for voice in range(VOICES)]
        for size in (0, 1, 2)
        for chosen in combinations(range(VOICES), size)
    ]
)


@lru_cache(maxsize=1)
def _session() -> ort.InferenceSession:
    return one_thread_session(MODEL_FILE)


def window_starts(n_samples: int, hop_samples: int) -> list[int]:
    """First samples of windows that cover a sound, each on the grid of frames."""
    hop = hop_samples // FRAME_SAMPLES * FRAME_SAMPLES
    return [*range(0, max(n_samples - WINDOW_SAMPLES, 0) + hop, hop)]


def activity(
    samples: NDArray[np.float32], starts: list[int], tick: Callable[[float], None] | None = None
) -> NDArray[np.bool_]:
    """Which of three voices speak in every frame of every window.

    Args:
        samples: shape (n,), float32, 16 kHz; what lies beyond its end is silence.
        starts: first sample of each window.
        tick: called with the share of the windows that are done.

    Returns:
        Shape (windows, 589, 3). What a voice is called holds within its window alone.
    """
    active = np.zeros((len(starts), FRAMES, VOICES), np.bool_)
    for i, start in enumerate(starts):
        window = samples[start : start + WINDOW_SAMPLES]
        padded = np.pad(window, (0, WINDOW_SAMPLES - window.size))
        (scores,) = _session().run(None, {"x": padded[None, None]})
        active[i] = _SETS[scores[0].argmax(axis=1)]
        if tick:
            tick((i + 1) / len(starts))
    return active


def tracks(active: NDArray[np.bool_], starts: list[int]) -> NDArray[np.bool_]:
    """Windows in one: of each its middle, its voices called as in the one before where they agree.

    Args:
        active: from `activity`.
        starts: first sample of each window.

    Returns:
        Shape (frames, 3), frames of the whole sound. A track is one voice for a while, not for
        good: what a voice is called gets lost where it says nothing for seconds.
    """
    offsets = [start // FRAME_SAMPLES for start in starts]
    whole = np.zeros((offsets[-1] + FRAMES, VOICES), np.bool_)
    whole[:FRAMES] = active[0]
    for before, offset, window in zip(offsets, offsets[1:], active[1:], strict=False):
        shared = before + FRAMES - offset
        agreed = whole[offset : offset + shared].T.astype(int) @ window[:shared].astype(int)
        order = max(permutations(range(VOICES)), key=lambda p: agreed[range(VOICES), p].sum())
        middle = shared // 2
        whole[offset + middle : offset + FRAMES] = window[middle:, order]
    return whole


@dataclass(frozen=True, slots=True)
class Run:
    """What a track says without a pause: first frame, the one after the last, and the track."""

    start: int
    end: int
    track: int


def runs(whole: NDArray[np.bool_]) -> list[Run]:
    """Runs of all tracks, by time; a pause in which nobody else speaks must be long enough."""
    found = []
    silent = np.concatenate([[0], np.cumsum(~whole.any(axis=1))])
    for track in range(VOICES):
        edges = np.flatnonzero(np.diff(np.concatenate([[0], whole[:, track], [0]])))
        joined: list[list[int]] = []
        for start, end in edges.reshape(-1, 2).tolist():
            pause = start - joined[-1][1] if joined else _PAUSE_FRAMES
            if pause < _PAUSE_FRAMES and silent[start] - silent[joined[-1][1]] == pause:
                joined[-1][1] = end
            else:
                joined.append([start, end])
        found += [Run(start, end, track) for start, end in joined]
    return sorted(found, key=lambda run: (run.start, run.track))

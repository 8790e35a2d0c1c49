"""Why a model gave its answer: which moments it leaned on, and whether that can be believed."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ser_core.analysis.result import window_shares
from ser_core.analysis.timeline import Segment, Timeline, Window, top_of
from ser_core.audio.clip import AudioClip
from ser_core.bundles.model import Model
from ser_core.emotions import Emotion
from ser_core.errors import AudioError

PIECE_S = 0.25
DELETED_SHARE = 0.2  # of the sound, in the deletion check
DRAWS = 20
_MOST_POSITIONS = 31
_STEP_S = 0.08  # between positions where there are fewer
_EDGE_S = 0.02  # fades in and out: a sudden edge is a click, and clicks are sounds of their own
_LUCKY_SHARE = 0.1  # of the random draws may do as well as an explanation that is believed
_SEED = 7


@dataclass(frozen=True, slots=True)
class Deletion:
    """What silencing the pieces that matter most does, beside pieces drawn at random.

    Attributes:
        deleted_s: seconds silenced at once.
        drop: fall of the probability without the most important pieces, in points.
        random_drops: the same without as many random pieces, one per draw, in points.
    """

    deleted_s: float
    drop: float
    random_drops: tuple[float, ...]

    @property
    def random_drop(self) -> float:
        """Mean over the random draws, in points."""
        return float(np.mean(self.random_drops))

    @property
    def as_good(self) -> int:
        """How many of the random draws do as much."""
        return sum(drop >= self.drop for drop in self.random_drops)

    @property
    def better_than_chance(self) -> bool:
        """Whether at most a tenth of the random draws does as much."""
        return self.drop > 0 and self.as_good <= _LUCKY_SHARE * len(self.random_drops)


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """How much each moment of a window carries the probability of an emotion.

    Attributes:
        emotion: whose probability is explained.
        start_s: start of the window in the recording, in seconds.
        end_s: its end.
        probability: of the emotion in the untouched window.
        piece_s: length of the pieces that were silenced, in seconds.
        times_s: shape (n,), middles of the pieces in the recording, in seconds.
        drops: shape (n,), fall of the probability without each piece, in points; negative where
            the emotion became more probable.
        deletion: the check.
    """

    emotion: Emotion
    start_s: float
    end_s: float
    probability: float
    piece_s: float
    times_s: NDArray[np.float64]
    drops: NDArray[np.float64]
    deletion: Deletion

    @property
    def peak(self) -> tuple[float, float]:
        """Time in seconds and size in points of the greatest drop."""
        at = int(self.drops.argmax())
        return float(self.times_s[at]), float(self.drops[at])


def emotion_to_explain(segment: Segment) -> Emotion:
    """The answer, or the likeliest emotion of a segment that has none."""
    return segment.emotion or top_of(segment.probabilities)


def window_to_explain(timeline: Timeline, segment: Segment) -> Window:
    """The window behind a segment in which its emotion is most probable."""
    emotion = emotion_to_explain(segment)
    behind = (window for window, _ in window_shares(timeline, segment))
    return max(behind, key=lambda window: window.probabilities[emotion])


def explain(
    clip: AudioClip,
    model: Model,
    emotion: Emotion,
    start_s: float = 0.0,
    progress: Callable[[float], None] | None = None,
) -> Explanation:
    """Explain one window by occlusion, and check the explanation by deletion.

    Each short piece of sound is silenced in turn: what makes the probability fall is what the model
    leaned on (occlusion: Zeiler & Fergus 2014). Then a fifth of the sound is silenced at once, the
    pieces with the greatest drops first, and compared with random pieces (deletion: Petsiuk et al.
    2018). The draws are the same each time.

    Args:
        clip: the sound of the window, 16 kHz, at most model.card.window_s long.
        model: a loaded model.
        emotion: one of model.card.labels.
        start_s: where the window starts in the recording, in seconds.
        progress: called with the share done, in (0, 1].

    Raises:
        AudioError: if the clip is empty.
    """
    if not clip.samples.size:
        raise AudioError("There is no sound to explain. Choose another segment.")
    piece = min(round(PIECE_S * clip.sample_rate_hz), clip.samples.size)
    starts = _positions(clip.samples.size, piece, clip.sample_rate_hz)
    column, done, total = model.card.labels.index(emotion), 0, 2 + len(starts) + DRAWS

    def probability(silenced: Sequence[int]) -> float:
        nonlocal done
        sound = _without(clip, [(start, start + piece) for start in silenced])
        row = model.probabilities(sound)
        done += 1
        if progress:
            progress(done / total)
        return float(row[column])

    whole = probability([])
    drops = 100 * (whole - np.array([probability([start]) for start in starts]))
    count = max(round(DELETED_SHARE * clip.samples.size / piece), 1)
    rng = np.random.default_rng(_SEED)
    most_first = np.argsort(-drops, kind="stable")
    orders = [most_first, *(rng.permutation(len(starts)) for _ in range(DRAWS))]
    chosen = [_first_apart(starts[order], piece, count) for order in orders]
    # the greedy choice may find no room for the last piece: all choices get as many as the poorest
    count = min(map(len, chosen))
    first, *random = (100 * (whole - probability(some[:count])) for some in chosen)
    deletion = Deletion(count * piece / clip.sample_rate_hz, first, tuple(random))
    return Explanation(
        emotion,
        start_s,
        start_s + clip.duration_s,
        whole,
        piece / clip.sample_rate_hz,
        start_s + (starts + piece / 2) / clip.sample_rate_hz,
        drops,
        deletion,
    )


def _positions(size: int, piece: int, rate_hz: int) -> NDArray[np.int64]:
    """First samples of pieces that cover the sound evenly, overlapping."""
    room = size - piece
    count = min(int(np.ceil(room / (_STEP_S * rate_hz))) + 1, _MOST_POSITIONS)
    return np.unique(np.linspace(0, room, count).round().astype(np.int64))


def _first_apart(starts: Iterable[int], piece: int, count: int) -> list[int]:
    """The first `count` pieces that do not overlap an earlier one."""
    chosen: list[int] = []
    for start in map(int, starts):
        if len(chosen) < count and all(abs(start - other) >= piece for other in chosen):
            chosen.append(start)
    return chosen


def _without(clip: AudioClip, pieces: Sequence[tuple[int, int]]) -> NDArray[np.float32]:
    """The samples with some pieces faded to silence; raised cosines lie inside the pieces."""
    gain = np.ones(clip.samples.size, np.float32)
    for start, end in pieces:
        edge = min(round(_EDGE_S * clip.sample_rate_hz), (end - start) // 2)
        fade = 0.5 + 0.5 * np.cos(np.pi * (np.arange(edge) + 0.5) / max(edge, 1))
        gain[start:end] = 0
        gain[start : start + edge] = fade
        gain[end - edge : end] = fade[::-1]
    return clip.samples * gain

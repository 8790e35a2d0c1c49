"""A round of listening and guessing: which clips are played, and what was guessed."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

CLIPS = 10
_SPARE = 20  # for clips that cannot be played


@dataclass(frozen=True, slots=True)
class Clip:
    """A clip to guess.

    Attributes:
        name: of the clip; RAVDESS names say the emotion.
        corpus: name of its corpus.
        emotion: that was acted.
    """

    name: str
    corpus: str
    emotion: str


@dataclass(frozen=True, slots=True)
class Round:
    """A visitor's round; each step makes a new one.

    Attributes:
        seed: that it was drawn with.
        labels: the classes to choose from.
        size: how many clips are to be guessed.
        waiting: clips to come, the one that is played first; then spare ones.
        heard: clips that were guessed.
        guesses: class per clip in `heard`.
    """

    seed: int
    labels: tuple[str, ...]
    size: int
    waiting: tuple[Clip, ...]
    heard: tuple[Clip, ...] = ()
    guesses: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        """How many clips the round can have, now that some may have been skipped."""
        return min(self.size, len(self.heard) + len(self.waiting))

    @property
    def finished(self) -> bool:
        """Whether every clip was guessed."""
        return len(self.heard) == self.total

    def guess(self, label: str) -> "Round":
        """Say what the clip that is played sounds like."""
        first, *rest = self.waiting
        return replace(
            self,
            waiting=tuple(rest),
            heard=(*self.heard, first),
            guesses=(*self.guesses, label),
        )

    def skip(self) -> "Round":
        """Pass over the clip that is to be played; a spare one takes its place."""
        return replace(self, waiting=self.waiting[1:])


def drawn(rows: pd.DataFrame, labels: tuple[str, ...], seed: int) -> Round:
    """Draw the clips of a round: as many of each emotion as possible, in random order.

    Args:
        rows: to draw from, with the columns clip, speaker ("ravdess/01") and emotion.
        labels: the classes to choose from.
        seed: for the draw.
    """
    rng = np.random.default_rng(seed)
    shuffled = rows.iloc[rng.permutation(len(rows))]
    turns = shuffled.groupby("emotion").cumcount().to_numpy()
    dealt = shuffled.iloc[np.argsort(turns, kind="stable")[: CLIPS + _SPARE]]
    clips = [
        Clip(name, speaker.partition("/")[0], emotion)
        for name, speaker, emotion in zip(
            dealt["clip"], dealt["speaker"], dealt["emotion"], strict=True
        )
    ]
    size = min(CLIPS, len(clips))
    # dealt in turns, the last of eight emotions would be known before it is heard
    order = rng.permutation(size)
    return Round(seed, labels, size, tuple([*(clips[i] for i in order), *clips[size:]]))

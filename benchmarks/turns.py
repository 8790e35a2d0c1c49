"""Voices that take turns, known again by how they sound, while it goes on.

    python -m benchmarks.turns
    python -m benchmarks.turns --sessions 5   # a quick look

Sessions of acted clips, every emotion in turn, are heard an utterance after another as live sound
is. The distance at which two groups are two voices is chosen on two corpora and reported on the
third: the smallest at which of the sessions of one voice as many stay one as are wanted. What is
shipped was chosen on all three.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from benchmarks.arguments import positive, show
from benchmarks.dialogues import ROOMS, Plan, taking_turns
from ser_core.audio.clip import SAMPLE_RATE_HZ
from ser_core.corpora.splits import folds
from ser_core.speakers.known import SAFE_DISTANCE, KnownVoices, vector_of
from train.publish.tables import as_columns

CORPORA = ("emodb", "nemo", "ravdess")
UTTERANCES = {1: 10, 2: 12, 3: 12}  # of a session by its number of voices
DISTANCES = np.arange(0.44, 0.625, 0.01).round(2).tolist()
WANTED = 0.97  # of the sessions of one voice
_PAUSE_S = 1.0
_HEADER = ("corpus", "distance", "chosen on", "one stays one", "in the end", "two: at once")
_HEADER += ("in the end", "three: at once", "in the end")


@dataclass(frozen=True, slots=True)
class Session:
    """What is heard of voices that take turns: whose each utterance is, its length and vector."""

    speakers: tuple[str, ...]
    seconds: tuple[float, ...]
    vectors: tuple[NDArray[np.float32] | None, ...]

    @property
    def voices(self) -> int:
        """How many speak."""
        return len(set(self.speakers))


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a session was told: most voices at any time, voices in the end, and shares right."""

    most: int
    voices: int
    at_once: float
    in_the_end: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Build the sessions, hear them and show the table."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.turns",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--sessions", type=positive, default=40, help="of each kind and room")
    parser.add_argument("--corpora", nargs="+", choices=CORPORA, default=[*CORPORA])
    options = parser.parse_args(arguments)
    return show(lambda: benchmark(options.corpora, options.sessions))


def benchmark(corpora: Sequence[str], count: int) -> str:
    """The table as text."""
    heard = {corpus: [*sessions(corpus, count)] for corpus in corpora}
    rows = [_HEADER]
    for corpus in corpora:
        others = [other for other in corpora if other != corpus]
        if others:
            distance = chosen([each for other in others for each in heard[other]])
            rows.append(_row(corpus, heard[corpus], distance, " ".join(others)))
    rows += [_row(corpus, heard[corpus], SAFE_DISTANCE, "shipped") for corpus in corpora]
    rows += [_row(corpus, heard[corpus], None, "count told") for corpus in corpora]
    return f"{as_columns(rows)}\n\n{_HEARD.format(count=count * len(ROOMS))}"


_HEARD = """\
{count} sessions of each kind and corpus, half of them in a room. Of one voice: 10 utterances, share
of sessions in which no second voice was ever told, and is told in the end. Of two and three: 12
utterances, share of them that is given to the right voice as it ends, and when the session is over.
Count told: the number of voices is known.\
"""


def sessions(corpus: str, count: int) -> Iterator[Session]:
    """Sessions of one to three voices in each room."""
    speakers = tuple(speaker for fold in folds(corpus) for speaker in fold.test)
    for room, voices, seed in product(ROOMS, UTTERANCES, range(count)):
        said = taking_turns(Plan(corpus, speakers, voices, room, seed), UTTERANCES[voices])
        yield Session(
            tuple(speaker for speaker, _ in said),
            tuple(sound.size / SAMPLE_RATE_HZ for _, sound in said),
            tuple(vector_of(sound) for _, sound in said),
        )


def chosen(heard: Sequence[Session]) -> float:
    """The smallest distance at which enough sessions of one voice stay one."""
    alone = [each for each in heard if each.voices == 1]
    for distance in DISTANCES:
        if np.mean([told(each, distance).most == 1 for each in alone]) >= WANTED:
            return float(distance)
    return float(DISTANCES[-1])


def told(session: Session, distance: float | None) -> Outcome:
    """Hear a session; without a distance the number of its voices is known."""
    if distance is None:
        known = KnownVoices(session.voices, counted=True)
    else:
        known = KnownVoices(distance=distance)
    onset_s, most, at_once = 0.0, 0, []
    for seconds, vector in zip(session.seconds, session.vectors, strict=True):
        at_once.append(known.add(onset_s, onset_s + seconds, vector).name)
        most = max(most, len(known.voices))
        onset_s += seconds + _PAUSE_S
    names = [name for _, _, name in known.said]
    right = (right_share(session.speakers, at_once), right_share(session.speakers, names))
    return Outcome(most, len(known.voices), *right)


def right_share(speakers: Sequence[str], names: Sequence[str]) -> float:
    """Share of utterances whose voice is that of their speaker, in the best pairing."""
    pairs = Counter(zip(speakers, names, strict=True))
    voices = sorted(set(names))
    shared = np.array([[pairs[speaker, name] for name in voices] for speaker in set(speakers)])
    return float(shared[linear_sum_assignment(-shared)].sum() / len(speakers))


def _row(corpus: str, heard: Sequence[Session], distance: float | None, by: str) -> tuple[str, ...]:
    outcomes = [(each.voices, told(each, distance)) for each in heard]

    def share(name: str, voices: int) -> str:
        return f"{np.mean([getattr(o, name) for v, o in outcomes if v == voices]):.1%}"

    alone = [o for v, o in outcomes if v == 1]
    return (
        corpus,
        "" if distance is None else f"{distance:.2f}",
        by,
        f"{np.mean([o.most == 1 for o in alone]):.1%}" if distance is not None else "",
        f"{np.mean([o.voices == 1 for o in alone]):.1%}" if distance is not None else "",
        *(share(name, voices) for voices in (2, 3) for name in ("at_once", "in_the_end")),
    )


if __name__ == "__main__":
    sys.exit(main())

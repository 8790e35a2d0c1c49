"""What the face in a film looks like, over time."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ser_core.emotions import Emotion
from ser_core.faces.detector import Face, faces_in
from ser_core.faces.expression import LABELS, expression
from ser_core.faces.film import STEP_S, moments
from ser_core.faces.picture import Picture

CLEAR = 0.5  # probability of an expression; below, the face is not sure
NOT_CLEAR = "not clear"  # instead of an emotion
UNTESTED = (
    "The networks for faces are others', and nobody here has scored them: not on people who speak, "
    "whose lips move, nor by age, sex, skin, glasses, light or pose. Their probabilities are not "
    "calibrated. Of several faces the largest counts, whoever speaks."
)
Expressions = Mapping[Emotion, float]


@dataclass(frozen=True, slots=True)
class Look:
    """A moment of a film: half a second.

    Attributes:
        start_s: when it starts, on the clock of the sound.
        faces: how many are seen.
        face: the largest; None where none is seen.
        probabilities: of each expression of that face; empty where none is seen.
    """

    start_s: float
    faces: int = 0
    face: Face | None = None
    probabilities: Expressions = field(default_factory=dict)

    @property
    def end_s(self) -> float:
        """When it ends."""
        return self.start_s + STEP_S

    @property
    def emotion(self) -> Emotion | None:
        """What the face looks like; None where it is not clear, or no face is seen."""
        return clear(self.probabilities)


@dataclass(frozen=True, slots=True)
class Span:
    """Moments on end in which a face looks the same.

    Attributes:
        start_s: when it starts looking like that.
        end_s: when it ends.
        emotion: what it looks like; None where that is not clear.
    """

    start_s: float
    end_s: float
    emotion: Emotion | None


@dataclass(frozen=True, slots=True)
class FaceTrack:
    """What the face in a film looks like, over time.

    Attributes:
        looks: its moments in order; fewer than two a second where pictures are missing.
    """

    looks: tuple[Look, ...]

    @property
    def seen_share(self) -> float:
        """Share of the moments in which a face is seen, in [0, 1]."""
        return len(self.seen) / len(self.looks) if self.looks else 0.0

    @property
    def seen(self) -> tuple[Look, ...]:
        """The moments in which a face is seen."""
        return tuple(look for look in self.looks if look.face)

    @property
    def spans(self) -> list[Span]:
        """How long the face looks like what; there is none while no face is seen."""
        found: list[Span] = []
        for each in self.seen:
            last = found[-1] if found else None
            if last and last.end_s == each.start_s and last.emotion == each.emotion:
                found[-1] = replace(last, end_s=each.end_s)
            else:
                found.append(Span(each.start_s, each.end_s, each.emotion))
        return found

    def between(self, start_s: float, end_s: float) -> tuple[Look, ...]:
        """The moments with a face whose middle lies between two times."""
        return tuple(
            look for look in self.seen if start_s <= (look.start_s + look.end_s) / 2 < end_s
        )


def look(
    source: bytes | Path | str, name: str = "", progress: Callable[[float], None] | None = None
) -> FaceTrack:
    """Look at the faces in a film every half second, for its first 30 minutes.

    Of several faces it is the largest. How often the answers are right was not measured: see
    NOTICE.md beside the networks.

    Args:
        source: the file's bytes or its path.
        name: the name to use in messages; the path's own by default.
        progress: called with the share done; may raise `CancelledError`.

    Raises:
        AudioError: if there is no such file, or it is empty.
        FaceError: if it has no moving pictures, or none that can be read.
    """
    looks = []
    source = Path(source) if isinstance(source, str) else source
    for moment in moments(source, name):
        looks.append(_look(moment.nth * STEP_S, moment.picture))
        if progress:
            progress(moment.share)
    return FaceTrack(tuple(looks))


def mean_of(looks: Sequence[Look]) -> Expressions:
    """The mean probabilities of moments with a face; empty without any."""
    if not looks:
        return {}
    return {e: sum(each.probabilities[e] for each in looks) / len(looks) for e in LABELS}


def clear(probabilities: Expressions) -> Emotion | None:
    """The most probable expression, if it is clear."""
    top = max(probabilities, key=probabilities.__getitem__, default=None)
    return top if top and probabilities[top] >= CLEAR else None


def _look(start_s: float, picture: Picture) -> Look:
    faces = faces_in(picture)
    if not faces:
        return Look(start_s)
    largest = max(faces, key=lambda face: face.area)
    return Look(start_s, len(faces), largest, expression(picture, largest))

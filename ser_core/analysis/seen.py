"""The face beside the voice, and where the two disagree."""

from dataclasses import dataclass

from ser_core.analysis.said import CLEARLY, SOUNDS_NEGATIVE, SOUNDS_POSITIVE
from ser_core.analysis.timeline import Segment, Timeline
from ser_core.emotions import Emotion
from ser_core.faces.track import Expressions, FaceTrack, clear, mean_of

_FEWEST = 2  # moments with a face, to say anything of a segment


@dataclass(frozen=True, slots=True)
class Seen:
    """A segment of the voice, and the face at the same time.

    Attributes:
        segment: what the voice sounds like.
        probabilities: of each expression, on average; empty where hardly any face is seen.
    """

    segment: Segment
    probabilities: Expressions

    @property
    def emotion(self) -> Emotion | None:
        """What the face looks like; None where that is not clear."""
        return clear(self.probabilities)

    @property
    def disagrees(self) -> bool:
        """Whether the voice sounds positive and the face looks negative, or the other way round.

        Each has a sign where the emotions of that sign have a probability of 0.6 together and one
        of them is the answer. What is neutral, calm or surprised never disagrees, nor does what is
        not sure.
        """
        voice = _sign(self.segment.emotion, self.segment.probabilities)
        face = _sign(self.emotion, self.probabilities)
        return voice * face < 0


def seen_in(timeline: Timeline, track: FaceTrack) -> list[Seen]:
    """The segments of a timeline, each with the face at the same time."""
    found = []
    for segment in timeline.segments:
        looks = track.between(segment.start_s, segment.end_s)
        found.append(Seen(segment, mean_of(looks) if len(looks) >= _FEWEST else {}))
    return found


def _sign(emotion: Emotion | None, probabilities: Expressions) -> int:
    """1 for positive, -1 for negative, 0 for neither."""
    for sign, emotions in ((1, SOUNDS_POSITIVE), (-1, SOUNDS_NEGATIVE)):
        together = sum(probabilities.get(each, 0.0) for each in emotions)
        if emotion in emotions and together >= CLEARLY:
            return sign
    return 0

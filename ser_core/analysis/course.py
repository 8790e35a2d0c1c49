"""How a recording goes: which emotions follow one another."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ser_core.analysis.timeline import Timeline
from ser_core.emotions import Emotion

MOST_PARTS = 8  # more of them are no sequence that anybody follows
_BRIEF_S, _BRIEF_SHARE = 1.0, 0.05  # of the speech; less is no part of its own
_CLEAR_SHARE = 0.6  # of the speech that the parts must hold
_OFTEN_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch with one emotion; pauses and what is brief or unsure may lie inside.

    Attributes:
        emotion: what it sounds like.
        start_s: its start.
        end_s: its end.
        speech_s: seconds of speech in it that sound so.
    """

    emotion: Emotion
    start_s: float
    end_s: float
    speech_s: float


def course_of(timeline: Timeline) -> tuple[Part, ...]:
    """The parts of a recording by time; none where they would not tell how it goes."""
    least_s = max(_BRIEF_S, _BRIEF_SHARE * timeline.speech_s)
    named = (
        Part(s.emotion, s.start_s, s.end_s, s.duration_s)
        for s in timeline.segments
        if s.emotion is not None
    )
    parts = _joined(part for part in _joined(named) if part.speech_s >= least_s)
    clear = sum(part.speech_s for part in parts) >= _CLEAR_SHARE * timeline.speech_s
    return tuple(parts) if clear and 2 <= len(parts) <= MOST_PARTS else ()


def longest(parts: tuple[Part, ...], count: int) -> tuple[Part, ...]:
    """The parts with the most speech, by time."""
    kept = sorted(parts, key=lambda part: -part.speech_s)[:count]
    return tuple(part for part in parts if part in kept)


def frequent(timeline: Timeline) -> list[Emotion]:
    """The emotions that hold much of the speech, the longest first."""
    seconds = timeline.seconds_per_answer().items()
    return [e for e, s in seconds if e is not None and s >= _OFTEN_SHARE * timeline.speech_s]


def _joined(parts: Iterable[Part]) -> list[Part]:
    joined: list[Part] = []
    for part in parts:
        last = joined[-1] if joined else None
        if last is not None and last.emotion == part.emotion:
            speech_s = last.speech_s + part.speech_s
            joined[-1] = replace(last, end_s=part.end_s, speech_s=speech_s)
        else:
            joined.append(part)
    return joined

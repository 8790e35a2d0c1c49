"""What a voice sounded like over time: the one result type of the command line and the pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from ser_core.emotions import Emotion

DOMINANT_SHARE = 0.6  # of the speech; below it no emotion stands for the whole sound

Probabilities = Mapping[Emotion, float]


@dataclass(frozen=True, slots=True)
class Window:
    """One judged stretch of sound. Times in seconds; probabilities sum to 1."""

    start_s: float
    end_s: float
    probabilities: Probabilities

    @property
    def top(self) -> Emotion:
        """The most probable emotion."""
        return top_of(self.probabilities)


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of one utterance with one answer; emotion is None where the model is not sure."""

    start_s: float
    end_s: float
    emotion: Emotion | None
    probabilities: Probabilities

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.end_s - self.start_s

    @property
    def confidence(self) -> float:
        """Probability of the most probable emotion."""
        return max(self.probabilities.values())


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer in one line.

    Attributes:
        kind: "sounds" (one emotion), "mixed" (it changes), "not_sure", "no_speech".
        emotion: set for "sounds" alone.
        confidence: probability of the emotion, else of the most probable one; None without speech.
        probabilities: mean over the speech; empty without speech.
    """

    kind: Literal["sounds", "mixed", "not_sure", "no_speech"]
    emotion: Emotion | None
    confidence: float | None
    probabilities: Probabilities


@dataclass(frozen=True, slots=True)
class Timeline:
    """The result for one sound and one model.

    Attributes:
        model: name of the model.
        duration_s: length of the sound.
        utterances: onset and offset of each utterance, in seconds.
        windows: every judged window, by time.
        segments: the utterances cut where the answer changes.
    """

    model: str
    duration_s: float
    utterances: tuple[tuple[float, float], ...]
    windows: tuple[Window, ...]
    segments: tuple[Segment, ...]

    @property
    def speech_s(self) -> float:
        """Seconds of speech."""
        return sum(offset - onset for onset, offset in self.utterances)

    def seconds_per_answer(self) -> dict[Emotion | None, float]:
        """Seconds of speech per emotion, longest first; None counts the unsure stretches."""
        seconds: dict[Emotion | None, float] = {}
        for segment in self.segments:
            seconds[segment.emotion] = seconds.get(segment.emotion, 0.0) + segment.duration_s
        return dict(sorted(seconds.items(), key=lambda item: -item[1]))

    @property
    def verdict(self) -> Verdict:
        """One answer for the whole sound."""
        if not self.segments:
            return Verdict("no_speech", None, None, {})
        mean = weighted_mean([(s.probabilities, s.duration_s) for s in self.segments])
        emotion, seconds = next(iter(self.seconds_per_answer().items()))
        if seconds < DOMINANT_SHARE * self.speech_s:
            return Verdict("mixed", None, max(mean.values()), mean)
        if emotion is None:
            return Verdict("not_sure", None, max(mean.values()), mean)
        return Verdict("sounds", emotion, mean[emotion], mean)


def top_of(probabilities: Probabilities) -> Emotion:
    """The most probable emotion."""
    return max(probabilities, key=probabilities.__getitem__)


def weighted_mean(parts: Sequence[tuple[Probabilities, float]]) -> dict[Emotion, float]:
    """Mean of probabilities, each with a weight; the weights need not sum to 1."""
    total = sum(weight for _, weight in parts)
    return {e: sum(p[e] * weight for p, weight in parts) / total for e in parts[0][0]}


def segments_of(
    windows: Sequence[Window], onset_s: float, offset_s: float, threshold: float
) -> list[Segment]:
    """Cut an utterance into segments of one answer.

    Each window speaks for the time that is nearer to its middle than to any other window's;
    neighbours with the same answer are joined.

    Args:
        windows: the windows of the utterance, by time.
        onset_s: start of the utterance.
        offset_s: end of the utterance.
        threshold: below this top probability a window's answer is "not sure".
    """
    middles = [(w.start_s + w.end_s) / 2 for w in windows]
    cuts = [onset_s, *((a + b) / 2 for a, b in pairwise(middles)), offset_s]
    segments: list[Segment] = []
    for window, (start_s, end_s) in zip(windows, pairwise(cuts), strict=True):
        sure = window.probabilities[window.top] >= threshold
        part = Segment(start_s, end_s, window.top if sure else None, window.probabilities)
        if segments and segments[-1].emotion == part.emotion:
            segments[-1] = _join(segments[-1], part)
        else:
            segments.append(part)
    return segments


def _join(a: Segment, b: Segment) -> Segment:
    mean = weighted_mean([(a.probabilities, a.duration_s), (b.probabilities, b.duration_s)])
    return Segment(a.start_s, b.end_s, a.emotion, mean)

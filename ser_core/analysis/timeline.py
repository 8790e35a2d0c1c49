"""What a voice sounded like over time: the one result type of the command line and the pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Literal

import numpy as np

from ser_core.bundles.temperature import tempered
from ser_core.emotions import Emotion

UNLIKE = (
    "This recording is unlike the voices that the model learned from: another microphone, room, "
    "language or way of speaking. Its answers are more often wrong here than its scores say."
)
STUCK = (
    "Nearly all of it got one answer, in a recording unlike those that the model learned from: "
    "that is more likely the model's mistake than one emotion throughout."
)
MANY, NEARLY_ALL = 5, 0.8  # utterances; share of the speech with one answer
DOMINANT_SHARE = 0.6  # of the speech; below it no emotion stands for the whole sound

Probabilities = Mapping[Emotion, float]
if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Window:
    """A piece of sound with the answer of a model.

    Attributes:
        start_s: its start.
        end_s: its end.
        probabilities: of each emotion; they sum to 1.
    """

    start_s: float
    end_s: float
    probabilities: Probabilities

    @property
    def top(self) -> Emotion:
        """The most probable emotion."""
        return top_of(self.probabilities)


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of one utterance with one answer.

    Attributes:
        start_s: its start.
        end_s: its end.
        emotion: None where the model is not sure.
        probabilities: of each emotion.
        voice: whose it is, in a conversation.
    """

    start_s: float
    end_s: float
    emotion: Emotion | None
    probabilities: Probabilities
    voice: str | None = None

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
        windows: every scored window, by time.
        segments: the utterances cut where the answer changes.
        temperature: of the model.
        abstain_threshold: of the model; below it the answer is "not sure".
        adapted_to: known utterances of the voice that was heard last, those of earlier sounds of
            its session among them; 0 where none was heard against others.
        distance: mean square of the vectors' deviations from what was learned; None where the
            model gives no vector.
        unlike_above: of the model; a greater distance is unlike what was learned.
    """

    model: str
    duration_s: float
    utterances: tuple[tuple[float, float], ...]
    windows: tuple[Window, ...]
    segments: tuple[Segment, ...]
    temperature: float = 1.0
    abstain_threshold: float = 0.0
    adapted_to: int = 0
    distance: float | None = None
    unlike_above: float | None = None

    @property
    def unlike(self) -> bool:
        """Whether the sound is unlike what the model learned from."""
        if self.distance is None or self.unlike_above is None:
            return False
        return self.distance > self.unlike_above

    @property
    def cautions(self) -> tuple[str, ...]:
        """What makes its answers doubtful, in sentences."""
        if not self.unlike:
            return ()
        most = max((s for e, s in self.seconds_per_answer().items() if e), default=0.0)
        stuck = len(self.utterances) >= MANY and most >= NEARLY_ALL * self.speech_s
        return (STUCK,) if stuck else (UNLIKE,)

    @property
    def speech_s(self) -> float:
        """Seconds of speech."""
        return sum(offset - onset for onset, offset in self.utterances)

    def seconds_per_answer(self) -> dict[Emotion | None, float]:
        """Seconds of speech per emotion, longest first; None counts the unsure segments."""
        seconds: dict[Emotion | None, float] = {}
        for segment in self.segments:
            seconds[segment.emotion] = seconds.get(segment.emotion, 0.0) + segment.duration_s
        return dict(sorted(seconds.items(), key=lambda item: -item[1]))

    def to_frame(self) -> "pd.DataFrame":
        """A row per segment.

        Its columns: start_s, end_s, emotion (None: not sure), confidence, `p_<emotion>`.
        """
        import pandas as pd  # not needed by who asks for no table

        columns = ["start_s", "end_s", "emotion", "confidence", *(f"p_{e}" for e in Emotion)]
        rows = [
            (s.start_s, s.end_s, s.emotion, s.confidence, *map(s.probabilities.get, Emotion))
            for s in self.segments
        ]
        return pd.DataFrame(rows, columns=columns)

    @property
    def verdict(self) -> Verdict:
        """One answer for the whole sound.

        It rests on the mean over the speech, as scores do: only the top class of that mean is ever
        named, where it is also what most of the speech was answered with and probable enough.
        """
        if not self.segments:
            return Verdict("no_speech", None, None, {})
        mean = pooled([(s.probabilities, s.duration_s) for s in self.segments], self.temperature)
        top, seconds = top_of(mean), self.seconds_per_answer()
        dominates, unsure = (
            seconds.get(answer, 0.0) >= DOMINANT_SHARE * self.speech_s for answer in (top, None)
        )
        if dominates and mean[top] >= self.abstain_threshold:
            return Verdict("sounds", top, mean[top], mean)
        return Verdict("not_sure" if dominates or unsure else "mixed", None, mean[top], mean)


def top_of(probabilities: Probabilities) -> Emotion:
    """The most probable emotion."""
    return max(probabilities, key=probabilities.__getitem__)


def pooled(
    parts: Sequence[tuple[Probabilities, float]], temperature: float = 1.0
) -> dict[Emotion, float]:
    """Mean of calibrated probabilities, taken where the temperature was fitted.

    A temperature is fitted to the mean of what the network says of a sound's windows, and windows
    are tempered one by one: so the mean is one of untempered probabilities, tempered again.

    Args:
        parts: probabilities, each with a weight; the weights need not sum to 1.
        temperature: of the model that gave them.
    """
    if len(parts) == 1:
        return dict(parts[0][0])
    labels = list(parts[0][0])
    rows = np.array([[p[label] for label in labels] for p, _ in parts])
    raw = tempered(rows, 1 / temperature)
    mean = np.average(raw, axis=0, weights=[weight for _, weight in parts])
    return dict(zip(labels, tempered(mean, temperature).tolist(), strict=True))


def spans(
    windows: Sequence[Window], start_s: float, end_s: float
) -> list[tuple[Window, float, float]]:
    """Start and end of what each window speaks for: the time nearer to its middle than to others'.

    Args:
        windows: by time.
        start_s: where the first one's span starts.
        end_s: where the last one's ends.
    """
    middles = [(w.start_s + w.end_s) / 2 for w in windows]
    cuts = [start_s, *((a + b) / 2 for a, b in pairwise(middles)), end_s]
    return [(w, a, b) for w, (a, b) in zip(windows, pairwise(cuts), strict=True)]


def segments_of(
    windows: Sequence[Window],
    onset_s: float,
    offset_s: float,
    threshold: float,
    temperature: float = 1.0,
) -> list[Segment]:
    """Cut an utterance into segments of one answer: neighbours that answer alike are joined.

    Args:
        windows: the windows of the utterance, by time.
        onset_s: start of the utterance.
        offset_s: end of the utterance.
        threshold: below this top probability a window's answer is "not sure".
        temperature: of the model.
    """

    def answer(span: tuple[Window, float, float]) -> Emotion | None:
        window = span[0]
        return window.top if window.probabilities[window.top] >= threshold else None

    segments = []
    for emotion, group in groupby(spans(windows, onset_s, offset_s), answer):
        run = list(group)
        mean = pooled([(w.probabilities, b - a) for w, a, b in run], temperature)
        segments.append(Segment(run[0][1], run[-1][2], emotion, mean))
    return segments

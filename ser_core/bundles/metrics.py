"""The scores of a model: what `metrics.json` says. Shares are fractions, not percent."""

from typing import ClassVar

from msgspec import field

from ser_core.bundles.files import BundleFile, Count, Interval, Part, Positive, ScoreName, Share
from ser_core.emotions import Emotion
from ser_core.protocols import Protocol


class Scores(Part, frozen=True):
    """Unweighted average recall and weighted accuracy."""

    ua: Share
    wa: Share


class FoldScores(Part, frozen=True):
    """Scores of one fold, numbered from 1, and whom it tested."""

    fold: int
    ua: Share
    wa: Share
    test_speakers: tuple[str, ...]


class ProtocolScores(Scores, frozen=True, omit_defaults=True):
    """What a model scored under one protocol.

    Attributes:
        macro_f1: mean of F1 over the classes.
        ci95: ends of the 95 % intervals over speakers.
        per_class_recall: of each class that was tested.
        folds: the same scores of each fold.
        clips: tested clips.
        seed: of training and of the intervals.
        train_wa: WA on what was learned from.
        unvoiced_fallback: tested clips without speech, which were judged as one window.
    """

    macro_f1: Share
    ci95: dict[ScoreName, Interval]
    per_class_recall: dict[Emotion, Share]
    folds: tuple[FoldScores, ...]
    clips: Count
    seed: int
    train_wa: Share
    unvoiced_fallback: Count

    @property
    def named(self) -> dict[ScoreName, float]:
        """The three scores by their names."""
        return {"ua": self.ua, "wa": self.wa, "macro_f1": self.macro_f1}


class Calibration(Part, frozen=True):
    """How well a probability says how often it is right.

    Attributes:
        temperature: of the shipped model.
        ece_before: expected calibration error of tested clips without the temperature.
        ece_after: with it.
        coverage_accuracy: share of clips answered, their accuracy, and the probability from which
            they are answered.
    """

    temperature: Positive
    ece_before: Share
    ece_after: Share
    coverage_accuracy: tuple[tuple[Share, Share, Share], ...] = ()


class LeftOutSpeakers(Scores, frozen=True):
    """Trained once per speaker, on all others."""

    ci95: dict[ScoreName, Interval]


class SessionScores(Part, frozen=True):
    """UA on other recordings where a model has heard earlier utterances of the same speaker.

    Attributes:
        mix: of their emotions: balanced, skewed (a few lead) or mostly neutral.
        earlier: how many there were.
        ua: mean over several such sessions of every clip.
        ci95: ends of its 95 % interval over speakers.
    """

    mix: str
    earlier: Count
    ua: Share
    ci95: tuple[Share, ...] = ()


class OtherRecordings(Scores, frozen=True):
    """What a model scored on a corpus that it did not learn from, each clip by itself.

    Attributes:
        ci95: ends of the 95 % intervals over speakers.
        classes: that the corpus and what was learned from have in common.
        clips: of these classes.
        learned_from: names of the corpora.
        ece: expected calibration error, 15 bins.
        answered: share of clips that are not "not sure".
        answered_wa: share of these that are named rightly.
        most_given: share of clips that get the most frequent answer.
        sessions: the same clips after earlier utterances; empty where a model does not adapt.
    """

    ci95: dict[ScoreName, Interval]
    classes: tuple[Emotion, ...]
    clips: Count
    learned_from: tuple[str, ...]
    ece: Share
    answered: Share
    answered_wa: Share
    most_given: Share
    sessions: tuple[SessionScores, ...] = ()

    def after(self, earlier: int, mix: str = "balanced") -> float | None:
        """UA after so many earlier utterances; None where that was not measured."""
        found = [s.ua for s in self.sessions if (s.mix, s.earlier) == (mix, earlier)]
        return found[0] if found else None


class Latency(Part, frozen=True):
    """Time of one window in ms, features and network."""

    median: Positive
    p95: Positive
    threads: Count
    machine: str


class Metrics(BundleFile, frozen=True, kw_only=True, omit_defaults=True):
    """What metrics.json says of a model; a part that was not run is absent.

    Attributes:
        model: its name.
        protocols: the leading one first.
        calibration: under the leading protocol.
        robustness: per condition (`ser_core.bundles.robustness`).
        other_recordings: per corpus of which the model, or its recipe, learned nothing.
        leave_one_speaker_out: of the scored corpus, where that was measured.
        parameters: trainable numbers.
        size_bytes: of model.onnx.
        latency_ms: where the model was made.
    """

    FILE: ClassVar[str] = "metrics.json"
    COMMAND: ClassVar[str] = "python -m train fit {name}"

    model: str
    protocols: dict[Protocol, ProtocolScores]
    calibration: Calibration
    robustness: dict[str, Scores] = field(default_factory=dict)
    other_recordings: dict[str, OtherRecordings] = field(default_factory=dict)
    leave_one_speaker_out: LeftOutSpeakers | None = None
    parameters: Count
    size_bytes: Count
    latency_ms: Latency

    def elsewhere(self, earlier: int = 0) -> float | None:
        """Mean UA over other recordings, alone or after earlier utterances; None without any."""
        rows = self.other_recordings.values()
        found = [s.after(earlier) if earlier else s.ua for s in rows]
        known = [ua for ua in found if ua is not None]
        return sum(known) / len(known) if known and len(known) == len(found) else None

    @property
    def leading(self) -> Protocol:
        """The protocol that gave epochs and calibration of the shipped model."""
        return next(iter(self.protocols))

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


class Rounding(Part, frozen=True):
    """UA before weights were rounded to 8 bits, and how often the top class stayed."""

    ua: Share
    same_top_class: Share


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
        before_rounding: of weights that are rounded; None where they are not.
    """

    macro_f1: Share
    ci95: dict[ScoreName, Interval]
    per_class_recall: dict[Emotion, Share]
    folds: tuple[FoldScores, ...]
    clips: Count
    seed: int
    train_wa: Share
    unvoiced_fallback: Count
    before_rounding: Rounding | None = None

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


class CrossCorpusScores(Scores, frozen=True):
    """Trained on one corpus, tested on another among the classes of both."""

    ci95: dict[ScoreName, Interval]
    classes: tuple[Emotion, ...]
    clips: Count
    epochs: Count


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
        cross_corpus: per "trained -> tested".
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
    cross_corpus: dict[str, CrossCorpusScores] = field(default_factory=dict)
    parameters: Count
    size_bytes: Count
    latency_ms: Latency

    @property
    def leading(self) -> Protocol:
        """The protocol that gave epochs and calibration of the shipped model."""
        return next(iter(self.protocols))

"""The card of a model: what `card.json` says of it."""

from typing import ClassVar

from msgspec import field

from ser_core.bundles.files import BundleFile, Count, Part, Positive, Setting, Share
from ser_core.emotions import Emotion
from ser_core.features.config import FEATURE_CODE_VERSION, FeatureConfig

_UNWRITTEN = "Not written yet."


class TrainingCorpus(Part, frozen=True):
    """A corpus that a model learned from, and how much of it."""

    name: str
    title: str
    licence: str
    clips: Count
    speakers: Count


class ModelCard(BundleFile, frozen=True, kw_only=True):
    """What `card.json` says of a model; the weights are checked by `verified_onnx`.

    Attributes:
        name: folder name, as given to the command line.
        title: name on the pages.
        family: kind of network, in words.
        labels: labels[i] names output column i; each emotion once, in any order.
        features: settings of the feature code.
        feature_fingerprint: of the features at export.
        onnx_sha256: of model.onnx, in hex.
        parameters: trainable numbers.
        window_s: most sound that the model scores at once, in seconds.
        hop_s: distance of windows in longer utterances, in seconds.
        corpora: what it learned from.
        recipe: the settings of the training run.
        command: the line that trains the model again.
        temperature: divides the logits; above 1 it makes the model less sure.
        abstain_threshold: below this top probability the answer is "not sure".
        unlike_above: mean square of a vector's deviations above which a sound is unlike what was
            learned; None where the model gives no such vector.
        intended_use: for whom and what.
        limits: what the model cannot do.
        licence: of the weights.
    """

    FILE: ClassVar[str] = "card.json"
    COMMAND: ClassVar[str] = "python -m train fit {name}"

    name: str
    title: str
    family: str
    labels: tuple[Emotion, ...]
    features: FeatureConfig
    feature_fingerprint: str
    onnx_sha256: str
    parameters: Count
    window_s: Positive = 3.0
    hop_s: Positive = 1.0
    corpora: tuple[TrainingCorpus, ...] = ()
    recipe: dict[str, Setting] = field(default_factory=dict)
    command: str = _UNWRITTEN
    temperature: Positive = 1.0
    abstain_threshold: Share = 0.0
    unlike_above: Positive | None = None
    intended_use: str = _UNWRITTEN
    limits: str = _UNWRITTEN
    licence: str = _UNWRITTEN

    def __post_init__(self) -> None:
        """Refuse what no type can say."""
        if sorted(self.labels) != sorted(Emotion):
            raise ValueError("its labels are not the eight emotions, each once")
        if self.features.version != FEATURE_CODE_VERSION:
            raise ValueError(
                f"it needs feature code {self.features.version}, this is {FEATURE_CODE_VERSION}"
            )
        if self.features.fingerprint() != self.feature_fingerprint:
            raise ValueError("its feature settings were edited")

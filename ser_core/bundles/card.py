"""The card of a model: what `card.json` says of it."""

import json
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from ser_core.emotions import Emotion
from ser_core.errors import ModelError
from ser_core.features.config import FEATURE_CODE_VERSION, FeatureConfig

SCHEMA = 1
_UNWRITTEN = "Not written yet."


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What `card.json` says of a model.

    Attributes:
        name: folder name, as given to the command line.
        title: name on the pages.
        family: kind of network, in words.
        labels: labels[i] names output column i.
        features: settings of the feature code.
        feature_fingerprint: of the features at export.
        window_s: longest stretch that the model judges at once, in seconds.
        hop_s: distance of windows in longer utterances, in seconds.
        onnx_sha256: of model.onnx, in hex.
        parameters: trainable numbers.
        corpora: name, title, licence, clips and speakers of each training corpus.
        recipe: the settings of the training run.
        command: the line that trains the model again.
        temperature: divides the logits; above 1 it makes the model less sure.
        abstain_threshold: below this top probability the answer is "not sure".
        intended_use: for whom and what.
        limits: what the model cannot do.
        licence: of the weights.
    """

    name: str
    title: str
    family: str
    labels: tuple[Emotion, ...]
    features: FeatureConfig
    feature_fingerprint: str
    onnx_sha256: str
    parameters: int
    window_s: float = 3.0
    hop_s: float = 1.0
    corpora: list[dict[str, Any]] = field(default_factory=list)
    recipe: dict[str, Any] = field(default_factory=dict)
    command: str = _UNWRITTEN
    temperature: float = 1.0
    abstain_threshold: float = 0.0
    intended_use: str = _UNWRITTEN
    limits: str = _UNWRITTEN
    licence: str = _UNWRITTEN

    def save(self, folder: Path) -> None:
        """Write card.json into a bundle folder."""
        content = {"schema": SCHEMA, **asdict(self)}
        text = json.dumps(content, indent=2, ensure_ascii=False)
        (folder / "card.json").write_text(text + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> "ModelCard":
        """Read and check the card of a bundle; the weights are checked by `verified_onnx`.

        Raises:
            ModelError: if the card is missing, not understood, edited by hand or made for other
                feature code.
        """
        name, content = folder.name, read_json(folder / "card.json")
        again = f"Train it again: python -m train fit {name}"
        if content.pop("schema", None) != SCHEMA:
            raise ModelError(f"Model '{name}' has a card of an unknown form. {again}")
        if unknown := content.keys() - {f.name for f in fields(cls)}:
            raise ModelError(f"The card of model '{name}' has unknown entries {unknown}. {again}")
        try:
            content["features"] = FeatureConfig(**content["features"])
            content["labels"] = tuple(Emotion(label) for label in content["labels"])
            card = cls(**content)
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError(
                f"The card of model '{name}' is incomplete ({error}). {again}"
            ) from error
        if card.features.version != FEATURE_CODE_VERSION:
            raise ModelError(
                f"Model '{name}' needs feature code {card.features.version}, this is "
                f"{FEATURE_CODE_VERSION}. {again}"
            )
        if card.features.fingerprint() != card.feature_fingerprint:
            raise ModelError(f"The feature settings of model '{name}' were edited. {again}")
        return card


def read_json(path: Path) -> dict[str, Any]:
    """The object in a JSON file of a bundle.

    Raises:
        ModelError: if there is none.
    """
    name = path.parent.name
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(content, dict):
            raise ValueError("not an object")
        return content
    except FileNotFoundError as error:
        raise ModelError(
            f"Model '{name}' has no {path.name}. Make it: python -m train fit {name}"
        ) from error
    except (OSError, ValueError) as error:
        raise ModelError(
            f"The {path.name} of model '{name}' cannot be read. "
            f"Make it again: python -m train fit {name}"
        ) from error

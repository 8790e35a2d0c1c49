"""Model bundles: the folder that training writes and serving reads, checked before it is used."""

import hashlib
import json
import os
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import pandas as pd

from ser_core.bundle_checks import check_metrics, check_predictions
from ser_core.emotions import Emotion
from ser_core.errors import ModelError
from ser_core.features import FEATURE_CODE_VERSION, FeatureConfig

SCHEMA = 1
MODELS_DIR = Path(os.environ.get("SER_MODELS_DIR") or Path(__file__).parents[1] / "models")
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
        name, content = folder.name, _read_json(folder / "card.json")
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


def verified_onnx(folder: Path, card: ModelCard) -> bytes:
    """The bytes of model.onnx, if they are the ones that the card describes.

    Raises:
        ModelError: if the file is missing or altered.
    """
    again = f"Restore it, or train it again: python -m train fit {card.name}"
    try:
        content = (folder / "model.onnx").read_bytes()
    except OSError as error:
        raise ModelError(f"Model '{card.name}' has no model.onnx. {again}") from error
    if hashlib.sha256(content).hexdigest() != card.onnx_sha256:
        raise ModelError(f"The model.onnx of '{card.name}' was altered. {again}")
    return content


def load_metrics(folder: Path) -> dict[str, Any]:
    """The content of metrics.json (fractions, not percent).

    Raises:
        ModelError: if it is missing, of an unknown schema or with entries of another form.
    """
    metrics = _read_json(folder / "metrics.json")
    again = f"Make them again: python -m train fit {folder.name}"
    if metrics.get("schema") != SCHEMA:
        raise ModelError(f"The metrics of model '{folder.name}' have an unknown form. {again}")
    try:
        check_metrics(metrics)
    except ValueError as error:
        raise ModelError(
            f"The metrics of model '{folder.name}' do not fit: {error}. {again}"
        ) from error
    return metrics


def load_predictions(folder: Path) -> pd.DataFrame:
    """One row per clip and protocol: clip facts, fold, true and predicted emotion, p_<emotion>.

    Raises:
        ModelError: if predictions.parquet is missing, unreadable or holds what does not fit.
    """
    try:
        table = pd.read_parquet(folder / "predictions.parquet")
    except (OSError, ValueError) as error:
        raise ModelError(
            f"Model '{folder.name}' has no readable predictions. "
            f"Make them: python -m train fit {folder.name}"
        ) from error
    try:
        check_predictions(table)
    except ValueError as error:
        raise ModelError(
            f"The predictions of model '{folder.name}' do not fit: {error}. "
            f"Make them again: python -m train fit {folder.name}"
        ) from error
    return table


def available(models_dir: Path = MODELS_DIR) -> list[str]:
    """Names of the bundles in a folder, best speaker-independent UA first, unscored last."""

    def ua(name: str) -> float:
        try:
            metrics = load_metrics(models_dir / name)
            return float(metrics["protocols"]["speaker_independent"]["ua"])
        except (ModelError, KeyError, TypeError):
            return -1.0

    found = (path.parent.name for path in models_dir.glob("*/card.json"))
    names = sorted(name for name in found if not name.startswith("."))  # those are being written
    return sorted(names, key=ua, reverse=True)


def _read_json(path: Path) -> dict[str, Any]:
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

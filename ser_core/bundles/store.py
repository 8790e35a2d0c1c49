"""Model bundles: the folder that training writes and serving reads, checked before it is used."""

import hashlib
import os
from pathlib import Path
from typing import Any

import pandas as pd

from ser_core.bundles.card import SCHEMA, ModelCard, read_json
from ser_core.bundles.checks import check_metrics, check_predictions
from ser_core.errors import ModelError

MODELS_DIR = Path(os.environ.get("SER_MODELS_DIR") or Path(__file__).parents[2] / "models")


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
    metrics = read_json(folder / "metrics.json")
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

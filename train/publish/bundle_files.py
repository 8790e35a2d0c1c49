"""The files of a bundle that hold its scores."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ser_core.bundles.card import SCHEMA, ModelCard
from ser_core.bundles.model import EmotionModel
from ser_core.bundles.store import load_metrics, load_predictions
from ser_core.evaluation.scores import coverage_accuracy
from train.protocol import evaluate
from train.protocol.adaptation import measure_voice
from train.protocol.run import Outcome
from train.publish import card_text

_HISTORY_COLUMNS = [
    "protocol",
    "fold",
    "epoch",
    "train_loss",
    "val_loss",
    "train_accuracy",
    "val_accuracy",
]


def write_results(
    bundle: Path, outcomes: dict[str, Outcome], across: dict[str, dict[str, object]]
) -> None:
    """Write metrics, predictions, training history and README beside a bundle's model and card.

    And voice.json, where the corpus has enough folds and neutral clips to measure it.

    Args:
        bundle: folder with model.onnx and card.json.
        outcomes: per protocol, the leading one first.
        across: scores on other corpora, see `train.protocol.cross_corpus`.
    """
    model, leading = EmotionModel(bundle), next(iter(outcomes.values()))
    scores = {
        "schema": SCHEMA,
        "model": model.card.name,
        "protocols": {protocol: outcome.metrics for protocol, outcome in outcomes.items()},
        "calibration": leading.calibration,
        **({"robustness": leading.robustness} if leading.robustness else {}),
        **({"cross_corpus": across} if across else {}),
        "parameters": model.card.parameters,
        "size_bytes": (bundle / "model.onnx").stat().st_size,
        "latency_ms": evaluate.latency_ms(model),
    }
    predictions = pd.concat([o.predictions for o in outcomes.values()], ignore_index=True)
    predictions.to_parquet(bundle / "predictions.parquet", index=False, compression="zstd")
    history = pd.concat([o.history for o in outcomes.values()], ignore_index=True)
    history[_HISTORY_COLUMNS].to_csv(bundle / "history.csv", index=False, float_format="%.5f")
    if voice := measure_voice(predictions):
        voice.save(bundle)
    _write_scores(bundle, scores)


def measure(bundle: Path) -> None:
    """Time a bundle again; training on a busy machine may have measured the other work.

    Whatever follows from its predictions, the limits in its card, and its README, are written anew
    as well.
    """
    card = ModelCard.load(bundle)
    replace(card, limits=card_text.limits(card.corpora)).save(bundle)
    model = EmotionModel(bundle)
    _write_scores(bundle, load_metrics(bundle) | {"latency_ms": evaluate.latency_ms(model)})


def _write_scores(bundle: Path, scores: dict[str, Any]) -> None:
    scores["calibration"]["coverage_accuracy"] = _coverage(bundle, next(iter(scores["protocols"])))
    text = json.dumps(scores, indent=2, ensure_ascii=False, allow_nan=False)
    (bundle / "metrics.json").write_text(text + "\n", encoding="utf-8")
    card_text.write_readme(bundle)


def _coverage(bundle: Path, protocol: str) -> list[list[float]]:
    """The curve of the leading protocol's clips, to four digits."""
    table = load_predictions(bundle)
    table = table[table.protocol == protocol]
    truth = [evaluate.PROBABILITY_COLUMNS.index(f"p_{e}") for e in table.emotion]
    curve = coverage_accuracy(table[evaluate.PROBABILITY_COLUMNS].to_numpy(np.float64), truth)
    return [[round(value, 4) for value in point] for point in curve]

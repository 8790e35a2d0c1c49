"""The files of a bundle that hold its scores."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from msgspec.structs import replace

from ser_core.bundles.card import ModelCard
from ser_core.bundles.metrics import LeftOutSpeakers, Metrics, OtherRecordings
from ser_core.bundles.model import EmotionModel
from ser_core.bundles.predictions import FILE, load_predictions
from ser_core.evaluation.curves import coverage
from ser_core.evaluation.predictions import Predictions
from ser_core.protocols import Protocol
from train.protocol import evaluate
from train.protocol.other_recordings import other_recordings
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
_COVERAGE_POINTS = 20


def write_results(
    bundle: Path,
    outcomes: Mapping[Protocol, Outcome],
    other: dict[str, OtherRecordings],
    left_out: LeftOutSpeakers | None = None,
) -> None:
    """Write metrics, predictions, training history and README beside a bundle's model and card.

    Args:
        bundle: folder with model.onnx and card.json.
        outcomes: per protocol, the leading one first.
        other: scores on other corpora, see `train.protocol.other_recordings`.
        left_out: with each speaker left out in turn, where that was measured.
    """
    model, leading = EmotionModel(bundle), next(iter(outcomes.values()))
    metrics = Metrics(
        model=model.card.name,
        protocols={protocol: outcome.scores for protocol, outcome in outcomes.items()},
        calibration=leading.calibration,
        robustness=leading.robustness,
        other_recordings=other,
        leave_one_speaker_out=left_out,
        parameters=model.card.parameters,
        size_bytes=(bundle / "model.onnx").stat().st_size,
        latency_ms=evaluate.latency_ms(model),
    )
    predictions = pd.concat([o.predictions for o in outcomes.values()], ignore_index=True)
    predictions.to_parquet(bundle / FILE, index=False, compression="zstd")
    history = pd.concat([o.history for o in outcomes.values()], ignore_index=True)
    history[_HISTORY_COLUMNS].to_csv(bundle / "history.csv", index=False, float_format="%.5f")
    _write_metrics(bundle, metrics)


def measure(bundle: Path) -> None:
    """Time a bundle again; training on a busy machine may have measured the other work.

    Whatever follows from its predictions, the words in its card, and its README, are written anew
    as well.
    """
    card = ModelCard.load(bundle)
    family = card_text.FAMILIES.get(card.name, card.family)
    replace(card, family=family, limits=card_text.limits(card.corpora)).save(bundle)
    model = EmotionModel(bundle)
    latency_ms = evaluate.latency_ms(model)
    _write_metrics(bundle, replace(Metrics.load(bundle), latency_ms=latency_ms))


def test_elsewhere(bundle: Path) -> None:
    """Score a bundle anew on the corpora at hand that it did not learn from, as it is."""
    metrics = Metrics.load(bundle)
    found = metrics.other_recordings | other_recordings(bundle)
    _write_metrics(bundle, replace(metrics, other_recordings=found))


def _write_metrics(bundle: Path, metrics: Metrics) -> None:
    coverage = _coverage(bundle, metrics.leading)
    calibration = replace(metrics.calibration, coverage_accuracy=coverage)
    replace(metrics, calibration=calibration).save(bundle)
    card_text.write_readme(bundle)


def _coverage(bundle: Path, protocol: Protocol) -> tuple[tuple[float, float, float], ...]:
    """The curve of the leading protocol's clips at every twentieth of them, to four digits."""
    table = load_predictions(bundle)
    curve = coverage(Predictions.of(table[table.protocol == protocol]))
    wanted = np.arange(1, _COVERAGE_POINTS + 1) / _COVERAGE_POINTS - 1e-9
    at = np.unique(np.searchsorted(curve.answered, wanted))
    points = np.stack([curve.answered[at], curve.accuracy[at], curve.confidence[at]], axis=1)
    return tuple((n, right, least) for n, right, least in points.round(4).tolist())

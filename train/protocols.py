"""The two protocols: which rows learn, which choose, which are scored."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.model_selection import train_test_split

from ser_core.corpora.splits import folds
from ser_core.inference import EmotionModel
from ser_core.metrics import expected_calibration_error, weighted_accuracy
from train import calibration, evaluate
from train.config import TrainConfig
from train.data import Row
from train.fit import Part, Run, predict, train_network

RANDOM_SEED = 42  # of the split itself, so that every model and seed is scored on the same clips
TEST_SHARE = 0.2
VALIDATION_SHARE = 0.125  # of the training part of the random split

Indices = NDArray[np.int64]
Export = Callable[[Run, Path], None]


@dataclass(frozen=True, slots=True)
class Split:
    """Row numbers of three disjoint parts."""

    fold: int
    train: Indices
    validation: Indices
    test: Indices


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one protocol gave.

    Attributes:
        predictions: one line per tested clip.
        metrics: its entry in metrics.json.
        history: one line per fold and epoch.
        best_epochs: per fold.
        temperature: of the shipped model, fitted on the validation predictions of all splits.
        abstain_threshold: their 20 % quantile of calibrated confidence.
        calibration: its entry in metrics.json, measured on the tested clips.
    """

    predictions: pd.DataFrame
    metrics: dict[str, object]
    history: pd.DataFrame
    best_epochs: list[int]
    temperature: float
    abstain_threshold: float
    calibration: dict[str, float]


def speaker_splits(rows: list[Row], corpus: str, max_folds: int = 0) -> list[Split]:
    """One split per fold of the corpus, by speaker."""
    speakers = np.array([row.record.speaker for row in rows])

    def of(names: tuple[str, ...]) -> Indices:
        return np.flatnonzero(np.isin(speakers, names))

    chosen = folds(corpus)[: max_folds or None]
    return [Split(f.number, of(f.train), of(f.validation), of(f.test)) for f in chosen]


def random_splits(truth: NDArray[np.int64]) -> list[Split]:
    """One stratified 80/20 split over clips; each speaker is on both sides, on purpose."""
    rest, test = train_test_split(
        np.arange(truth.size), test_size=TEST_SHARE, stratify=truth, random_state=RANDOM_SEED
    )
    train, validation = train_test_split(
        rest, test_size=VALIDATION_SHARE, stratify=truth[rest], random_state=RANDOM_SEED
    )
    return [Split(1, np.sort(train), np.sort(validation), np.sort(test))]


def run_protocol(
    protocol: str,
    splits: list[Split],
    cfg: TrainConfig,
    rows: list[Row],
    features: Part,
    export: Export,
    work_dir: Path,
) -> Outcome:
    """Train and score every split of a protocol.

    Only validation rows choose anything: the epoch and the temperature of each split from its own,
    the shipped model's temperature and threshold from those of all splits.

    Args:
        protocol: its name.
        splits: its splits.
        cfg: the settings.
        rows: all clips.
        features: of all clips, in the same order.
        export: writes the bundle of a run into a folder; raises where it is not faithful.
        work_dir: folder for the bundles of the splits.
    """
    runs, train_wa, validation, raw, tables, unvoiced = [], [], [], [], [], []
    for split in splits:
        learnt = features.take(first_of_each(split.train, features.truth, cfg.max_per_class))
        bundle = work_dir / f"{protocol}_{split.fold}"
        run = train_network(cfg, learnt, features.take(split.validation), label=bundle.name)
        export(run, bundle)
        predicted = predict(run.model, learnt.features[1.0]).argmax(axis=1)
        train_wa.append(weighted_accuracy(learnt.truth, predicted))
        chosen_by = _score(split.validation, rows, bundle, f"{bundle.name} validation")[0]
        # its own validation rows alone: other folds' ones hold predictions for this fold's tests
        temperature = calibration.fit_temperature(chosen_by, features.truth[split.validation])
        p, silent = _score(split.test, rows, bundle, f"{bundle.name} test")
        tested = [rows[i] for i in split.test]
        calibrated = calibration.tempered(p, temperature)
        tables.append(evaluate.prediction_table(tested, calibrated, protocol, split.fold))
        runs.append(run)
        validation.append(chosen_by)
        raw.append(p)
        unvoiced += silent
    pooled, truth = np.concatenate(validation), _truth(features, [s.validation for s in splits])
    temperature = calibration.fit_temperature(pooled, truth)
    threshold = calibration.abstain_threshold(calibration.tempered(pooled, temperature))
    predictions = pd.concat(tables, ignore_index=True)
    truth = _truth(features, [s.test for s in splits])
    calibrated = predictions[evaluate.PROBABILITY_COLUMNS].to_numpy(np.float64)
    scores = evaluate.protocol_metrics(predictions, cfg.seed)
    return Outcome(
        predictions,
        scores | {"train_wa": float(np.mean(train_wa)), "unvoiced_fallback": len(unvoiced)},
        pd.concat([_history(r, protocol, s) for r, s in zip(runs, splits, strict=True)]),
        [run.best_epoch for run in runs],
        temperature,
        threshold,
        {
            "temperature": temperature,
            "ece_before": expected_calibration_error(np.concatenate(raw), truth),
            "ece_after": expected_calibration_error(calibrated, truth),
        },
    )


def first_of_each(rows: Indices, truth: NDArray[np.int64], limit: int) -> Indices:
    """At most so many rows of each class, in order; all of them for 0."""
    if not limit:
        return rows
    return np.sort(np.concatenate([rows[truth[rows] == c][:limit] for c in np.unique(truth)]))


def _score(
    chosen: Indices, rows: list[Row], bundle: Path, label: str
) -> tuple[NDArray[np.float64], list[str]]:
    return evaluate.served_probabilities([rows[i] for i in chosen], EmotionModel(bundle), label)


def _truth(features: Part, parts: list[Indices]) -> NDArray[np.int64]:
    return features.truth[np.concatenate(parts)]


def _history(run: Run, protocol: str, split: Split) -> pd.DataFrame:
    return pd.DataFrame(run.history).assign(protocol=protocol, fold=split.fold)

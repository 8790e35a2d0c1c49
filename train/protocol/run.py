"""The two protocols: which rows learn, which choose, which are scored."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.model_selection import train_test_split

from ser_core.bundles.metrics import Calibration, ProtocolScores, Scores
from ser_core.bundles.model import EmotionModel
from ser_core.bundles.robustness import CLEAN
from ser_core.bundles.temperature import tempered
from ser_core.corpora.registry import get
from ser_core.corpora.splits import folds
from ser_core.errors import CorpusError
from ser_core.evaluation.curves import reliability
from ser_core.evaluation.predictions import Predictions
from ser_core.protocols import Protocol
from train.data.rows import Row
from train.experiment import Experiment
from train.learners.types import Run
from train.protocol import evaluate, robustness, temperature_scaling

RANDOM_SEED = 42  # of the split itself, so that every model and seed is scored on the same clips
TEST_SHARE = 0.2
VALIDATION_SHARE = 0.125  # of the training part of the random split
MIN_CLIPS = 10

Indices = NDArray[np.int64]


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
        scores: its entry in metrics.json.
        history: one line per fold and epoch.
        best_epochs: per fold.
        temperature: of the shipped model, fitted on the validation predictions of all splits.
        abstain_threshold: their 20 % quantile of calibrated confidence.
        calibration: its entry in metrics.json, measured on the tested clips.
        robustness: its entry in metrics.json; empty where it was not measured.
    """

    predictions: pd.DataFrame
    scores: ProtocolScores
    history: pd.DataFrame
    best_epochs: list[int]
    temperature: float
    abstain_threshold: float
    calibration: Calibration
    robustness: dict[str, Scores]


@dataclass(frozen=True, slots=True)
class Scored:
    """What one split gave.

    Attributes:
        split: the split.
        run: the training run that chose the epoch.
        validation: served probabilities of the validation clips, uncalibrated, shape (v, k).
        raw: the same of the tested clips, shape (n, k).
        table: one line per tested clip, with calibrated probabilities.
        train_wa: WA on what was learned from.
        unvoiced: tested clips without speech.
        disturbed: per condition, uncalibrated probabilities of some tested clips, shape (m, k).
    """

    split: Split
    run: Run
    validation: NDArray[np.float64]
    raw: NDArray[np.float64]
    table: pd.DataFrame
    train_wa: float
    unvoiced: list[str]
    disturbed: dict[str, NDArray[np.float64]]


def speaker_splits(rows: list[Row], corpus: str, max_folds: int = 0) -> list[Split]:
    """One split per fold of the corpus, by speaker."""
    speakers = np.array([row.record.speaker for row in rows])

    def of(names: tuple[str, ...]) -> Indices:
        return np.flatnonzero(np.isin(speakers, names))

    chosen = folds(corpus)[: max_folds or None]
    return [Split(f.number, of(f.train), of(f.validation), of(f.test)) for f in chosen]


def random_splits(truth: NDArray[np.int64], twins: Sequence[Sequence[int]] = ()) -> list[Split]:
    """One stratified 80/20 split over clips; each speaker is on both sides, on purpose.

    Args:
        truth: class of each row.
        twins: rows with the same sound, which stay on one side.

    Raises:
        CorpusError: if there are too few clips to split.
    """
    first = np.arange(truth.size)
    for group in twins:
        first[list(group)] = group[0]
    sounds = np.unique(first)
    require_clips(sounds.size)
    rest, test = _halved(sounds, truth, TEST_SHARE)
    parts = (*_halved(rest, truth, VALIDATION_SHARE), test)
    return [Split(1, *(np.flatnonzero(np.isin(first, part)) for part in parts))]


def twin_rows(rows: Sequence[Row], corpus: str) -> list[list[int]]:
    """Numbers of the rows that hold the same sound."""
    number = {row.record.path: i for i, row in enumerate(rows)}
    twins = ([number[path] for path in group if path in number] for group in get(corpus).twins)
    return [group for group in twins if group]


def require_clips(count: int) -> None:
    """Refuse a random split of next to nothing.

    Raises:
        CorpusError: if there are too few clips.
    """
    if count < MIN_CLIPS:
        raise CorpusError(
            f"{count} clips are too few to learn from and to test on at random. Add some: it takes "
            f"{MIN_CLIPS} at least, and hundreds for a score that means something."
        )


def _halved(rows: Indices, truth: NDArray[np.int64], share: float) -> list[Indices]:
    """Two parts of some rows, with as much of each class as there is to give."""
    of = truth[rows]
    counts = np.bincount(of)
    counts = counts[counts > 0]
    every_class = counts.min() > 1 and round(share * rows.size) >= counts.size
    return train_test_split(
        rows, test_size=share, stratify=of if every_class else None, random_state=RANDOM_SEED
    )


def run_protocol(
    protocol: Protocol,
    splits: list[Split],
    experiment: Experiment,
    work_dir: Path,
    temperature: float | None = None,
) -> Outcome:
    """Train and score every split of a protocol.

    Only validation rows choose anything: the epoch and the temperature of each split from its own,
    the shipped model's temperature and threshold from those of all splits.

    Args:
        protocol: its name.
        splits: its splits.
        experiment: the model and the clips.
        work_dir: folder for the bundles of the splits.
        temperature: where it was chosen elsewhere; then it is every split's.
    """
    scored = []
    for split in splits:
        folder = work_dir / f"{protocol}_{split.fold}"
        scored.append(_score_split(protocol, split, experiment, folder, temperature))
    truth = _truth(experiment, [s.validation for s in splits])
    pooled = np.concatenate([s.validation for s in scored])
    temperature = temperature or temperature_scaling.fit_temperature(pooled, truth)
    threshold = temperature_scaling.abstain_threshold(tempered(pooled, temperature))
    predictions = pd.concat([s.table for s in scored], ignore_index=True)
    truth = _truth(experiment, [s.test for s in splits])
    calibrated = predictions[evaluate.PROBABILITY_COLUMNS].to_numpy(np.float64)
    raw = np.concatenate([s.raw for s in scored])
    return Outcome(
        predictions,
        evaluate.protocol_scores(
            predictions,
            experiment.cfg.seed,
            float(np.mean([s.train_wa for s in scored])),
            sum(len(s.unvoiced) for s in scored),
        ),
        pd.concat(
            [_history(s.run, protocol, split) for s, split in zip(scored, splits, strict=True)]
        ),
        [s.run.best_epoch for s in scored],
        temperature,
        threshold,
        Calibration(
            temperature,
            _ece(truth, raw),
            _ece(truth, calibrated),
        ),
        _robustness(scored, experiment),
    )


def _ece(truth: Indices, probabilities: NDArray[np.float64]) -> float:
    return reliability(Predictions.of_probabilities(truth, probabilities)).error


def _robustness(scored: list[Scored], experiment: Experiment) -> dict[str, Scores]:
    conditions = scored[0].disturbed
    if not conditions:
        return {}
    every = experiment.cfg.robustness
    truth = _truth(experiment, [s.split.test[::every] for s in scored])
    answers = {c: np.concatenate([s.disturbed[c] for s in scored]) for c in conditions}
    return robustness.summary(answers, truth)


def _score_split(
    protocol: Protocol,
    split: Split,
    experiment: Experiment,
    folder: Path,
    temperature: float | None,
) -> Scored:
    """Choose the epoch and the temperature by the validation rows, then learn from them as well."""
    cfg, rows, part, label = experiment.cfg, experiment.rows, experiment.part, folder.name
    learnt = first_of_each(split.train, part.truth, cfg.max_per_class)
    run = experiment.train(part.take(learnt), part.take(split.validation), label=label)
    experiment.export(run, folder)
    chosen_by, _ = _score(split.validation, rows, folder, f"{label} validation")
    # its own validation rows alone: other folds' ones hold predictions for this fold's tests
    temperature = temperature or temperature_scaling.fit_temperature(
        chosen_by, part.truth[split.validation]
    )
    final = run
    if cfg.refit:
        everyone = np.sort(np.concatenate([split.train, split.validation]))
        learnt = first_of_each(everyone, part.truth, cfg.max_per_class)
        final = experiment.train(part.take(learnt), epochs=run.best_epoch, label=f"{label} refit")
        experiment.export(final, folder)
    raw, unvoiced = _score(split.test, rows, folder, f"{label} test")
    tested = [rows[i] for i in split.test]
    table = evaluate.prediction_table(tested, tempered(raw, temperature), protocol, split.fold)
    predicted = final.predict(part.take(learnt).plain).argmax(axis=1)
    train_wa = float(np.mean(part.truth[learnt] == predicted))
    disturbed = {}
    if cfg.robustness and protocol == Protocol.SPEAKER_INDEPENDENT:
        voices = robustness.Voices.of(rows)
        some = slice(None, None, cfg.robustness)
        disturbed = robustness.answers(tested[some], folder, voices, f"{label} disturbed")
        disturbed = {CLEAN: raw[some]} | disturbed
    return Scored(split, run, chosen_by, raw, table, train_wa, unvoiced, disturbed)


def first_of_each(rows: Indices, truth: NDArray[np.int64], limit: int) -> Indices:
    """At most so many rows of each class, in order; all of them for 0."""
    if not limit:
        return rows
    return np.sort(np.concatenate([rows[truth[rows] == c][:limit] for c in np.unique(truth)]))


def _score(
    chosen: Indices, rows: list[Row], bundle: Path, label: str
) -> tuple[NDArray[np.float64], list[str]]:
    return evaluate.served_probabilities([rows[i] for i in chosen], EmotionModel(bundle), label)


def _truth(experiment: Experiment, parts: list[Indices]) -> NDArray[np.int64]:
    return experiment.part.truth[np.concatenate(parts)]


def _history(run: Run, protocol: Protocol, split: Split) -> pd.DataFrame:
    return pd.DataFrame(run.history).assign(protocol=protocol.value, fold=split.fold)

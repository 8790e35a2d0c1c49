"""The leak lab: two common mistakes of published scores, switched on one at a time.

{clips split at random, whole speakers split} x {oversampled before, after the split}. Only the
order of splitting and copying differs.
"""

from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ser_core.bundles.leak_lab import (
    Cell,
    LeakLab,
    ModelLeak,
    Oversampled,
    Score,
)
from ser_core.corpora.registry import SCORED
from ser_core.errors import ModelError
from ser_core.evaluation.scores import confusion, scores_of
from ser_core.protocols import Protocol
from train.config import TrainConfig
from train.experiment import Experiment
from train.learners.keras_run import oversampled
from train.learners.types import CLASSES
from train.protocol.run import Split, first_of_each, random_splits, speaker_splits

ORDERS: tuple[Oversampled, ...] = ("before", "after")
METHOD = (
    "The random split takes 80 % of the rows for training (an eighth of them chooses the epoch) "
    "and 20 % for testing, stratified, seed 42; the speaker-independent rows are the six folds, "
    "pooled. Oversampling repeats random clips of the rarer classes, here the neutral ones, until "
    "all classes are as frequent; done before a random split, it puts copies of tested clips into "
    "training. Between whole speakers it cannot, as a copy stays with its speaker; it only changes "
    "how often a clip counts. The recipe is the plain one of the bootcamp project, without varied "
    "copies, teachers, other corpora or learning once more from the validation rows. Scores are "
    "those of the trained model on the features of all speech of a clip, not of an exported file "
    "on its windows."
)

Indices = NDArray[np.int64]


def run_lab(
    models: dict[str, TrainConfig], command: str, out_dir: Path, root: Path | None = None
) -> Path:
    """Run the four cells of some models and write leak_lab.json; results of others stay.

    Args:
        models: settings per model.
        command: the line that does this again.
        out_dir: folder of the bundles.
        root: folder of the corpus; the default one if None.

    Returns:
        The written file.

    Raises:
        CorpusError: if the corpus is missing.
    """
    try:
        found = LeakLab.load(out_dir).models
    except ModelError:  # there is none, or one of another version
        found = {}
    for name, cfg in models.items():
        cfg = replace(cfg, extra_corpora=())
        experiment = Experiment.load(cfg, SCORED, root)
        cells = tuple(
            run_cell(experiment, protocol, order)
            for protocol in (Protocol.RANDOM_SPLIT, Protocol.SPEAKER_INDEPENDENT)
            for order in ORDERS
        )
        found = found | {name: ModelLeak(command, asdict(cfg), cells)}
        path = LeakLab(SCORED, METHOD, found).save(out_dir)
    return path


def run_cell(experiment: Experiment, protocol: Protocol, order: Oversampled) -> Cell:
    """Train on every split of one protocol and score its test rows, all splits pooled."""
    rows = rows_before_split(experiment.part.truth, order, experiment.cfg.seed)
    splits = splits_of(experiment, protocol, rows)
    answers = [_answers(experiment, rows, s, f"{protocol} {order} {s.fold}") for s in splits]
    tested, predicted = (np.concatenate(x) for x in zip(*answers, strict=True))
    truth = experiment.part.truth[rows[tested]]
    original = tested < experiment.part.truth.size  # oversampling appends its copies
    return Cell(
        protocol,
        order,
        _score(truth, predicted),
        _score(truth[original], predicted[original]),
        sum(int(np.isin(rows[s.test], rows[s.train]).sum()) for s in splits),
    )


def rows_before_split(truth: Indices, order: Oversampled, seed: int) -> Indices:
    """Row numbers of the corpus as they are split: each once, then the copies, if made before."""
    return oversampled(truth, seed) if order == "before" else np.arange(truth.size)


def splits_of(experiment: Experiment, protocol: Protocol, rows: Indices) -> list[Split]:
    """Splits of positions in `rows`."""
    if protocol == Protocol.RANDOM_SPLIT:
        return random_splits(experiment.part.truth[rows])
    records = [experiment.rows[i] for i in rows]
    return speaker_splits(records, SCORED, experiment.cfg.max_folds)


def _answers(
    experiment: Experiment, rows: Indices, split: Split, label: str
) -> tuple[Indices, Indices]:
    """Tested positions and what a model trained on this split says of them.

    Both orders oversample the training rows (again, where copies were made before): by then that
    adds the few rows that the split took from a class.
    """
    part, cfg = experiment.part, experiment.cfg
    learnt = first_of_each(split.train, part.truth[rows], cfg.max_per_class)
    learnt = learnt[oversampled(part.truth[rows[learnt]], cfg.seed)]
    run = experiment.train(part.take(rows[learnt]), part.take(rows[split.validation]), label=label)
    return split.test, run.predict(part.take(rows[split.test]).plain).argmax(axis=1)


def _score(truth: Indices, predicted: Indices) -> Score:
    found = scores_of(confusion(truth, predicted, CLASSES))
    return Score(float(found["ua"]), float(found["wa"]), truth.size)

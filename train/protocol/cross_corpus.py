"""How far a model carries: trained on all of one corpus, tested on all of another.

No extra corpus takes part, so the tested speakers, rooms and sentences are new to the model. Only
classes that both corpora have are tested; probabilities of the others are dropped.
"""

import logging
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ser_core.bundles.metrics import CrossCorpusScores
from ser_core.bundles.model import EmotionModel
from ser_core.corpora.index.reading import find_root
from ser_core.corpora.registry import get, names
from ser_core.emotions import Emotion
from ser_core.evaluation.intervals import estimates
from ser_core.evaluation.predictions import Predictions
from train.data.rows import LABELS, Row
from train.experiment import Experiment
from train.protocol import evaluate
from train.protocol.run import first_of_each, speaker_splits

_LOG = logging.getLogger(__name__)


def cross_corpus(experiment: Experiment, epochs: int) -> dict[str, CrossCorpusScores]:
    """Both directions between the experiment's corpus and each other one on this machine.

    A corpus that is for tests alone is only tested on.

    Args:
        experiment: the model and its own corpus.
        epochs: how long to train on that corpus, chosen by its validation speakers. On another
            corpus it is the median over that one's own folds: the tested corpus chooses nothing.

    Returns:
        Per "trained -> tested" its entry in metrics.json; without entry where a corpus is missing.
    """
    here = replace(experiment, extra=None)
    home, result = here.rows[0].record.corpus, {}
    for name in names():
        if name == home:
            continue
        if find_root(name) is None:
            _LOG.warning("%s is not on this machine, so nothing is tested across corpora.", name)
            continue
        there = Experiment.load(replace(here.cfg, extra_corpora=()), name)
        result[f"{home} -> {name}"] = _across(here, there, epochs)
        if get(name).info.trains:
            result[f"{name} -> {home}"] = _across(there, here, _own_epochs(there))
    return result


def shared_classes(one: str, other: str) -> list[Emotion]:
    """Emotions that two corpora have in common, in display order."""
    both = set(get(one).info.classes) & set(get(other).info.classes)
    return [emotion for emotion in Emotion if emotion in both]


def scores(
    probabilities: NDArray[np.float64], rows: list[Row], classes: list[Emotion], epochs: int
) -> CrossCorpusScores:
    """Scores among some classes, on the clips of these classes alone.

    Args:
        probabilities: shape (n, k), columns as in LABELS.
        rows: the n clips.
        classes: those that count.
        epochs: of the training run.
    """
    chosen = [i for i, row in enumerate(rows) if row.record.emotion in classes]
    columns = [LABELS.index(emotion) for emotion in classes]
    predictions = Predictions.of_probabilities(
        [classes.index(rows[i].record.emotion) for i in chosen],
        probabilities[np.ix_(chosen, columns)],
        [rows[i].record.speaker for i in chosen],
        classes,
    )
    found = estimates(predictions)
    return CrossCorpusScores(
        found["ua"].value,
        found["wa"].value,
        {"ua": found["ua"].ends} if found["ua"].ends else {},
        tuple(classes),
        len(chosen),
        epochs,
    )


def _across(source: Experiment, target: Experiment, epochs: int) -> CrossCorpusScores:
    """Train on all of one, test on the other as it is served."""
    trained, tested = (e.rows[0].record.corpus for e in (source, target))
    label = f"{trained} to {tested}"
    run = source.train(source.part.take(_learnt(source)), epochs=epochs, label=label)
    with tempfile.TemporaryDirectory(prefix="ser-cross-") as work:
        bundle = Path(work) / source.cfg.model
        source.export(run, bundle)
        model = EmotionModel(bundle)
        probabilities, _ = evaluate.served_probabilities(target.rows, model, f"{label} test")
    return scores(probabilities, target.rows, shared_classes(trained, tested), epochs)


def _own_epochs(experiment: Experiment) -> int:
    """Median best epoch over a corpus' folds, chosen by their validation speakers."""
    part, cfg = experiment.part, experiment.cfg
    corpus = experiment.rows[0].record.corpus
    best = []
    for split in speaker_splits(experiment.rows, corpus, cfg.max_folds):
        learnt = first_of_each(split.train, part.truth, cfg.max_per_class)
        label = f"{corpus} fold {split.fold}"
        run = experiment.train(part.take(learnt), part.take(split.validation), label=label)
        best.append(run.best_epoch)
    return round(float(np.median(best)))


def _learnt(experiment: Experiment) -> NDArray[np.int64]:
    everyone = np.arange(len(experiment.rows))
    return first_of_each(everyone, experiment.part.truth, experiment.cfg.max_per_class)

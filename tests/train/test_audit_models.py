"""Real trainers under the real protocol: deaf to test speakers, and helpless with random labels."""

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("tensorflow")

from sklearn.metrics import recall_score

from ser_core.features.config import FUNCTIONALS
from ser_core.protocols import Protocol
from tests.corpus import require_ravdess
from tests.train.rows import (
    CHANCE,
    experiment_of,
    made_up,
    numbered,
    numbers,
    rows_of,
    without_serving,
)
from train.data.rows import Row, labels_of, load_rows
from train.experiment import Experiment
from train.learners import distil, keras_run, transformer
from train.learners.types import CLASSES, Part
from train.protocol.run import Split, random_splits, run_protocol, speaker_splits


def poisoned(part: Part, rows: np.ndarray) -> Part:
    """All that is known of some rows replaced by nonsense: copies, class, what a teacher sees."""
    rng = np.random.default_rng(9)
    copies = {copy: list(x) for copy, x in part.features.items()}
    for x in copies.values():
        for i in rows:
            x[i] = rng.normal(50, 1000, x[i].shape).astype(np.float32)
    truth, seen = part.truth.copy(), part.seen.copy()
    truth[rows] = rng.permutation(truth[rows])
    seen[rows] = rng.normal(50, 1000, seen[rows].shape)
    return replace(part, features=copies, truth=truth, seen=seen)


@pytest.mark.parametrize("model", ["svm", "transformer", "mlp"])
def test_nonsense_in_test_rows_changes_no_fitted_model(model, tmp_path, monkeypatch):
    """The whole protocol with real trainers: oversampling, moments, teachers, learning again."""
    rows, part = made_up(seed=4, clips_of_each=16)
    split = speaker_splits(rows, "ravdess")[0]
    without_serving(monkeypatch)
    monkeypatch.setattr(transformer, "encoder_of", lambda _: None)
    others, train, runs = np.setdiff1d(range(len(rows)), split.test), Experiment.train, []

    def spy(*args, **kwargs):
        runs.append(train(*args, **kwargs))
        return runs[-1]

    monkeypatch.setattr(Experiment, "train", spy)

    def answers(of: Part) -> np.ndarray:
        runs.clear()
        run_protocol(
            Protocol.SPEAKER_INDEPENDENT, [split], experiment_of(model, rows, of), tmp_path
        )
        assert len(runs) == 2
        return np.stack([run.predict(part.take(others).plain) for run in runs])

    clean = answers(part)
    np.testing.assert_array_equal(answers(poisoned(part, split.test)), clean)
    assert np.abs(answers(poisoned(part, split.train[:5])) - clean).max() > 1e-3


def test_a_teachers_answers_for_a_speaker_owe_nothing_to_the_speakers_own_rows():
    _, part = made_up(seed=5, clips_of_each=16)
    before = distil.teacher(part)
    for speaker in ("ravdess/01", "ravdess/14"):
        mine = part.speakers == speaker
        other = replace(part, truth=np.where(mine, (part.truth + 1) % CLASSES, part.truth))
        after = distil.teacher(other)
        np.testing.assert_array_equal(after[mine], before[mine])
        assert np.abs(after[~mine] - before[~mine]).max() > 1e-3


def test_rows_are_repeated_after_the_split(monkeypatch):
    """What a network's epochs are made of: training rows alone, every class as often."""
    rows = rows_of("ravdess")
    split, learnt = speaker_splits(rows, "ravdess")[0], []
    experiment = experiment_of("mlp", rows, numbered(0, labels_of(rows)))
    experiment = replace(experiment, cfg=replace(experiment.cfg, distil=0.0, max_epochs=1))

    class Spy(keras_run.Augmenter):
        def __init__(self, part, cfg):
            learnt.append(part)
            super().__init__(part, cfg)

    monkeypatch.setattr(keras_run, "Augmenter", Spy)
    experiment.train(experiment.part.take(split.train), experiment.part.take(split.validation))
    assert set(numbers(learnt[0].plain)) == set(split.train)
    assert len(set(np.bincount(learnt[0].truth))) == 1
    assert learnt[0].truth.size > split.train.size


def pooled_ua(model: str, rows: list[Row], part: Part, splits: list[Split]) -> float:
    """UA over the tested rows of all splits."""
    experiment, truth, predicted = experiment_of(model, rows, part), [], []
    for split in splits:
        run = experiment.train(part.take(split.train))
        truth += part.truth[split.test].tolist()
        predicted += run.predict(part.take(split.test).plain).argmax(axis=1).tolist()
    return recall_score(truth, predicted, labels=np.unique(truth), average="macro")


def shuffled(part: Part, seed: int) -> Part:
    return replace(part, truth=np.random.default_rng(seed).permutation(part.truth))


@pytest.mark.parametrize("model", ["logistic", "svm"])
def test_shuffled_labels_score_chance_and_true_ones_do_not(model):
    rows, part = made_up(seed=4, clips_of_each=30)
    splits = speaker_splits(rows, "ravdess")
    assert pooled_ua(model, rows, part, splits) > 0.8
    # 720 clips: one score deviates by 0.012, the mean of three by 0.007
    scores = [pooled_ua(model, rows, shuffled(part, seed), splits) for seed in range(3)]
    assert np.mean(scores) == pytest.approx(CHANCE, abs=0.03)


def test_shuffled_labels_give_a_leak_away():
    """Every clip twice, split at random: what was learned by heart is asked again."""
    rows, part = made_up(seed=4, clips_of_each=30)
    doubled = shuffled(part, seed=1).take(np.repeat(np.arange(len(rows)), 2))
    assert pooled_ua("svm", rows, doubled, random_splits(doubled.truth)) > 0.25


@pytest.mark.slow
def test_shuffled_labels_of_real_recordings_score_chance():
    """Eight actors: four are learned from and four tested, then the other way round."""
    every = load_rows("ravdess", require_ravdess())
    halves = [split.test[::3] for split in speaker_splits(every, "ravdess")[:2]]
    rows = [every[i] for i in np.concatenate(halves)]
    part = Part({"plain": [row.features(FUNCTIONALS) for row in rows]}, labels_of(rows))
    one, other = np.split(np.arange(len(rows)), 2)
    splits = [Split(1, one, one[:0], other), Split(2, other, other[:0], one)]
    assert pooled_ua("logistic", rows, part, splits) > 0.25
    # 160 clips: one score deviates by 0.026, the mean of ten by about 0.01
    scores = [pooled_ua("logistic", rows, shuffled(part, seed), splits) for seed in range(10)]
    assert np.mean(scores) == pytest.approx(CHANCE, abs=0.04)

"""Where every row goes: what trainers and teachers get in each fold, and what they never get.

The real protocols run with a trainer that writes down what it is given. Rows carry their number.
"""

from dataclasses import dataclass, field, replace

import numpy as np
import pytest

pytest.importorskip("tensorflow")

from ser_core.corpora.index.reading import load_index
from ser_core.corpora.registry import get
from ser_core.corpora.splits import folds
from ser_core.protocols import Protocol
from tests.train.rows import CHANCE, numbered, numbers, rows_of, speakers_of, without_serving
from train.config import configure
from train.data.rows import labels_of, load_rows
from train.experiment import Experiment
from train.learners import distil
from train.learners.trainers import load_part
from train.learners.types import CLASSES, Part
from train.protocol.run import random_splits, run_protocol, speaker_splits

CORPORA = ("ravdess", "emodb")
FOREIGN = 10_000  # numbers of rows of other corpora start here
BEST_EPOCH = 3
TWINS = ["03-01-03-01-02-01-07", "03-01-03-01-02-02-07"]  # the same file, twice in RAVDESS


@dataclass
class Heard:
    """Numbers of the rows that one call of the trainer got, by the way they came."""

    copies: dict[str, list[int]]
    validation: set[int]
    extra: set[int]
    taught_by: set[int]
    part: Part
    epochs: int
    asked: list[int] = field(default_factory=list)
    best_epoch = BEST_EPOCH
    history = ({"epoch": 1},)

    def predict(self, features):
        self.asked += numbers(features)
        return np.full((len(features), CLASSES), CHANCE)

    @property
    def all(self) -> set[int]:
        learnt = {n for copy in self.copies.values() for n in copy}
        return learnt | self.validation | self.extra | self.taught_by


@pytest.fixture(scope="module", params=CORPORA)
def traced(request, tmp_path_factory):
    """Rows of a corpus, and per protocol its splits and every call of the trainer."""
    rows = rows_of(request.param)
    truth = labels_of(rows)
    seen = np.arange(truth.size)[:, None]
    part = replace(numbered(0, truth), seen=seen, speakers=speakers_of(rows))
    extra = numbered(FOREIGN, np.arange(40) % CLASSES)
    cfg = replace(configure("mlp"), robustness=False)
    experiment = Experiment(cfg, rows, part, extra, None)
    taught, calls = [], {}

    def teacher(part):
        taught.append(set(part.seen[:, 0]))
        return np.full((part.truth.size, CLASSES), CHANCE)

    def trainer(cfg, part, validation, extra, epochs, label):
        copies = {copy: numbers(x) for copy, x in part.features.items()}
        chosen_by = set(numbers(validation.plain)) if validation else set()
        foreign = {n for x in extra.features.values() for n in numbers(x)}
        heard.append(Heard(copies, chosen_by, foreign, taught[-1], part, epochs))
        return heard[-1]

    splits = {
        Protocol.SPEAKER_INDEPENDENT: speaker_splits(rows, request.param),
        Protocol.RANDOM_SPLIT: random_splits(truth),
    }
    with pytest.MonkeyPatch.context() as patch:
        without_serving(patch)
        patch.setattr("train.experiment.trainer_of", lambda _: trainer)
        patch.setattr(distil, "teacher", teacher)
        for protocol, of in splits.items():
            heard = calls[protocol] = []
            run_protocol(protocol, of, experiment, tmp_path_factory.mktemp("work"))
            assert len(heard) == len(taught) == 2 * len(of)  # choosing the epoch, learning again
            taught.clear()
    return rows, splits, calls


def own(numbers: set[int]) -> list[int]:
    return sorted(n for n in numbers if n < FOREIGN)


def test_no_row_of_a_test_speaker_reaches_a_trainer_or_a_teacher(traced):
    rows, splits, calls = traced
    speakers, corpus = speakers_of(rows), rows[0].record.corpus
    for i, fold in enumerate(folds(corpus)):
        assert set(speakers[splits[Protocol.SPEAKER_INDEPENDENT][i].test]) == set(fold.test)
        for call in calls[Protocol.SPEAKER_INDEPENDENT][2 * i : 2 * i + 2]:
            assert len(own(call.all)) > 0
            assert not set(speakers[own(call.all)]) & set(fold.test)
            assert not set(speakers[call.asked]) & set(fold.test)


def test_the_epoch_is_chosen_by_speakers_who_are_not_learned_from(traced):
    rows, _, calls = traced
    speakers, corpus = speakers_of(rows), rows[0].record.corpus
    for fold, call in zip(folds(corpus), calls[Protocol.SPEAKER_INDEPENDENT][::2], strict=True):
        assert set(speakers[call.copies["plain"]]) == set(fold.train)
        assert set(speakers[sorted(call.validation)]) == set(fold.validation)
        assert call.taught_by == set(call.copies["plain"])
        assert call.epochs == 0


def test_learning_again_takes_everyone_but_the_test_speakers_once(traced):
    rows, _, calls = traced
    speakers, corpus = speakers_of(rows), rows[0].record.corpus
    for fold, call in zip(folds(corpus), calls[Protocol.SPEAKER_INDEPENDENT][1::2], strict=True):
        everyone_else = np.flatnonzero(~np.isin(speakers, fold.test))
        assert call.copies["plain"] == everyone_else.tolist()
        assert call.taught_by == set(everyone_else)
        assert len(set(speakers[everyone_else])) == get(corpus).info.speakers - len(fold.test)
        assert call.validation == set()
        assert call.epochs == BEST_EPOCH


def test_copies_targets_and_other_corpora_belong_to_the_rows_learned_from(traced):
    rows, _, calls = traced
    truth = labels_of(rows)
    for call in [call for of in calls.values() for call in of]:
        learnt = call.copies["plain"]
        assert len(set(learnt)) == len(learnt)  # repeated later, by the trainer
        assert all(copy == learnt for copy in call.copies.values())
        np.testing.assert_array_equal(call.part.truth, truth[learnt])
        np.testing.assert_array_equal(call.part.targets.argmax(axis=1), truth[learnt])
        assert call.extra == set(range(FOREIGN, FOREIGN + 40))


def test_the_random_split_learns_from_tested_speakers_but_not_from_tested_clips(traced):
    rows, splits, calls = traced
    speakers, (split,) = speakers_of(rows), splits[Protocol.RANDOM_SPLIT]
    for call in calls[Protocol.RANDOM_SPLIT]:
        assert not call.all & set(split.test)
        # what the audit above looks for does happen where clips are split
        assert set(speakers[own(call.all)]) == set(speakers[split.test])


def test_the_only_recording_that_is_there_twice_crosses_no_speaker_fold():
    """The random split parts the two: one of its 288 tested clips was learned from as well."""
    index = load_index("ravdess")
    twins = np.flatnonzero(index.sha256.duplicated(keep=False))
    assert index["clip"].iloc[twins].tolist() == TWINS
    rows = rows_of("ravdess")
    for split in speaker_splits(rows, "ravdess"):
        parts = (split.train, split.validation, split.test)
        assert [int(np.isin(twins, part).sum()) for part in parts].count(2) == 1
    (split,) = random_splits(labels_of(rows))
    assert np.isin(twins, split.test).tolist() == [True, False]
    assert np.isin(twins, split.train).tolist() == [False, True]


def test_features_of_a_clip_do_not_depend_on_other_clips(tiny_corpus, tmp_path, monkeypatch):
    rows = load_rows("ravdess", tiny_corpus)[:3]
    for model in ("mlp", "svm"):
        cfg = replace(configure(model), copies=("plain", "d0"))
        monkeypatch.setenv("SER_CACHE_DIR", str(tmp_path / f"{model} alone"))
        alone = load_part(cfg, rows[1:2])
        monkeypatch.setenv("SER_CACHE_DIR", str(tmp_path / f"{model} together"))
        together = load_part(cfg, rows)
        for copy, (features,) in alone.features.items():
            np.testing.assert_array_equal(together.features[copy][1], features)

import numpy as np
import pytest

from ser_core.corpora.index.reading import load_index
from ser_core.corpora.ravdess import parse_name
from ser_core.corpora.splits import folds
from tests.train.rows import rows_of
from train.data.rows import LABELS, Row, in_company, labels_of, load_rows
from train.protocol.run import first_of_each, random_splits, speaker_splits


@pytest.fixture(scope="module")
def rows():
    return [Row(parse_name(clip), None) for clip in load_index("ravdess")["clip"]]


def test_speaker_folds_share_no_speaker_and_cover_every_clip(rows):
    speakers = np.array([row.record.speaker for row in rows])
    splits = speaker_splits(rows, "ravdess")
    assert len(splits) == 6
    for s in splits:
        parts = [set(speakers[p]) for p in (s.train, s.validation, s.test)]
        assert [len(p) for p in parts] == [16, 4, 4]
        assert len(set.union(*parts)) == 24
        assert np.array_equal(np.sort(np.concatenate([s.train, s.validation, s.test])), range(1440))
    for part in ("validation", "test"):
        every = np.concatenate([getattr(s, part) for s in splits])
        assert np.array_equal(np.sort(every), range(1440))


def test_the_random_split_is_stratified_and_fixed(rows):
    truth = labels_of(rows)
    (split,) = random_splits(truth)
    assert (split.train.size, split.validation.size, split.test.size) == (1008, 144, 288)
    everything = np.concatenate([split.train, split.validation, split.test])
    assert np.array_equal(np.sort(everything), range(1440))
    counts = np.bincount(truth[split.test])
    assert counts[0] in (19, 20)  # a fifth of 96 neutral clips
    assert all(c in (38, 39) for c in counts[1:])
    assert np.array_equal(split.test, random_splits(truth)[0].test)


def test_oversampling_repeats_training_rows_alone(rows):
    pytest.importorskip("imblearn")
    pytest.importorskip("tensorflow")
    from train.learners.keras_run import oversampled

    truth = labels_of(rows)
    for split in [*speaker_splits(rows, "ravdess"), *random_splits(truth)]:
        learnt = split.train[oversampled(truth[split.train], seed=1)]
        assert set(learnt) == set(split.train)  # nothing lost, nothing from another part
        assert len(set(np.bincount(truth[learnt]))) == 1
        for part in (split.validation, split.test):
            assert len(set(part)) == len(part)
            assert not set(part) & set(learnt)


def test_the_whole_corpus_grows_from_96_to_192_neutral_rows(rows):
    pytest.importorskip("tensorflow")
    from train.learners.keras_run import oversampled

    counts = np.bincount(labels_of(rows)[oversampled(labels_of(rows), seed=1)])
    assert counts.tolist() == [192] * 8


def test_a_limit_takes_the_first_rows_of_each_class():
    truth = np.array([0, 1, 0, 1, 0, 1])
    rows = np.array([1, 2, 3, 4, 5])
    assert first_of_each(rows, truth, 1).tolist() == [1, 2]
    assert first_of_each(rows, truth, 0).tolist() == rows.tolist()


def test_rows_carry_their_labels(tiny_corpus):
    rows = load_rows("ravdess", tiny_corpus)
    assert len(rows) == 80
    assert [LABELS[i] for i in labels_of(rows)] == [row.record.emotion for row in rows]


@pytest.mark.parametrize("corpus", ["ravdess", "emodb", "nemo"])
def test_who_is_heard_behind_a_clip_is_on_its_side_of_every_split(corpus):
    rows = in_company(rows_of(corpus))
    sides = [(set(f.train), set(f.validation), set(f.test)) for f in folds(corpus)]
    for row in rows:
        others = {other.record.speaker for other in row.company}
        assert others
        assert row.record.speaker not in others
        for parts in sides:
            (side,) = (part for part in parts if row.record.speaker in part)
            assert others <= side


def test_rows_with_the_same_sound_are_on_one_side():
    truth = np.arange(60) % 3
    twins = [[0, 1, 59], [2, 30], [7, 8]]
    (split,) = random_splits(truth, twins)
    parts = [{*part.tolist()} for part in (split.train, split.validation, split.test)]
    assert sorted(row for part in parts for row in part) == list(range(60))
    for group in twins:
        assert sum(bool(part & {*group}) for part in parts) == 1

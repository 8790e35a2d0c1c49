import numpy as np
import pytest

from train.learners.distil import taught, teacher
from train.learners.types import CLASSES, Part

SPEAKERS = np.repeat([f"actor/{n}" for n in range(8)], 24)
TRUTH = np.arange(SPEAKERS.size) % CLASSES


def part_of(seen: np.ndarray) -> Part:
    rows = [np.zeros(3, np.float32)] * len(seen)
    return Part({"plain": rows}, TRUTH, seen=seen.astype(np.float32), speakers=SPEAKERS)


def test_a_teacher_answers_for_strangers_only():
    """Vectors that say nothing: whoever learned from a row would know its class by heart."""
    seen = np.random.default_rng(3).normal(size=(SPEAKERS.size, 400))
    answers = teacher(part_of(seen))
    assert np.mean(answers.argmax(axis=1) == TRUTH) < 0.25
    np.testing.assert_allclose(answers.sum(axis=1), 1, atol=1e-6)


def test_a_teacher_carries_what_speakers_share():
    noise = np.random.default_rng(3).normal(size=(SPEAKERS.size, CLASSES))
    answers = teacher(part_of(np.eye(CLASSES)[TRUTH] + 0.2 * noise))
    assert np.mean(answers.argmax(axis=1) == TRUTH) > 0.95


def test_classes_without_a_row_get_nothing():
    part = part_of(np.random.default_rng(3).normal(size=(SPEAKERS.size, 5)))
    answers = teacher(part.take(np.flatnonzero(TRUTH != 2)))
    assert answers.shape == (168, CLASSES)
    assert not answers[:, 2].any()


def test_targets_are_shared_and_travel_with_their_rows():
    part = part_of(np.random.default_rng(3).normal(size=(SPEAKERS.size, 5)))
    mixed = taught(part, 0.25)
    expected = 0.25 * teacher(part) + 0.75 * np.eye(CLASSES)[TRUTH]
    np.testing.assert_allclose(mixed.targets, expected, atol=1e-6)
    order = np.array([5, 0, 5])
    both = mixed.take(order).joined(part.take(order))
    np.testing.assert_allclose(both.targets[:3], expected[order], atol=1e-6)
    assert both.targets[3:].tolist() == np.eye(CLASSES)[TRUTH[order]].tolist()


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_share_is_of_the_teacher(share):
    part = part_of(np.random.default_rng(3).normal(size=(SPEAKERS.size, 5)))
    ends = np.eye(CLASSES)[TRUTH], teacher(part)
    np.testing.assert_allclose(taught(part, share).targets, ends[int(share)], atol=1e-6)


@pytest.mark.parametrize(
    ("speakers", "truth"),
    [(np.repeat("actor/1", 8), np.arange(8) % 2), (np.array(["a", "a", "b"]), np.array([0, 0, 1]))],
    ids=["one speaker", "one class without the other speaker"],
)
def test_without_a_teacher_for_strangers_the_classes_alone_are_learned(speakers, truth):
    rows = [np.zeros(3, np.float32)] * truth.size
    seen = np.random.default_rng(3).normal(size=(truth.size, 5)).astype(np.float32)
    part = Part({"plain": rows}, truth, seen=seen, speakers=speakers)
    assert taught(part, 0.7).targets.tolist() == np.eye(CLASSES)[truth].tolist()

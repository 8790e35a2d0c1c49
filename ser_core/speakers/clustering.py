"""Which of many vectors belong to one voice."""

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
Labels = NDArray[np.intp]

MOST_VOICES = 8
# Chosen on dialogues of speakers that benchmarks/conversations.py does not report on.
DISTANCE = 0.475  # cosine distance above which two groups are two voices
LEAST_S = 3.0  # a group of less speech is no voice, but part of others


def voices_of(vectors: Vectors, seconds: NDArray[np.floating], count: int | None) -> Vectors:
    """The directions of the voices that some utterances are of.

    How many there are is told by average linkage, whose distances mean the same however many
    utterances there are; which belong together by Ward's, whose groups are more even.

    Args:
        vectors: of utterances, shape (n, d), each of length 1, n > 0.
        seconds: of speech behind each, shape (n,).
        count: how many voices there are; None where that is to be found.

    Returns:
        Shape (voices, d), each of length 1, those who speak most first: at most as many as asked.
    """
    labels, large = _groups(vectors, seconds, count)
    means = np.stack([vectors[labels == group].mean(axis=0) for group in large])
    return means / np.linalg.norm(means, axis=1, keepdims=True)


def near(vectors: Vectors, distance: float) -> Labels:
    """Groups whose mean cosine distances stay below one, by average linkage.

    Args:
        vectors: shape (n, d), of which n is 1 at least.
        distance: 0 to 2.

    Returns:
        A group per vector, shape (n,), counted from 0.
    """
    if len(vectors) == 1:
        return np.zeros(1, np.intp)
    from scipy.cluster.hierarchy import fcluster, linkage

    labels: Labels = fcluster(linkage(vectors, "average", "cosine"), distance, "distance") - 1
    return labels


def _groups(
    vectors: Vectors, seconds: NDArray[np.floating], count: int | None
) -> tuple[Labels, list[int]]:
    """A group per vector, and the groups that are voices."""
    if len(vectors) == 1:
        return np.zeros(1, np.intp), [0]
    from scipy.cluster.hierarchy import fcluster, linkage  # for who asks for voices alone

    if count is None:
        count = min(len(_large(near(vectors, DISTANCE), seconds)), MOST_VOICES)
    tree = linkage(vectors, "ward")
    # the coarsest cut that leaves as many large groups as there are voices
    best, best_large = np.zeros(len(vectors), np.intp), [0]
    for groups in range(2, len(vectors) + 1):
        if len(best_large) >= count:
            break
        labels = fcluster(tree, groups, "maxclust") - 1
        large = _large(labels, seconds)
        if len(large) > len(best_large):
            best, best_large = labels, large
    return best, best_large[:count]


def _large(labels: Labels, seconds: NDArray[np.floating]) -> list[int]:
    """Groups of enough speech, the largest first; at least one."""
    total = np.bincount(labels, seconds)
    order = [int(group) for group in np.argsort(-total, kind="stable")]
    return [group for group in order if total[group] >= LEAST_S] or order[:1]

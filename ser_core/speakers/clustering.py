"""Which of many vectors belong to one voice."""

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


def clusters(
    vectors: Vectors,
    seconds: NDArray[np.floating],
    count: int | None,
    threshold: float,
    least_s: float,
    most: int,
) -> NDArray[np.intp]:
    """Group directions by average linkage.

    Args:
        vectors: shape (n, d), each of length 1.
        seconds: of speech behind each, shape (n,).
        count: how many voices there are; None where that is to be found.
        threshold: cosine distance above which two groups are two voices.
        least_s: a group of less speech is no voice, but part of the nearest.
        most: never more groups than these.

    Returns:
        Shape (n,), numbers from 0.
    """
    if len(vectors) == 1:
        return np.zeros(1, np.intp)
    from scipy.cluster.hierarchy import fcluster, linkage  # 20 MB, for who asks for voices alone

    tree = linkage(vectors, "average", metric="cosine")
    if count is None:
        labels = fcluster(tree, threshold, "distance") - 1
        large = _large(labels, seconds, least_s)
        if len(large) <= most:
            return _joined(vectors, labels, large)
        count = most
    # the coarsest cut that leaves as many large groups as there are voices
    best, best_large = np.zeros(len(vectors), np.intp), [0]
    for groups in range(1, len(vectors) + 1):
        labels = fcluster(tree, groups, "maxclust") - 1
        large = _large(labels, seconds, least_s)
        if len(large) > len(best_large):
            best, best_large = labels, large
        if len(best_large) >= count:
            break
    return _joined(vectors, best, best_large[:count])


def _large(labels: NDArray[np.intp], seconds: NDArray[np.floating], least_s: float) -> list[int]:
    """Groups of enough speech, the largest first; at least one."""
    total = np.bincount(labels, seconds)
    order = [int(i) for i in np.argsort(-total)]
    return [i for i in order if total[i] >= least_s] or order[:1]


def _joined(vectors: Vectors, labels: NDArray[np.intp], large: list[int]) -> NDArray[np.intp]:
    """Members of other groups go to the large group whose mean is nearest."""
    means = np.stack([vectors[labels == i].mean(axis=0) for i in large])
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    nearest = np.argmax(vectors @ means.T, axis=1)
    own = {group: i for i, group in enumerate(large)}
    return np.array([own.get(int(g), n) for g, n in zip(labels, nearest, strict=True)], np.intp)

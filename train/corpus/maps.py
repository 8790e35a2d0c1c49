"""Flat maps of a corpus, on which clips that sound alike lie together."""

import numpy as np
from numpy.typing import NDArray

from ser_core.corpora.index.building import principal_plane

_COMPONENTS = 50  # what t-SNE sees of long vectors, as van der Maaten (2008) does
_PERPLEXITY = 30.0
_FEWEST = 5  # clips; t-SNE needs neighbours to choose from


def flat_map(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """t-SNE of vectors (van der Maaten & Hinton 2008), from a fixed start.

    Args:
        vectors: shape (n, d), of which each column counts by its spread.

    Returns:
        Shape (n, 2), in [-1, 1].
    """
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE

    if len(vectors) < _FEWEST or not np.ptp(vectors, axis=0).any():
        return principal_plane(vectors)
    if min(vectors.shape) > _COMPONENTS:
        vectors = PCA(_COMPONENTS, random_state=0).fit_transform(vectors)
    perplexity = min(_PERPLEXITY, (len(vectors) - 1) / 3)
    flat = TSNE(perplexity=perplexity, init="pca", random_state=42).fit_transform(vectors)
    return (flat / np.abs(flat).max()).astype(np.float32)

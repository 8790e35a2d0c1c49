"""Flat maps of a corpus, on which clips that sound alike lie together."""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
from numpy.typing import NDArray

from ser_core.bundles.card import ModelCard
from ser_core.bundles.store import verified_onnx
from ser_core.corpora.index.building import principal_plane
from ser_core.errors import ModelError
from ser_core.features.config import FUNCTIONALS
from ser_core.features.extraction import extract
from ser_core.runtime import one_thread_session

_MAX_S = 10.0  # the encoder knows no later positions
_COMPONENTS = 50  # what t-SNE sees of long vectors, as van der Maaten (2008) does
_PERPLEXITY = 30.0
_FEWEST = 5  # clips; t-SNE needs neighbours to choose from


class PooledEncoder:
    """The transformer's encoder as its bundle holds it: frozen, so it never learned a label."""

    def __init__(self, folder: Path) -> None:
        """Read the bundle.

        Raises:
            ModelError: if it is damaged, or not a transformer.
        """
        card = ModelCard.load(folder)
        network = onnx.load_model_from_string(verified_onnx(folder, card))
        joints = [node for node in network.graph.node if node.op_type == "Concat"]
        if card.features.kind != "log_mel_functionals" or not joints:
            raise ModelError(f"{folder} has no encoder. Name the folder of a transformer.")
        # the last joint lays the pooled outputs behind the functionals, right before the head
        name = joints[-1].output[0]
        network.graph.output.append(onnx.helper.make_empty_tensor_value_info(name))
        self._session: ort.InferenceSession = one_thread_session(network.SerializeToString())
        self._features, self._name = card.features, name

    def vector(self, speech: NDArray[np.float32]) -> NDArray[np.float32]:
        """Mean and deviation of the encoder's frames.

        Args:
            speech: shape (n,), float32, 16 kHz; what follows 10 s is not heard.

        Returns:
            Shape (d,).
        """
        samples = speech[: round(_MAX_S * self._features.sample_rate_hz)]
        features = extract(samples, self._features)[None]
        (joined,) = self._session.run([self._name], {"x": features})
        return joined[0, FUNCTIONALS.width :]


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

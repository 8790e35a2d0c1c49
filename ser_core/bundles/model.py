"""A model that is ready to answer. The only place where emotion networks run."""

import hashlib
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ser_core.bundles.card import ModelCard
from ser_core.bundles.temperature import tempered
from ser_core.errors import ModelError
from ser_core.features.extraction import extract
from ser_core.runtime import one_thread_session

EMBEDDING = "embedding"  # name of the second output


class Model(Protocol):
    """What an analyser needs of a model."""

    card: ModelCard

    def probabilities(self, samples: NDArray[np.float32]) -> NDArray[np.float64]:
        """Probabilities of one window, in the order of card.labels."""


class EmotionModel:
    """One bundle, loaded and checked. Keeps no state between calls: safe to share by threads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.card = ModelCard.load(folder)
        self._session = one_thread_session(verified_onnx(folder, self.card))
        self._input = self._session.get_inputs()[0].name
        self._outputs = [output.name for output in self._session.get_outputs()]

    def probabilities(self, samples: NDArray[np.float32]) -> NDArray[np.float64]:
        """Emotion probabilities of one window.

        Args:
            samples: shape (n,), float32, 16 kHz, at most card.window_s long for best results.

        Returns:
            Shape (len(card.labels),), in the order of card.labels; sums to 1.
        """
        return self.score(extract(samples, self.card.features)[None])[0]

    def score(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """Probabilities of a batch of feature arrays, calibrated by the card's temperature.

        Args:
            features: shape (batch, ...), as `ser_core.features.extraction.extract` gives them.

        Returns:
            Shape (batch, len(card.labels)).
        """
        (raw,) = self._session.run(self._outputs[:1], {self._input: features})
        return tempered(raw.astype(np.float64), self.card.temperature)

    def embedding(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """What the network makes of one window before it decides.

        Args:
            samples: shape (n,), float32, 16 kHz.

        Returns:
            Shape (d,), whose numbers and length are this model's own.

        Raises:
            ModelError: if the model has no such vector.
        """
        if EMBEDDING not in self._outputs:
            raise ModelError(
                f"Model '{self.card.name}' gives no embedding. Choose another model, or give the "
                f"file that output: python -m train seal {self.card.name}"
            )
        features = extract(samples, self.card.features)[None]
        (vectors,) = self._session.run([EMBEDDING], {self._input: features})
        return vectors[0]


def verified_onnx(folder: Path, card: ModelCard) -> bytes:
    """The bytes of model.onnx, if they are the ones that the card describes.

    Raises:
        ModelError: if the file is missing or altered.
    """
    again = f"Restore it, or train it again: python -m train fit {card.name}"
    try:
        content = (folder / "model.onnx").read_bytes()
    except OSError as error:
        raise ModelError(f"Model '{card.name}' has no model.onnx. {again}") from error
    if hashlib.sha256(content).hexdigest() != card.onnx_sha256:
        raise ModelError(f"The model.onnx of '{card.name}' was altered. {again}")
    return content

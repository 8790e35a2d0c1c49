"""A model that is ready to answer. The only place where emotion networks run."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast

import numpy as np
from numpy.typing import NDArray

from ser_core.bundles.card import ModelCard
from ser_core.bundles.temperature import tempered
from ser_core.errors import ModelError
from ser_core.features.extraction import extract
from ser_core.runtime import one_thread_session

EMBEDDING = "embedding"  # name of the second output
BASELINE = "baseline"  # of the input that a head is given a voice by; it may be left out
VECTORS = "vectors"  # of the input for vectors that are known from before; it may be left out


@dataclass(frozen=True, slots=True)
class Heard:
    """What a model makes of one window.

    Attributes:
        probabilities: shape (k,), in the order of card.labels.
        vector: what the head decides from, shape (d,), float32, in standard deviations of what was
            learned from.
    """

    probabilities: NDArray[np.float64]
    vector: NDArray[np.float32]


class Model(Protocol):
    """What an analyser needs of a model."""

    card: ModelCard

    def probabilities(self, samples: NDArray[np.float32]) -> NDArray[np.float64]:
        """Probabilities of one window, in the order of card.labels."""


class AdaptingModel(Model, Protocol):
    """What an analyser needs of a model that adapts; see `EmotionModel`."""

    adapts: bool

    def hear(
        self, samples: NDArray[np.float32], baseline: NDArray[np.float32] | None = None
    ) -> Heard:
        """One window and its vector."""

    def again(
        self, vectors: NDArray[np.float32], baselines: NDArray[np.float32]
    ) -> NDArray[np.float64]:
        """Windows that were heard before."""


def adapting(model: Model) -> AdaptingModel | None:
    """The model, if it adapts."""
    return cast(AdaptingModel, model) if getattr(model, "adapts", False) else None


class EmotionModel:
    """One bundle, loaded and checked. Keeps no state between calls: safe to share by threads.

    Attributes:
        folder: of the bundle.
        card: what the model is.
        adapts: whether it hears a window against what else is known of its voice.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.card = ModelCard.load(folder)
        self._session = one_thread_session(verified_onnx(folder, self.card))
        self._input = self._session.get_inputs()[0].name
        self._outputs = [output.name for output in self._session.get_outputs()]
        left_out = {x.name for x in self._session.get_overridable_initializers()}
        self.adapts = {BASELINE, VECTORS} <= left_out

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

    def hear(
        self, samples: NDArray[np.float32], baseline: NDArray[np.float32] | None = None
    ) -> Heard:
        """One window of a model that adapts, and its vector, in one run of the network.

        Args:
            samples: shape (n,), float32, 16 kHz.
            baseline: of the voice, shape (d,), see `ser_core.analysis.voice`; None: all voices.
        """
        inputs = {self._input: extract(samples, self.card.features)[None]}
        if baseline is not None:
            inputs[BASELINE] = baseline[None]
        raw, vectors = self._session.run([self._outputs[0], EMBEDDING], inputs)
        return Heard(tempered(raw.astype(np.float64), self.card.temperature)[0], vectors[0])

    def again(
        self, vectors: NDArray[np.float32], baselines: NDArray[np.float32]
    ) -> NDArray[np.float64]:
        """Probabilities of windows that were heard before: the head alone, without the encoder.

        Args:
            vectors: shape (n, d), as `hear` gave them.
            baselines: shape (n, d) or (1, d).

        Returns:
            Shape (n, k).
        """
        # an encoder does not take a batch of nothing, so it gets one short row that is not used
        unused = np.zeros((1, 2, self.card.features.width), np.float32)
        if len(baselines) > 1:
            baselines = np.concatenate([baselines[:1], baselines])
        inputs = {self._input: unused, BASELINE: baselines, VECTORS: vectors}
        (raw,) = self._session.run(self._outputs[:1], inputs)
        return tempered(raw[1:].astype(np.float64), self.card.temperature)

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


def verified_onnx(folder: Path, card: ModelCard) -> Path:
    """Path of model.onnx, if it is the file that the card describes.

    Raises:
        ModelError: if the file is missing or altered.
    """
    again = f"Restore it, or train it again: python -m train fit {card.name}"
    path = folder / "model.onnx"
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(f"Model '{card.name}' has no model.onnx. {again}") from error
    if digest != card.onnx_sha256:
        raise ModelError(f"The model.onnx of '{card.name}' was altered. {again}")
    return path

"""What goes into a training run and what comes out of it, whatever the kind of model."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from train.data.rows import LABELS, PLAIN

Rows = list[NDArray[np.float32]]
CLASSES = len(LABELS)
_COLUMNS = (
    "truth",
    "weight",
    "soft",
    "seen",
    "speakers",
    "speech_s",
)  # of a part, one entry per row


@dataclass(frozen=True)
class Part:
    """Rows of one part of a split.

    Attributes:
        features: per copy, what the model learns from, of every row, (F,) or (T, F) with any T.
        truth: class of every row, shape (n,).
        weight: of every row in the loss, shape (n,); 1 each by default.
        soft: probabilities to learn instead of the class alone, shape (n, CLASSES).
        seen: what a teacher sees of every row, shape (n, D); see `train.learners.distil`.
        speakers: of every row, shape (n,).
        speech_s: seconds of every row, shape (n,).
    """

    features: dict[str, Rows]
    truth: NDArray[np.int64]
    weight: NDArray[np.float32] = field(default_factory=lambda: np.empty(0, np.float32))
    soft: NDArray[np.float32] | None = None
    seen: NDArray[np.float32] | None = None
    speakers: NDArray[np.str_] | None = None
    speech_s: NDArray[np.float32] | None = None

    def __post_init__(self) -> None:
        if self.weight.size != self.truth.size:
            object.__setattr__(self, "weight", np.ones(self.truth.size, np.float32))

    @property
    def plain(self) -> Rows:
        """Of the recordings as they are."""
        return self.features[PLAIN]

    @property
    def targets(self) -> NDArray[np.float32]:
        """Probabilities to learn, shape (n, CLASSES)."""
        return np.eye(CLASSES, dtype=np.float32)[self.truth] if self.soft is None else self.soft

    def take(self, rows: NDArray[np.int64]) -> "Part":
        """Some rows, in the given order."""
        chosen = {copy: [x[i] for i in rows] for copy, x in self.features.items()}
        columns = {name: getattr(self, name) for name in _COLUMNS}
        return Part(chosen, **{name: x[rows] for name, x in columns.items() if x is not None})

    def joined(self, other: "Part | None") -> "Part":
        """These rows, then those of a part with the same copies; without what a teacher sees."""
        if other is None:
            return self
        return Part(
            {copy: x + other.features[copy] for copy, x in self.features.items()},
            np.concatenate([self.truth, other.truth]),
            np.concatenate([self.weight, other.weight]),
            np.concatenate([self.targets, other.targets]),
            speakers=_both(self.speakers, other.speakers),
            speech_s=_both(self.speech_s, other.speech_s),
        )


def _both(one: NDArray[Any] | None, other: NDArray[Any] | None) -> NDArray[Any] | None:
    return None if one is None or other is None else np.concatenate([one, other])


class Run(ABC):
    """The result of a training run.

    Attributes:
        best_epoch: from 1.
        history: per epoch: epoch, train_loss, train_accuracy and, where there were validation rows,
            val_loss and val_accuracy.
    """

    best_epoch: int
    history: list[dict[str, float]]

    @property
    def unlike_above(self) -> float | None:
        """Distance above which a sound is unlike what was learned; None without vectors."""
        return None

    @property
    @abstractmethod
    def parameters(self) -> int:
        """Numbers that training or pretraining has set."""

    @abstractmethod
    def predict(self, features: Rows) -> NDArray[np.floating]:
        """Probabilities of rows as a `Part` holds them, shape (n, classes)."""

    @abstractmethod
    def to_onnx(self, metadata: dict[str, str], probe: Rows) -> bytes:
        """The file that serves, if it answers like the model.

        Args:
            metadata: texts that travel inside the file.
            probe: served features of real rows to compare on.

        Raises:
            ModelError: if the file's answers differ.
        """

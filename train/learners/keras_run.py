"""One training run: a network, a training part, perhaps a validation part."""

from dataclasses import dataclass

import keras
import numpy as np
from imblearn.over_sampling import RandomOverSampler
from numpy.typing import NDArray

from train.config import TrainConfig
from train.learners.augment import Augmenter
from train.learners.export import check_parity, to_onnx
from train.learners.networks import build
from train.learners.types import CLASSES, Part, Rows, Run
from train.progress import track

Weights = list[NDArray[np.float32]]
_LENGTH_STEP = 16  # validation rows are cut to multiples of this many frames, to share batches


@dataclass(frozen=True)
class KerasRun(Run):
    """A trained network, with the weights of its best epoch."""

    model: keras.Model
    best_epoch: int
    history: list[dict[str, float]]

    @property
    def parameters(self) -> int:
        """Trained weights."""
        return int(sum(np.prod(w.shape) for w in self.model.trainable_weights))

    def predict(self, features: Rows) -> NDArray[np.float32]:
        """Probabilities of rows of any lengths, shape (n, classes)."""
        return predict(self.model, features)

    def to_onnx(self, metadata: dict[str, str], probe: Rows) -> bytes:
        """The network as ONNX, behind its gate."""
        content = to_onnx(self.model, metadata)
        check_parity(self.model, content, probe)
        return content


def oversampled(truth: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
    """Row numbers of a training part in which every class is as frequent as the largest."""
    if np.unique(truth).size < 2:  # a fold of a small folder; the library refuses it
        return np.arange(truth.size)
    rows = np.arange(truth.size)[:, None]
    balanced, _ = RandomOverSampler(random_state=seed).fit_resample(rows, truth)
    return balanced[:, 0]


def train_network(
    cfg: TrainConfig,
    train: Part,
    validation: Part | None = None,
    extra: Part | None = None,
    epochs: int = 0,
    label: str = "train",
) -> KerasRun:
    """Train one network.

    Args:
        cfg: the settings.
        train: rows to learn from, not yet oversampled.
        validation: rows that choose the best epoch.
        extra: rows of other corpora, learned from as they are.
        epochs: how long to train without validation rows.
        label: of the progress bar.

    Returns:
        The run.
    """
    keras.backend.clear_session()
    keras.utils.set_random_seed(cfg.seed)
    model = build(cfg, train.plain, CLASSES)
    loss = keras.losses.CategoricalCrossentropy(label_smoothing=cfg.label_smoothing)
    model.compile(keras.optimizers.Adam(cfg.learning_rate), loss, metrics=["accuracy"])
    balanced = train.take(oversampled(train.truth, cfg.seed)).joined(extra)
    augmenter = Augmenter(balanced, cfg)
    average, best_loss, best_epoch, best_weights, history = None, np.inf, 0, None, []
    for epoch in track(range(1, (epochs or cfg.max_epochs) + 1), label):
        x, y = augmenter.epoch()
        weight = balanced.weight
        log = model.fit(x, y, cfg.batch_size, verbose=0, sample_weight=weight).history
        weights = model.get_weights()
        average = _blend(average, weights, cfg.averaging)
        row = {"epoch": epoch, "train_loss": log["loss"][0], "train_accuracy": log["accuracy"][0]}
        if validation is not None:
            model.set_weights(average)
            probabilities = predict(model, validation.plain)
            row["val_loss"] = float(loss(np.eye(CLASSES)[validation.truth], probabilities))
            row["val_accuracy"] = float(np.mean(probabilities.argmax(1) == validation.truth))
            model.set_weights(weights)
        history.append(row)
        if validation is None or row["val_loss"] < best_loss:
            best_loss, best_epoch, best_weights = row.get("val_loss", np.inf), epoch, average
        elif epoch - best_epoch >= cfg.patience:
            break
    model.set_weights(best_weights)
    return KerasRun(model, best_epoch, history)


def predict(model: keras.Model, features: Rows) -> NDArray[np.float32]:
    """Probabilities of rows of any lengths, shape (n, classes)."""
    if features[0].ndim == 1:
        return np.asarray(model(np.stack(features), training=False))
    lengths = [max(len(row) // _LENGTH_STEP, 1) * _LENGTH_STEP for row in features]
    result = np.zeros((len(features), model.output_shape[-1]), np.float32)
    for length in sorted(set(lengths)):
        rows = [i for i, n in enumerate(lengths) if n == length]
        result[rows] = model(np.stack([features[i][:length] for i in rows]), training=False)
    return result


def _blend(average: Weights | None, weights: Weights, momentum: float) -> Weights:
    """Moving average of weights over epochs: steadier than the last step's, and free."""
    if average is None:
        return weights
    return [momentum * a + (1 - momentum) * w for a, w in zip(average, weights, strict=True)]

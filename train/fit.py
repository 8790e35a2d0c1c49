"""One training run: a network, a training part, perhaps a validation part."""

from dataclasses import dataclass

import keras
import numpy as np
from imblearn.over_sampling import RandomOverSampler
from numpy.typing import NDArray

from train.augment import Augmenter
from train.config import TrainConfig
from train.data import LABELS
from train.networks import build
from train.progress import track

Features = list[NDArray[np.float32]]
_LENGTH_STEP = 16  # validation rows are cut to multiples of this many frames, to share batches


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of one part of a split.

    Attributes:
        features: per speed, the features of every row; 1.0 is the recording as it is.
        truth: class of every row, shape (n,).
    """

    features: dict[float, Features]
    truth: NDArray[np.int64]

    def take(self, rows: NDArray[np.int64]) -> "Part":
        """Some rows, in the given order."""
        chosen = {speed: [f[i] for i in rows] for speed, f in self.features.items()}
        return Part(chosen, self.truth[rows])


@dataclass(frozen=True, slots=True)
class Run:
    """The result of a run.

    Attributes:
        model: the network with the weights of its best epoch.
        best_epoch: from 1.
        history: per epoch: epoch, train_loss, val_loss, train_accuracy, val_accuracy.
    """

    model: keras.Model
    best_epoch: int
    history: list[dict[str, float]]


def oversampled(truth: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
    """Row numbers of a training part in which every class is as frequent as the largest."""
    rows = np.arange(truth.size)[:, None]
    balanced, _ = RandomOverSampler(random_state=seed).fit_resample(rows, truth)
    return balanced[:, 0]


def train_network(
    cfg: TrainConfig,
    train: Part,
    validation: Part | None = None,
    epochs: int = 0,
    label: str = "train",
) -> Run:
    """Train one network.

    Args:
        cfg: the settings.
        train: rows to learn from, not yet oversampled.
        validation: rows that choose the best epoch.
        epochs: how long to train without validation rows.
        label: of the progress bar.

    Returns:
        The run.
    """
    classes = len(LABELS)
    keras.backend.clear_session()
    keras.utils.set_random_seed(cfg.seed)
    model = build(cfg, train.features[1.0], classes)
    loss = keras.losses.CategoricalCrossentropy(label_smoothing=cfg.label_smoothing)
    model.compile(keras.optimizers.Adam(cfg.learning_rate), loss, metrics=["accuracy"])
    balanced = train.take(oversampled(train.truth, cfg.seed))
    augmenter = Augmenter(balanced.features, balanced.truth, classes, cfg)
    average, best_loss, best_epoch, best_weights, history = None, np.inf, 0, None, []
    for epoch in track(range(1, (epochs or cfg.max_epochs) + 1), label):
        x, y = augmenter.epoch()
        log = model.fit(x, y, batch_size=cfg.batch_size, verbose=0).history
        weights = model.get_weights()
        average = _blend(average, weights, cfg.averaging)
        row = {"epoch": epoch, "train_loss": log["loss"][0], "train_accuracy": log["accuracy"][0]}
        if validation is not None:
            model.set_weights(average)
            probabilities = predict(model, validation.features[1.0])
            row["val_loss"] = float(loss(np.eye(classes)[validation.truth], probabilities))
            row["val_accuracy"] = float(np.mean(probabilities.argmax(1) == validation.truth))
            model.set_weights(weights)
        history.append(row)
        if validation is None or row["val_loss"] < best_loss:
            best_loss, best_epoch, best_weights = row.get("val_loss", np.inf), epoch, average
        elif epoch - best_epoch >= cfg.patience:
            break
    model.set_weights(best_weights)
    return Run(model, best_epoch, history)


def predict(model: keras.Model, features: Features) -> NDArray[np.float32]:
    """Probabilities of rows of any lengths, shape (n, classes)."""
    if features[0].ndim == 1:
        return np.asarray(model(np.stack(features), training=False))
    lengths = [max(len(row) // _LENGTH_STEP, 1) * _LENGTH_STEP for row in features]
    result = np.zeros((len(features), model.output_shape[-1]), np.float32)
    for length in sorted(set(lengths)):
        rows = [i for i, n in enumerate(lengths) if n == length]
        result[rows] = model(np.stack([features[i][:length] for i in rows]), training=False)
    return result


def _blend(average: list | None, weights: list, momentum: float) -> list:
    """Moving average of weights over epochs: steadier than the last step's, and free."""
    if average is None:
        return weights
    return [momentum * a + (1 - momentum) * w for a, w in zip(average, weights, strict=True)]

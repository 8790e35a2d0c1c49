"""The networks. All take unnormalised features of variable length and end in a softmax."""

import keras
import numpy as np
from keras import layers, ops
from numpy.typing import NDArray

from train.config import TrainConfig


def build(cfg: TrainConfig, sample: list[NDArray[np.float32]], classes: int) -> keras.Model:
    """A fresh network for a run.

    Args:
        cfg: the settings.
        sample: features of the training rows; their mean and deviation become constants.
        classes: outputs.

    Returns:
        The network: input (batch, F) or (batch, T, F), output (batch, classes).
    """
    mean, deviation = moments(sample)
    normalise = layers.Normalization(axis=-1, mean=mean, variance=deviation**2)
    if cfg.model == "mlp":
        inputs = keras.Input((mean.size,), name="x")
        hidden = _mlp(cfg, normalise(inputs))
    else:
        inputs = keras.Input((None, mean.size), name="x")
        hidden = {"cnn": _cnn, "lstm": _lstm}[cfg.model](cfg, normalise(inputs))
    outputs = layers.Dense(classes, activation="softmax")(hidden)
    return keras.Model(inputs, outputs, name=cfg.model)


def moments(sample: list[NDArray[np.float32]]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Mean and deviation of each feature over all frames of all rows."""
    frames = np.concatenate([np.atleast_2d(row) for row in sample])
    return frames.mean(axis=0), np.maximum(frames.std(axis=0), 1e-3)


def _mlp(cfg: TrainConfig, x: keras.KerasTensor) -> keras.KerasTensor:
    for units in (2 * cfg.width, cfg.width):
        x = layers.Dense(units, activation="relu")(x)
        x = layers.Dropout(cfg.dropout)(x)
    return x


def _cnn(cfg: TrainConfig, x: keras.KerasTensor) -> keras.KerasTensor:
    x = _and_centred(x)
    x = layers.Conv1D(cfg.width, 5, padding="same", use_bias=False)(x)
    x = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))
    x = layers.MaxPooling1D(2)(x)
    x = layers.Conv1D(cfg.width, 5, padding="same", use_bias=False)(x)
    x = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))
    x = layers.Dense(cfg.width, activation="relu")(_mean_and_max(x))
    return layers.Dropout(cfg.dropout)(x)


def _lstm(cfg: TrainConfig, x: keras.KerasTensor) -> keras.KerasTensor:
    x = _and_centred(x)
    # 80 ms a step: gradients reach the start of the sentence, and a step costs the same
    x = layers.AveragePooling1D(cfg.pool)(x)
    x = layers.LSTM(cfg.width, return_sequences=True)(x)
    x = layers.Dropout(cfg.dropout)(x)
    # the second one reads from the end: each of its steps knows the whole sentence
    x = layers.LSTM(cfg.width, return_sequences=True, go_backwards=True)(x)
    return layers.Dropout(cfg.dropout)(_mean_and_max(x))


def _and_centred(x: keras.KerasTensor) -> keras.KerasTensor:
    """Features, and beside them their distance from the row's mean, which knows no microphone."""
    return layers.Concatenate()([x, x - ops.mean(x, axis=1, keepdims=True)])


def _mean_and_max(x: keras.KerasTensor) -> keras.KerasTensor:
    return layers.Concatenate()(
        [layers.GlobalAveragePooling1D()(x), layers.GlobalMaxPooling1D()(x)]
    )

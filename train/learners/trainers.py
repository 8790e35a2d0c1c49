"""What each kind of model learns from, and what trains it; libraries are loaded on first use."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from train.config import CLASSICAL, TRANSFORMER, TrainConfig
from train.data.rows import PLAIN, Row, labels_of
from train.learners.types import Part, Run
from train.progress import track

Input = Callable[[Row, str], NDArray[np.float32]]
Trainer = Callable[[TrainConfig, Part, Part | None, Part | None, int, str], Run]


def load_part(cfg: TrainConfig, rows: list[Row], weight: float = 1.0) -> Part:
    """All rows in all copies that the settings name, the recordings themselves first.

    Args:
        cfg: the settings.
        rows: clips.
        weight: of each of them in the loss.
    """
    of, features = _input_of(cfg), {}
    for copy in dict.fromkeys((PLAIN, *cfg.copies)):
        label = f"{rows[0].record.corpus} {copy}"
        features[copy] = [of(row, copy) for row in track(rows, label)]
    return Part(
        features,
        labels_of(rows),
        np.full(len(rows), weight, np.float32),
        speakers=np.array([row.record.speaker for row in rows]),
        speech_s=np.array([row.speech_s for row in rows], np.float32),
    )


def _input_of(cfg: TrainConfig) -> Input:
    if cfg.model == TRANSFORMER:
        from train.learners.transformer import encoder_of

        return encoder_of(cfg.blocks).vector
    return lambda row, copy: row.features(cfg.features, copy)


def trainer_of(cfg: TrainConfig) -> Trainer:
    """What trains a model of these settings."""
    if cfg.model == TRANSFORMER:
        from train.learners.transformer import train_head

        return train_head
    if cfg.model in CLASSICAL:
        from train.learners.classical import fit_classical

        return fit_classical
    from train.learners.keras_run import train_network

    return train_network

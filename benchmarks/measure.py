"""Measures one thing of one bundle; `benchmarks.inference` starts a fresh process for each.

A process of its own is loaded and timed like a server's, its memory holds nothing of other models,
and libraries find the number of threads in the environment before they start.
"""

import json
import sys
import time
from collections.abc import Callable
from dataclasses import fields
from importlib.util import find_spec
from itertools import cycle, islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.process import peak_mb
from ser_core.bundles.card import ModelCard
from ser_core.bundles.model import EmotionModel
from ser_core.errors import SerError
from ser_core.features.extraction import extract
from tests.voice import voice
from train.config import NETWORKS, TRANSFORMER, TrainConfig

_VOICES = 4
_WARM_UP = 3  # the first calls fill caches and compile
_KERAS_WINDOWS = 20  # at most; predict() takes a tenth of a second

Times = list[float]


def served(folder: Path, windows: int) -> dict[str, float]:
    """What serving a bundle takes.

    Args:
        folder: of the bundle.
        windows: how many to time.

    Returns:
        load_s; median and p95 of features and network together, then the median of each alone, in
        ms; real_time: computing time per time of sound; memory_mb: the peak of this process.
    """
    start = time.perf_counter()
    model = EmotionModel(folder)
    load_s = time.perf_counter() - start
    features_ms, network_ms = [], []
    for samples in _windows(model.card, windows + _WARM_UP):
        features = _timed(lambda s=samples: extract(s, model.card.features), features_ms)
        _timed(lambda x=features: model.score(x[None]), network_ms)
    features_ms, network_ms = (np.array(times[_WARM_UP:]) for times in (features_ms, network_ms))
    median, p95 = np.percentile(features_ms + network_ms, [50, 95])
    return {
        "load_s": load_s,
        "median_ms": float(median),
        "p95_ms": float(p95),
        "features_ms": float(np.median(features_ms)),
        "network_ms": float(np.median(network_ms)),
        "real_time": float(median) / 1000 / model.card.window_s,
        "memory_mb": peak_mb(),
    }


def keras_predict(folder: Path, windows: int) -> dict[str, float]:
    """Time of `predict()` by the network that a bundle was exported from, features not included.

    Its weights are made up (the transformer's encoder has its own); they do not change the time.

    Returns:
        median_ms; nothing where TensorFlow or the encoder is not on this machine, or the bundle was
        not exported from a network.
    """
    card = ModelCard.load(folder)
    if card.recipe.get("model") not in (*NETWORKS, TRANSFORMER) or find_spec("keras") is None:
        return {}
    count = min(windows, _KERAS_WINDOWS) + _WARM_UP
    inputs = [extract(samples, card.features) for samples in _windows(card, count)]
    try:
        network = _rebuilt(card, inputs)
    except SerError:  # the encoder is missing
        return {}
    times = []
    for x in inputs:
        _timed(lambda x=x: network.predict(x[None], verbose=0), times)
    return {"median_ms": float(np.median(times[_WARM_UP:]))}


def _windows(card: ModelCard, count: int) -> list[NDArray[np.float32]]:
    """Made-up voices of the model's length, 16 kHz; a few different ones, in turns."""
    voices = [voice(card.window_s, 110 + 30 * seed, seed) for seed in range(_VOICES)]
    return list(islice(cycle(voices), count))


def _timed(call: Callable[[], NDArray], times_ms: Times) -> NDArray:
    start = time.perf_counter()
    result = call()
    times_ms.append(1000 * (time.perf_counter() - start))
    return result


def _rebuilt(card: ModelCard, inputs: list[NDArray[np.float32]]):
    """The network of a card, as its recipe builds it."""
    known = {field.name for field in fields(TrainConfig)}
    cfg = TrainConfig(**{name: x for name, x in card.recipe.items() if name in known})
    classes = len(card.labels)
    if cfg.model in NETWORKS:
        from train.learners.networks import build

        return build(cfg, inputs, classes)
    from train.learners.transformer import encoder_of

    return encoder_of(tuple(cfg.blocks)).network  # its head is one matrix product


MEASUREMENTS = {"served": served, "keras": keras_predict}

if __name__ == "__main__":
    _what, _folder, _count = sys.argv[1:]
    sys.stdout.write(json.dumps(MEASUREMENTS[_what](Path(_folder), int(_count))) + "\n")

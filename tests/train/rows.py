"""Rows of whole corpora for tests that need no sound: numbered ones, and ones worth fitting."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from ser_core.corpora.index.reading import load_index
from ser_core.corpora.registry import get
from train.config import configure
from train.data.rows import Row, labels_of
from train.experiment import Experiment
from train.learners.types import CLASSES, Part

CHANCE = 1 / CLASSES


def numbers(features) -> list[int]:
    return [int(x[0]) for x in features]


def rows_of(corpus: str) -> list[Row]:
    return [Row(get(corpus).parse(clip), None) for clip in load_index(corpus)["clip"]]


def numbered(first: int, truth: np.ndarray) -> Part:
    """Rows whose only feature is their number, in every copy."""
    rows = [np.array([n], np.float32) for n in range(first, first + truth.size)]
    return Part({"plain": rows, "x0.9": list(rows), "d0": list(rows)}, truth)


def speakers_of(rows: list[Row]) -> np.ndarray:
    return np.array([row.record.speaker for row in rows])


def made_up(seed: int, clips_of_each: int) -> tuple[list[Row], Part]:
    """Vectors that tell speakers apart, and emotions a little less; the rest is noise."""
    index = load_index("ravdess").groupby("speaker").sample(clips_of_each, random_state=seed)
    rows = [Row(get("ravdess").parse(clip), None) for clip in index["clip"]]
    rng, truth = np.random.default_rng(seed), labels_of(rows)
    who = pd.factorize(speakers_of(rows))[0]
    x = 2.0 * rng.normal(size=(24, 40))[who] + 1.2 * rng.normal(size=(CLASSES, 40))[truth]
    x = (x + rng.normal(size=x.shape)).astype(np.float32)
    noisy = (x + 0.3 * rng.normal(size=x.shape)).astype(np.float32)
    part = Part({"plain": list(x), "d0": list(noisy)}, truth)
    seconds = np.full(len(rows), 2.0, np.float32)
    return rows, replace(part, seen=x.copy(), speakers=speakers_of(rows), speech_s=seconds)


def experiment_of(model: str, rows: list[Row], part: Part) -> Experiment:
    cfg = replace(configure(model), copies=tuple(part.features), robustness=False)
    return Experiment(replace(cfg, width=8, max_epochs=2), rows, part, None, None)


def without_serving(patch: pytest.MonkeyPatch) -> None:
    """Nothing is written or scored: that comes after fitting, and there is no sound."""

    def chance(chosen, *_):
        return np.full((len(chosen), CLASSES), CHANCE), []

    patch.setattr(Experiment, "export", lambda *_, **__: None)
    patch.setattr("train.protocol.run._score", chance)
    patch.setattr("train.protocol.evaluate.protocol_scores", lambda *_: None)

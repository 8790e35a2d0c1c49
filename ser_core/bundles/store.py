"""The installed models: a folder of bundles that training writes and serving reads."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import numpy as np
import pandas as pd

from ser_core.bundles.card import ModelCard
from ser_core.bundles.metrics import Metrics, ProtocolScores
from ser_core.bundles.model import EmotionModel
from ser_core.bundles.predictions import load_predictions
from ser_core.errors import ModelError
from ser_core.locations import app_dir
from ser_core.protocols import Protocol

_HISTORY_COLUMNS = ("protocol", "fold", "epoch", "train_accuracy", "val_accuracy")
_Content = TypeVar("_Content")


def models_dir() -> Path:
    """$SER_MODELS_DIR, else the models that come along."""
    return Path(os.environ.get("SER_MODELS_DIR") or app_dir() / "models")


@dataclass(frozen=True, slots=True, eq=False)
class Bundle:
    """What is known of one model without running it.

    Attributes:
        name: folder name.
        card: None where it cannot be used.
        metrics: None where there are none.
        predictions: one row per clip and protocol; None where there are none.
        history: losses and accuracies per protocol, fold and epoch; None where it was not kept.
        problems: why something above is missing, each with its remedy.
    """

    name: str
    card: ModelCard | None
    metrics: Metrics | None
    predictions: pd.DataFrame | None
    history: pd.DataFrame | None
    problems: tuple[str, ...]

    @property
    def title(self) -> str:
        """Name for people."""
        return self.card.title if self.card else self.name

    def scores(self, protocol: Protocol) -> ProtocolScores | None:
        """The scores under one protocol; None where it was not run."""
        return self.metrics.protocols.get(protocol) if self.metrics else None

    def rows(self, protocol: Protocol) -> pd.DataFrame | None:
        """Predictions of one protocol; None where there are none."""
        if self.predictions is None:
            return None
        rows = self.predictions[self.predictions["protocol"] == protocol]
        return None if rows.empty else rows


@dataclass(frozen=True, slots=True)
class ModelStore:
    """A folder of bundles; by default the installed ones, looked up as the store is made.

    Attributes:
        folder: its path.
    """

    folder: Path = field(default_factory=models_dir)

    def names(self) -> list[str]:
        """Names of the bundles, best speaker-independent UA first, unscored last."""

        def ua(name: str) -> float:
            try:
                protocols = Metrics.load(self.folder / name).protocols
            except ModelError:
                return -1.0
            scores = protocols.get(Protocol.SPEAKER_INDEPENDENT)
            return scores.ua if scores else -1.0

        found = (path.parent.name for path in self.folder.glob("*/card.json"))
        names = sorted(name for name in found if not name.startswith("."))  # those are half written
        return sorted(names, key=ua, reverse=True)

    def load(self, name: str | None = None) -> EmotionModel:
        """A model that is ready to answer, by name, or the best one.

        Raises:
            ModelError: if there is no such model, or it fails its checks.
        """
        names = self.names()
        if not names:
            raise ModelError("No model is installed. Train one: python -m train fit cnn")
        if name is not None and name not in names:
            raise ModelError(f"There is no model '{name}'. Choose from: {', '.join(names)}.")
        return EmotionModel(self.folder / (name or names[0]))

    def bundle(self, name: str) -> Bundle:
        """What is known of a model; damage is told in its problems."""
        problems: list[str] = []

        def attempt(read: Callable[[Path], _Content]) -> _Content | None:
            try:
                return read(self.folder / name)
            except ModelError as error:
                problems.append(str(error))
                return None

        return Bundle(
            name,
            attempt(ModelCard.load),
            attempt(Metrics.load),
            attempt(load_predictions),
            _history(self.folder / name / "history.csv"),
            tuple(problems),
        )


def _history(file: Path) -> pd.DataFrame | None:
    try:
        table = pd.read_csv(file)
        numbers = table[list(_HISTORY_COLUMNS)][["epoch", "train_accuracy", "val_accuracy"]]
        numeric = all(map(pd.api.types.is_numeric_dtype, numbers.dtypes))
    except (OSError, ValueError, KeyError):
        return None
    # a missing accuracy was not measured
    drawn = numeric and numbers["epoch"].notna().all() and not np.isinf(numbers).any(axis=None)
    return table if drawn else None

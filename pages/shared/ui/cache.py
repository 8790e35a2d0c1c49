"""What is read once and shared by all visitors; nothing here belongs to one of them."""

import logging
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from ser_core import warmup
from ser_core.audio.clip import to_wav
from ser_core.audio.decoding import decode
from ser_core.bundles import store
from ser_core.bundles.adaptation import VoiceCalibration, load_voice
from ser_core.bundles.card import ModelCard
from ser_core.bundles.model import EmotionModel
from ser_core.corpora import registry as corpora
from ser_core.corpora.index import reading as corpus_index
from ser_core.errors import CorpusError, ModelError, SerError

_FILES = (
    "card.json",
    "metrics.json",
    "predictions.parquet",
    "history.csv",
    "voice.json",
    "model.onnx",
)
_HISTORY_COLUMNS = ("protocol", "fold", "epoch", "train_accuracy", "val_accuracy")
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Bundle:
    """What the pages know of one model.

    Attributes:
        name: folder name.
        title: name for people.
        card: None where it cannot be used.
        metrics: content of metrics.json; empty where there is none.
        predictions: one row per clip and protocol; None where there are none.
        problems: why something above is missing, each with its remedy.
    """

    name: str
    title: str
    card: ModelCard | None
    metrics: dict[str, Any]
    predictions: pd.DataFrame | None
    problems: tuple[str, ...]

    def scores(self, protocol: str) -> dict[str, Any] | None:
        """The part of the metrics for one protocol; None where it was not run."""
        return self.metrics.get("protocols", {}).get(protocol)

    def rows(self, protocol: str) -> pd.DataFrame | None:
        """Predictions of one protocol; None where there are none."""
        if self.predictions is None:
            return None
        rows = self.predictions[self.predictions["protocol"] == protocol]
        return None if rows.empty else rows


def bundles() -> list[Bundle]:
    """Every installed model, best on unseen speakers first."""
    folder = store.MODELS_DIR
    return [_bundle(str(folder / name), _stamp(folder / name)) for name in _names(folder)]


def best() -> Bundle | None:
    """The scored model that answers first on the pages; None where there is none."""
    usable = (found for found in bundles() if found.card is not None)
    return next((found for found in usable if found.scores("speaker_independent")), None)


def model(name: str) -> EmotionModel:
    """A model that is ready to answer.

    Raises:
        ModelError: if it is missing or fails its checks.
    """
    folder = store.MODELS_DIR / name
    return _model(str(folder), _stamp(folder))


def history(name: str) -> pd.DataFrame | None:
    """Losses and accuracies per protocol, fold and epoch; None where they were not kept."""
    folder = store.MODELS_DIR / name
    return _history(str(folder), _stamp(folder))


def voice(name: str) -> VoiceCalibration | None:
    """How a model is calibrated to a voice; None where that was not measured."""
    folder = store.MODELS_DIR / name
    return _voice(str(folder), _stamp(folder))


def clip_index(corpus: str = "ravdess") -> pd.DataFrame:
    """The index of a corpus; treat it as read-only.

    Raises:
        CorpusError: if the index has not been built.
    """
    file = corpus_index.index_file(corpus)
    return _clip_index(corpus, file.stat().st_mtime_ns if file.is_file() else 0)


def durations_s() -> pd.Series:
    """Duration in seconds per name of a clip, of every corpus that has an index."""
    found = []
    for corpus in corpora.names():
        try:
            found.append(clip_index(corpus).set_index("clip")["duration_s"])
        except CorpusError as error:
            _LOG.warning("No durations of %s: %s", corpus, error)
    return pd.concat(found) if found else pd.Series(dtype=float)


def clip_wav(clip: str, corpus: str = "ravdess") -> bytes | None:
    """A corpus clip as a WAV file; None where the recordings are not on this machine."""
    root = corpus_index.find_root(corpus)
    file = None if root is None else corpus_index.clip_path(corpus, clip, root)
    return None if file is None else _wav(str(file), file.stat().st_mtime_ns)


def as_wav(content: bytes) -> bytes:
    """Any recording as a WAV file that every browser plays.

    Raises:
        AudioError: if it cannot be read.
    """
    return to_wav(decode(content).clip)


@st.cache_resource(show_spinner=False)
def warm_up() -> threading.Thread:
    """Load in the background what the first answer would otherwise wait for."""
    thread = threading.Thread(target=_warm_up, name="warm-up", daemon=True)
    thread.start()
    return thread


def _warm_up() -> None:
    warmup.warm_up()
    usable = next((found for found in bundles() if found.card is not None), None)
    if usable is not None:
        try:
            model(usable.name)
        except SerError as error:
            _LOG.warning("No model was loaded in advance: %s", error)  # the pages say it too


def _names(folder: Path) -> list[str]:
    stamps = tuple(sorted((p.name, _stamp(p)) for p in folder.glob("*") if p.is_dir()))
    return _available(str(folder), stamps)


@st.cache_data(show_spinner=False, max_entries=4)
def _available(folder: str, stamps: tuple[Any, ...]) -> list[str]:
    return store.available(Path(folder))


def _stamp(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Changes when a file of the bundle does."""
    found = [folder / name for name in _FILES if (folder / name).is_file()]
    return tuple((f.name, f.stat().st_mtime_ns, f.stat().st_size) for f in found)


@st.cache_resource(show_spinner=False, max_entries=32)
def _bundle(folder: str, stamp: tuple[Any, ...]) -> Bundle:
    path, problems = Path(folder), []

    def attempt(read: Any, instead: Any) -> Any:
        try:
            return read(path)
        except ModelError as error:
            problems.append(str(error))
            return instead

    card = attempt(ModelCard.load, None)
    metrics = attempt(store.load_metrics, {})
    predictions = attempt(store.load_predictions, None)
    title = card.title if card else path.name
    return Bundle(path.name, title, card, metrics, predictions, tuple(problems))


@st.cache_resource(show_spinner=False, max_entries=8)
def _model(folder: str, stamp: tuple[Any, ...]) -> EmotionModel:
    return EmotionModel(Path(folder))


@st.cache_resource(show_spinner=False, max_entries=32)
def _history(folder: str, stamp: tuple[Any, ...]) -> pd.DataFrame | None:
    try:
        table = pd.read_csv(Path(folder) / "history.csv")
    except (OSError, ValueError):
        return None
    return table if _can_be_drawn(table) else None


def _can_be_drawn(history: pd.DataFrame) -> bool:
    if not {*_HISTORY_COLUMNS} <= {*history.columns}:
        return False
    numbers = history[["epoch", "train_accuracy", "val_accuracy"]]
    if not all(map(pd.api.types.is_numeric_dtype, numbers.dtypes)):
        return False
    # a missing accuracy was not measured
    return bool(numbers["epoch"].notna().all()) and not np.isinf(numbers).any(axis=None)


@st.cache_resource(show_spinner=False, max_entries=32)
def _voice(folder: str, stamp: tuple[Any, ...]) -> VoiceCalibration | None:
    try:
        return load_voice(Path(folder))
    except ModelError as error:
        _LOG.warning("No calibration to a voice: %s", error)
        return None


@st.cache_resource(show_spinner=False, max_entries=4)
def _clip_index(corpus: str, changed: int) -> pd.DataFrame:
    return corpus_index.load_index(corpus)


@st.cache_data(show_spinner=False, max_entries=64)
def _wav(file: str, changed: int) -> bytes:
    return to_wav(decode(Path(file)).clip)

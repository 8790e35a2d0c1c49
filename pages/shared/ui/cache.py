"""What is read once and shared by all visitors; nothing here belongs to one of them."""

import logging
import threading
from pathlib import Path

import pandas as pd
import streamlit as st

from ser_core import warmup
from ser_core.audio.clip import to_wav
from ser_core.bundles import selftest
from ser_core.bundles.model import EmotionModel
from ser_core.bundles.store import Bundle, ModelStore
from ser_core.corpora import playback
from ser_core.corpora import registry as corpora
from ser_core.corpora.examples import CORPUS as EXAMPLES_OF
from ser_core.corpora.examples import EXAMPLES
from ser_core.corpora.index import reading as corpus_index
from ser_core.decoding.decode import decode
from ser_core.errors import CorpusError, SerError
from ser_core.protocols import Protocol

_FILES = (
    "card.json",
    "metrics.json",
    "predictions.parquet",
    "history.csv",
    "voice.json",
    "model.onnx",
)
_Stamp = tuple[tuple[str, int, int], ...]  # name, time and size of each file
_LOG = logging.getLogger(__name__)


def bundles() -> list[Bundle]:
    """Every installed model, best on unseen speakers first."""
    return [bundle(name) for name in _names(ModelStore())]


def bundle(name: str) -> Bundle:
    """What is known of one model."""
    return _bundle(ModelStore(), name, _stamp(ModelStore(), name))


def titles() -> dict[str, str]:
    """What models are called on the pages, by name."""
    return {found.name: found.title for found in bundles()}


@st.cache_resource(show_spinner=False, ttl=60, max_entries=32)
def title(name: str) -> str:
    """What a model is called on the pages: quick enough for whoever asks twice a second."""
    return bundle(name).title


def best() -> Bundle | None:
    """The scored model that answers first on the pages; None where there is none."""
    usable = (b for b in bundles() if b.card is not None)
    return next((b for b in usable if b.scores(Protocol.SPEAKER_INDEPENDENT)), None)


def model(name: str) -> EmotionModel:
    """A model that is ready to answer.

    Raises:
        ModelError: if it is missing or fails its checks.
    """
    return _model(ModelStore(), name, _stamp(ModelStore(), name))


def clip_index(corpus: str = corpora.SCORED) -> pd.DataFrame:
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


def clip_wav(clip: str, corpus: str = corpora.SCORED) -> bytes | None:
    """A corpus clip as a WAV file, else the copy that comes with the code; None without either."""
    root = corpus_index.find_root(corpus)
    file = None if root is None else corpus_index.clip_path(corpus, clip, root)
    return copied_wav(clip, corpus) if file is None else _wav(str(file), file.stat().st_mtime_ns)


@st.cache_data(show_spinner=False, max_entries=64)
def copied_wav(clip: str, corpus: str) -> bytes | None:
    """The copy of a clip that comes with the code as a WAV file; None where there is none."""
    copy = playback.sound(corpus, clip)
    return None if copy is None else as_wav(copy)


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
    for each in EXAMPLES:
        copied_wav(each.clip, EXAMPLES_OF)
    warmup.warm_up()
    usable = next((found for found in bundles() if found.card is not None), None)
    if usable is not None:
        try:
            model(usable.name)
            selftest.verify(ModelStore().folder / usable.name)  # a processor may compute otherwise
        except SerError as error:
            _LOG.warning("The model that answers first: %s", error)


def _names(store: ModelStore) -> list[str]:
    folders = sorted(path.name for path in store.folder.glob("*") if path.is_dir())
    return _ranked(store, tuple((name, _stamp(store, name)) for name in folders))


@st.cache_data(show_spinner=False, max_entries=4)
def _ranked(store: ModelStore, stamps: tuple[tuple[str, _Stamp], ...]) -> list[str]:
    return store.names()


def _stamp(store: ModelStore, name: str) -> _Stamp:
    """Changes when a file of the bundle does."""
    found = [file for each in _FILES if (file := store.folder / name / each).is_file()]
    return tuple((f.name, f.stat().st_mtime_ns, f.stat().st_size) for f in found)


@st.cache_resource(show_spinner=False, max_entries=32)
def _bundle(store: ModelStore, name: str, stamp: _Stamp) -> Bundle:
    return store.bundle(name)


@st.cache_resource(show_spinner=False, max_entries=8)
def _model(store: ModelStore, name: str, stamp: _Stamp) -> EmotionModel:
    return EmotionModel(store.folder / name)


@st.cache_resource(show_spinner=False, max_entries=8)
def _clip_index(corpus: str, changed: int) -> pd.DataFrame:
    return corpus_index.load_index(corpus)


@st.cache_data(show_spinner=False, max_entries=64)
def _wav(file: str, changed: int) -> bytes:
    return to_wav(decode(Path(file)).clip)

"""Registry of corpora: `names()` lists them, `get(name)` returns one."""

from ser_core.corpora import emodb, ravdess
from ser_core.corpora.records import Corpus, CorpusInfo, Record
from ser_core.errors import CorpusError

_CORPORA = {corpus.info.name: corpus for corpus in (ravdess.CORPUS, emodb.CORPUS)}

__all__ = ["Corpus", "CorpusInfo", "Record", "get", "names"]


def names() -> list[str]:
    """Names of all corpora that this project knows."""
    return list(_CORPORA)


def get(name: str) -> Corpus:
    """One corpus by its name.

    Raises:
        CorpusError: if there is no such corpus.
    """
    if name not in _CORPORA:
        raise CorpusError(f"There is no corpus '{name}'. Choose from: {', '.join(_CORPORA)}.")
    return _CORPORA[name]

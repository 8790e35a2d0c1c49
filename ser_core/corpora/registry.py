"""Registry of corpora: `names()` lists them, `get(name)` returns one."""

from ser_core.corpora import ased, emodb, nemo, ravdess, turev
from ser_core.corpora.base import Corpus
from ser_core.corpora.folder import store
from ser_core.corpora.folder.own import OwnCorpus
from ser_core.errors import CorpusError

SCORED = ravdess.INFO.name  # the corpus whose unseen speakers the installed models are scored on
_CORPORA = {
    module.CORPUS.info.name: module.CORPUS for module in (ravdess, emodb, nemo, ased, turev)
}
_OPENED: dict[str, OwnCorpus] = {}  # own folders of this process


def names() -> list[str]:
    """Names of the published corpora that this project knows."""
    return list(_CORPORA)


def own_names() -> list[str]:
    """Names of people's own folders that were indexed on this machine."""
    return [name for name in store.names() if name not in _CORPORA]


def is_own(name: str) -> bool:
    """Whether a name is that of a person's own folder."""
    return name not in _CORPORA


def get(name: str) -> Corpus:
    """One corpus by its name.

    Raises:
        CorpusError: if there is no such corpus.
    """
    return _CORPORA[name] if name in _CORPORA else own_folder(name).corpus


def own_folder(name: str) -> OwnCorpus:
    """A person's own folder by its name: one that was opened by this process, else a stored one.

    Raises:
        CorpusError: if there is none of that name.
    """
    if name in _OPENED:
        return _OPENED[name]
    if name in store.names():
        return store.load(name)
    choices = ", ".join([*names(), *own_names()])
    raise CorpusError(f"There is no corpus '{name}'. Choose from: {choices}.")


def open_own(folder: OwnCorpus) -> str:
    """Make an own folder known to this process; its name.

    Raises:
        CorpusError: if the name is that of a published corpus.
    """
    name = folder.corpus.info.name
    if name in _CORPORA:
        raise CorpusError(f"'{name}' is the name of a published corpus. Rename your folder.")
    _OPENED[name] = folder
    return name

"""Where a corpus lies on this machine, and what is known of it without its audio."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from ser_core.corpora.base import Record
from ser_core.corpora.registry import get
from ser_core.errors import CorpusError


def load_index(name: str) -> pd.DataFrame:
    """Labels and acoustic descriptors of the clips of a corpus, one row per clip, sorted by path.

    Raises:
        CorpusError: if the index has not been built.
    """
    table = load_official(name)
    return table[table["duration_s"].notna()].reset_index(drop=True)


def load_official(name: str) -> pd.DataFrame:
    """The same, and the labels and checksums of recordings that were not at hand to be described.

    Raises:
        CorpusError: if the index has not been built.
    """
    file = index_file(name)
    if not file.exists():
        what = "FOLDER" if get(name).own else name
        raise CorpusError(f"{file.name} is missing. Build it: python -m train index {what}")
    return pd.read_parquet(file)


def index_file(name: str) -> Path:
    """Where the index of a corpus lies: committed with the code, or beside the other own ones."""
    return get(name).index_file()  # nothing but the name of a corpus may become part of a path


def default_root(name: str) -> Path:
    """Where a corpus is looked for and downloaded to; a person's own folder stays where it is."""
    return get(name).default_root()


def find_root(name: str, root: Path | None = None) -> Path | None:
    """Folder that holds a corpus.

    Args:
        name: of the corpus.
        root: folder to look in; `default_root` by default.

    Returns:
        The folder, or None where it holds no recording of the corpus.
    """
    return get(name).find_root(default_root(name) if root is None else Path(root))


def require_root(name: str, root: Path | None = None) -> Path:
    """Like `find_root`, for callers that cannot go on without the recordings.

    Raises:
        CorpusError: if there is no recording of the corpus.
    """
    folder = find_root(name, root)
    if folder is None:
        raise CorpusError(get(name).absent(root or default_root(name)))
    return folder


def how_to_get(name: str) -> str:
    """What brings the recordings of a corpus here, without a full stop."""
    return get(name).how_to_get()


def recordings(name: str, root: Path) -> Iterator[Path]:
    """Files of a corpus at their places below a root, in order of their path."""
    return (file for _, file in located(name, root))


def located(name: str, root: Path) -> Iterator[tuple[Record, Path]]:
    """Every recording of a corpus below a root with its labels, in order of their path."""
    return get(name).located(root)


def clip_path(name: str, clip: str, root: Path) -> Path | None:
    """File of one clip.

    Args:
        name: of the corpus.
        clip: its name; anything else is refused.
        root: folder of the corpus.

    Returns:
        The file, or None where it is not there.

    Raises:
        CorpusError: if the clip's name is not one of a published corpus.
    """
    return get(name).clip_path(clip, root)

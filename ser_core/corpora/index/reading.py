"""Where a corpus lies on this machine, and what is known of it without its audio."""

import os
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from ser_core.corpora.base import Record
from ser_core.corpora.folder import store
from ser_core.corpora.registry import get, is_own
from ser_core.errors import CorpusError

INDEXES_DIR = Path(__file__).parents[1] / "indexes"
SUFFIXES = (".wav", ".flac")
_PROJECT_DIR = Path(__file__).parents[3]


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
        what = "FOLDER" if is_own(name) else name
        raise CorpusError(f"{file.name} is missing. Build it: python -m train index {what}")
    return pd.read_parquet(file)


def index_file(name: str) -> Path:
    """Where the index of a corpus lies: committed with the code, or beside the other own ones."""
    get(name)  # nothing but the name of a corpus may become part of a path
    return store.index_file(name) if is_own(name) else INDEXES_DIR / f"{name}.parquet"


def default_root(name: str) -> Path:
    """Where a corpus is looked for and downloaded to: $SER_DATA_DIR/<name>, else data/<name>.

    A person's own folder stays where it is.
    """
    own = get(name).root
    if own is not None:
        return own
    data_dir = os.environ.get("SER_DATA_DIR")
    return (Path(data_dir) if data_dir else _PROJECT_DIR / "data") / get(name).info.name


def find_root(name: str, root: Path | None = None) -> Path | None:
    """Folder that holds a corpus.

    Args:
        name: of the corpus.
        root: folder to look in; `default_root` by default.

    Returns:
        The folder, or None where it holds no recording of the corpus.
    """
    corpus = get(name)
    root = Path(root) if root is not None else default_root(name)
    if corpus.records is not None:
        return root if any((root / path).is_file() for path in corpus.records) else None
    # archives of some mirrors wrap everything in one more folder
    for folder in (root, root / Path(corpus.info.archive).stem):
        if next(_recordings(name, folder), None) is not None:
            return folder
    return None


def require_root(name: str, root: Path | None = None) -> Path:
    """Like `find_root`, for callers that cannot go on without the recordings.

    Raises:
        CorpusError: if there is no recording of the corpus.
    """
    folder = find_root(name, root)
    if folder is None and is_own(name):
        raise CorpusError(
            f"The recordings of '{name}' are no longer in {short(root or default_root(name))}. Put "
            "them back, or index their new folder: python -m train index FOLDER"
        )
    if folder is None:
        raise CorpusError(
            f"No recordings of '{name}' in {short(root or default_root(name))}. "
            f"{how_to_get(name)}, pass their folder as --root, "
            "or set SER_DATA_DIR to the folder that holds all corpora."
        )
    return folder


def how_to_get(name: str) -> str:
    """What brings the recordings of a published corpus here, without a full stop."""
    info = get(name).info
    if info.url:
        return f"Fetch them: python -m train download {name}"
    return f"Get them from {info.homepage} and put them into {short(default_root(name))}"


def short(folder: Path) -> str:
    """A folder's last two parts: enough to find it, and no visitor learns the rest of the path."""
    return "/".join(folder.parts[-2:])


def recordings(name: str, root: Path) -> Iterator[Path]:
    """Files of a corpus at their places below a root, in order of their path."""
    yield from sorted(_recordings(name, root))


def _recordings(name: str, root: Path) -> Iterator[Path]:
    """The same, as the disk gives them: whoever asks for one need not look at all."""
    corpus = get(name)
    for file in root.glob(corpus.info.places):
        if file.suffix.lower() not in SUFFIXES:
            continue
        try:
            record = corpus.parse(file.name)
        except CorpusError:
            continue  # other files may lie there
        if record.path in (f"{file.parent.name}/{file.stem}.wav", f"{file.stem}.wav"):
            yield file


def located(name: str, root: Path) -> Iterator[tuple[Record, Path]]:
    """Every recording of a corpus below a root with its labels, in order of their path."""
    corpus = get(name)
    if corpus.records is None:
        for file in recordings(name, root):
            yield corpus.parse(file.name), file
    else:
        for path, record in sorted(corpus.records.items()):
            if (root / path).is_file():
                yield record, root / path


def clip_path(name: str, clip: str, root: Path) -> Path | None:
    """File of one clip, WAV or FLAC.

    Args:
        name: of the corpus.
        clip: stem of the file; anything else than an official stem is refused.
        root: folder of the corpus.

    Returns:
        The file, or None where it is not there.

    Raises:
        CorpusError: if the clip's name is not one of the corpus.
    """
    corpus = get(name)
    if corpus.records is not None:
        files = (root / r.path for r in corpus.records.values() if r.clip == clip)
        return next((file for file in files if file.is_file()), None)
    path = corpus.parse(clip).path
    if "/" not in path:
        return next((file for file in _recordings(name, root) if file.stem == clip), None)
    files = ((root / path).with_suffix(suffix) for suffix in SUFFIXES)
    return next((file for file in files if file.is_file()), None)

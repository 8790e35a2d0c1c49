"""Own folders that were indexed on this machine: where each lies, and its index."""

from functools import lru_cache
from pathlib import Path

import msgspec
import pandas as pd

from ser_core.corpora.base import Record
from ser_core.corpora.folder.files import Skipped
from ser_core.corpora.folder.own import OwnCorpus, corpus_of, own_dir
from ser_core.emotions import Emotion
from ser_core.errors import CorpusError

_RECORD_COLUMNS = (
    "path",
    "clip",
    "speaker",
    "sex",
    "emotion",
    "intensity",
    "statement",
    "repetition",
)


class _Facts(msgspec.Struct):
    root: str
    speakers: dict[int, str]
    skipped: list[tuple[str, str]]
    twins: list[list[str]] = []


def names() -> list[str]:
    """Names of the stored corpora."""
    return sorted(p.stem for p in own_dir().glob("*.json") if p.with_suffix(".parquet").is_file())


def save(folder: OwnCorpus, index: pd.DataFrame) -> Path:
    """Keep an own corpus for the app: its index, where its recordings lie, what was skipped.

    Returns:
        The index file.

    Raises:
        CorpusError: if another folder has taken the name.
    """
    name = folder.corpus.info.name
    if name in names() and load(name).corpus.root != folder.corpus.root:
        raise CorpusError(
            f"Another folder is stored as '{name}' already ({load(name).corpus.root}). Rename one "
            f"of the two, or delete {own_dir() / name}.json."
        )
    own_dir().mkdir(parents=True, exist_ok=True)
    file = folder.corpus.index_file()
    index.to_parquet(file, compression="zstd", index=False)
    facts = _Facts(
        str(folder.corpus.root),
        dict(folder.corpus.info.speaker_names),
        [(s.file, s.why) for s in folder.skipped],
        [list(group) for group in folder.corpus.twins],
    )
    text = msgspec.json.format(msgspec.json.encode(facts), indent=1)
    (own_dir() / f"{name}.json").write_bytes(text)
    return file


def load(name: str) -> OwnCorpus:
    """A stored corpus.

    Raises:
        CorpusError: if its files are damaged.
    """
    file = own_dir() / f"{name}.json"
    return _load(file, file.stat().st_mtime_ns)


@lru_cache(maxsize=16)
def _load(file: Path, changed: int) -> OwnCorpus:
    try:
        facts = msgspec.json.decode(file.read_bytes(), type=_Facts)
        rows = pd.read_parquet(file.with_suffix(".parquet"), columns=list(_RECORD_COLUMNS))
        records = [
            Record(corpus=file.stem, **row | {"emotion": Emotion(row["emotion"])})
            for row in rows.to_dict("records")
        ]
        twins = tuple(map(tuple, facts.twins))
        corpus = corpus_of(file.stem, records, facts.speakers, Path(facts.root), twins)
        return OwnCorpus(corpus, tuple(Skipped(*pair) for pair in facts.skipped))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CorpusError(
            f"What is stored of the corpus '{file.stem}' is damaged. Index its folder again: "
            "python -m train index FOLDER"
        ) from error

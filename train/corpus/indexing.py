"""Builds the index of a corpus: labels, descriptors and two maps of every clip."""

import hashlib
import logging
from dataclasses import asdict
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import pandas as pd

from ser_core.bundles.model import EmotionModel
from ser_core.bundles.store import models_dir
from ser_core.corpora.folder import store
from ser_core.corpora.index.building import index_row, sound_vectors
from ser_core.corpora.index.reading import index_file, load_official, located, require_root
from ser_core.corpora.ratings import RATINGS, load_ratings
from ser_core.corpora.registry import get, is_own, own_folder
from ser_core.decoding.decode import decode
from ser_core.errors import CorpusError, ModelError
from train.config import TRANSFORMER
from train.corpus.maps import flat_map
from train.progress import track

_MAX_S = 10.0  # the encoder knows no later positions
_LOG = logging.getLogger(__name__)


def build_index(name: str, root: Path | None = None, out_dir: Path | None = None) -> Path:
    """Describe every recording of a corpus and write the index.

    Official recordings that are not here are kept with their labels and checksum alone. Without an
    installed transformer there is no map of what its encoder hears.

    Args:
        name: of the corpus.
        root: its folder; the default one if None.
        out_dir: folder of the index file; by default where the page looks for it.

    Returns:
        The written file.
    """
    root = require_root(name, root)
    checksums = _official_checksums(name, root)
    found = list(located(name, root))
    expected = get(name).info.clips
    if len(found) != expected:
        _LOG.warning("%s holds %d of %d recordings.", root, len(found), expected)
    table = pd.DataFrame(
        [
            index_row(record, decode(file), _checksum(name, file, checksums))
            for record, file in track(found, f"describe {name}")
        ]
    )
    table = table.join(load_ratings(name, root), on="clip")
    table[list(RATINGS)] = table[list(RATINGS)].astype(np.float32)
    table[["map_x", "map_y"]] = flat_map(sound_vectors(table))
    table[["heard_x", "heard_y"]] = _heard(table, [file for _, file in found], name)
    if is_own(name) and out_dir is None:
        return store.save(own_folder(name), table)
    table = _with_undescribed(table, name, checksums)
    path = index_file(name) if out_dir is None else out_dir / f"{name}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    table.to_parquet(path, compression="zstd", compression_level=19, index=False)
    return path


def _heard(table: pd.DataFrame, files: list[Path], name: str) -> np.ndarray | float:
    """Places on the map of what the transformer's encoder makes of a clip; NaN without its bundle.

    The encoder is frozen: it never learned a label.
    """
    try:
        encoder = EmotionModel(models_dir() / TRANSFORMER)
    except ModelError as error:
        _LOG.warning("No map of the transformer: %s", error)
        return float("nan")
    spans = zip(files, table["onset_s"], table["offset_s"], strict=True)
    clips = (
        decode(file).clip.cut(float(onset), min(float(offset), float(onset) + _MAX_S))
        for file, onset, offset in track(list(spans), f"hear {name}")
    )
    pooled = np.stack([encoder.embedding(clip.samples) for clip in clips])
    # as the transformer's head sees them: no unit of the encoder counts by its size
    return flat_map((pooled - pooled.mean(axis=0)) / np.maximum(pooled.std(axis=0), 1e-6))


def _with_undescribed(table: pd.DataFrame, name: str, checksums: dict[str, str]) -> pd.DataFrame:
    """The index with a row for each official recording that is not here."""
    rest = [_labels(name, clip, checksums[clip]) for clip in checksums.keys() - {*table["clip"]}]
    if not rest:
        return table
    table = pd.concat([table, pd.DataFrame(rest)], ignore_index=True)
    return table.sort_values("path", ignore_index=True)


def _labels(name: str, clip: str, sha256: str) -> dict[str, Any]:
    record = get(name).parse(clip)
    row = asdict(record) | {"emotion": record.emotion.value, "sha256": sha256}
    row["actor"] = int(record.speaker.rpartition("/")[2])
    del row["corpus"], row["duration_s"]
    return row


def _checksum(name: str, file: Path, checksums: dict[str, str]) -> str | None:
    """SHA-256 of the official WAV file: as listed, or of the file itself.

    None where neither list nor archive has a published checksum, so that no file counts as
    official.
    """
    if file.stem in checksums:
        return checksums[file.stem]
    if get(name).info.md5 is None:
        return None
    if file.suffix.lower() == ".wav":
        return hashlib.sha256(file.read_bytes()).hexdigest()
    raise CorpusError(
        f"{file} is a FLAC copy and no list of official checksums lies beside the corpus. "
        "Build the index from the official WAV files."
    )


def _official_checksums(name: str, root: Path) -> dict[str, str]:
    """Checksum per clip: from `<name>.sha256.tsv` beside the corpus folder, else from its index.

    The list's columns are sha256, bytes and path.
    """
    file = root.parent / f"{name}.sha256.tsv"
    if file.exists():
        lines = (line.split("\t") for line in file.read_text("utf-8").splitlines())
        return {PurePosixPath(path).stem: checksum for checksum, _, path in lines}
    # an archive with a checksum vouches for its files; otherwise the index is all there is
    info = get(name).info
    if info.checksummed and info.md5 is None and index_file(name).exists():
        return dict(load_official(name)[["clip", "sha256"]].itertuples(index=False))
    return {}

"""Builds the index of a corpus: labels, descriptors and two maps of every clip."""

import hashlib
import logging
from pathlib import Path

import numpy as np
import pandas as pd

from ser_core.audio.decoding import decode
from ser_core.bundles.model import EmotionModel
from ser_core.bundles.store import models_dir
from ser_core.corpora.folder import store
from ser_core.corpora.index.building import index_row, sound_vectors
from ser_core.corpora.index.reading import index_file, located, require_root
from ser_core.corpora.ratings import RATINGS, load_ratings
from ser_core.corpora.registry import get, is_own, own_folder
from ser_core.errors import CorpusError, ModelError
from train.config import TRANSFORMER
from train.corpus.maps import flat_map
from train.progress import track

_MAX_S = 10.0  # the encoder knows no later positions
_LOG = logging.getLogger(__name__)


def build_index(name: str, root: Path | None = None, out_dir: Path | None = None) -> Path:
    """Describe every recording of a corpus and write the index.

    Without an installed transformer there is no map of what its encoder hears.

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
            index_row(record, decode(file), _checksum(name, record.path, file, checksums))
            for record, file in track(found, f"describe {name}")
        ]
    )
    table = table.join(load_ratings(name, root), on="clip")
    table[list(RATINGS)] = table[list(RATINGS)].astype(np.float32)
    table[["map_x", "map_y"]] = flat_map(sound_vectors(table))
    table[["heard_x", "heard_y"]] = _heard(table, [file for _, file in found], name)
    if is_own(name) and out_dir is None:
        return store.save(own_folder(name), table)
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


def _checksum(name: str, path: str, file: Path, checksums: dict[str, str]) -> str | None:
    """SHA-256 of the official WAV file: of the file itself, or as listed for a FLAC copy.

    None where the archive itself has no published checksum, so that no file counts as official.
    """
    if get(name).info.md5 is None:
        return None
    if file.suffix.lower() == ".wav":
        return hashlib.sha256(file.read_bytes()).hexdigest()
    if path not in checksums:
        raise CorpusError(
            f"{file} is a FLAC copy and no list of official checksums lies beside the corpus. "
            "Build the index from the official WAV files."
        )
    return checksums[path]


def _official_checksums(name: str, root: Path) -> dict[str, str]:
    """Checksums from `<name>.sha256.tsv` beside the corpus folder: sha256, bytes, <name>/<path>."""
    file = root.parent / f"{name}.sha256.tsv"
    if not file.exists():
        return {}
    lines = (line.split("\t") for line in file.read_text("utf-8").splitlines())
    return {path.removeprefix(f"{name}/"): checksum for checksum, _, path in lines}

"""Builds the committed index of a corpus: labels and acoustic descriptors of every clip."""

import hashlib
import logging
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ser_core import acoustics, features
from ser_core.corpora import get
from ser_core.corpora.index import INDEXES_DIR, recordings, require_root
from ser_core.decoding import decode
from ser_core.errors import CorpusError
from ser_core.utterances import speech_span
from train.progress import track

ENVELOPE_PARTS = 96
_MAP_FEATURES = features.FeatureConfig(kind="statistics", deltas=0)
_LOG = logging.getLogger(__name__)


def build_index(name: str, root: Path | None = None, out_dir: Path = INDEXES_DIR) -> Path:
    """Describe every recording of a corpus and write the index.

    Args:
        name: of the corpus.
        root: its folder; the default one if None.
        out_dir: folder of the index file.

    Returns:
        The written file.
    """
    root = require_root(name, root)
    checksums = _official_checksums(name, root)
    files = list(recordings(name, root))
    expected = get(name).info.clips
    if len(files) != expected:
        _LOG.warning("%s holds %d of %d recordings.", root, len(files), expected)
    rows, statistics = [], []
    for file in track(files, f"index {name}"):
        row, vector = _describe(name, file, checksums)
        rows.append(row)
        statistics.append(vector)
    table = pd.DataFrame(rows)
    table[["map_x", "map_y"]] = _embed(np.stack(statistics))
    out_dir.mkdir(parents=True, exist_ok=True)
    path = out_dir / f"{name}.parquet"
    table.to_parquet(path, compression="zstd", index=False)
    return path


def _describe(name: str, file: Path, checksums: dict[str, str]) -> tuple[dict, NDArray]:
    record = get(name).parse(file.name)
    clip = decode(file).clip
    span = speech_span(clip) or (0.0, clip.duration_s)
    speech = clip.cut(*span).samples
    peaks = acoustics.envelope(clip.samples, ENVELOPE_PARTS)
    row = asdict(record) | {
        "emotion": record.emotion.value,
        "actor": int(record.speaker.rpartition("/")[2]),
        "duration_s": np.float32(clip.duration_s),
        "onset_s": np.float32(span[0]),
        "offset_s": np.float32(span[1]),
        "sha256": _checksum(name, record.path, file, checksums),
        "loudness_dbfs": np.float32(acoustics.loudness_dbfs(speech)),
        "f0_hz": np.float32(acoustics.median_f0_hz(speech)),
        "envelope": np.round(255 * peaks / max(peaks.max(), 1e-9)).astype(np.uint8),
    }
    del row["corpus"]
    return row, features.extract(speech, _MAP_FEATURES)


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


def _embed(vectors: NDArray) -> NDArray[np.float32]:
    """A flat map on which clips that sound alike lie together, shape (n, 2), in [-1, 1]."""
    from sklearn.manifold import TSNE

    z = (vectors - vectors.mean(axis=0)) / (vectors.std(axis=0) + 1e-9)
    perplexity = min(30.0, (len(z) - 1) / 3)
    flat = TSNE(perplexity=perplexity, init="pca", random_state=42).fit_transform(z)
    return (flat / np.abs(flat).max()).astype(np.float32)

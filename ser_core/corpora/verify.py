"""Compares the recordings on this machine with the committed index."""

import hashlib
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import soundfile as sf

from ser_core.corpora.index import SUFFIXES, clip_path, load_index
from ser_core.errors import CorpusError

_DURATION_TOLERANCE_S = 0.002  # resampling may round a copy's length by a sample or two


@dataclass(frozen=True, slots=True)
class Verification:
    """What differs from the official corpus. Paths are relative to its folder.

    Attributes:
        checked: recordings found and compared.
        missing: official recordings that are not there.
        altered: WAV files with another checksum, unreadable files, copies of another length.
        unverifiable: FLAC copies, and files of a corpus without official checksums; only their
            presence and length could be compared.
        duplicates: groups of files with the same sound.
    """

    checked: int
    missing: tuple[str, ...]
    altered: tuple[str, ...]
    unverifiable: tuple[str, ...]
    duplicates: tuple[tuple[str, ...], ...]

    def raise_if_bad(self, name: str) -> None:
        """Refuse a corpus with missing or altered files; duplicates alone are harmless.

        Raises:
            CorpusError: if a file is missing or altered.
        """
        bad = self.missing + self.altered
        if bad:
            raise CorpusError(
                f"{name}: {len(self.missing)} recordings missing, {len(self.altered)} altered "
                f"(first: {bad[0]}). Fetch them again: python -m train download {name}"
            )


def verify(
    name: str,
    root: Path,
    index: pd.DataFrame | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Verification:
    """Check every file of a corpus.

    Args:
        name: of the corpus.
        root: its folder.
        index: what to compare with; the committed index by default.
        progress: called with (done, total) files.

    Returns:
        What was found.
    """
    index = load_index(name) if index is None else index
    official, missing, altered, unverifiable = set(), [], [], []
    for row in index.itertuples():
        file = clip_path(name, row.clip, root)
        if file is None:
            missing.append(row.path)
            continue
        official.add(file)
        path = file.relative_to(root).as_posix()
        if file.suffix.lower() == ".wav" and not pd.isna(row.sha256):
            if hashlib.sha256(file.read_bytes()).hexdigest() != row.sha256:
                altered.append(path)
        elif _has_duration(file, row.duration_s):
            unverifiable.append(path)
        else:
            altered.append(path)
    files = sorted(f for f in root.rglob("*") if f.suffix.lower() in SUFFIXES)
    return Verification(
        checked=len(official),
        missing=tuple(missing),
        altered=tuple(altered),
        unverifiable=tuple(unverifiable),
        duplicates=_duplicates(files, root, progress),
    )


def _has_duration(file: Path, duration_s: float) -> bool:
    try:
        return abs(sf.info(file).duration - duration_s) <= _DURATION_TOLERANCE_S
    except sf.LibsndfileError:
        return False


def _duplicates(
    files: list[Path], root: Path, progress: Callable[[int, int], None] | None
) -> tuple[tuple[str, ...], ...]:
    """Groups of files with the same samples, whatever their names, headers and containers."""
    groups = defaultdict(list)
    for done, file in enumerate(files, start=1):
        try:
            samples, rate_hz = sf.read(file, dtype="int16", always_2d=True)
        except sf.LibsndfileError:
            continue  # already reported as altered, where it is an official file
        content = hashlib.sha256(samples.tobytes()).hexdigest(), rate_hz, samples.shape[1]
        groups[content].append(file.relative_to(root).as_posix())
        if progress:
            progress(done, len(files))
    return tuple(tuple(group) for group in groups.values() if len(group) > 1)

"""Compares the recordings on this machine with the committed index."""

import hashlib
import io
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import soundfile as sf

from ser_core.corpora.index.reading import how_to_get, load_official, located
from ser_core.corpora.published import SUFFIXES
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
            presence and length, where it is known, could be compared.
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
            recordings = "recording" if len(self.missing) == 1 else "recordings"
            raise CorpusError(
                f"{name}: {len(self.missing)} {recordings} missing, {len(self.altered)} altered "
                f"(first: {bad[0]}). {how_to_get(name)}"
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
        index: what to compare with; all that the committed index knows by default.
        progress: called with (done, total) files.

    Returns:
        What differs.
    """
    index = load_official(name) if index is None else index
    present = {record.clip: file for record, file in located(name, root)}
    official, missing = {}, []
    for row in index.itertuples():
        file = present.get(row.clip)
        if file is None:
            missing.append(row.path)
        else:
            official[file] = row
    files = sorted(f for f in root.rglob("*") if f.suffix.lower() in SUFFIXES)
    altered, unverifiable, groups = [], [], defaultdict(list)
    for done, file in enumerate(files, start=1):
        path, content = file.relative_to(root).as_posix(), file.read_bytes()
        sound = _sound(content)
        if sound is not None:
            groups[sound.checksum].append(path)
        if row := official.get(file):
            if file.suffix.lower() == ".wav" and not pd.isna(row.sha256):
                if hashlib.sha256(content).hexdigest() != row.sha256:
                    altered.append(path)
            elif sound and not abs(sound.duration_s - row.duration_s) > _DURATION_TOLERANCE_S:
                unverifiable.append(path)
            else:
                altered.append(path)
        if progress:
            progress(done, len(files))
    return Verification(
        checked=len(official),
        missing=tuple(missing),
        altered=tuple(altered),
        unverifiable=tuple(unverifiable),
        duplicates=tuple(tuple(group) for group in groups.values() if len(group) > 1),
    )


@dataclass(frozen=True, slots=True)
class _Sound:
    checksum: str  # of the samples, whatever the file's name, header and container
    duration_s: float


def _sound(content: bytes) -> _Sound | None:
    """What a file sounds like; None where it cannot be read."""
    try:
        samples, rate_hz = sf.read(io.BytesIO(content), dtype="int16", always_2d=True)
    except sf.LibsndfileError:
        return None
    checksum = hashlib.sha256(f"{rate_hz}, {samples.shape[1]}".encode())
    checksum.update(samples.tobytes())
    return _Sound(checksum.hexdigest(), len(samples) / rate_hz)

"""Recordings that come with the code, to be heard and looked at.

They are lossy copies (Opus) of corpora whose licence lets everybody pass them on; the proof lies
beside each. Nothing learns from them and no score rests on them: training reads the recordings
themselves, and a contract in pyproject.toml keeps this package out of its reach.
"""

from pathlib import Path
from zipfile import ZipFile

from ser_core.corpora.registry import get, is_own

FOLDER = Path(__file__).parent
SUFFIX = ".opus"


def archive(corpus: str) -> Path:
    """Where the copies of a corpus lie, if it has any: one file, each clip in it by its name."""
    return FOLDER / f"{get(corpus).info.name}.zip"  # nothing but a corpus' name is part of a path


def has(corpus: str) -> bool:
    """Whether the clips of a corpus can be heard without its recordings."""
    return not is_own(corpus) and archive(corpus).is_file()


def sound(corpus: str, clip: str) -> bytes | None:
    """A clip as an Ogg Opus file; None where there is no copy of it."""
    if not has(corpus):
        return None
    with ZipFile(archive(corpus)) as copies:
        try:
            return copies.read(clip + SUFFIX)
        except KeyError:
            return None

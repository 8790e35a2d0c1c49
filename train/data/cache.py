"""Arrays kept on disk, keyed by everything that decides their values."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

_PROJECT_DIR = Path(__file__).parents[2]


def cache_dir() -> Path:
    """$SER_CACHE_DIR, else .cache in the project."""
    return Path(os.environ.get("SER_CACHE_DIR") or _PROJECT_DIR / ".cache")


def file_hash(path: Path) -> str:
    """SHA-256 of a file's content, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def code_hash(*modules: ModuleType, extra: Path | None = None) -> str:
    """Twelve hex digits that change with the source of modules, packages or a file's content."""
    files = [file for module in modules for file in _sources(module)] + ([extra] if extra else [])
    content = [file.read_bytes() for file in files]
    return hashlib.sha256(b"".join(content)).hexdigest()[:12]


def _sources(module: ModuleType) -> list[Path]:
    file = Path(str(module.__file__))
    return sorted(file.parent.glob("*.py")) if file.name == "__init__.py" else [file]


def cached(kind: str, key: str, compute: Callable[[], NDArray[Any]]) -> NDArray[Any]:
    """The array of this key, computed on first use.

    Args:
        kind: folder of the array, for people who look into the cache.
        key: names the input and all settings; hashed, so it may be long.
        compute: makes the array.
    """
    digest = hashlib.sha256(key.encode()).hexdigest()
    path = cache_dir() / kind / digest[:2] / f"{digest}.npy"
    try:
        return np.load(path)
    except (FileNotFoundError, ValueError, EOFError):
        array = compute()
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}.part")
    with part.open("wb") as file:
        np.save(file, array)
    part.replace(path)
    return array

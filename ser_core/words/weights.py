"""The files of Whisper base, in a folder of one's own or fetched once.

Radford et al. (2022), "Robust Speech Recognition via Large-Scale Weak Supervision",
https://arxiv.org/abs/2212.04356; MIT licence, (c) 2022 OpenAI; in the form that faster-whisper
reads by SYSTRAN, MIT licence.
"""

import hashlib
import importlib.util
import os
from pathlib import Path
from typing import NamedTuple

import requests
from filelock import FileLock, Timeout

from ser_core.download import Progress, receive
from ser_core.errors import WordsError
from ser_core.formatting import megabytes
from ser_core.locations import data_dir

_URL = (
    "https://huggingface.co/Systran/faster-whisper-base/resolve/"
    "ebe41f70d5b6dfa9166e2c581c45c9c0cfc57b66"
)


class _File(NamedTuple):
    size: int
    sha256: str


# the largest comes last, so that a folder that has it has all
FILES = {
    "config.json": _File(2309, "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a"),
    "vocabulary.txt": _File(
        459_861, "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913"
    ),
    "tokenizer.json": _File(
        2_203_239, "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab"
    ),
    "model.bin": _File(
        145_217_532, "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"
    ),
}
SIZE = sum(file.size for file in FILES.values())
_LIBRARIES = ("faster_whisper", "vaderSentiment")
_NEEDED = ("config.json", "tokenizer.json", "model.bin")  # of any model that faster-whisper reads


def default_folder() -> Path:
    """$SER_WORDS_DIR, else words among the data."""
    return Path(os.environ.get("SER_WORDS_DIR") or data_dir() / "words")


def without_library() -> str:
    """What to do where the libraries are not installed; "" where they are."""
    if all(importlib.util.find_spec(name) for name in _LIBRARIES):
        return ""
    return "Words need two more packages: pip install faster-whisper vaderSentiment."


def missing(folder: Path | None = None) -> str:
    """Why words cannot be written down here and what to do, in a sentence; "" where they can."""
    folder = folder or default_folder()
    if why := without_library():
        return why
    if all((folder / name).is_file() for name in _NEEDED):
        return ""
    return (
        f"Words need the model Whisper base: python -m ser_core words fetches it "
        f"({megabytes(SIZE)}), or SER_WORDS_DIR names the folder that holds it."
    )


def fetch(folder: Path | None = None, progress: Progress | None = None) -> Path:
    """Download the model, check it, and go on where an earlier attempt stopped.

    Args:
        folder: to put it into; `default_folder` by default.
        progress: called with (done, total) bytes; may raise `CancelledError`.

    Returns:
        The folder.

    Raises:
        WordsError: without network, on a wrong checksum or a full disk, or while another process
            fetches it.
    """
    folder = folder or default_folder()
    done = 0
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / ".fetching", timeout=0):
            for name, file in FILES.items():
                _fetch(folder / name, file, _further(progress, done))
                done += file.size
    except Timeout as error:
        raise WordsError(
            f"Another program is filling {folder} right now. Wait until it has finished."
        ) from error
    except requests.RequestException as error:
        raise WordsError(
            "Whisper base could not be fetched: huggingface.co does not answer as it should. Check "
            "the network and start it again: what has arrived is kept."
        ) from error
    except OSError as error:
        raise WordsError(
            f"{folder} cannot be written ({error.strerror or error}). Make room, or name another "
            "folder with SER_WORDS_DIR."
        ) from error
    return folder


def _further(progress: Progress | None, before: int) -> Progress | None:
    return progress and (lambda done, _: progress(before + done, SIZE))


def _fetch(target: Path, file: _File, progress: Progress | None) -> None:
    if target.is_file() and _is_right(target, file):
        return
    part = target.with_name(f"{target.name}.part")
    receive(f"{_URL}/{target.name}", part, file.size, progress)
    if not _is_right(part, file):
        part.unlink()
        raise WordsError(
            f"{target.name} has a wrong checksum, so it was thrown away. Fetch it again."
        )
    part.replace(target)


def _is_right(path: Path, file: _File) -> bool:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest() == file.sha256

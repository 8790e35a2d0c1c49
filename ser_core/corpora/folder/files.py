"""The files of a folder: which may hold sound, and why the others do not."""

import os
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

_SILENT = {  # endings of what lies beside recordings; whatever else there is, is tried
    "a text": "txt md rst log ini cfg toml yaml yml xml html htm rtf doc docx odt pdf srt vtt lab "
    "textgrid eaf trs ctm rttm py ipynb sh js css",
    "a table": "csv tsv tab xls xlsx xlsm ods json jsonl ndjson parquet feather sqlite db",
    "a picture": "png jpg jpeg gif bmp svg webp tif tiff heic ico",
    "data, not sound": "npy npz pkl pickle pt pth h5 hdf5 mat onnx safetensors",
    "an archive; unpack it first": "zip rar 7z tar gz tgz bz2 xz",
}
_KINDS = {f".{ending}": kind for kind, endings in _SILENT.items() for ending in endings.split()}
HIDDEN = "is hidden, or the system's own"
_SYSTEM = {"__macosx", "thumbs.db", "desktop.ini", "$recycle.bin"}


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that did not become a clip, and why."""

    file: str
    why: str


def files_below(folder: Path) -> tuple[list[str], list[Skipped]]:
    """Every file below a folder, and what could not be looked into.

    Args:
        folder: its links to other folders are not followed.

    Returns:
        POSIX paths relative to the folder, sorted.
    """
    files: list[str] = []
    closed: list[Skipped] = []

    def below(place: str) -> str:
        return Path(place).relative_to(folder).as_posix()

    def refuse(error: OSError) -> None:
        closed.append(Skipped(below(error.filename), f"cannot be opened ({error.strerror})"))

    for place, folders, names in os.walk(folder, onerror=refuse):
        files += [below(os.path.join(place, name)) for name in names]
        links = [p for name in folders if os.path.islink(p := os.path.join(place, name))]
        closed += [Skipped(below(p), "is a link to a folder; give that folder") for p in links]
    return sorted(files), closed


def no_sound(file: str) -> str | None:
    """Why a file need not be opened, by its name alone; None where it may hold sound."""
    path = PurePosixPath(file)
    parts = [part.lower() for part in path.parts]
    if {*parts} & _SYSTEM or any(part.startswith(".") for part in parts):
        return HIDDEN
    kind = _KINDS.get(path.suffix.lower())
    return kind and f"is {kind}"


def is_archive(file: str) -> bool:
    """Whether recordings may be packed in a file."""
    return _KINDS.get(PurePosixPath(file).suffix.lower(), "").startswith("an archive")


def printable(name: str) -> str:
    """A file's name as text: on some disks it holds bytes that are no UTF-8."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")

"""Finds the files that tables name."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from pathlib import PurePosixPath

_CANDIDATES = 100  # files that a name may mean; with more, it means none


class Finder:
    """Finds the files that people mean: other case, other ending, another computer's folders."""

    def __init__(self, files: Iterable[str]) -> None:
        self._exact = {_normal(file): file for file in files}
        self._whole: defaultdict[str, list[str]] = defaultdict(list)
        self._ends: defaultdict[str, list[str]] = defaultdict(list)
        for file in self._exact.values():
            plain = _normal(file).casefold()
            for whole in {plain, _bare(plain)}:
                self._whole[whole].append(file)
            for end in {*_ends(plain), *_ends(_bare(plain))}:
                self._ends[end].append(file)

    def exact(self, name: str, folder: str) -> str | None:
        """The file of a name as it stands, from the table's folder or from the top."""
        name = _normal(name)
        return self._exact.get(f"{folder}{name}") or self._exact.get(name)

    def like(self, name: str, folder: str) -> list[str]:
        """Files that end as a name does, as far as any does; several where it is not clear."""
        name = _normal(name).casefold()
        places = [(self._whole, f"{folder}{name}".casefold())]
        places += [(files, end) for end in _ends(name) for files in (self._whole, self._ends)]
        for files, end in places:
            if found := files.get(end) or files.get(_bare(end)):
                return found[:_CANDIDATES]
        return []


def _normal(name: str) -> str:
    """A path as one machine writes it: some store an umlaut as two characters."""
    path = name.strip().removeprefix("file://").replace("\\", "/")
    return unicodedata.normalize("NFC", path.removeprefix("./"))


def _ends(path: str) -> list[str]:
    """A path, and the same without its first folder, and so on."""
    parts = [part for part in path.split("/") if part]
    return ["/".join(parts[i:]) for i in range(len(parts))]


def _bare(path: str) -> str:
    """A path without its ending."""
    return str(PurePosixPath(path).with_suffix("")) if PurePosixPath(path).name else path

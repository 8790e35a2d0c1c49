"""What the tables of a person's folder say of its recordings."""

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import PurePosixPath

from ser_core.corpora.folder.files import Skipped
from ser_core.corpora.folder.labels import Labels, Reading, from_folders
from ser_core.corpora.folder.layouts import named_as
from ser_core.corpora.folder.people import person_of, shortened
from ser_core.corpora.folder.tables import COLUMNS, Table, is_labels
from ser_core.corpora.folder.words import UNKNOWN, emotion_of, sex_of
from ser_core.errors import CorpusError

_LOOKED_AT = 1000  # rows that tell what a column holds
_CANDIDATES = 100  # files that a name may mean; with more, it means none
_NOBODY = ("", "unknown", "none", "nan", "n/a", "?")


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


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table and the column that plays each role, where one does."""

    table: Table
    column: Mapping[str, int]

    @property
    def folder(self) -> str:
        """Where the table lies, as the start of a path."""
        return self.table.path.rpartition("/")[0] + "/" * ("/" in self.table.path)

    def cell(self, row: tuple[str, ...], role: str) -> str:
        """What a row says; "" where no column does."""
        return row[self.column[role]] if role in self.column else ""

    def lacking(self, *roles: str) -> str:
        """Which columns are missing, and which there are; "" where none is missing."""
        missing = [f"no column {role}" for role in roles if role not in self.column]
        return f"{' and '.join(missing)}; found: {self.table.found()}" if missing else ""

    def told(self) -> str:
        """Which column was taken for what."""
        names = self.table.names
        taken = [
            f"{role} in “{names[self.column[role]]}”" for role in COLUMNS if role in self.column
        ]
        more = "" if "speaker" in self.column else f"; {self.lacking('speaker')}"
        return f"{self.table.path}: {', '.join(taken)}{more}."


def sheet_of(table: Table, finder: Finder | None = None) -> Sheet:
    """A table with its columns understood: of several that may play a role, the one that does."""

    def counted(column: int, tells: Callable[[str], object]) -> int:
        return sum(bool(tells(value)) for value in islice(table.values(column), _LOOKED_AT))

    sheet = Sheet(table, {})
    tests: dict[str, Callable[[str], object]] = {
        "file": lambda v: finder is None or finder.exact(v, sheet.folder) or finder.like(v, ""),
        "emotion": emotion_of,
        "speaker": bool,
        "sex": sex_of,
        "statement": bool,
    }
    chosen: dict[str, int] = {}
    for role, tells in tests.items():
        free = [column for column in table.columns(role) if column not in chosen.values()]
        if free:
            counts = [counted(column, tells) for column in free]
            chosen[role] = free[counts.index(max(counts))]
    return Sheet(table, chosen)


def from_tables(files: list[str], tables: list[Table]) -> Reading:
    """Labels from tables: one that names file and emotion, or several that share the work.

    Where none names both, and none claims to, the folders' names tell the emotions.

    Raises:
        CorpusError: if nothing tells the emotions, or two tables contradict each other.
    """
    finder = Finder(files)
    heard = [table.path for table in tables if {"model", "p_neutral"} <= {*table.names}]
    sheets = [sheet_of(table, finder) for table in tables if table.path not in heard]
    named = [s for s in sheets if is_labels(s.table.path)]
    labelling = [s for s in named or sheets if not s.lacking("file", "emotion")]
    reading = _labelled(files, labelling, finder) if labelling else from_folders(files)
    if sheets and not labelling and (named or not reading.labels):
        lacking = (f"{s.table.path}: {s.lacking('file', 'emotion')}" for s in named or sheets)
        raise CorpusError(
            f"No table says of each file which emotion it holds ({'; '.join(lacking)}). The first "
            "line of labels.csv must name the columns: file, emotion, speaker."
        )
    reading.notes.extend(f"{path} was not used: it holds a model's answers." for path in heard)
    _complete(reading, [s for s in sheets if s not in labelling], finder)
    return reading


def _labelled(files: list[str], sheets: list[Sheet], finder: Finder) -> Reading:
    reading = Reading()
    for sheet in sheets:
        rows = _rows_of_files(sheet, finder, reading.skipped)
        _add(reading.labels, {f: _labels(sheet, row) for f, row in rows.items()}, sheet)
        reading.notes.append(sheet.told())
    missing = (file for file in files if file not in reading.labels)
    reading.skipped.extend(Skipped(file, "is not in the table") for file in missing)
    return reading


def _labels(sheet: Sheet, row: tuple[str, ...]) -> Labels:
    speaker = sheet.cell(row, "speaker")
    return Labels(
        sheet.cell(row, "emotion"),
        UNKNOWN if speaker.lower() in _NOBODY else speaker,
        sex_of(sheet.cell(row, "sex")) or UNKNOWN,
        sheet.cell(row, "statement") or UNKNOWN,
    )


def _add(labels: dict[str, Labels], more: Mapping[str, Labels], sheet: Sheet) -> None:
    for file, said in more.items():
        before = labels.get(file)
        if before is None or not before.emotion:
            labels[file] = said
        elif said.emotion and emotion_of(before.emotion) != emotion_of(said.emotion):
            raise CorpusError(
                f"Several tables lie in the folder and contradict each other: {file} is "
                f"“{before.emotion}”, by {sheet.table.path} “{said.emotion}”. Name the right one "
                "labels.csv."
            )


def _rows_of_files(
    sheet: Sheet, finder: Finder, skipped: list[Skipped]
) -> dict[str, tuple[str, ...]]:
    """The row of each file: that of its very name, else the only one that can mean it."""
    rows: dict[str, tuple[str, ...]] = {}
    others: defaultdict[str, list[tuple[str, ...]]] = defaultdict(list)
    for row in sheet.table.rows:
        named = sheet.cell(row, "file")
        file = finder.exact(named, sheet.folder)
        if file is None:
            others[named].append(row)
        elif rows.setdefault(file, row) is not row:
            skipped.append(Skipped(file, "is in the table twice; the first row counts"))
    meant: defaultdict[str, list[str]] = defaultdict(list)
    for named in others:
        found = [file for file in finder.like(named, sheet.folder) if file not in rows]
        if len(found) == 1:
            meant[found[0]].append(named)
        else:
            why = "may be any of several files" if found else "is not in the folder"
            skipped.append(Skipped(named or "(a row without a file)", why))
    for file, names in meant.items():
        if len(names) == 1:
            rows[file] = others[names[0]][0]
        else:
            skipped.append(Skipped(file, f"may be meant by several rows: {shortened(names)}"))
    return rows


def _complete(reading: Reading, sheets: list[Sheet], finder: Finder) -> None:
    """Add what further tables tell: of files, then the files' names, then tables of speakers."""
    labels = reading.labels
    of_files = [
        s for s in sheets if not (s.lacking("file", "speaker") and s.lacking("file", "sex"))
    ]
    of_people = [s for s in sheets if s not in of_files and not s.lacking("speaker", "sex")]
    for sheet in of_files:
        rows = _rows_of_files(sheet, finder, [])
        for file in rows.keys() & labels.keys():
            labels[file] = labels[file].completed(_labels(sheet, rows[file]))
    for file, said in labels.items():
        labels[file] = said.completed(named_as(file))
    for sheet in of_people:
        people = (_labels(sheet, row) for row in sheet.table.rows)
        known = {person_of(person.speaker): person for person in people}
        for file, said in labels.items():
            labels[file] = said.completed(known.get(person_of(said.speaker)))
    for sheet in sheets:
        used = sheet in of_files or sheet in of_people
        lacking = f"{sheet.table.path} was not used: {sheet.lacking('file', 'emotion')}."
        reading.notes.append(sheet.told() if used else lacking)

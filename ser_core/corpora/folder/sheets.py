"""Tables whose columns are understood."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import islice

from ser_core.corpora.folder.finding import Finder
from ser_core.corpora.folder.tables import COLUMNS, Table
from ser_core.corpora.folder.words import emotion_of, sex_of

_LOOKED_AT = 1000  # rows that tell what a column holds


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

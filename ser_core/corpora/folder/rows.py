"""Which row of a table tells of which file."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from ser_core.corpora.folder.files import Skipped
from ser_core.corpora.folder.finding import Finder
from ser_core.corpora.folder.people import emotion_in, shortened
from ser_core.corpora.folder.sheets import Sheet
from ser_core.corpora.folder.words import fold

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """The row of each file.

    Attributes:
        of: per path.
        skipped: files and rows without, and why.
        outvoted: files of which several rows differ, most of them in favour of one emotion.
    """

    of: dict[str, Row] = field(default_factory=dict)
    skipped: list[Skipped] = field(default_factory=list)
    outvoted: list[str] = field(default_factory=list)

    def notes(self) -> list[str]:
        """What to say of files with several rows."""
        if not self.outvoted:
            return []
        count = len(self.outvoted)
        files = "1 file has" if count == 1 else f"{count} files have"
        return [f"{files} several rows that differ; the emotion that most of them name counts."]


def rows_of_files(sheet: Sheet, finder: Finder) -> Rows:
    """The rows of each file: those of its very name, else those of the only one that can mean it.

    Where several differ, the emotion of more than half of them counts.
    """
    rows = Rows()
    told: defaultdict[str, list[Row]] = defaultdict(list)
    others: defaultdict[str, list[Row]] = defaultdict(list)
    for row in sheet.table.rows:
        named = sheet.cell(row, "file")
        file = finder.exact(named, sheet.folder)
        if file is None:
            others[named].append(row)
        else:
            told[file].append(row)
    for file, name in _meant(others, set(told), sheet, finder, rows.skipped).items():
        told[file] = others[name]
    for file, several in told.items():
        _settle(rows, file, several, sheet)
    return rows


def _meant(
    names: Iterable[str], taken: set[str], sheet: Sheet, finder: Finder, skipped: list[Skipped]
) -> dict[str, str]:
    """The name by which each file is meant that none has as it stands."""
    meant: defaultdict[str, list[str]] = defaultdict(list)
    for named in names:
        found = [file for file in finder.like(named, sheet.folder) if file not in taken]
        if len(found) == 1:
            meant[found[0]].append(named)
        else:
            why = "may be any of several files" if found else "is not in the folder"
            skipped.append(Skipped(named or "(a row without a file)", why))
    unclear = {file: several for file, several in meant.items() if len(several) > 1}
    skipped.extend(
        Skipped(file, f"may be meant by several rows: {shortened(several)}")
        for file, several in unclear.items()
    )
    return {file: several[0] for file, several in meant.items() if file not in unclear}


def _settle(rows: Rows, file: str, several: list[Row], sheet: Sheet) -> None:
    """Choose one of a file's rows, or none where they contradict each other."""
    spoken = [row for row in several if sheet.cell(row, "emotion")] or several
    said = [_compared(sheet.cell(row, "emotion")) for row in spoken]
    counts = Counter(said)
    best, votes = counts.most_common(1)[0]
    chosen = spoken[said.index(best)]
    if 2 * votes > len(spoken):
        rows.of[file] = chosen
        rows.outvoted.extend([file] if len(counts) > 1 else [])
        return
    words = {
        key: sheet.cell(row, "emotion") for key, row in reversed([*zip(said, spoken, strict=True)])
    }
    labels = shortened([f"“{words[key]}”" for key in counts])
    rows.skipped.append(
        Skipped(file, f"has rows that contradict each other: {labels}; keep the right one")
    )


def _compared(cell: str) -> str:
    """What a label means, whatever its language and spelling."""
    return emotion_in(cell) or fold(cell)

"""What the tables of a person's folder say of its recordings."""

from collections.abc import Mapping

from ser_core.corpora.folder.files import Skipped
from ser_core.corpora.folder.finding import Finder
from ser_core.corpora.folder.labels import Labels, Reading, from_folders
from ser_core.corpora.folder.layouts import named_as
from ser_core.corpora.folder.people import person_of
from ser_core.corpora.folder.rows import rows_of_files
from ser_core.corpora.folder.sheets import Sheet, sheet_of
from ser_core.corpora.folder.tables import Table, is_labels
from ser_core.corpora.folder.words import UNKNOWN, emotion_of, sex_of
from ser_core.errors import CorpusError

_NOBODY = {
    *("", "unknown", "unbekannt", "anonymous", "anonym", "nobody", "none", "null", "nil", "nan"),
    *("na", "n/a", "n.a.", "?", "-", "--", "–", "—"),
}


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
        rows = rows_of_files(sheet, finder)
        _add(reading.labels, {f: _labels(sheet, row) for f, row in rows.of.items()}, sheet)
        reading.skipped.extend(rows.skipped)
        reading.notes.extend([sheet.told(), *rows.notes()])
    told = {*reading.labels, *(each.file for each in reading.skipped)}
    missing = (file for file in files if file not in told)
    reading.skipped.extend(Skipped(file, "is not in the table") for file in missing)
    return reading


def _labels(sheet: Sheet, row: tuple[str, ...]) -> Labels:
    speaker = sheet.cell(row, "speaker")
    return Labels(
        sheet.cell(row, "emotion"),
        UNKNOWN if speaker.casefold() in _NOBODY else speaker,
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


def _complete(reading: Reading, sheets: list[Sheet], finder: Finder) -> None:
    """Add what further tables tell: of files, then the files' names, then tables of speakers."""
    labels = reading.labels
    of_files = [
        s for s in sheets if not (s.lacking("file", "speaker") and s.lacking("file", "sex"))
    ]
    of_people = [s for s in sheets if s not in of_files and not s.lacking("speaker", "sex")]
    for sheet in of_files:
        rows = rows_of_files(sheet, finder).of
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

"""Reads what a person's folder says of its recordings: from a table, or from its folders' names."""

import csv
import io
import unicodedata
from dataclasses import dataclass
from pathlib import PurePosixPath

from ser_core.decoding.formats import READABLE
from ser_core.emotions import Emotion
from ser_core.errors import CorpusError

TABLE_COLUMNS = ("file", "emotion", "speaker")
UNKNOWN = "unknown"
LEFT_ALONE = (".csv", ".txt", ".md", ".json", ".pdf", ".xml")  # neither read nor worth a word
_WORDS = {
    Emotion.NEUTRAL: ("neutrality",),
    Emotion.CALM: ("calmness", "relaxed"),
    Emotion.HAPPY: ("happiness", "joy", "joyful"),
    Emotion.SAD: ("sadness",),
    Emotion.ANGRY: ("anger",),
    Emotion.FEARFUL: ("fear", "afraid", "scared"),
    Emotion.DISGUST: ("disgusted",),
    Emotion.SURPRISED: ("surprise",),
}
EMOTION_WORDS = {word: e for e, words in _WORDS.items() for word in (e.value, *words)}
_NOT_AUDIO = "is not audio that can be read"
_SEXES = {"f": "female", "female": "female", "w": "female", "m": "male", "male": "male"}


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that did not become a clip, and why."""

    file: str
    why: str


@dataclass(frozen=True, slots=True)
class Labels:
    """What is said of one file, in the words of whoever labelled it."""

    emotion: str
    speaker: str = UNKNOWN
    sex: str = UNKNOWN
    statement: str = UNKNOWN


def from_folders(files: list[str], skipped: list[Skipped]) -> dict[str, Labels]:
    """Labels by path, from the folders that each file is in; adds to `skipped`."""
    labels = {}
    for file in files:
        if not _is_audio(file, skipped):
            continue
        folders = PurePosixPath(file).parts[:-1]
        emotions = [part for part in folders if part.lower() in EMOTION_WORDS]
        if len(emotions) != 1:
            why = "two folders name an emotion" if emotions else "no folder names its emotion"
            skipped.append(Skipped(file, why))
            continue
        others = [part for part in folders if part not in emotions]
        labels[file] = Labels(emotions[0], "/".join(others) or UNKNOWN)
    return labels


def from_table(files: list[str], table: str, skipped: list[Skipped]) -> dict[str, Labels]:
    """Labels by path, from a table; adds to `skipped`.

    Raises:
        CorpusError: if the table lacks a column.
    """
    present, labels = {_normal(file): file for file in files}, {}
    for row in _rows(table):
        named = row.get("file", "").replace("\\", "/").removeprefix("./")
        file = present.get(_normal(named))
        if file is None:
            skipped.append(Skipped(named or "(a row without a file)", "is not in the folder"))
        elif file in labels:
            skipped.append(Skipped(file, "is in the table twice; the first row counts"))
        elif not _can_be_read(file):
            skipped.append(Skipped(file, _NOT_AUDIO))
        else:
            statement, sex = row.get("statement"), row.get("sex", "").lower()
            labels[file] = Labels(
                row.get("emotion", ""),
                row.get("speaker") or UNKNOWN,
                _SEXES.get(sex, UNKNOWN),
                statement or UNKNOWN,
            )
    for file in files:
        if file not in labels and _can_be_read(file):
            skipped.append(Skipped(file, "is not in the table"))
    return labels


def _rows(table: str) -> list[dict[str, str]]:
    """Rows of a CSV text, separated by comma, semicolon or tab, with lower-case column names."""
    head = table.lstrip("\ufeff").splitlines()[0] if table.strip() else ""
    separator = max(",;\t", key=head.count)
    text = io.StringIO(table.lstrip("\ufeff"), newline=None)  # old spreadsheets end lines by CR
    try:
        reader = csv.reader(text, delimiter=separator)
        lines = [[cell.strip() for cell in line] for line in reader if any(line)]
    except csv.Error as error:
        raise CorpusError(
            f"The table cannot be read ({error}). Save it again as CSV, with quotes in pairs."
        ) from error
    names = [cell.lower() for cell in lines[0]] if lines else []
    if missing := [column for column in TABLE_COLUMNS[:2] if column not in names]:
        raise CorpusError(
            f"The table has no column {' and no column '.join(missing)}. Its first line must name "
            f"the columns: {', '.join(TABLE_COLUMNS)}."
        )
    return [dict(zip(names, line, strict=False)) for line in lines[1:]]


def _normal(name: str) -> str:
    """A name as one machine writes it: some store an umlaut as two characters."""
    return unicodedata.normalize("NFC", name)


def _is_audio(file: str, skipped: list[Skipped]) -> bool:
    if _can_be_read(file):
        return True
    if PurePosixPath(file).suffix.lower() not in LEFT_ALONE:
        skipped.append(Skipped(file, _NOT_AUDIO))
    return False


def _can_be_read(file: str) -> bool:
    return PurePosixPath(file).suffix.lower().lstrip(".") in READABLE

"""Reads the tables that people label recordings with, whatever their programs wrote."""

import csv
import io
import json
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

import pandas as pd

from ser_core.corpora.folder.files import HIDDEN, no_sound
from ser_core.corpora.folder.words import fold
from ser_core.errors import CorpusError

ENDINGS = (".csv", ".tsv", ".tab", ".xlsx", ".xlsm", ".xls", ".jsonl", ".ndjson", ".parquet")
_NAMED = ("labels", "metadata")  # also deeper down, and as text
COLUMNS = {  # what people call them, compared without case, spaces and marks
    "file": "file filename filepath path audio audiofile audiofilename audiopath audiofilepath wav "
    "wavfile wavpath wavname clip clipname recording soundfile sound fname uttid utteranceid "
    "datei dateiname pfad fichier chemin archivo fichero ruta nomefile percorso plik id",
    "emotion": "emotion emotions label labels class category emotionlabel emotionname "
    "emotionclass emotioncategory labelname classname target emo emoclass mood feeling affect "
    "gefuhl klasse emocion etiqueta etiquette classe emozione emocja",
    "speaker": "speaker speakerid speakername spk spkid spkr spkrid actor actorid actress subject "
    "subjectid participant participantid person personid talker talkerid voice voiceid user "
    "userid clientid sprecher sprecherin sprecherid locuteur hablante locutor parlante mowca",
    "sex": "sex gender speakersex speakergender actorsex actorgender geschlecht sexe genre sexo "
    "genero sesso genere plec",
    "statement": "statement sentence text transcript transcription utterance phrase prompt words "
    "satz phrase frase zdanie",
}
_ROLES = {role: tuple(names.split()) for role, names in COLUMNS.items()}
_TITLE_ROWS = 5  # before the columns' names, at most
_DAMAGE = (
    *(csv.Error, zipfile.BadZipFile),
    *(AttributeError, KeyError, OSError, TypeError, ValueError),
)
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True, slots=True)
class Table:
    """A table as it was read.

    Attributes:
        path: of its file.
        names: of its columns.
        rows: one text per column.
    """

    path: str
    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def columns(self, role: str) -> list[int]:
        """The columns that by their names may play a role, the likeliest first."""
        names = [fold(name.partition("(")[0]).replace(" ", "") for name in self.names]
        return [names.index(known) for known in _ROLES[role] if known in names]

    def values(self, column: int) -> Iterable[str]:
        """One column."""
        return (row[column] for row in self.rows)

    def found(self) -> str:
        """The columns' names, for messages."""
        return ", ".join(filter(None, self.names)) or "nothing"


def tables_among(files: Iterable[str]) -> list[str]:
    """The files that may label the others: the uppermost tables, and deeper ones by their names."""
    paths = {file: PurePosixPath(file) for file in files if no_sound(file) != HIDDEN}
    tables = [file for file, path in paths.items() if path.suffix.lower() in (*ENDINGS, ".txt")]
    named = {file for file in tables if paths[file].stem.lower() in _NAMED}
    others = [file for file in tables if not file.lower().endswith(".txt")]
    depth = min((file.count("/") for file in others), default=0)
    return sorted(named | {file for file in others if file.count("/") == depth})


def is_labels(file: str) -> bool:
    """Whether a table claims by its name to hold the labels."""
    return PurePosixPath(file).stem.lower() == "labels"


def read_table(path: str, content: bytes) -> Table:
    """Read a table: CSV in any common form, Excel, JSON lines or Parquet.

    Raises:
        CorpusError: if it is none of these, or damaged.
    """
    try:
        lines = _lines(path, content)
    except _DAMAGE as error:
        raise CorpusError(
            f"{path} cannot be read as a table ({str(error) or type(error).__name__}). Save it "
            "again as CSV, with quotes in pairs."
        ) from error
    lines = [line for line in lines if any(line)]
    width = max(map(len, lines), default=0)
    padded = [tuple(line + [""] * (width - len(line))) for line in lines]
    tables = [Table(path, names, ()) for names in padded[:_TITLE_ROWS]] or [Table(path, (), ())]
    named = (i for i, t in enumerate(tables) if t.columns("file") and t.columns("emotion"))
    head = next(named, 0)
    return replace(tables[head], rows=tuple(padded[head + 1 :]))


def _lines(path: str, content: bytes) -> list[list[str]]:
    """Cells as texts, whatever the file."""
    if content.startswith(_OLD_EXCEL):
        raise ValueError("an Excel file of before 2007 or with a password")
    if content.startswith(b"PK"):
        return _cells(pd.read_excel(io.BytesIO(content), header=None, dtype=str))
    if content.startswith(b"PAR1"):
        frame = pd.read_parquet(io.BytesIO(content)).reset_index()
        return [[str(name) for name in frame.columns], *_cells(frame)]
    text = decoded(content)
    if PurePosixPath(path).suffix.lower() in (".jsonl", ".ndjson"):
        objects = [json.loads(line) for line in text.split("\n") if line.strip()]
        names = list(dict.fromkeys(name for each in objects for name in each))
        return [names, *([_text(each.get(name)) for name in names] for each in objects)]
    return _separated(text)


def _cells(frame: pd.DataFrame) -> list[list[str]]:
    return [[_text(cell) for cell in row] for row in frame.itertuples(index=False)]


def _text(cell: object) -> str:
    if cell is None or cell != cell:  # NaN differs from itself
        return ""
    if isinstance(cell, float) and cell.is_integer():  # whole numbers beside an empty cell
        return str(int(cell))
    return str(cell).strip()


def decoded(content: bytes) -> str:
    """A text in UTF-8, in UTF-16 as Excel saves it, else as older spreadsheets write it."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", "replace")
    if b"\0" in content[:2]:  # UTF-16 without its mark: every other byte of ASCII is 0
        return content.decode("utf-16-be" if content[:1] == b"\0" else "utf-16-le", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _separated(text: str) -> list[list[str]]:
    """Cells between commas, semicolons, tabs or bars; Excel may name which in a first line."""
    text = text.lstrip()
    head = next(iter(text.splitlines()), "")
    separator = max(",;\t|", key=head.count)
    if head.strip('"').lower().startswith("sep="):
        separator, text = head.strip('"')[4:5] or ",", text[len(head) :]
    # some old spreadsheets end lines by CR alone
    lines = csv.reader(io.StringIO(text, newline=None), delimiter=separator)
    return [[cell.strip() for cell in line] for line in lines]

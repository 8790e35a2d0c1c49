"""A folder of labelled recordings as a corpus: labels from a table, or from the folders' names."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from ser_core.corpora.records import Corpus, CorpusInfo, Record
from ser_core.decoding import READABLE
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
_SEXES = {"f": "female", "female": "female", "w": "female", "m": "male", "male": "male"}
_MAX_FILES = 20_000


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that did not become a clip, and why."""

    file: str
    why: str


@dataclass(frozen=True, slots=True)
class OwnCorpus:
    """What a folder holds.

    Attributes:
        corpus: facts and records, for the registry.
        skipped: files that are left out.
        speakers: the folder's own name of each speaker, by number.
    """

    corpus: Corpus
    skipped: tuple[Skipped, ...]
    speakers: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class _Labels:
    """What is said of one file."""

    emotion: str
    speaker: str = UNKNOWN
    sex: str = UNKNOWN
    statement: str = UNKNOWN


def read_folder(folder: Path, name: str | None = None) -> OwnCorpus:
    """Read a folder of recordings; a CSV file in its place stands for the folder around it.

    Args:
        folder: the folder, or its table.
        name: short name of the corpus; made from the folder's name by default.

    Raises:
        CorpusError: if there is no such folder, or nothing in it can be used.
    """
    folder, table = Path(folder), None
    if folder.is_file() and folder.suffix.lower() == ".csv":
        folder, table = folder.parent, folder
    if not folder.is_dir():
        raise CorpusError(f"There is no folder {folder}. Name one that holds your recordings.")
    files = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
    tables = [table.name] if table else [f for f in files if is_table(f)]
    text = None
    if tables:
        text = _decoded((folder / the_table(tables)).read_bytes())
    found = read_labels(name or short_name(folder.resolve().name), files, text)
    return replace(found, corpus=replace(found.corpus, root=folder.resolve()))


def short_name(text: str) -> str:
    """A name for paths, addresses and commands: lower-case letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "own"


def is_table(file: str) -> bool:
    """Whether a file may be the table: a CSV file at the top of the folder."""
    return "/" not in file and file.lower().endswith(".csv")


def the_table(tables: Sequence[str]) -> str:
    """The table of a folder: its only CSV file, or labels.csv.

    Raises:
        CorpusError: if it is not clear which one it is.
    """
    named = [file for file in tables if file.lower() == "labels.csv"]
    if len(named or tables) != 1:
        raise CorpusError(
            f"Several tables lie in the folder ({', '.join(tables)}). Name the right one "
            "labels.csv."
        )
    return (named or list(tables))[0]


def read_labels(name: str, files: Iterable[str], table: str | None = None) -> OwnCorpus:
    """The corpus that some files and their labels make; nothing is opened.

    Args:
        name: short name of the corpus.
        files: paths relative to its folder, with "/".
        table: content of a CSV file with the columns file, emotion and speaker, and perhaps sex
            and statement. Without it the folder that a file is in names its emotion, and any
            folder beside that the speaker: angry/anna/1.wav, anna/angry/1.wav or angry/1.wav.

    Raises:
        CorpusError: if the table cannot be read, or no file can be used.
    """
    files = sorted(set(files))
    if len(files) > _MAX_FILES:
        raise CorpusError(f"The folder holds {len(files)} files. Choose one with recordings alone.")
    skipped: list[Skipped] = []
    if table is None:
        labelled = _from_folders(files, skipped)
    else:
        labelled = _from_table(files, table, skipped)
    records, speakers = _records(name, labelled, skipped)
    if not records:
        first = f" ({skipped[0].file}: {skipped[0].why})" if skipped else ""
        raise CorpusError(
            f"No recording in the folder has a label{first}. Put the recordings into folders named "
            "after emotions, or add a labels.csv with the columns file, emotion, speaker."
        )
    return OwnCorpus(corpus_of(name, records), tuple(skipped), speakers)


def corpus_of(name: str, records: list[Record], root: Path | None = None) -> Corpus:
    """The corpus that some records make.

    Args:
        name: short name of the corpus.
        records: its clips, at least one.
        root: folder of the recordings, where there is one.
    """
    return Corpus(_info(name, records), _unparsable, {r.path: r for r in records}, root)


def _unparsable(name: str) -> Record:
    raise CorpusError(f"'{name}' tells no labels: those of this corpus come from its table.")


def _from_folders(files: list[str], skipped: list[Skipped]) -> dict[str, _Labels]:
    found = {}
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
        found[file] = _Labels(emotions[0], "/".join(others) or UNKNOWN)
    return found


def _from_table(files: list[str], table: str, skipped: list[Skipped]) -> dict[str, _Labels]:
    present, found = set(files), {}
    for row in _rows(table):
        file = row.get("file", "").replace("\\", "/").removeprefix("./")
        if file not in present:
            skipped.append(Skipped(file or "(a row without a file)", "is not in the folder"))
        elif file in found:
            skipped.append(Skipped(file, "is in the table twice; the first row counts"))
        elif _is_audio(file, skipped):
            statement, sex = row.get("statement"), row.get("sex", "").lower()
            found[file] = _Labels(
                row.get("emotion", ""),
                row.get("speaker") or UNKNOWN,
                _SEXES.get(sex, UNKNOWN),
                statement or UNKNOWN,
            )
    for file in files:
        if file not in found and PurePosixPath(file).suffix.lower().lstrip(".") in READABLE:
            skipped.append(Skipped(file, "is not in the table"))
    return found


def _rows(table: str) -> list[dict[str, str]]:
    """Rows of a CSV text, separated by comma, semicolon or tab, with lower-case column names."""
    head = table.lstrip("\ufeff").splitlines()[0] if table.strip() else ""
    separator = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(table.lstrip("\ufeff")), delimiter=separator)
    lines = [[cell.strip() for cell in line] for line in reader if any(line)]
    names = [cell.lower() for cell in lines[0]] if lines else []
    if missing := [column for column in TABLE_COLUMNS[:2] if column not in names]:
        raise CorpusError(
            f"The table has no column {' and no column '.join(missing)}. Its first line must name "
            f"the columns: {', '.join(TABLE_COLUMNS)}."
        )
    return [dict(zip(names, line, strict=False)) for line in lines[1:]]


def _is_audio(file: str, skipped: list[Skipped]) -> bool:
    suffix = PurePosixPath(file).suffix.lower()
    if suffix.lstrip(".") in READABLE:
        return True
    if suffix not in LEFT_ALONE:
        skipped.append(Skipped(file, "is not audio that can be read"))
    return False


def _records(
    name: str, labelled: Mapping[str, _Labels], skipped: list[Skipped]
) -> tuple[list[Record], dict[int, str]]:
    """Records in order of their path, and the speakers' own names by number."""
    usable = {}
    for file, labels in labelled.items():
        if labels.emotion.lower() in EMOTION_WORDS:
            usable[file] = labels
        else:
            said = f"“{labels.emotion}”" if labels.emotion else "an empty field"
            skipped.append(Skipped(file, f"{said} is none of the eight emotions"))
    numbers = _numbers({labels.speaker for labels in usable.values()})
    takes, clips, records = Counter(), Counter(), []
    for file in sorted(usable):
        labels = usable[file]
        emotion, number = EMOTION_WORDS[labels.emotion.lower()], numbers[labels.speaker]
        takes[emotion, number, labels.statement] += 1
        clip = "-".join(PurePosixPath(file).with_suffix("").parts)
        clips[clip] += 1
        records.append(
            Record(
                path=file,
                clip=clip if clips[clip] == 1 else f"{clip}-{clips[clip]}",
                corpus=name,
                speaker=f"{name}/{number:02d}",
                sex=labels.sex,
                emotion=emotion,
                intensity="normal",
                statement=labels.statement,
                repetition=takes[emotion, number, labels.statement],
            )
        )
    return records, {number: speaker for speaker, number in numbers.items()}


def _numbers(speakers: set[str]) -> dict[str, int]:
    """A number for each speaker: the one that is its name, where all names are numbers."""
    if all(s.isdecimal() for s in speakers) and len({int(s) for s in speakers}) == len(speakers):
        return {s: int(s) for s in sorted(speakers, key=int)}
    return {speaker: number for number, speaker in enumerate(sorted(speakers), start=1)}


def _info(name: str, records: list[Record]) -> CorpusInfo:
    present = {r.emotion for r in records}
    return CorpusInfo(
        name=name,
        label=name,
        title=f"Own recordings “{name}”",
        language=UNKNOWN,
        speakers=len({r.speaker for r in records}),
        clips=len(records),
        classes=tuple(e for e in Emotion if e in present),
        licence="not stated",
        citation="",
        homepage="",
        url="",
        archive="",
        statements={s: s for s in sorted({r.statement for r in records})},
    )


def _decoded(content: bytes) -> str:
    """Text of a table: UTF-8, else as older spreadsheets write it."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")

"""Understands a folder of labelled recordings: tables, or the names of its folders and files."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ser_core.corpora.folder.files import Skipped, files_below, no_sound, printable
from ser_core.corpora.folder.labels import Labels, Reading, from_folders
from ser_core.corpora.folder.own import OwnCorpus, corpus_of, records_of, short_name
from ser_core.corpora.folder.people import emotion_in, one_name_each, shortened
from ser_core.corpora.folder.tabled import from_tables
from ser_core.corpora.folder.tables import ENDINGS, Table, is_labels, read_table, tables_among
from ser_core.corpora.folder.words import UNKNOWN, no_emotion
from ser_core.errors import CorpusError


def open_folder(folder: Path, name: str | None = None) -> OwnCorpus:
    """Understand a folder of recordings, none of which is opened yet.

    Args:
        folder: the folder, or its table, which stands for the folder around it.
        name: short name of the corpus; made from the folder's name by default.

    Raises:
        CorpusError: if there is no such folder, or nothing in it has a label.
    """
    folder, table = Path(folder), None
    if folder.is_file() and folder.suffix.lower() in ENDINGS:
        folder, table = folder.parent, folder
    if not folder.is_dir():
        raise CorpusError(f"There is no folder {folder}. Name one that holds your recordings.")
    if printable(str(folder.resolve())) != str(folder.resolve()):
        raise CorpusError(f"{printable(str(folder))} has a name that is no UTF-8. Rename it.")
    files, closed = files_below(folder)
    names = [table.name] if table else tables_among(files)
    try:
        tables = {file: (folder / file).read_bytes() for file in names}
    except OSError as error:
        raise CorpusError(f"{error.filename} cannot be opened ({error.strerror}).") from error
    own = read_labels(name or short_name(folder.resolve().name), files, tables)
    corpus = replace(own.corpus, root=folder.resolve())
    return replace(own, corpus=corpus, skipped=(*own.skipped, *closed))


def read_labels(
    name: str, files: Iterable[str], tables: Mapping[str, bytes] | None = None
) -> OwnCorpus:
    """The corpus that some files and their labels make; no recording is opened.

    Args:
        name: short name of the corpus.
        files: paths relative to its folder, with "/".
        tables: content of the files that `tables_among` them gives. Without any that names file
            and emotion, the folder that a file is in names its emotion, and any folder beside that
            the speaker: angry/anna/1.wav, anna/angry/1.wav or angry/1.wav.

    Raises:
        CorpusError: if a table cannot be read, or no file can be used.
    """
    skipped: list[Skipped] = []
    sounds = []
    for file in sorted(set(files) - {*(tables or ())}):
        if why := no_sound(file) or _unnameable(file):
            skipped.append(Skipped(printable(file), why))
        else:
            sounds.append(file)
    reading = _read(sounds, tables or {})
    labelled = {}
    for file, said in _one_name_each(reading).items():
        if emotion := emotion_in(said.emotion):
            labelled[file] = (emotion, said)
        else:
            reading.skipped.append(Skipped(file, no_emotion(said.emotion)))
    skipped = [*reading.skipped, *skipped]
    if not labelled:
        first = f" ({skipped[0].file}: {skipped[0].why})" if skipped else ""
        raise CorpusError(
            f"No recording in the folder has a label{first}. Put the recordings into folders named "
            "after emotions, or add a labels.csv with the columns file, emotion, speaker."
        )
    reading.notes.extend(_unnamed([said.speaker for _, said in labelled.values()]))
    records, speakers = records_of(name, labelled)
    return OwnCorpus(corpus_of(name, records, speakers), tuple(skipped), tuple(reading.notes))


def _unnameable(file: str) -> str | None:
    """Why no table or page could hold a file's name."""
    return None if printable(file) == file else "has a name that is no UTF-8. Rename it"


def _one_name_each(reading: Reading) -> dict[str, Labels]:
    """The labels, each person's name in one spelling."""
    names, notes = one_name_each({file: said.speaker for file, said in reading.labels.items()})
    reading.notes.extend(notes)
    return {file: replace(said, speaker=names[file]) for file, said in reading.labels.items()}


def _unnamed(speakers: Sequence[str]) -> list[str]:
    """What to say of clips whose speaker has no name."""
    count = speakers.count(UNKNOWN)
    if count == len(speakers):
        return ["Nobody says who speaks: all clips count as one speaker's."]
    if not count:
        return []
    clips = "1 clip" if count == 1 else f"{count} clips"
    return [
        f"Nobody says who speaks in {clips}: scores on unseen speakers leave them out, as anybody "
        "may speak in them. Name the speakers in a labels.csv: file, emotion, speaker."
    ]


def _read(files: list[str], contents: Mapping[str, bytes]) -> Reading:
    """What the tables say; what the folders say where no table serves."""
    tables: list[Table] = []
    problems: list[CorpusError] = []
    for path, content in contents.items():
        try:
            tables.append(read_table(path, content))
        except CorpusError as error:
            problems.append(error)
    reading = from_tables(files, tables) if tables else from_folders(files)
    if problems and (not reading.labels or any(map(is_labels, contents))):
        raise problems[0]
    reading.notes[:0] = map(str, problems)
    return reading


def describe(own: OwnCorpus, shown: int = 20) -> str:
    """What was understood of a folder, for people: clips, speakers, columns, what was skipped."""
    info = own.corpus.info
    names = shortened(
        [
            name if name == str(number) else f"{number} = {name}"
            for number, name in info.speaker_names.items()
        ],
        shown,
    )
    lines = [
        f"{info.name}: {info.clips} clip{'' if info.clips == 1 else 's'} of {info.speakers} "
        f"speaker{'' if info.speakers == 1 else 's'} ({names}), {', '.join(info.classes)}.",
        *own.notes,
        f"{len(own.skipped)} skipped{':' if own.skipped else '.'}",
        *reasons(own.skipped, shown),
    ]
    return "\n".join(lines)


def reasons(skipped: Sequence[Skipped], shown: int = 20) -> list[str]:
    """A line per reason and the files that it holds for, the commonest first."""
    by_reason = defaultdict(list)
    for each in skipped:
        by_reason[each.why].append(each.file)
    ordered = sorted(by_reason.items(), key=lambda item: -len(item[1]))
    lines = [f"  {shortened(files)}: {why}" for why, files in ordered[:shown]]
    more = len(ordered) - shown
    return [*lines, f"  and {more} more reasons"] if more > 0 else lines

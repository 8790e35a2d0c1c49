"""A folder of labelled recordings as a corpus: labels from a table, or from the folders' names."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

import numpy as np

from ser_core.corpora.base import Corpus, CorpusInfo, Record
from ser_core.corpora.folder.labels import (
    EMOTION_WORDS,
    UNKNOWN,
    Labels,
    Skipped,
    from_folders,
    from_table,
)
from ser_core.decoding.decode import Decoded, decode
from ser_core.emotions import Emotion
from ser_core.errors import AudioError, CorpusError

UNSTATED = "not stated"  # the licence of recordings that nobody published
SHORTEST_S = 0.1
_SILENT_PEAK = 1e-4  # of full scale: -80 dBFS
LONGEST_S = 60.0  # of a clip: descriptors of a whole conversation would mean nothing
_MAX_FILES = 20_000
_LONGEST_NUMBER = 6  # digits


@dataclass(frozen=True, slots=True)
class OwnCorpus:
    """What a folder holds.

    Attributes:
        corpus: facts and records, for the registry.
        skipped: files that are left out.
    """

    corpus: Corpus
    skipped: tuple[Skipped, ...]

    @property
    def records(self) -> Mapping[str, Record]:
        """Path to record."""
        return self.corpus.records or {}


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
        text = decoded_table((folder / the_table(tables)).read_bytes())
    own = read_labels(name or short_name(folder.resolve().name), files, text)
    own = replace(own, corpus=replace(own.corpus, root=folder.resolve()))
    problems = {}
    for path in own.records:
        try:
            read_clip(folder / path, path)
        except AudioError as error:
            problems[path] = str(error)
    return without(own, problems)


def read_clip(content: bytes | Path, path: str) -> Decoded:
    """Decode a recording of an own folder.

    Args:
        content: the file or its bytes.
        path: to name it by.

    Raises:
        AudioError: if it cannot be read, holds silence, or is no clip of one utterance by its
            length.
    """
    decoded = decode(content, path)
    if decoded.clip.duration_s > LONGEST_S:
        raise AudioError(
            f"{path} has {decoded.clip.duration_s:.0f} s; a clip holds one utterance of up to "
            f"{LONGEST_S:.0f} s. Cut it into clips."
        )
    if decoded.clip.duration_s < SHORTEST_S:
        raise AudioError(f"{path} is shorter than {SHORTEST_S} s, too short for a voice.")
    if not (np.abs(decoded.clip.samples) > _SILENT_PEAK).any():
        raise AudioError(f"{path} holds silence. Record it again.")
    return decoded


def without(folder: OwnCorpus, problems: Mapping[str, str]) -> OwnCorpus:
    """The corpus without recordings that cannot be read.

    Args:
        folder: the corpus.
        problems: per path of such a recording, why.

    Raises:
        CorpusError: if none is left.
    """
    if not problems:
        return folder
    records = [record for path, record in folder.records.items() if path not in problems]
    if not records:
        raise CorpusError(f"No recording can be read. {[*problems.values()][-1]}")
    info = folder.corpus.info
    skipped = (Skipped(path, why) for path, why in problems.items())
    return OwnCorpus(
        corpus_of(info.name, records, info.speaker_names, folder.corpus.root),
        (*folder.skipped, *skipped),
    )


def describe(folder: OwnCorpus, shown: int = 20) -> str:
    """What became of a folder, for people: clips, speakers, and what was skipped and why."""
    info = folder.corpus.info
    speakers = ", ".join(f"{number} = {name}" for number, name in info.speaker_names.items())
    lines = [
        f"{info.name}: {info.clips} clips of {info.speakers} speaker"
        f"{'' if info.speakers == 1 else 's'} ({speakers}), {', '.join(info.classes)}.",
        f"{len(folder.skipped)} skipped{':' if folder.skipped else '.'}",
        *(f"  {s.file}: {s.why}" for s in folder.skipped[:shown]),
    ]
    more = len(folder.skipped) - shown
    return "\n".join([*lines, f"  and {more} more"] if more > 0 else lines)


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
        labelled = from_folders(files, skipped)
    else:
        labelled = from_table(files, table, skipped)
    records, speakers = _records(name, labelled, skipped)
    if not records:
        first = f" ({skipped[0].file}: {skipped[0].why})" if skipped else ""
        raise CorpusError(
            f"No recording in the folder has a label{first}. Put the recordings into folders named "
            "after emotions, or add a labels.csv with the columns file, emotion, speaker."
        )
    return OwnCorpus(corpus_of(name, records, speakers), tuple(skipped))


def corpus_of(
    name: str, records: list[Record], speakers: Mapping[int, str], root: Path | None = None
) -> Corpus:
    """The corpus that some records make.

    Args:
        name: short name of the corpus.
        records: its clips, at least one.
        speakers: names by number; those without a clip are dropped.
        root: folder of the recordings, where there is one.
    """
    return Corpus(_info(name, records, speakers), _unparsable, {r.path: r for r in records}, root)


def _unparsable(name: str) -> Record:
    raise CorpusError(f"'{name}' tells no labels: those of this corpus come from its table.")


def _records(
    name: str, labelled: Mapping[str, Labels], skipped: list[Skipped]
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
    takes: Counter[tuple[Emotion, int, str]] = Counter()
    records, clips = [], _clip_names(sorted(usable))
    for file, labels in sorted(usable.items()):
        emotion, number = EMOTION_WORDS[labels.emotion.lower()], numbers[labels.speaker]
        takes[emotion, number, labels.statement] += 1
        records.append(
            Record(
                path=file,
                clip=clips[file],
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


def _clip_names(files: list[str]) -> dict[str, str]:
    """A name for each file: its path with hyphens, and a number where two would share one."""
    natural = {file: "-".join(PurePosixPath(file).with_suffix("").parts) for file in files}
    first = {clip: file for file, clip in reversed(natural.items())}
    taken, names = set(first), {}
    for file, clip in natural.items():
        number = 2
        while first[clip] != file and f"{clip}-{number}" in taken:
            number += 1
        names[file] = clip if first[clip] == file else f"{clip}-{number}"
        taken.add(names[file])
    return names


def _numbers(speakers: set[str]) -> dict[str, int]:
    """A number for each speaker: the one that is its name, where all names are numbers."""
    numbers = [s for s in speakers if s.isdecimal() and len(s) <= _LONGEST_NUMBER]
    if len({int(s) for s in numbers}) == len(speakers):
        return {s: int(s) for s in sorted(speakers, key=int)}
    return {speaker: number for number, speaker in enumerate(sorted(speakers), start=1)}


def _info(name: str, records: list[Record], speakers: Mapping[int, str]) -> CorpusInfo:
    present = {r.emotion for r in records}
    used = {int(r.speaker.rpartition("/")[2]) for r in records}
    return CorpusInfo(
        name=name,
        label=name,
        title=f"Own recordings “{name}”",
        language=UNKNOWN,
        speakers=len({r.speaker for r in records}),
        clips=len(records),
        classes=tuple(e for e in Emotion if e in present),
        licence=UNSTATED,
        citation="",
        homepage="",
        url="",
        archive="",
        statements={s: s for s in sorted({r.statement for r in records})},
        speaker_names={number: speakers[number] for number in sorted(used)},
    )


def decoded_table(content: bytes) -> str:
    """Text of a table: UTF-8, else as older spreadsheets write it."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")

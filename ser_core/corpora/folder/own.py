"""A person's own folder as a corpus, made of what is said of its recordings."""

import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from ser_core.corpora.base import CorpusInfo, Record
from ser_core.corpora.folder.files import Skipped
from ser_core.corpora.folder.labels import Labels
from ser_core.corpora.folder.words import UNKNOWN
from ser_core.emotions import Emotion
from ser_core.errors import CorpusError
from ser_core.locations import data_dir

UNSTATED = "not stated"  # the licence of recordings that nobody published
_LONGEST_NUMBER = 6  # digits


@dataclass(frozen=True, slots=True)
class FolderCorpus:
    """A person's own folder; see `ser_core.corpora.base.Corpus` for what it does.

    Attributes:
        info: the facts.
        records: path to record.
        root: the folder, where it is on this machine.
        twins: paths of recordings with the same sound under several labels.
        own: it is a person's own folder.
    """

    info: CorpusInfo
    records: Mapping[str, Record]
    root: Path = Path()
    twins: tuple[tuple[str, ...], ...] = ()
    own: bool = True

    def parse(self, name: str) -> Record:
        """Names follow no rule.

        Raises:
            CorpusError: always.
        """
        raise CorpusError(f"'{name}' tells no labels: those of this corpus come from its table.")

    def default_root(self) -> Path:
        """Where it was when it was read."""
        return self.root

    def index_file(self) -> Path:
        """Beside those of other own folders."""
        return own_dir() / f"{self.info.name}.parquet"

    def find_root(self, root: Path) -> Path | None:
        """The folder, if one of its recordings is there."""
        return root if any((root / path).is_file() for path in self.records) else None

    def how_to_get(self) -> str:
        """What to do where they are gone, without a full stop."""
        return "Put them back, or index their new folder: python -m train index FOLDER"

    def absent(self, root: Path) -> str:
        """That they have gone."""
        place = "/".join(root.parts[-2:])  # no visitor learns the rest of the path
        return f"The recordings of '{self.info.name}' are no longer in {place}. {self.how_to_get()}"

    def located(self, root: Path) -> Iterator[tuple[Record, Path]]:
        """Every recording below a root with its labels, in order of their path."""
        for path, record in sorted(self.records.items()):
            if (root / path).is_file():
                yield record, root / path

    def clip_path(self, clip: str, root: Path) -> Path | None:
        """File of one clip."""
        files = (root / r.path for r in self.records.values() if r.clip == clip)
        return next((file for file in files if file.is_file()), None)


def own_dir() -> Path:
    """$SER_OWN_DIR, else own in the folder of recordings."""
    return Path(os.environ.get("SER_OWN_DIR") or data_dir() / "own")


@dataclass(frozen=True, slots=True)
class OwnCorpus:
    """What a folder holds.

    Attributes:
        corpus: facts and records, for the registry.
        skipped: files that are left out.
        notes: sentences on how the folder was understood.
    """

    corpus: FolderCorpus
    skipped: tuple[Skipped, ...]
    notes: tuple[str, ...] = ()

    @property
    def records(self) -> Mapping[str, Record]:
        """Path to record."""
        return self.corpus.records


def without(folder: OwnCorpus, problems: Mapping[str, str]) -> OwnCorpus:
    """The corpus without some recordings.

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
        path, why = [*problems.items()][-1]
        raise CorpusError(f"No recording can be used. {path} {why}")
    corpus = folder.corpus
    kept = corpus_of(
        corpus.info.name, records, corpus.info.speaker_names, corpus.root, corpus.twins
    )
    skipped = (Skipped(path, why) for path, why in problems.items())
    return replace(folder, corpus=kept, skipped=(*folder.skipped, *skipped))


def short_name(text: str) -> str:
    """A name for paths, addresses and commands: lower-case letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "own"


def records_of(
    name: str, labelled: Mapping[str, tuple[Emotion, Labels]]
) -> tuple[list[Record], dict[int, str]]:
    """Records in order of their path, and the speakers' own names by number."""
    numbers = _numbers({labels.speaker for _, labels in labelled.values()})
    takes: Counter[tuple[Emotion, int, str]] = Counter()
    records, clips = [], _clip_names(sorted(labelled))
    for file, (emotion, labels) in sorted(labelled.items()):
        number = numbers[labels.speaker]
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


def corpus_of(
    name: str,
    records: list[Record],
    speakers: Mapping[int, str],
    root: Path | None = None,
    twins: tuple[tuple[str, ...], ...] = (),
) -> FolderCorpus:
    """The corpus that some records make.

    Args:
        name: short name of the corpus.
        records: its clips, at least one.
        speakers: names by number; those without a clip are dropped.
        root: folder of the recordings, where there is one.
        twins: paths of those with the same sound under several labels.
    """
    by_path = {record.path: record for record in records}
    return FolderCorpus(_info(name, records, speakers), by_path, root or Path(), twins)


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

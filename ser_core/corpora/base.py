"""What every corpus tells about itself and about each of its clips."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from ser_core.emotions import Emotion


@dataclass(frozen=True, slots=True)
class CorpusInfo:
    """Facts of a corpus.

    Attributes:
        name: short name, as in paths and commands.
        label: the name that people use.
        title: full name.
        language: of the speech.
        speakers: how many there are.
        clips: how many recordings there are with one of the eight emotions.
        classes: its emotions, in display order.
        licence: name of the licence.
        citation: what to cite.
        homepage: page for people.
        url: official archive; "" where none is offered: people bring the recordings themselves.
        archive: file name of that archive.
        bytes: size of the archive; None where it is not published.
        md5: checksum of the archive; None where it is not published.
        checksummed: whether the official checksum of each recording is known.
        trains: whether what is shipped may learn from it; a corpus that may not is for tests alone.
        places: pattern of the recordings' places below the root.
        intensities: levels of acting; one where the corpus does not tell them apart.
        left_out: class without a counterpart among the eight emotions to the number of its clips.
        statements: short name of each sentence to the sentence itself.
        speaker_names: what a person's own folder calls its speakers, by number.
    """

    name: str
    label: str
    title: str
    language: str
    speakers: int
    clips: int
    classes: tuple[Emotion, ...]
    licence: str
    citation: str
    homepage: str
    url: str
    archive: str
    bytes: int | None = None
    md5: str | None = None
    checksummed: bool = False
    trains: bool = True
    places: str = "*/*"
    intensities: tuple[str, ...] = ("normal",)
    left_out: Mapping[str, int] = field(default_factory=dict)
    statements: Mapping[str, str] = field(default_factory=dict)
    speaker_names: Mapping[int, str] = field(default_factory=dict)

    def left_out_note(self) -> str:
        """What is left out and why, in sentences; "" where nothing is."""
        return " ".join(
            f"{clips} more clips, of {name}, are left out: {name} has no counterpart among the "
            "eight emotions."
            for name, clips in self.left_out.items()
        )


@dataclass(frozen=True, slots=True)
class Record:
    """One labelled clip.

    Attributes:
        path: POSIX path of the official file below the corpus root; a mere file name where it may
            lie in any folder.
        clip: the file's stem, unique in the corpus.
        corpus: name of the corpus.
        speaker: unique across corpora, such as "ravdess/07".
        sex: "female" or "male"; "unknown" where nobody tells.
        emotion: canonical emotion.
        intensity: "normal" or "strong".
        statement: short name of what is said.
        repetition: take number, from 1.
        duration_s: length in seconds, where it is known.
        sha256: checksum of the official file, where it is known.
    """

    path: str
    clip: str
    corpus: str
    speaker: str
    sex: str
    emotion: Emotion
    intensity: str
    statement: str
    repetition: int
    duration_s: float | None = None
    sha256: str | None = None


class Corpus(Protocol):
    """What every corpus does, published or a person's own."""

    @property
    def info(self) -> CorpusInfo:
        """The facts."""

    @property
    def own(self) -> bool:
        """Whether it is a person's own folder."""

    @property
    def records(self) -> Mapping[str, Record]:
        """Path to record, of a person's own folder; names of published files tell theirs."""

    @property
    def twins(self) -> tuple[tuple[str, ...], ...]:
        """Paths of recordings with the same sound under several labels."""

    def parse(self, name: str) -> Record:
        """The record that a file name spells out; CorpusError where it spells none."""

    def default_root(self) -> Path:
        """Where its recordings are looked for."""

    def index_file(self) -> Path:
        """Where its index lies."""

    def find_root(self, root: Path) -> Path | None:
        """The folder at a place that holds recordings of it; None where there are none."""

    def how_to_get(self) -> str:
        """What brings its recordings here, without a full stop."""

    def absent(self, root: Path) -> str:
        """What to say where a place holds no recording of it."""

    def located(self, root: Path) -> Iterator[tuple[Record, Path]]:
        """Every recording below a root with its labels, in order of their path."""

    def clip_path(self, clip: str, root: Path) -> Path | None:
        """File of one clip; None where it is not there, CorpusError where it cannot be one."""

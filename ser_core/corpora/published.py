"""A corpus that its authors published: file names tell its labels, its index lies with the code."""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ser_core.corpora.base import CorpusInfo, Record
from ser_core.errors import CorpusError
from ser_core.locations import data_dir

INDEXES_DIR = Path(__file__).parent / "indexes"
SUFFIXES = (".wav", ".flac")


@dataclass(frozen=True, slots=True)
class PublishedCorpus:
    """A published corpus; see `ser_core.corpora.base.Corpus` for what it does.

    Attributes:
        info: the facts.
        parse: file name, with any suffix and folder, to its record; CorpusError on a foreign name.
        own: it is nobody's own folder.
        records: none are listed, since names tell them.
        twins: none are known.
    """

    info: CorpusInfo
    parse: Callable[[str], Record]
    own: bool = False
    records: Mapping[str, Record] = field(default_factory=dict)
    twins: tuple[tuple[str, ...], ...] = ()

    def default_root(self) -> Path:
        """$SER_DATA_DIR/<name>, else data/<name>: where it is downloaded to as well."""
        return Path(os.environ.get("SER_DATA_DIR") or data_dir()) / self.info.name

    def index_file(self) -> Path:
        """Committed with the code."""
        return INDEXES_DIR / f"{self.info.name}.parquet"

    def find_root(self, root: Path) -> Path | None:
        """The place itself, or the one more folder that archives of some mirrors wrap around it."""
        folders = (root, root / Path(self.info.archive).stem)
        return next((f for f in folders if next(self.files(f), None) is not None), None)

    def how_to_get(self) -> str:
        """The command that fetches it, or where it is offered; without a full stop."""
        if self.info.url:
            return f"Fetch them: python -m train download {self.info.name}"
        return f"Get them from {self.info.homepage} and put them into {short(self.default_root())}"

    def absent(self, root: Path) -> str:
        """Every way to bring the recordings here."""
        return (
            f"No recordings of '{self.info.name}' in {short(root)}. {self.how_to_get()}, pass "
            "their folder as --root, or set SER_DATA_DIR to the folder that holds all corpora."
        )

    def located(self, root: Path) -> Iterator[tuple[Record, Path]]:
        """Every recording below a root with its labels, in order of their path."""
        for file in sorted(self.files(root)):
            yield self.parse(file.name), file

    def files(self, root: Path) -> Iterator[Path]:
        """Its recordings as the disk gives them: whoever asks for one need not look at all."""
        for file in root.glob(self.info.places):
            if file.suffix.lower() not in SUFFIXES:
                continue
            try:
                record = self.parse(file.name)
            except CorpusError:
                continue  # other files may lie there
            if record.path in (f"{file.parent.name}/{file.stem}.wav", f"{file.stem}.wav"):
                yield file

    def clip_path(self, clip: str, root: Path) -> Path | None:
        """File of one clip, WAV or FLAC; anything else than an official stem is refused."""
        path = self.parse(clip).path
        if "/" not in path:
            return next((file for file in self.files(root) if file.stem == clip), None)
        files = ((root / path).with_suffix(suffix) for suffix in SUFFIXES)
        return next((file for file in files if file.is_file()), None)


def short(folder: Path) -> str:
    """A folder's last two parts: enough to find it, and no visitor learns the rest of the path."""
    return "/".join(folder.parts[-2:])

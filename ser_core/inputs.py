"""What the command line is given: files, folders of them, and who speaks in which."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ser_core.analysis.analyser import Adapt
from ser_core.analysis.voice import Voice
from ser_core.corpora.folder.files import files_below, is_archive, no_sound, printable
from ser_core.corpora.folder.finding import Finder
from ser_core.corpora.folder.sheets import sheet_of
from ser_core.corpora.folder.tables import read_table
from ser_core.errors import SerError
from ser_core.remote import addresses_at, content_of, is_address, name_at


@dataclass(frozen=True, slots=True)
class Input:
    """A file to score, or why it need not (left_out) or cannot be (error).

    Its content is given where it does not lie on a disk; the path is then no more than its name.
    What lies behind an address is fetched when it is its turn, see `with_content`.
    """

    path: Path
    left_out: str = ""
    error: str = ""
    content: bytes | None = field(default=None, repr=False)
    address: str = ""

    @property
    def name(self) -> str:
        """Its path as it can be shown."""
        return self.address or printable(str(self.path))

    @property
    def source(self) -> bytes | Path:
        """What its sound is read from."""
        return self.path if self.content is None else self.content


def inputs_of(name: str) -> list[Input]:
    """A file, or all that lies in a folder, here or behind an address."""
    if is_address(name):
        return [_behind(address) for address in addresses_at(name)]
    folder = Path(name)
    if not folder.is_dir():
        return [Input(folder)]
    files, closed = files_below(folder)
    found = [_of_folder(folder, file) for file in files]
    found += [Input(folder / each.file, error=each.why) for each in closed]
    if all(each.left_out for each in found):
        found.append(Input(folder, error="holds no sound files"))
    return sorted(found, key=lambda each: each.path)


def with_content(given: Input) -> Input:
    """The same with what lies behind its address, if it has one.

    Raises:
        SerError: if it cannot be fetched.
    """
    if not given.address or given.left_out or given.content is not None:
        return given
    return replace(given, content=content_of(given.address))


def _behind(address: str) -> Input:
    return Input(Path(address), left_out=no_sound(name_at(address)) or "", address=address)


def _of_folder(folder: Path, file: str) -> Input:
    why = no_sound(file) or ""
    if is_archive(file):
        return Input(folder / file, error=why)
    return Input(folder / file, left_out=why)


class Voices:
    """Who speaks in which file; every model knows a voice in its own way."""

    def __init__(self, adapt: Adapt, speakers: Mapping[str, str]) -> None:
        self._adapt = Adapt.FILE if speakers else adapt
        self._speakers = speakers
        self._known: dict[tuple[str, str, int], Voice] = {}

    def of(self, file: Path, channel: int, model: str) -> tuple[Adapt, Voice | None]:
        """How to adapt in a file, and what is known of its speaker; one a channel."""
        speaker = self._speakers.get(file.as_posix(), "")
        if self._adapt != Adapt.SESSION and not speaker:
            return self._adapt, None
        return Adapt.SESSION, self._known.setdefault((model, speaker, channel), Voice())


def speakers_of(path: Path | None, inputs: Sequence[Input]) -> dict[str, str]:
    """Speaker per file.

    Raises:
        SerError: if the table cannot be read, lacks a column or names none of the files.
    """
    if path is None:
        return {}
    try:
        sheet = sheet_of(read_table(path.name, path.read_bytes()))
    except OSError as error:
        raise SerError(f"{path} cannot be read ({error.strerror}). Check the path.") from error
    if lacking := sheet.lacking("file", "speaker"):
        raise SerError(f"{path} has {lacking}. It needs two: file (name or path) and speaker.")
    finder = Finder(each.path.as_posix() for each in inputs)
    speakers = {
        file: sheet.cell(row, "speaker")
        for row in sheet.table.rows
        for file in finder.like(sheet.cell(row, "file"), "")
    }
    if not speakers:
        raise SerError(f"{path} names none of the files. Its column file holds names or paths.")
    return speakers

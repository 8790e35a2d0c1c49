"""Opens the recordings of a person's own folder: each must be a clip, and no copy of another."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from ser_core.corpora.folder.copies import Sounds
from ser_core.corpora.folder.own import OwnCorpus, without
from ser_core.corpora.folder.people import shortened
from ser_core.corpora.folder.reader import open_folder
from ser_core.decoding.decode import Decoded, decode
from ser_core.errors import AudioError
from ser_core.formatting import quantity

SHORTEST_S = 0.1
LONGEST_S = 60.0  # of a clip: descriptors of a whole conversation would mean nothing
_SILENT_PEAK = 1e-4  # of full scale: -80 dBFS


def read_folder(folder: Path, name: str | None = None) -> OwnCorpus:
    """Understand a folder, then open every recording: without those that cannot be used.

    Args:
        folder: see `open_folder`.
        name: see `open_folder`.

    Raises:
        CorpusError: if there is no such folder, or nothing in it can be used.
    """
    return checked(open_folder(folder, name))


def checked(own: OwnCorpus, progress: Callable[[int, int], None] | None = None) -> OwnCorpus:
    """A folder on this machine without recordings that cannot be read, and without copies.

    Args:
        own: as `open_folder` gives it.
        progress: called with (done, total) recordings.

    Raises:
        CorpusError: if none is left.
    """
    screening = Screening(own)
    for done, path in enumerate(own.records, start=1):
        screening.read((own.corpus.root or Path()) / path, path)
        if progress:
            progress(done, len(own.records))
    return screening.passed()


class Screening:
    """Reads the recordings of a folder one by one and keeps what makes a clip of its own."""

    def __init__(self, own: OwnCorpus) -> None:
        self._own = own
        self._sounds = Sounds()
        self._problems: dict[str, str] = {}

    def read(self, content: bytes | Path, path: str) -> Decoded | None:
        """A recording; None where it cannot be read, which is told in the end.

        Args:
            content: the file or its bytes.
            path: of its record.
        """
        try:
            decoded = read_clip(content, path)
        except AudioError as error:
            self._problems[path] = str(error).removeprefix(f"{path} ")
            return None
        self._sounds.add(path, decoded.clip)
        return decoded

    def passed(self) -> OwnCorpus:
        """The corpus of the recordings that were read, one of each sound.

        The same sound under several labels stays: which of them is right, only people know.

        Raises:
            CorpusError: if none is left.
        """
        records = self._own.records
        copies: dict[str, str] = {}
        twins: list[tuple[str, ...]] = []
        for group in self._sounds.groups():
            first: dict[tuple[str, str], str] = {}
            for path in sorted(group, key=lambda path: (path.count("/"), path)):
                label = (records[path].speaker, records[path].emotion)
                if first.setdefault(label, path) != path:
                    copies[path] = f"holds the same sound as {first[label]}"
            if len(first) > 1:
                twins.append(tuple(first.values()))
        corpus = replace(self._own.corpus, twins=tuple(twins))
        notes = (*self._own.notes, *_notes(copies, twins))
        return without(replace(self._own, corpus=corpus, notes=notes), self._problems | copies)


def _notes(copies: Mapping[str, str], twins: Sequence[tuple[str, ...]]) -> Iterator[str]:
    if copies:
        yield f"Copies of other recordings by their sound: {len(copies)}. One of each was kept."
    if twins:
        named = shortened([" = ".join(group[:3]) for group in twins], 3)
        yield (
            f"The same sound has several labels: {named}. Which is right? Until you say so, every "
            "split keeps such recordings, and those who speak them, on one side."
        )


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
            f"{path} has {quantity(decoded.clip.duration_s, 's')}; a clip holds one utterance of "
            f"up to {quantity(LONGEST_S, 's')}. Cut it into clips."
        )
    if decoded.clip.duration_s < SHORTEST_S:
        raise AudioError(f"{path} is shorter than {SHORTEST_S} s, too short for a voice.")
    if not (np.abs(decoded.clip.samples) > _SILENT_PEAK).any():
        raise AudioError(f"{path} holds silence. Record it again.")
    return decoded

"""What a file's own header says of its length, where FFmpeg believes too much or too little of it.

Layouts: Microsoft's "Multimedia Programming Interface" (RIFF), EBU Tech 3306 (RF64), Sony's Wave64,
Apple's AIFF, ISO/IEC 14496-12 (MP4).
"""

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

_RIFF, _W64 = (b"RIFF", b"RF64", b"BW64"), b"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\x00\x00"
_W64_DATA = b"data\xf3\xac\xd3\x11\x8c\xd1\x00\xc0\x4f\x8e\xdb\x8a"
_TAIL = (b"LIST", b"id3 ", b"ID3 ", b"JUNK", b"bext", b"cue ", b"smpl", b"_PMX", b"iXML", b"PEAK")
_UNTAGGED = (b"TAG", b"ID3", b"APE")  # tags that are no chunks, after the last one
_UNSIZED = 0x7FFF_0000  # what recorders and pipes write before they know better, and more
_SHORT = 4_096  # bytes; what is less than that after the sound is no sound
_BOXES = (b"ftyp", b"moov", b"mdat", b"wide", b"pnot")  # that an MP4 or QuickTime file begins with
_MOST = 10_000  # parts, chunks or boxes; a damaged header can claim millions


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a file that is a sound file of its own; most files have one.

    Attributes:
        start: its first byte.
        end: after its last byte.
        promised: bytes of sound that its header tells, by those that are there; above 1 if cut.
        understated: whether more sound follows than its header tells.
        unfinished: whether it lacks what its writer adds last, and cannot be read without.
    """

    start: int
    end: int
    promised: float = 1.0
    understated: bool = False
    unfinished: bool = False


class Slice:
    """Some bytes of a file, as a file of its own to read."""

    def __init__(self, file: BinaryIO, part: Part) -> None:
        self._file, self._start, self._size = file, part.start, part.end - part.start
        self._at = 0

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        left = max(self._size - self._at, 0)
        if not left:  # a damaged header sends a reader where no file can seek
            return b""
        self._file.seek(self._start + self._at)
        found = self._file.read(left if size < 0 else min(size, left))
        self._at += len(found)
        return found

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go to a byte; returns where that is."""
        self._at = max((0, self._at, self._size)[whence] + offset, 0)
        return self._at

    def tell(self) -> int:
        """Where the next byte is read."""
        return self._at


def parts_of(file: BinaryIO) -> list[Part]:
    """The parts of a file, at least one; a file whose layout is not known here has one."""
    size = file.seek(0, os.SEEK_END)
    parts: list[Part] = []
    while not parts or (parts[-1].end < size and len(parts) < _MOST):
        start = parts[-1].end if parts else 0
        part = _part(file, start, size)
        if parts and part is None:  # what follows is no sound
            break
        parts.append(part or Part(start, size))
    return parts


def _part(file: BinaryIO, start: int, size: int) -> Part | None:
    """The part that starts here; None if its layout is not known."""
    head = _read(file, start, 16)
    if head[:4] in _RIFF and head[8:12] == b"WAVE":
        return _riff(file, start, size)
    if head == _W64:
        return _wave64(file, start, size)
    if head[:4] == b"FORM" and len(head) == 16:
        (length,) = struct.unpack(">I", head[4:8])
        return Part(start, _followed(file, start + 8 + length, size, b"FORM"))
    if head[4:8] in _BOXES:
        return _boxes(file, start, size)
    return None


def _riff(file: BinaryIO, start: int, size: int) -> Part:
    long_data = 0
    for at, name, length in _chunks(file, start + 12, size):
        if name == b"ds64":
            (long_data,) = struct.unpack("<Q", _read(file, at + 8, 8).ljust(8, b"\0"))
        if name == b"data":
            unsized = length == 0 or length >= _UNSIZED
            return _of_sound(file, start, at, long_data if unsized else length, size)
    return Part(start, size)


def _of_sound(file: BinaryIO, start: int, at: int, length: int, size: int) -> Part:
    """A RIFF part whose sound begins at a byte and should have a length; 0 if unknown."""
    here = size - at
    if not length:
        return Part(start, size)
    if length > here:
        return Part(start, size, promised=length / max(here, 1))
    end = at + length + length % 2
    for chunk, name, chunk_length in _chunks(file, end, size):
        if name in _RIFF:
            return Part(start, chunk - 8)
        known = chunk + chunk_length <= size or name in _TAIL
        if not (known and name.isascii() and name.decode("ascii").isprintable()):
            return Part(start, size, understated=_is_sound(file, chunk - 8, size))
    return Part(start, size)


def _is_sound(file: BinaryIO, start: int, size: int) -> bool:
    """Whether what lies behind the last chunk is more than padding or a tag."""
    sample = _read(file, start, _SHORT)
    return size - start >= _SHORT and not sample.startswith(_UNTAGGED) and any(sample)


def _chunks(file: BinaryIO, at: int, size: int) -> Iterator[tuple[int, bytes, int]]:
    """Start of the content, name and length of RIFF chunks."""
    for _ in range(_MOST):
        if at + 8 > size:
            return
        name, length = struct.unpack("<4sI", _read(file, at, 8))
        yield at + 8, name, length
        at += 8 + length + length % 2


def _wave64(file: BinaryIO, start: int, size: int) -> Part:
    at = start + 40
    while at + 24 <= size:
        name, length = struct.unpack("<16sQ", _read(file, at, 24))
        here = size - at - 24
        if name == _W64_DATA:
            end = _followed(file, at + (length + 7) // 8 * 8, size, _W64)
            cut = here < length - 24 < 2**62
            return Part(start, end, promised=(length - 24) / max(here, 1) if cut else 1.0)
        at += max((length + 7) // 8 * 8, 24)
    return Part(start, size)


def _followed(file: BinaryIO, end: int, size: int, magic: bytes) -> int:
    """Where a part ends: at the next one of its kind, or with the file."""
    end += end % 2
    return end if end < size and _read(file, end, len(magic)) == magic else size


def _boxes(file: BinaryIO, start: int, size: int) -> Part:
    """An MP4 file: it cannot be read without its index, which most writers add last."""
    at, indexed = start, False
    for _ in range(_MOST):
        if at + 8 > size:
            break
        length, name = struct.unpack(">I4s", _read(file, at, 8))
        if name == b"ftyp" and indexed:
            return Part(start, at)
        if length == 1:
            (length,) = struct.unpack(">Q", _read(file, at + 8, 8).ljust(8, b"\0"))
        end = at + max(length or size - at, 8)
        indexed = indexed or (name == b"moov" and end <= size)
        at = end
    return Part(start, size, unfinished=not indexed)


def _read(file: BinaryIO, at: int, size: int) -> bytes:
    file.seek(at)
    return file.read(size)

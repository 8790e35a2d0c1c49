"""A file as FFmpeg reads it, through PyAV: its tracks, and the sound of one on the file's clock."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.container import InputContainer
from numpy.typing import NDArray

from ser_core.decoding.findings import Findings
from ser_core.decoding.headers import Part, Slice

# FFmpeg guesses a length from the bit rate where a format tells none; these tell one.
_TELL_LENGTH = (
    *("wav", "w64", "aiff", "au", "caf", "flac", "nistsphere", "mov", "matroska", "asf", "flv"),
    *("avi", "tta", "ape", "wv", "rm"),
)
# These keep a clock of their own; for others FFmpeg counts samples.
_CLOCKED = ("mov", "matroska", "mpeg", "asf", "flv", "avi", "ogg", "flac", "rm", "mxf", "nut")
# Of these, what writes a file with a gap in its clock would be unusual: something was lost.
_WITHOUT_GAPS, _LOSS_S = ("ogg", "flac", "asf", "mpegts"), 0.04
_INFO = (b"Xing", b"Info", b"VBRI", b"LAME")  # in a frame of MP3 that holds facts, not sound
_NO_SOUND = (*_INFO, b"ID3", b"APETAGEX")
# What LAME puts before the sound, and any decoder after that: other encoders put as much or more.
_MP3_DELAY = 576 + 529  # samples
_GAP_S = 0.1  # clocks of recorders jitter by less
_LONGEST_GAP_S = 30 * 60.0  # beyond, it is the clock that is wrong
_BLOCK_S = 1.0
_RETRIES = 50  # of a reader that meets damage and does not get on
_EXACT = ("pcm_", "flac", "adpcm_")  # to the sample; lossy codecs round the length of a file
_STILL = (
    av.stream.Disposition.attached_pic
    | av.stream.Disposition.timed_thumbnails
    | av.stream.Disposition.still_image
)
_OPTIONS = {"protocol_whitelist": "none"}  # a file must not make us open others


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Some sound: shape (n, channels), float32, and samples a second."""

    samples: NDArray[np.float32]
    rate_hz: int


@dataclass(frozen=True, slots=True)
class Track:
    """One of a file's sound tracks.

    Attributes:
        number: 1 for the first.
        rate_hz: samples a second.
        channels: how many.
        is_default: whether the file's author marked it.
        is_float: whether its samples are stored as floating point numbers.
    """

    number: int
    rate_hz: int
    channels: int
    is_default: bool
    is_float: bool


class Container:
    """An opened part of a file. Its sound can be read once.

    Raises:
        av.FFmpegError: if it is no recording.
    """

    def __init__(self, file: BinaryIO, part: Part) -> None:
        options = _OPTIONS | ({"ignore_length": "1"} if part.understated else {})
        self._part, self._start = part, _read_start(file, part)
        self._av: InputContainer = av.open(
            Slice(file, part), metadata_errors="replace", options=options
        )
        # a damaged header: the track is announced, but not how to read it
        self._streams = [s for s in self._av.streams.audio if s.codec_context is not None]

    @property
    def pictures_only(self) -> bool:
        """Whether it is a film without sound, or a picture."""
        return bool(self._av.streams.video) and not self._av.streams.audio

    @property
    def is_picture(self) -> bool:
        """Whether it is a still picture."""
        name = self._av.format.name
        return name.endswith("_pipe") or name in ("image2", "gif", "apng", "ico", "tty")

    @property
    def film(self) -> bool:
        """Whether it has moving pictures."""
        return bool(moving_pictures(self._av))

    @property
    def tracks(self) -> list[Track]:
        """Its sound tracks that can be read."""
        return [
            Track(
                number,
                stream.rate,
                stream.channels,
                bool(stream.disposition & av.stream.Disposition.default),
                stream.codec_context.name.startswith("pcm_f"),
            )
            for number, stream in enumerate(self._streams, 1)
            if stream.rate and stream.channels
        ]

    def blocks(self, number: int, findings: Findings) -> Iterator[Block]:
        """The sound of a track; gaps and a late start are silence.

        Args:
            number: of the track.
            findings: noted there while it is read.
        """
        stream = self._streams[number - 1]
        findings.exact = stream.codec_context.name.startswith(_EXACT)
        early = _MP3_DELAY if self._hides_delay(stream) else 0
        clock = _Clock(findings, self._start_s(stream), self._av.format.name, early)
        waiting: list[Block] = []
        given_s = 0.0
        for frame in self._frames(stream, clock):
            waiting += clock.placed(frame)
            if findings.read_s - given_s >= _BLOCK_S:
                yield from _joined(waiting)
                waiting, given_s = [], findings.read_s
        yield from _joined(waiting)
        findings.declared_s = self._declared_s(stream, clock)
        findings.ends_damaged = clock.lost

    def close(self) -> None:
        """Close it."""
        self._av.close()

    def _frames(self, stream: av.AudioStream, clock: "_Clock") -> Iterator[AudioFrame]:
        """Decoded frames, whatever cannot be decoded left out."""
        failed = 0
        while failed <= _RETRIES:
            try:
                for packet in self._av.demux():
                    clock.passed(packet)
                    if packet.size and packet.stream_index == stream.index:
                        failed = 0
                        yield from _decoded(stream, packet, clock)
                break
            except IndexError:  # the end, told for a track that the file announced too late
                break
            except (av.FFmpegError, ValueError):
                failed += 1
                clock.lose()
        yield from _decoded(stream, None, clock)

    def _start_s(self, stream: av.AudioStream) -> float | None:
        """When the file's clock starts; None where it starts with this track's sound."""
        if self._av.start_time is None or len(self._av.streams) == 1:
            return None
        return self._av.start_time / av.time_base

    def _hides_delay(self, stream: av.AudioStream) -> bool:
        """Whether it is MP3, as from a pipe, without the frame by which FFmpeg leaves it out."""
        return self._av.format.name == "mp3" and not stream.start_time

    def _declared_s(self, stream: av.AudioStream, clock: "_Clock") -> float:
        if self._part.promised > 1:
            return clock.findings.read_s * self._part.promised
        name = self._av.format.name
        tells = name.startswith(_TELL_LENGTH) or (
            name == "mp3" and any(mark in self._start for mark in _INFO)
        )
        if not tells:
            return 0.0
        if stream.duration:
            return float(stream.duration * stream.time_base)
        # this may be the length of the pictures: compared with how far any track goes
        short_s = (self._av.duration or 0) / av.time_base - clock.any_end_s
        return clock.findings.read_s + max(short_s, 0.0)


class _Clock:
    """Where the sound stands on the file's own clock."""

    def __init__(self, findings: Findings, start_s: float | None, form: str, early: int) -> None:
        self.findings, self._clocked = findings, form.startswith(_CLOCKED)
        self._without_gaps = form.startswith(_WITHOUT_GAPS)
        self.lost = False  # something since the last frame
        self.any_end_s = 0.0
        self._start_s = start_s
        self._early = early  # samples still to come that are none of the sound

    def passed(self, packet: av.Packet) -> None:
        """Note how far any track of the file goes."""
        if packet.pts is not None and packet.time_base is not None:
            end_s = float((packet.pts + (packet.duration or 0)) * packet.time_base)
            self.any_end_s = max(self.any_end_s, end_s - (self._start_s or 0.0))

    def lose(self) -> None:
        """Note that something could not be read here."""
        if not self.lost:
            self.findings.damaged_s.append(self.findings.read_s)
        self.lost = True

    def placed(self, frame: AudioFrame) -> list[Block]:
        """A frame, after the silence that comes before it."""
        skipped = min(self._early, frame.samples)
        self._early -= skipped
        samples, rate_hz = as_float(frame)[skipped:], frame.sample_rate
        block, gap_s = Block(samples, rate_hz), self._gap_s(frame)
        before = []
        if self._without_gaps and self.findings.read_s and gap_s > _LOSS_S:
            self.lose()
        if gap_s > (1 / rate_hz if self.lost else _GAP_S):
            silence = np.zeros((round(gap_s * rate_hz), samples.shape[1]), np.float32)
            before = [Block(silence, rate_hz)]
        self.lost = False
        self.findings.read_s += sum(len(b.samples) for b in (*before, block)) / rate_hz
        return [*before, block]

    def _gap_s(self, frame: AudioFrame) -> float:
        """Seconds of nothing before a frame; a clock that jumps is set anew."""
        if not self._clocked or frame.pts is None or frame.time_base is None:
            return 0.0
        time_s = float(frame.pts * frame.time_base)
        if self._start_s is None:
            self._start_s = time_s
        gap_s = time_s - self._start_s - self.findings.read_s
        if not -_GAP_S <= gap_s <= _LONGEST_GAP_S:
            self._start_s += gap_s
            return 0.0
        return gap_s


def moving_pictures(container: InputContainer) -> list[av.VideoStream]:
    """The tracks of a film; the cover of a record and the pictures of chapters are none."""
    return [
        stream
        for stream in container.streams.video
        if stream.codec_context is not None and not stream.disposition & _STILL
    ]


def as_float(*frames: AudioFrame) -> NDArray[np.float32]:
    """Samples of frames of one format, one after another.

    Returns:
        Shape (n, channels), float32; integers fill [-1, 1).
    """
    block = np.concatenate([_samples(frame) for frame in frames])
    if block.dtype.kind == "f":
        return block.astype(np.float32, copy=False)
    limits = np.iinfo(block.dtype)
    half_range = np.float32((int(limits.max) - int(limits.min) + 1) / 2)
    zero = np.float32(int(limits.min) + half_range)
    return (block.astype(np.float32) - zero) / half_range


def _samples(frame: AudioFrame) -> NDArray[np.generic]:
    array = frame.to_ndarray()
    return array.reshape(-1, frame.layout.nb_channels) if frame.format.is_packed else array.T


def _decoded(stream: av.AudioStream, packet: av.Packet | None, clock: _Clock) -> list[AudioFrame]:
    try:
        return stream.decode(packet)
    except (av.FFmpegError, ValueError):
        # a tag or a frame of facts where parts of MP3 were joined is no damage
        is_mp3 = stream.codec_context.name.startswith("mp3")
        if not (is_mp3 and packet and any(mark in bytes(packet) for mark in _NO_SOUND)):
            clock.lose()
        return []


def _joined(blocks: list[Block]) -> Iterator[Block]:
    """Neighbours of one format as one block."""
    start = 0
    for i in range(1, len(blocks) + 1):
        form = blocks[start].rate_hz, blocks[start].samples.shape[1]
        if i == len(blocks) or (blocks[i].rate_hz, blocks[i].samples.shape[1]) != form:
            yield Block(np.concatenate([b.samples for b in blocks[start:i]]), form[0])
            start = i


def _read_start(file: BinaryIO, part: Part) -> bytes:
    """The first frame of an MP3, after a tag of any length; the start of anything else."""
    file.seek(part.start)
    head = file.read(10)
    if head[:3] == b"ID3":
        size = sum((byte & 0x7F) << 7 * i for i, byte in enumerate(reversed(head[6:10])))
        file.seek(part.start + 10 + size)
        return file.read(2_048)
    return head + file.read(2_048)

"""The pictures of a film, two a second, on the clock of its sound."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import av
import numpy as np
from av.container import InputContainer

from ser_core.decoding.container import moving_pictures
from ser_core.decoding.decode import opened
from ser_core.decoding.folding import MAX_DURATION_S
from ser_core.decoding.headers import Slice, parts_of
from ser_core.errors import FaceError
from ser_core.faces.picture import Picture

STEP_S = 0.5
_LONGEST_SIDE = 1280  # pixels; a face is looked at in 112
_MOST_PIXELS = 4096 * 2304  # of a decoded picture, of which a film may need sixteen at once
_RETRIES = 50  # of a reader that meets damage and does not get on
_OPTIONS = {"protocol_whitelist": "none"}  # a file must not make us open others
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """A picture of a film.

    Attributes:
        nth: which half second it stands for, from 0.
        picture: upright, shape (height, width, 3), uint8; its longer side has 1280 pixels at most.
        share: how much of the film lies before it, in [0, 1].
    """

    nth: int
    picture: Picture
    share: float


def moments(source: bytes | Path, name: str = "") -> Iterator[Moment]:
    """The first picture of each half second of a film's first 30 minutes.

    One picture is in memory at a time. What cannot be decoded is left out, and so is a half second
    without a picture of its own.

    Args:
        source: the file's bytes or its path.
        name: the name to use in messages; the path's own by default.

    Raises:
        AudioError: if there is no such file, or it is empty.
        FaceError: if it is no film, or its pictures are too large.
    """
    name = name or (source.name if isinstance(source, Path) else "The recording")
    with opened(source, name) as file:
        try:
            container = _container(file)
        except (av.FFmpegError, ValueError) as error:
            raise no_film(name) from error
        with container:
            streams = moving_pictures(container)
            if not streams:
                raise no_film(name)
            stream = streams[0]
            codec = stream.codec_context
            if codec.width * codec.height > _MOST_PIXELS:
                raise FaceError(
                    f"The pictures of {name} are too large ({codec.width} by {codec.height} "
                    "pixels). Save it in 4K or less."
                )
            codec.options = {"max_pixels": str(_MOST_PIXELS)}  # it may grow on the way
            codec.skip_frame = "NONREF"  # pictures that no other needs; far fewer are looked at
            yield from _moments(container, stream)


def no_film(name: str) -> FaceError:
    """What to say of a file without moving pictures."""
    return FaceError(f"{name} has no moving pictures, so there is no face to look at.")


def _container(file: BinaryIO) -> InputContainer:
    return av.open(Slice(file, parts_of(file)[0]), metadata_errors="replace", options=_OPTIONS)


def _moments(container: InputContainer, stream: av.VideoStream) -> Iterator[Moment]:
    start_s = (container.start_time or 0) / av.time_base  # where the sound's clock starts, too
    whole_s = min((container.duration or 0) / av.time_base or MAX_DURATION_S, MAX_DURATION_S)
    expected = 0
    for frame in _frames(container, stream):
        if frame.pts is None or frame.time_base is None:
            continue
        time_s = float(frame.pts * frame.time_base) - start_s
        if time_s >= MAX_DURATION_S:
            return
        nth = int(max(time_s, 0.0) / STEP_S + 1e-6)
        if nth >= expected:
            expected = nth + 1
            yield Moment(nth, _upright(frame, stream), min(time_s / whole_s, 1.0))


def _frames(container: InputContainer, stream: av.VideoStream) -> Iterator[av.VideoFrame]:
    """Decoded pictures, whatever cannot be decoded left out."""
    failed = 0
    while failed <= _RETRIES:
        try:
            for packet in container.demux(stream):
                yield from _decoded(stream, packet)
                failed = 0
            return
        except (av.FFmpegError, ValueError) as error:
            failed += 1
            _LOG.debug("A film is damaged: %s", error)


def _decoded(stream: av.VideoStream, packet: av.Packet) -> list[av.VideoFrame]:
    try:
        return stream.decode(packet)
    except (av.FFmpegError, ValueError) as error:
        _LOG.debug("A picture is damaged: %s", error)
        return []


def _upright(frame: av.VideoFrame, stream: av.VideoStream) -> Picture:
    """A picture as it is meant to be seen: its pixels square, turned as the file says, not huge."""
    width = frame.width * float(stream.sample_aspect_ratio or 1)
    scale = min(_LONGEST_SIDE / max(width, frame.height), 1.0)
    size = (max(round(side * scale), 1) for side in (width, frame.height))
    picture = frame.reformat(*size, "rgb24", interpolation="AREA").to_ndarray()
    return np.ascontiguousarray(np.rot90(picture, round(frame.rotation / 90)))

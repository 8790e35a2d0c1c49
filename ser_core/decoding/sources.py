"""Sound in any form that a caller has it: files, bytes, open files, clips, arrays."""

import logging
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ser_core.audio.clip import AudioClip
from ser_core.decoding.decode import Decoded, decode, decode_samples
from ser_core.errors import AudioError
from ser_core.remote import content_of, is_address, name_at

Samples: TypeAlias = NDArray[Any]
Source: TypeAlias = str | Path | bytes | BinaryIO | AudioClip | Samples | tuple[Samples, int]

_LOG = logging.getLogger(__name__)


def clip_of(
    source: Source,
    sample_rate_hz: int | None = None,
    *,
    track: int | None = None,
    channel: int | None = None,
) -> AudioClip:
    """Mono 16 kHz sound from whatever it is in.

    Args:
        source: a path, an address, a file's bytes, an open binary file, a clip, or samples as
            `ser_core.decoding.decode.decode_samples` takes them, alone or as (samples, rate).
        sample_rate_hz: of samples alone; everything else knows its own.
        track: of a file with several, from 1; see `ser_core.decoding.decode.decode`.
        channel: of several, from 1; by default those that hold the voice, averaged.

    Returns:
        The sound. What is wrong with a part of it, or that it is longer than is read, is logged as
        a warning.

    Raises:
        AudioError: if it cannot be read, or samples come without a rate or in another shape.
    """
    return _told(_decoded(source, sample_rate_hz, track, channel))


def sides_of(
    source: Source,
    sample_rate_hz: int | None = None,
    *,
    track: int | None = None,
    channel: int | None = None,
) -> list[AudioClip]:
    """As `clip_of`, but each channel by itself where each holds a voice of its own, as in calls."""
    read = getattr(source, "read", None)  # an open file can be read but once
    content: Any = read() if read else source
    if isinstance(source, str) and is_address(source):
        content = content_of(source)
    whole = _decoded(content, sample_rate_hz, track, channel)
    if not whole.apart or channel is not None:
        return [_told(whole)]
    return [
        clip_of(content, sample_rate_hz, track=track, channel=number)
        for number in range(1, whole.channels + 1)
    ]


def _told(decoded: Decoded) -> AudioClip:
    for warning in decoded.warnings:
        _LOG.warning("%s", warning)
    return decoded.clip


def _decoded(
    source: Source, sample_rate_hz: int | None, track: int | None, channel: int | None
) -> Decoded:
    match source:
        case AudioClip():
            return decode_samples(source.samples, source.sample_rate_hz, channel=channel)
        case (np.ndarray() as samples, rate):
            return decode_samples(samples, int(rate), channel=channel)
        case np.ndarray() if sample_rate_hz is not None:
            return decode_samples(source, int(sample_rate_hz), channel=channel)
        case np.ndarray():
            raise AudioError("Samples need their rate. Give it: sample_rate_hz=44100, for example.")
        case str() if is_address(source):
            return decode(content_of(source), name_at(source), track=track, channel=channel)
        case str() | Path():
            return decode(Path(source), track=track, channel=channel)
        case bytes():
            return decode(source, track=track, channel=channel)
    content = source.read() if hasattr(source, "read") else None
    if not isinstance(content, bytes):
        raise AudioError(
            f"No sound can be read from a {type(source).__name__}. Give a path, bytes, a file "
            "that is open in binary mode, or an array with its rate."
        )
    return decode(content, track=track, channel=channel)

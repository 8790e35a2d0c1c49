"""Any audio or video file to mono 16 kHz."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from ser_core.audio.clip import AudioClip
from ser_core.decoding.channels import Choice, choose
from ser_core.decoding.container import Block
from ser_core.decoding.findings import Findings, damage, ends_early
from ser_core.decoding.folding import (
    HELD,
    Folding,
    center,
    fit_full_scale,
    raise_quiet,
    within_limit,
)
from ser_core.decoding.recording import Recording
from ser_core.errors import AudioError
from ser_core.formatting import quantity
from ser_core.runtime import release_memory

_MIN_RATE_HZ, _MAX_RATE_HZ = 4_000, 768_000  # beyond, a tiny file can claim half an hour
_INTEGER_RANGES = (2.0**15, 2.0**23, 2.0**31)
_INTEGERS_FROM = 100.0  # floats beyond are in units of integers; below, they are merely too loud


@dataclass(frozen=True, slots=True, eq=False)
class Decoded:
    """A decoded file.

    Attributes:
        clip: mono, 16 kHz.
        source_rate_hz: rate in the file.
        channels: channel count in the file.
        clipped_share: share of source frames at full scale, in [0, 1].
        warnings: sentences for the person who brought the file.
        raised_db: by how much it was made louder, because it was too quiet to find speech in.
        tracks: sound tracks in the file.
        track: the one that was read, from 1.
        channel: the one that was read, from 1; None for what channels hold together.
        apart: whether each channel holds a voice of its own, as in a recorded call.
        film: whether it has moving pictures beside the sound.
    """

    clip: AudioClip
    source_rate_hz: int
    channels: int
    clipped_share: float
    warnings: tuple[str, ...] = ()
    raised_db: float = 0.0
    tracks: int = 1
    track: int = 1
    channel: int | None = None
    apart: bool = False
    film: bool = False


@dataclass(slots=True)
class _Sound:
    """Something to fold: its blocks, as often as they are wanted, and what reading them found."""

    name: str
    rate_hz: int
    channels: int
    is_float: bool
    blocks: Callable[[], Iterator[Block]]
    findings: Callable[[], list[Findings]] = list


def decode(
    source: bytes | Path, name: str = "", *, track: int | None = None, channel: int | None = None
) -> Decoded:
    """Read a sound file of any common format, at most its first 30 minutes.

    Memory grows with the mono result only: 96 kHz six-channel files are folded block by block.
    Times are those of the file: a late start and gaps are silence.

    Args:
        source: the file's bytes or its path.
        name: the name to use in messages; the path's own by default.
        track: of several sound tracks, from 1; by default the one that is marked as such and holds
            speech, else the first that does.
        channel: of several channels, from 1; by default those that hold the voice.

    Returns:
        The decoded clip with what is worth telling about it.

    Raises:
        AudioError: if the file is missing, empty, not audio, holds no sound, or no such track or
            channel.
    """
    name = name or (source.name if isinstance(source, Path) else "The recording")
    with opened(source, name) as file, Recording(file, name) as recording:
        chosen = recording.track(track)
        sound = _Sound(
            name,
            chosen.rate_hz,
            chosen.channels,
            chosen.is_float,
            lambda: recording.blocks(chosen.number),
            lambda: recording.findings,
        )
        decoded = _folded(sound, channel)
        count = len(recording.tracks)
    release_memory()
    note = f"The file has {count} sound tracks; track {chosen.number} was read."
    return replace(
        decoded,
        tracks=count,
        track=chosen.number,
        film=recording.film,
        warnings=(*((note,) if count > 1 else ()), *decoded.warnings),
    )


def decode_samples(
    samples: NDArray[Any], sample_rate_hz: int, *, channel: int | None = None
) -> Decoded:
    """What `decode` makes of a file with these samples.

    Args:
        samples: shape (n,) or (n, channels): floats in [-1, 1], or integers that fill their type.
        sample_rate_hz: samples a second.
        channel: see `decode`.

    Raises:
        AudioError: if they have another shape or type, another rate than sound has, or are none.
    """
    if samples.ndim not in (1, 2) or (samples.ndim == 2 and samples.shape[0] < samples.shape[1]):
        raise AudioError(
            f"Samples have the shape {samples.shape}. Give (n,), or (n, channels): a row per frame."
        )
    if samples.dtype.kind not in "iuf":
        raise AudioError(f"Samples are {samples.dtype}. Give floats in [-1, 1], or int16.")
    is_float = samples.dtype.kind == "f"
    if not is_float:
        limits = np.iinfo(samples.dtype)
        half_range = (limits.max - limits.min + 1) / 2
        samples = (samples - (limits.min + half_range)) / half_range
    frames = np.atleast_2d(samples.T).T.astype(np.float32, copy=False)
    sound = _Sound(
        "The recording",
        sample_rate_hz,
        frames.shape[1],
        is_float,
        lambda: iter([Block(frames, sample_rate_hz)]),
    )
    return _folded(sound, channel)


def _folded(sound: _Sound, channel: int | None) -> Decoded:
    if not _MIN_RATE_HZ <= sound.rate_hz <= _MAX_RATE_HZ:
        raise AudioError(
            f"{sound.name} claims {sound.rate_hz} samples a second. Save it with 8000 to 192000."
        )
    choice = _choice(sound, channel)
    folding = Folding(choice, _full_scale(sound) if sound.is_float else 1.0)
    for block in sound.blocks():
        if not folding.take(block):
            break
    samples = folding.finish()
    if not samples.size:
        raise AudioError(f"{sound.name} contains no sound. Record it again or choose another file.")
    center(samples)
    fit_full_scale(samples)
    raised_db = raise_quiet(samples)
    found = sound.findings()
    warnings = [
        *([choice.note] if choice.note else []),
        *([] if folding.too_long else ends_early(found)),
        *damage(found),
        *folding.warnings(),
    ]
    if raised_db:
        warnings.append(f"It is very quiet and was made louder by {quantity(raised_db, 'dB')}.")
    return Decoded(
        AudioClip(samples),
        sound.rate_hz,
        sound.channels,
        folding.clipped_share,
        tuple(warnings),
        raised_db,
        channel=channel,
        apart=choice.apart,
    )


def opened(source: bytes | Path, name: str) -> BinaryIO:
    """The file, open: FFmpeg takes some names for addresses, so it never gets to see one."""
    if isinstance(source, Path) and not source.is_file():
        raise AudioError(f"{name} was not found, or is a folder. Check the path.")
    try:
        file = source.open("rb") if isinstance(source, Path) else io.BytesIO(source)
    except OSError as error:
        raise AudioError(f"{name} cannot be opened ({error.strerror}). Check the path.") from error
    if not file.read(1):
        file.close()
        raise AudioError(f"{name} is empty (0 bytes). Record it again or choose another file.")
    return file


def _choice(sound: _Sound, channel: int | None) -> Choice:
    if channel is not None:
        if not 1 <= channel <= sound.channels:
            raise AudioError(f"{sound.name} has no channel {channel}, but {sound.channels} in all.")
        return Choice((channel - 1,))
    if sound.channels == 1:
        return Choice()
    choice = choose(within_limit(sound.blocks()))
    release_memory()  # before the sound is read once more, to be kept
    return choice


def _full_scale(sound: _Sound) -> float:
    """What float samples count as full scale: some files hold them in units of integers."""
    peak = 0.0
    for block in within_limit(sound.blocks()):
        usable = np.abs(block.samples[np.isfinite(block.samples)])
        peak = max(peak, float(usable[usable <= _INTEGER_RANGES[-1]].max(initial=0.0)))
    if peak <= 1:
        return 1.0
    if peak < _INTEGERS_FROM:
        return peak / HELD  # a float holds what is beyond full scale: nothing clips
    return next(full for full in _INTEGER_RANGES if peak <= full)

"""Any audio or video file to mono 16 kHz: libsndfile first, then FFmpeg through PyAV."""

import io
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
import soundfile as sf
from numpy.typing import NDArray

from ser_core.audio.clip import SAMPLE_RATE_HZ, AudioClip, MonoStream
from ser_core.errors import AudioError

MAX_DURATION_S = 30 * 60
READABLE = ("wav", "flac", "mp3", "ogg", "opus", "m4a", "mp4", "webm", "aiff", "wma")
_START_SAMPLES = 60 * SAMPLE_RATE_HZ
_DAMAGE = (av.error.FFmpegError, sf.LibsndfileError, ValueError)
_FORMATS = "wav, flac, mp3, ogg, opus, m4a, mp4 or webm"
_BLOCK_S = 5.0
_MIN_RATE_HZ, _MAX_RATE_HZ = 4_000, 768_000  # beyond, a tiny file can claim half an hour
_SHORTFALL_S = 0.5  # container durations are rounded; a smaller gap says nothing

Block = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Decoded:
    """A decoded file.

    Attributes:
        clip: mono, 16 kHz.
        source_rate_hz: rate in the file.
        channels: channel count in the file.
        clipped_share: share of source frames at full scale, in [0, 1].
        warnings: sentences for the person who brought the file.
    """

    clip: AudioClip
    source_rate_hz: int
    channels: int
    clipped_share: float
    warnings: tuple[str, ...] = ()


@dataclass(slots=True)
class _Source:
    """An opened file: its format, and its sound block by block, each of shape (n, channels)."""

    rate_hz: int
    channels: int
    declared_s: float
    blocks: Iterator[Block]
    close: Callable[[], None] = lambda: None


def decode(source: bytes | Path, name: str = "") -> Decoded:
    """Read a sound file of any common format, at most its first 30 minutes.

    Memory grows with the mono result only: 96 kHz six-channel files are folded block by block.

    Args:
        source: the file's bytes or its path.
        name: the name to use in messages; the path's own by default.

    Returns:
        The decoded clip with what is worth telling about it.

    Raises:
        AudioError: if the file is missing, empty, not audio, or holds no sound.
    """
    name = name or (source.name if isinstance(source, Path) else "The recording")
    _check_source(source, name)
    with closing(_open(source, name)) as opened:
        return _folded(opened, name)


def decode_samples(samples: NDArray[Any], sample_rate_hz: int) -> Decoded:
    """What `decode` makes of a file with these samples.

    Args:
        samples: shape (n,) or (n, channels): floats in [-1, 1], or integers that fill their type.
        sample_rate_hz: samples a second.

    Raises:
        AudioError: if they have another shape or type, another rate than sound has, or are none.
    """
    if samples.ndim not in (1, 2) or (samples.ndim == 2 and samples.shape[0] < samples.shape[1]):
        raise AudioError(
            f"Samples have the shape {samples.shape}. Give (n,), or (n, channels): a row per frame."
        )
    if samples.dtype.kind not in "iuf":
        raise AudioError(f"Samples are {samples.dtype}. Give floats in [-1, 1], or int16.")
    if samples.dtype.kind in "iu":
        limits = np.iinfo(samples.dtype)
        half_range = (limits.max - limits.min + 1) / 2
        samples = (samples - (limits.min + half_range)) / half_range
    frames = np.atleast_2d(samples.T).T.astype(np.float32, copy=False)
    duration_s = len(frames) / max(sample_rate_hz, 1)
    source = _Source(sample_rate_hz, frames.shape[1], duration_s, iter([frames]))
    return _folded(source, "The recording")


def _folded(opened: _Source, name: str) -> Decoded:
    if not _MIN_RATE_HZ <= opened.rate_hz <= _MAX_RATE_HZ:
        raise AudioError(
            f"{name} claims {opened.rate_hz} samples a second. Save it with 8000 to 192000."
        )
    stream = MonoStream(opened.rate_hz)
    samples, broken = _collect(stream, opened)
    if not stream.frames:
        raise AudioError(f"{name} contains no sound. Record it again or choose another file.")
    _fit_full_scale(samples)
    return Decoded(
        AudioClip(samples),
        opened.rate_hz,
        opened.channels,
        stream.clipped_share,
        tuple(_warnings(stream, opened, broken)),
    )


def _collect(stream: MonoStream, opened: _Source) -> tuple[Block, bool]:
    """All samples, and whether the file broke off; what comes before damage is worth an answer."""
    samples, filled, broken = np.zeros(_START_SAMPLES, np.float32), 0, False

    def append(part: Block) -> None:
        nonlocal samples, filled
        if filled + part.size > samples.size:
            # in place: parts and their concatenation side by side would take twice the memory
            samples.resize(max(2 * samples.size, filled + part.size), refcheck=False)
        samples[filled : filled + part.size] = part
        filled += part.size

    room = MAX_DURATION_S * opened.rate_hz
    try:
        for block in opened.blocks:
            append(stream.push(block[: room - stream.frames]))
            if stream.frames >= room:
                break
    except _DAMAGE:
        broken = True
    append(stream.push(np.zeros((0, 1), np.float32), last=True))
    samples.resize(filled, refcheck=False)
    return samples, broken


def _check_source(source: bytes | Path, name: str) -> None:
    if isinstance(source, Path):
        if not source.is_file():
            raise AudioError(f"{name} was not found, or is a folder. Check the path.")
        empty = source.stat().st_size == 0
    else:
        empty = not source
    if empty:
        raise AudioError(f"{name} is empty (0 bytes). Record it again or choose another file.")


def _open(source: bytes | Path, name: str) -> _Source:
    try:
        return _open_soundfile(source)
    except sf.LibsndfileError:
        pass  # m4a, mp4, webm, wma, MP3 inside WAV: FFmpeg's business
    except OSError as error:
        raise AudioError(f"{name} cannot be opened ({error.strerror}). Check the path.") from error
    try:
        return _open_ffmpeg(source, name)
    except (*_DAMAGE, OSError) as error:
        raise AudioError(f"{name} is not audio. Upload {_FORMATS}.") from error


def _handle(source: bytes | Path) -> str | io.BytesIO:
    return str(source) if isinstance(source, Path) else io.BytesIO(source)


def _open_soundfile(source: bytes | Path) -> _Source:
    file = sf.SoundFile(_handle(source))

    def blocks() -> Iterator[Block]:
        # not file.blocks(): it hands out uninitialised samples where a header promised too many
        size = max(int(file.samplerate * _BLOCK_S), 1)
        while len(block := file.read(size, dtype="float32", always_2d=True)):
            yield block

    length_s = file.frames / file.samplerate
    return _Source(file.samplerate, file.channels, length_s, blocks(), file.close)


def _open_ffmpeg(source: bytes | Path, name: str) -> _Source:
    container = av.open(_handle(source))
    if not container.streams.audio:
        container.close()
        raise AudioError(f"{name} has no sound track. Choose a file with sound.")
    stream = container.streams.audio[0]
    if stream.codec_context is None or not stream.rate or not stream.channels:
        container.close()  # a damaged header: the track is announced, but not how to read it
        raise ValueError("unknown codec")
    declared_s = container.duration / av.time_base if container.duration else 0.0

    def blocks() -> Iterator[Block]:
        to_float = av.AudioResampler(format="fltp", layout=stream.layout, rate=stream.rate)
        for frame in container.decode(stream):
            for part in to_float.resample(frame):
                yield part.to_ndarray().T

    return _Source(stream.rate, stream.channels, declared_s, blocks(), container.close)


def _fit_full_scale(samples: Block) -> None:
    """Scale in place: float files may exceed full scale; models ignore gain, players do not."""
    peak = float(max(samples.max(initial=0.0), -samples.min(initial=0.0)))
    if peak > 1.0:
        samples /= np.float32(peak)


def _warnings(stream: MonoStream, opened: _Source, broken: bool) -> Iterator[str]:
    decoded_s = stream.frames / opened.rate_hz
    if decoded_s >= MAX_DURATION_S and opened.declared_s > MAX_DURATION_S + _SHORTFALL_S:
        yield f"Only the first {MAX_DURATION_S // 60} minutes were read."
    elif opened.declared_s - decoded_s > _SHORTFALL_S:
        yield f"Decoded {decoded_s:.0f} of {opened.declared_s:.0f} s; the file ends early."
    elif broken:
        yield f"The file is damaged after {decoded_s:.1f} s; only the part before was read."
    if stream.not_finite:
        share = 100 * stream.not_finite / stream.frames
        yield f"{share:.1f} % of the samples are not numbers and were read as silence."

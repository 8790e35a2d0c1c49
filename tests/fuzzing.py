"""Files of every container, damaged at random, and what may not happen when they are read."""

import io
import struct
import time
import zipfile
from dataclasses import dataclass

import av
import numpy as np

from ser_core.decoding.decode import decode
from ser_core.decoding.folding import MAX_DURATION_S
from ser_core.errors import AudioError
from tests.recordings import film, sound_file
from tests.voice import voice

_SLACK_S = 0.15  # FFmpeg's own count may include what a codec adds at both ends
_LENGTHS = (0, 1, 0x7F, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0xFFFF_FFF0)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file.

    Attributes:
        problem: a traceback's last line, or sound that is missing without a word; empty if none.
        read_s: seconds of sound that were read.
        took_s: seconds that it took.
    """

    problem: str
    read_s: float
    took_s: float


def recordings() -> dict[str, bytes]:
    """A short recording in every container and codec that the tests can write."""
    sound = voice(1.5)
    stereo = np.stack([sound, 0.5 * sound], axis=1)
    by_libsndfile = {
        **{f"{k.lower()}-16": sound_file(sound, kind=k) for k in ("WAV", "AIFF", "FLAC", "AU")},
        **{k.lower(): sound_file(stereo, kind=k) for k in ("W64", "RF64", "CAF", "VOC", "NIST")},
        "wav-float": sound_file(stereo, subtype="FLOAT"),
        "wav-24": sound_file(sound, subtype="PCM_24"),
        "wav-ulaw": sound_file(sound, subtype="ULAW"),
        "wav-adpcm": sound_file(sound, subtype="IMA_ADPCM"),
        "vorbis": sound_file(sound, kind="OGG", subtype="VORBIS"),
        "mat5": sound_file(sound, kind="MAT5"),
    }
    by_ffmpeg = {
        "mp3": film([sound], "mp3", "libmp3lame"),
        "mp3-piped": film([sound], "mp3", "libmp3lame", options={"write_xing": "0"}),
        "m4a": film([sound], "ipod"),
        "mp4-film": film([sound, sound[::-1]], "mp4", picture_s=2.0),
        "mp4-live": film([sound], "mp4", options={"movflags": "frag_keyframe+empty_moov"}),
        "mov": film([sound], "mov", "pcm_s16le"),
        "webm": film([sound], "webm", "libopus"),
        "webm-live": film([sound], "webm", "libopus", options={"live": "1"}),
        "mkv-film": film([sound, sound[::-1]], "matroska", picture_s=2.0),
        "opus": film([sound], "ogg", "libopus"),
        "aac": film([sound], "adts"),
        "mpegts": film([sound], "mpegts", "mp2"),
        "wma": film([sound], "asf", "wmav2"),
        "avi": film([sound], "avi", "pcm_s16le"),
        "flv": film([sound], "flv"),
        "mp2": film([sound], "mp2", "mp2"),
    }
    return by_libsndfile | by_ffmpeg


def mutated(content: bytes, other: bytes, rng: np.random.Generator) -> bytes:
    """A file that was damaged in one to three ways.

    Args:
        content: of the file.
        other: another one, from which parts may come.
        rng: decides.
    """
    for _ in range(rng.integers(1, 4)):
        content = _MUTATIONS[rng.integers(len(_MUTATIONS))](content, other, rng)
    return content


def bombs() -> dict[str, bytes]:
    """Small files that claim, nest or unpack to very much."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros.wav", bytes(50_000_000))
    nested = b""
    for _ in range(2_000):
        nested = struct.pack(">I4s", len(nested) + 8, b"moov") + nested
    riff = b"RIFF\x04\0\0\0WAVE"
    silence = sound_file(np.zeros(16_000), kind="FLAC")
    return {
        "zip": packed.getvalue(),
        "nested boxes": struct.pack(">I4s4sI", 16, b"ftyp", b"isom", 0) + nested,
        "a hundred thousand parts": riff * 100_000,
        "empty chunks": b"RIFF\xff\xff\xff\xffWAVE" + b"LIST\0\0\0\0" * 100_000,
        "a thousand songs": silence * 1_000,
        "a huge rate": sound_file(np.zeros(2_000), 2**31 - 1),
        "a tiny rate": sound_file(np.zeros(2_000), 1),
        "a hundred channels": sound_file(np.zeros((1_000, 100))),
    }


def attempt(content: bytes) -> Outcome:
    """Read a file as a visitor's upload is read."""
    start, read_s, problem, told = time.perf_counter(), 0.0, "", True
    try:
        decoded = decode(content, "a file")
        read_s, told = decoded.clip.duration_s, bool(decoded.warnings)
        if not np.isfinite(decoded.clip.samples).all():
            problem = "samples that are no numbers"
    except AudioError as error:
        told = bool(str(error))
    except Exception as error:  # what must not happen, whatever it is
        problem = f"{type(error).__name__}: {error}"
    took_s = time.perf_counter() - start
    if not told and not problem:
        whole_s = ffmpeg_s(content)
        if read_s < min(whole_s, MAX_DURATION_S) - _SLACK_S:
            problem = f"{read_s:.2f} s were read of {whole_s:.2f} without a word"
    return Outcome(problem, read_s, took_s)


def ffmpeg_s(content: bytes) -> float:
    """Seconds of sound in the longest track that FFmpeg decodes from a file; 0 if it cannot."""
    longest_s = 0.0
    try:
        with av.open(io.BytesIO(content), metadata_errors="ignore") as container:
            tracks = [stream.index for stream in container.streams.audio]
        for index in tracks:
            longest_s = max(longest_s, _track_s(content, index))
    except (av.FFmpegError, ValueError):
        pass
    return longest_s


def _track_s(content: bytes, index: int) -> float:
    read_s = 0.0
    with av.open(io.BytesIO(content), metadata_errors="ignore") as container:
        try:
            for frame in container.decode(container.streams[index]):
                read_s += frame.samples / frame.sample_rate
        except (av.FFmpegError, ValueError, IndexError):  # the last: a track that came late
            pass
    return read_s


def _flip(content, _, rng):
    bytes_ = bytearray(content)
    for at in rng.integers(len(content), size=rng.integers(1, 40)) if content else ():
        bytes_[at] ^= 1 << int(rng.integers(8))
    return bytes(bytes_)


def _flip_head(content, other, rng):
    return _flip(content[:200], other, rng) + content[200:]


def _cut(content, _, rng):
    return content[: rng.integers(len(content) + 1)]


def _lose_start(content, _, rng):
    return content[rng.integers(min(len(content), 500) + 1) :]


def _drop(content, _, rng):
    start, end = sorted(rng.integers(len(content) + 1, size=2))
    return content[:start] + content[min(end, start + 5_000) :]


def _double(content, _, rng):
    return (content * 2)[: rng.integers(len(content), 2 * len(content) + 1)]


def _swap_head(content, other, rng):
    size = int(rng.integers(4, 100))
    return other[:size] + content[size:]


def _join(content, other, _):
    return content + other


def _noise(content, _, rng):
    start = int(rng.integers(len(content) + 1))
    noise = rng.bytes(int(rng.integers(1, 2_000)))
    return content[:start] + noise + content[start + len(noise) :]


def _length(content, _, rng):
    """Some four bytes, most likely of a header, claim a length."""
    at = int(rng.integers(min(len(content), 2_000) + 1))
    order = "<>"[rng.integers(2)]
    return content[:at] + struct.pack(f"{order}I", rng.choice(_LENGTHS)) + content[at + 4 :]


_MUTATIONS = (
    *(_flip, _flip_head, _cut, _lose_start, _drop, _double, _swap_head, _join, _noise, _length),
)

"""Files as phones, recorders, browsers and broken uploads leave them, around a synthetic voice."""

import io
import struct
import tempfile
from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np
import soundfile as sf

RATE_HZ = 48_000


def sound_file(samples: np.ndarray, rate: int = 16_000, subtype="PCM_16", kind="WAV") -> bytes:
    """Written by libsndfile: samples of shape (n,) or (n, channels)."""
    buffer = io.BytesIO()
    sf.write(buffer, samples, rate, subtype=subtype, format=kind)
    return buffer.getvalue()


def film(
    tracks: Sequence[np.ndarray],
    container: str = "mp4",
    codec: str = "aac",
    *,
    rate: int = RATE_HZ,
    late_s: float = 0.0,
    gap: tuple[float, float] | None = None,
    picture_s: float = 0.0,
    default: int | None = None,
    options: dict[str, str] | None = None,
) -> bytes:
    """Written by FFmpeg.

    Args:
        tracks: of sound, 16 kHz, shape (n,) each.
        container: FFmpeg's name of the format.
        codec: of the sound.
        rate: samples a second in the file.
        late_s: when the sound starts.
        gap: where sound is missing, and for how long, in seconds.
        picture_s: length of a black picture; 0 for none.
        default: the only track that is marked as such.
        options: of the container.
    """
    file = tempfile.NamedTemporaryFile()  # an index is moved to the front in a real file only
    with file, av.open(file.name, "w", format=container, options=options or {}) as output:
        picture = output.add_stream("mpeg4", rate=10) if picture_s else None
        if picture:
            picture.width = picture.height = 16
        streams = [output.add_stream(codec, rate=rate, layout="mono") for _ in tracks]
        for i, stream in enumerate(streams):
            stream.bit_rate = 64_000
            if default is not None:
                stream.disposition = av.stream.Disposition.default if i == default else 0
        for _ in range(round(picture_s * 10)):
            shot = av.VideoFrame.from_ndarray(np.zeros((16, 16, 3), np.uint8))
            output.mux(picture.encode(shot))
        if picture:
            output.mux(picture.encode(None))
        for stream, samples in zip(streams, tracks, strict=True):
            for frame in _frames(samples, rate, late_s, gap):
                output.mux(stream.encode(frame))
            output.mux(stream.encode(None))
        output.close()
        return Path(file.name).read_bytes()


def _frames(samples, rate, late_s, gap):
    n = round(samples.size * rate / 16_000)
    samples = np.interp(np.arange(n) / rate, np.arange(samples.size) / 16_000, samples)
    step, skip = 960, 0
    for start in range(0, n - step + 1, step):
        if gap and start / rate >= gap[0]:
            skip = round(gap[1] * rate)
        part = samples[start : start + step].astype(np.float32)
        frame = av.AudioFrame.from_ndarray(part[None], "fltp", "mono")
        frame.rate, frame.pts = rate, start + skip + round(late_s * rate)
        yield frame


def with_data_size(wav: bytes, size: int) -> bytes:
    """A WAV file whose header tells another length of the sound."""
    at = wav.index(b"data") + 4
    return wav[:at] + struct.pack("<I", size) + wav[at + 4 :]


def likeness(got: np.ndarray, want: np.ndarray) -> float:
    """Greatest correlation of a second inside the wanted sound with the same time of another."""
    part = want[16_000:32_000]
    around = got[12_000:36_000]
    products = np.correlate(around, part, "valid")
    return products.max() / (np.linalg.norm(part) * np.linalg.norm(got[16_000:32_000]) + 1e-12)

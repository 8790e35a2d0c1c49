"""Films with a drawn face, as cameras and programs leave them."""

import tempfile
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

WIDTH, HEIGHT = 320, 240
RATE = 10  # pictures a second
_BACKGROUND = (90, 110, 140)


def empty() -> np.ndarray:
    """A picture without a face."""
    return np.full((HEIGHT, WIDTH, 3), _BACKGROUND, np.uint8)


def drawn_face(x: int = 160, y: int = 120, size: float = 0.6) -> np.ndarray:
    """A picture with a face from ellipses, which the detector takes for one.

    Args:
        x: its middle, in pixels.
        y: its middle, in pixels.
        size: 0.6 for 80 pixels across.
    """
    picture = empty()
    for dx, dy, width, height, colour in (
        (0, -12, 64, 78, (60, 40, 30)),  # hair
        (0, 4, 52, 68, (224, 180, 150)),
        *((side * 22, -14, 11, 6, (250, 250, 250)) for side in (-1, 1)),
        *((side * 22, -14, 5, 5, (40, 30, 30)) for side in (-1, 1)),
        *((side * 22, -27, 14, 3, (60, 40, 30)) for side in (-1, 1)),
        (0, 8, 7, 14, (200, 150, 120)),  # nose
        (0, 36, 20, 8, (170, 60, 60)),  # mouth
    ):
        rows, columns = np.mgrid[: picture.shape[0], : picture.shape[1]]
        across, down = (columns - x - dx * size) / width, (rows - y - dy * size) / height
        picture[across**2 + down**2 <= size**2] = colour
    return picture


def film_of(
    pictures: Sequence[np.ndarray],
    sound: np.ndarray | None = None,
    *,
    container: str = "mp4",
    codec: str = "mpeg4",
    turned: int = 0,
    late_s: float = 0.0,
    clock_s: float = 0.0,
    cover: bool = False,
) -> bytes:
    """A film, ten pictures a second.

    Args:
        pictures: shape (height, width, 3) each.
        sound: 16 kHz, shape (n,).
        container: FFmpeg's name of the format.
        codec: of the pictures.
        turned: by how many degrees, counterclockwise, it is to be turned when it is shown.
        late_s: when the first picture comes, after the sound.
        clock_s: when the file's clock starts, as after a cut.
        cover: whether the pictures are the cover of a record.
    """
    codec = "mjpeg" if cover else codec
    with tempfile.NamedTemporaryFile() as file:
        with av.open(file.name, "w", format=container) as output:
            picture = output.add_stream(codec, rate=RATE)
            picture.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
            picture.height, picture.width = pictures[0].shape[:2]
            picture.bit_rate = 2_000_000
            picture.codec_context.gop_size = 5
            if turned:
                picture.set_display_rotation(turned)
            if cover:
                picture.disposition = av.stream.Disposition.attached_pic
            track = output.add_stream("aac", rate=48_000, layout="mono") if sound is not None else 0
            for nth, shown in enumerate(pictures):
                frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(shown), "rgb24")
                frame.pts, frame.time_base = (
                    nth + round((late_s + clock_s) * RATE),
                    Fraction(1, RATE),
                )
                output.mux(picture.encode(frame))
            output.mux(picture.encode(None))
            if track:
                _add_sound(output, track, sound, clock_s)
        return Path(file.name).read_bytes()


def _add_sound(
    output: av.container.OutputContainer, track: av.AudioStream, sound: np.ndarray, clock_s: float
):
    frame = av.AudioFrame.from_ndarray(sound[None].astype(np.float32), "fltp", "mono")
    frame.sample_rate, frame.pts = 16_000, 0
    resampler = av.AudioResampler("fltp", "mono", 48_000, frame_size=1024)
    for part in (*resampler.resample(frame), *resampler.resample(None)):
        part.pts += round(clock_s * 48_000)
        output.mux(track.encode(part))
    output.mux(track.encode(None))

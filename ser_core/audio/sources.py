"""Sound in any form that a caller has it: files, bytes, open files, clips, arrays."""

from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ser_core.audio.clip import SAMPLE_RATE_HZ, AudioClip, MonoStream
from ser_core.audio.decoding import decode
from ser_core.errors import AudioError

Source: TypeAlias = str | Path | bytes | BinaryIO | AudioClip | NDArray[Any]


def clip_of(source: Source, sample_rate_hz: int | None = None) -> AudioClip:
    """Mono 16 kHz sound from whatever it is in.

    Args:
        source: a path, a file's bytes, an open binary file, a clip, or samples of shape (n,) or
            (n, channels): floats in [-1, 1] or whole numbers.
        sample_rate_hz: of samples; everything else knows its own.

    Returns:
        The sound; channels are averaged.

    Raises:
        AudioError: if it cannot be read, or samples come without a rate or in another shape.
    """
    if isinstance(source, AudioClip):
        return _converted(source.samples, source.sample_rate_hz)
    if isinstance(source, np.ndarray):
        if sample_rate_hz is None:
            raise AudioError("Samples need their rate. Give it: sample_rate_hz=44100, for example.")
        return _converted(source, sample_rate_hz)
    if isinstance(source, str | Path):
        return decode(Path(source)).clip
    return decode(source if isinstance(source, bytes) else source.read()).clip


def _converted(samples: NDArray[Any], sample_rate_hz: int) -> AudioClip:
    if samples.ndim not in (1, 2) or (samples.ndim == 2 and samples.shape[0] < samples.shape[1]):
        raise AudioError(
            f"Samples have the shape {samples.shape}. Give (n,), or (n, channels): a row per frame."
        )
    if np.issubdtype(samples.dtype, np.integer):
        samples = samples / -float(np.iinfo(samples.dtype).min or -1)
    frames = samples.astype(np.float32, copy=False).reshape(len(samples), -1)
    if sample_rate_hz == SAMPLE_RATE_HZ and samples.ndim == 1:
        return AudioClip(frames[:, 0])
    return AudioClip(MonoStream(sample_rate_hz).push(frames, last=True))

"""Rows of a corpus index: the labels of a clip and what its sound tells."""

import hashlib
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ser_core import acoustics
from ser_core.corpora.records import Record
from ser_core.decoding import decode
from ser_core.descriptors import DESCRIPTORS, MFCC_COLUMNS, describe
from ser_core.utterances import speech_span

ENVELOPE_PARTS = 96
SOUND_COLUMNS = (*(d.column for d in DESCRIPTORS), *MFCC_COLUMNS)


def index_row(record: Record, content: bytes | Path, sha256: str | None = None) -> dict:
    """One row of an index.

    Args:
        record: the labels.
        content: the recording, a file or its bytes.
        sha256: checksum of the official file, where there is one.

    Returns:
        The record's fields, the speaker's number within the corpus as "actor", every descriptor,
        and an envelope of 96 peaks from 0 to 255.

    Raises:
        AudioError: if the recording cannot be read.
    """
    decoded = decode(content, record.path)
    clip = decoded.clip
    span = speech_span(clip) or (0.0, clip.duration_s)
    peaks = acoustics.envelope(clip.samples, ENVELOPE_PARTS)
    # as 16-bit numbers, so that the same sound is found in files of other formats
    whole = np.rint(clip.samples * 32767).astype(np.int16)
    numbers = describe(clip, span) | {
        "onset_s": span[0],
        "offset_s": span[1],
        "clipped_share": decoded.clipped_share,
    }
    row = asdict(record) | {
        "emotion": record.emotion.value,
        "actor": int(record.speaker.rpartition("/")[2]),
        "sha256": sha256,
        "sound_sha256": hashlib.sha256(whole.tobytes()).hexdigest(),
        "envelope": np.round(255 * peaks / max(peaks.max(), 1e-9)).astype(np.uint8),
        **{name: np.float32(value) for name, value in numbers.items()},
    }
    del row["corpus"]
    return row


def sound_vectors(index: pd.DataFrame) -> NDArray[np.float32]:
    """Every descriptor of every clip in standard deviations from the corpus' mean.

    Args:
        index: with the SOUND_COLUMNS.

    Returns:
        Shape (n, len(SOUND_COLUMNS)); 0, the mean, where a clip lacks a number.
    """
    values = index[list(SOUND_COLUMNS)].to_numpy(np.float64)
    with np.errstate(invalid="ignore"):
        values = values - np.nanmean(values, axis=0)
        scale = np.nanstd(values, axis=0)
    return np.nan_to_num(values / np.where(scale > 0, scale, 1)).astype(np.float32)


def principal_plane(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """The two directions in which vectors differ most, as places on a map in [-1, 1].

    Args:
        vectors: shape (n, d).

    Returns:
        Shape (n, 2).
    """
    centred = vectors - vectors.mean(axis=0)
    _, _, directions = np.linalg.svd(centred, full_matrices=False)
    flat = np.zeros((len(vectors), 2))
    flat[:, : len(directions[:2])] = centred @ directions[:2].T
    return (flat / max(np.abs(flat).max(), 1e-9)).astype(np.float32)

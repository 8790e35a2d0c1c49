"""Rows of a corpus index: the labels of a clip and what its sound tells."""

import hashlib
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ser_core.acoustics.descriptors import DESCRIPTORS, MFCC_COLUMNS, describe
from ser_core.acoustics.display import AUDIBLE_DB
from ser_core.acoustics.tracks import level_dbfs
from ser_core.audio.clip import AudioClip
from ser_core.audio.levels import peaks as envelope_peaks
from ser_core.corpora.base import Record
from ser_core.corpora.folder.own import OwnCorpus
from ser_core.corpora.folder.screening import Screening
from ser_core.decoding.decode import Decoded
from ser_core.errors import CorpusError
from ser_core.features.pitch import HOP_S
from ser_core.formatting import minutes
from ser_core.speech.trimming import speech_span

ENVELOPE_PARTS = 96
SOUND_COLUMNS = (*(d.column for d in DESCRIPTORS), *MFCC_COLUMNS)


def index_row(record: Record, decoded: Decoded, sha256: str | None = None) -> dict[str, Any]:
    """One row of an index.

    Args:
        record: the labels.
        decoded: the recording.
        sha256: checksum of the official file, where there is one.

    Returns:
        The record's fields, the speaker's number within the corpus as "actor", every descriptor,
        and an envelope of 96 peaks from 0 to 255.
    """
    clip = decoded.clip
    span = voice_span(clip)
    peaks = envelope_peaks(clip.samples, ENVELOPE_PARTS)
    # as 16-bit numbers, so that the same sound is found in files of other formats
    whole = np.clip(np.rint(clip.samples * 32768), -32768, 32767).astype(np.int16)
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


def voice_span(clip: AudioClip) -> tuple[float, float]:
    """Where the voice of a clip begins and ends, in seconds; the whole clip where none is found.

    Utterances keep a tenth of a second around the speech, which would hide how much of a tightly
    cut file is voice: here it begins and ends with the frames within 35 dB of the loudest.
    """
    onset_s, offset_s = speech_span(clip) or (0.0, clip.duration_s)
    level = level_dbfs(clip.samples)
    times_s = np.arange(level.size) * HOP_S
    inside = (times_s >= onset_s) & (times_s <= offset_s)
    audible = times_s[inside & (level > level[inside].max(initial=-np.inf) + AUDIBLE_DB)]
    if not audible.size:
        return onset_s, offset_s
    return max(onset_s, float(audible[0])), min(offset_s, float(audible[-1]))


def index_folder(
    folder: OwnCorpus,
    content: Callable[[str], bytes | Path],
    progress: Callable[[int, int], None] | None = None,
    most_s: float = float("inf"),
) -> tuple[OwnCorpus, pd.DataFrame]:
    """The index of a person's own folder, on a map of its two main directions.

    Args:
        folder: what the folder's labels say.
        content: the recording of a path.
        progress: called with (done, total) recordings.
        most_s: how many seconds of sound all of them may have.

    Returns:
        The corpus without recordings that cannot be read and without copies, and its index.

    Raises:
        CorpusError: if none can be read, or together they are too long.
    """
    rows: list[dict[str, Any]] = []
    screening, sound_s = Screening(folder), 0.0
    for done, (path, record) in enumerate(folder.records.items(), start=1):
        if decoded := screening.read(content(path), path):
            rows.append(index_row(record, decoded))
            sound_s += decoded.clip.duration_s
        if sound_s > most_s:
            raise CorpusError(
                f"The recordings are longer than {minutes(most_s)} together. Choose fewer, "
                "or use the command line: python -m train index FOLDER"
            )
        if progress:
            progress(done, len(folder.records))
    folder = screening.passed()
    index = pd.DataFrame([row for row in rows if row["path"] in folder.records])
    index[["map_x", "map_y"]] = principal_plane(sound_vectors(index))
    return folder, index


def sound_vectors(index: pd.DataFrame) -> NDArray[np.float32]:
    """Every descriptor of every clip in standard deviations from the corpus' mean.

    Args:
        index: with the SOUND_COLUMNS.

    Returns:
        Shape (n, len(SOUND_COLUMNS)); 0, the mean, where a clip lacks a number.
    """
    values = np.ma.masked_invalid(index[list(SOUND_COLUMNS)].to_numpy(np.float64))
    scale = np.maximum(values.std(axis=0).filled(0), 1e-9)
    return ((values - values.mean(axis=0)) / scale).filled(0).astype(np.float32)


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

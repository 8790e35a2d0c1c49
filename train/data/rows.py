"""Labelled rows to learn from: one stretch of speech per clip, its features cached on disk.

A row is learned from in several copies: "plain" is the recording itself, "x0.9" the same played at
another speed, "d0", "d1", ... are disturbed ones (`train.data.waveforms`), a different one for each
row.
"""

import logging
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ser_core import features
from ser_core.audio import clip as audio
from ser_core.audio import decoding
from ser_core.audio.clip import AudioClip
from ser_core.audio.decoding import decode
from ser_core.corpora.base import Record
from ser_core.corpora.index.reading import located, require_root
from ser_core.corpora.registry import get
from ser_core.emotions import Emotion
from ser_core.features.config import FeatureConfig
from ser_core.features.extraction import extract
from ser_core.speech import detector as speech
from ser_core.speech import segmenter as utterances
from ser_core.speech.segmenter import Utterance, find_utterances
from train.data import waveforms
from train.data.cache import cached, code_hash, file_hash
from train.data.waveforms import disturbed, speed

PLAIN = "plain"  # the copy that is the recording itself
LABELS = tuple(Emotion)  # columns of every network that is trained here
_MIN_SPEECH_S = 0.3
# Changes with the code that decodes a file and finds its speech.
_SPEECH_CODE = code_hash(audio, decoding, speech, utterances, extra=speech.MODEL_FILE)
# Changes with the code that makes features; a version number alone could be forgotten.
FEATURE_CODE = code_hash(features)
_COPY_CODE = code_hash(waveforms)
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Row:
    """One clip of a corpus on this machine."""

    record: Record
    file: Path

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the file at hand."""
        return file_hash(self.file)

    def clip(self) -> AudioClip:
        """The whole sound, 16 kHz mono."""
        return decode(self.file).clip

    def utterances(self) -> list[Utterance]:
        """What serving would score: `find_utterances` of the clip, its times cached."""
        clip = self.clip()
        times = cached("utterances", f"{self.hash} {_SPEECH_CODE}", lambda: _times(clip))
        return [Utterance(a, b, clip.cut(a, b).samples) for a, b in times.tolist()]

    def speech(self) -> NDArray[np.float32]:
        """All speech in one piece, shape (n,), 16 kHz; the whole clip if under 0.3 s is found."""
        found = self.utterances()
        if not found or found[-1].offset_s - found[0].onset_s < _MIN_SPEECH_S:
            return self.clip().samples
        return self.clip().cut(found[0].onset_s, found[-1].offset_s).samples

    def copy(self, copy: str) -> NDArray[np.float32]:
        """The speech of one copy, shape (n,), 16 kHz; the same for the same file and copy."""
        samples = self.speech()
        if copy == PLAIN:
            return samples
        if copy.startswith("x"):
            return speed(samples, float(copy[1:]))
        seed = [int(copy[1:]), int(self.hash[:8], 16)]
        return disturbed(samples, np.random.default_rng(seed))

    def features(self, cfg: FeatureConfig, copy: str = PLAIN) -> NDArray[np.float32]:
        """Features of one copy of the speech."""
        key = f"{self.copy_key(copy)} {FEATURE_CODE} {cfg.fingerprint()}"
        return cached("features", key, lambda: extract(self.copy(copy), cfg))

    def copy_key(self, copy: str) -> str:
        """Names the sound of a copy in the cache."""
        code = "" if copy == PLAIN else _COPY_CODE
        return f"{self.hash} {_SPEECH_CODE} {copy} {code}"


def load_rows(corpus: str, root: Path | None = None) -> list[Row]:
    """Every recording of a corpus, sorted by path.

    Raises:
        CorpusError: if there is none.
    """
    root = require_root(corpus, root)
    expected = get(corpus).info.clips
    rows = [Row(record, file) for record, file in located(corpus, root)]
    if len(rows) != expected:
        _LOG.warning("%s holds %d of %d recordings of %s.", root, len(rows), expected, corpus)
    return rows


def labels_of(rows: list[Row]) -> NDArray[np.int64]:
    """Column of each row's emotion, shape (n,)."""
    return np.array([LABELS.index(row.record.emotion) for row in rows], np.int64)


def _times(clip: AudioClip) -> NDArray[np.float64]:
    found = find_utterances(clip)
    return np.array([(u.onset_s, u.offset_s) for u in found]).reshape(-1, 2)

"""Labelled rows to learn from: one stretch of speech per clip, its features cached on disk.

A row is learned from in several copies: "plain" is the recording itself, "x0.9" the same played at
another speed, "d0", "d1", ... are disturbed ones (`train.data.waveforms.disturbed`), another one
for each row, "e0", "e1", ... are others (`train.data.waveforms.elsewhere`), "s0", "s1", ... are
pieces (`train.data.waveforms.piece`) that are disturbed as those are: people say single words, too.
"""

import hashlib
import logging
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ser_core import decoding, features
from ser_core.audio import clip as audio
from ser_core.audio.clip import SAMPLE_RATE_HZ, AudioClip
from ser_core.corpora.base import Record
from ser_core.corpora.index.reading import located, require_root
from ser_core.corpora.registry import get
from ser_core.corpora.splits import folds
from ser_core.decoding.decode import decode
from ser_core.emotions import Emotion
from ser_core.errors import CorpusError
from ser_core.features.config import FeatureConfig
from ser_core.features.extraction import extract
from ser_core.speech import detector as speech
from ser_core.speech import segmenter as utterances
from ser_core.speech.segmenter import Utterance, find_utterances
from train.data import waveforms
from train.data.cache import cached, code_hash, file_hash
from train.data.waveforms import disturbed, elsewhere, piece, speed

PLAIN = "plain"  # the copy that is the recording itself
LABELS = tuple(Emotion)  # columns of every network that is trained here
_MIN_SPEECH_S = 0.3
_PIECES = 1250  # where their seeds begin, so that a piece is not disturbed as the whole is
_VOICES = 6  # at most so many recordings are behind a clip
# Changes with the code that decodes a file and finds its speech.
_SPEECH_CODE = code_hash(audio, decoding, speech, utterances, extra=speech.MODEL_FILE)
# Changes with the code that makes features; a version number alone could be forgotten.
FEATURE_CODE = code_hash(features)
_COPY_CODE = code_hash(waveforms)
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Row:
    """One clip of a corpus on this machine.

    Attributes:
        record: its labels.
        file: its sound.
        company: clips of speakers who are on its side of every split: those may be heard behind it.
    """

    record: Record
    file: Path
    company: tuple["Row", ...] = field(default=(), repr=False, compare=False)

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

    @property
    def speech_s(self) -> float:
        """Seconds of `speech`."""
        return self.speech().size / SAMPLE_RATE_HZ

    def copy(self, copy: str) -> NDArray[np.float32]:
        """The speech of one copy, shape (n,), 16 kHz; the same for the same file and copy."""
        samples = self.speech()
        if copy == PLAIN:
            return samples
        if copy.startswith("x"):
            return speed(samples, float(copy[1:]))
        short = copy.startswith("s")
        rng = np.random.default_rng([int(copy[1:]) + short * _PIECES, int(self.hash[:8], 16)])
        if copy.startswith("d"):
            return disturbed(samples, rng)
        heard = rng.permutation(len(self.company))[:_VOICES]
        if short:
            samples = piece(samples, rng)
        return elsewhere(samples, rng, [self.company[i].speech() for i in heard])

    def features(self, cfg: FeatureConfig, copy: str = PLAIN) -> NDArray[np.float32]:
        """Features of one copy of the speech."""
        key = f"{self.copy_key(copy)} {FEATURE_CODE} {cfg.fingerprint()}"
        return cached("features", key, lambda: extract(self.copy(copy), cfg))

    def copy_key(self, copy: str) -> str:
        """Names the sound of a copy in the cache."""
        code = "" if copy == PLAIN else _COPY_CODE
        behind = self._company_hash if copy.startswith(("e", "s")) else ""
        return f"{self.hash} {_SPEECH_CODE} {copy} {code}{behind}"

    @cached_property
    def _company_hash(self) -> str:
        return hashlib.sha256(" ".join(row.hash for row in self.company).encode()).hexdigest()


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
    return in_company(rows)


def in_company(rows: list[Row]) -> list[Row]:
    """The rows with whom may be heard behind each: the other test speakers of its fold.

    They learn, validate and are tested together, so that nobody is heard in training who is tested.
    """
    corpus = rows[0].record.corpus
    try:
        groups = [set(fold.test) for fold in folds(corpus)]
    except CorpusError:  # too few speakers: nobody is heard behind
        return rows
    of: dict[str, tuple[Row, ...]] = {}
    for speaker in {row.record.speaker for row in rows}:
        # nobody is heard behind a clip whose speaker is unknown: it is tested in no fold
        others = next((group for group in groups if speaker in group), set()) - {speaker}
        of[speaker] = tuple(row for row in rows if row.record.speaker in others)
    return [replace(row, company=of[row.record.speaker]) for row in rows]


def labels_of(rows: list[Row]) -> NDArray[np.int64]:
    """Column of each row's emotion, shape (n,)."""
    return np.array([LABELS.index(row.record.emotion) for row in rows], np.int64)


def _times(clip: AudioClip) -> NDArray[np.float64]:
    found = find_utterances(clip)
    return np.array([(u.onset_s, u.offset_s) for u in found]).reshape(-1, 2)

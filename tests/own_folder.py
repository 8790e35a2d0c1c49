"""A person's own folder of recordings, made up for tests."""

from pathlib import Path

import numpy as np
import soundfile as sf

from tests.voice import RATE_HZ, silence, voice

EMOTIONS = ("neutral", "happy", "sad", "angry", "fearful")
SPEAKERS = ("anna", "ben", "cleo", "dan")


def make_folder(
    root: Path, speakers: tuple[str, ...] = SPEAKERS, emotions: tuple[str, ...] = EMOTIONS
) -> Path:
    """Write one short clip per emotion and speaker as emotion/speaker/take.wav."""
    for i, speaker in enumerate(speakers):
        for k, emotion in enumerate(emotions):
            file = root / emotion / speaker / "take.wav"
            file.parent.mkdir(parents=True)
            spoken = voice(0.8, 100.0 + 25 * k + 7 * i, seed=10 * i + k)
            sf.write(file, np.concatenate([silence(0.3), spoken, silence(0.3)]), RATE_HZ)
    return root

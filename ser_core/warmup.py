"""Pays the costs of a first use in advance; `python -m ser_core.warmup` does it at set-up."""

import numpy as np

from ser_core.acoustics.tracks import Views
from ser_core.audio.clip import SAMPLE_RATE_HZ, AudioClip
from ser_core.features.config import WHISPER
from ser_core.features.extraction import extract
from ser_core.speech.detector import CHUNK_SAMPLES, SpeechDetector

_SILENCE = np.zeros(SAMPLE_RATE_HZ, np.float32)


def warm_up() -> None:
    """Load what the first answer needs."""
    extract(_SILENCE, WHISPER)
    SpeechDetector().probability(_SILENCE[:CHUNK_SAMPLES])


def compile_pictures() -> None:
    """Compile what librosa draws a clip with: it takes seconds, once for a machine."""
    Views.of(AudioClip(_SILENCE)).table()


if __name__ == "__main__":
    warm_up()
    compile_pictures()

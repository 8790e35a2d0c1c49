"""Pays the costs of a first use in advance; `python -m ser_core.warmup` does it at set-up."""

import numpy as np

from ser_core.features.config import FeatureConfig
from ser_core.features.extraction import extract
from ser_core.speech.detector import CHUNK_SAMPLES, SpeechDetector


def warm_up() -> None:
    """Import and compile what the first answer needs: librosa's numerics take seconds once."""
    for kind in ("series", "statistics"):
        extract(np.zeros(16_000, np.float32), FeatureConfig(kind=kind))
    SpeechDetector().probability(np.zeros(CHUNK_SAMPLES, np.float32))


if __name__ == "__main__":
    warm_up()

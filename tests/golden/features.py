"""Some feature values of a made voice, for every kind of features."""

from dataclasses import replace
from pathlib import Path

from ser_core.features.config import FUNCTIONALS, WHISPER, FeatureConfig
from ser_core.features.extraction import extract
from tests.voice import voice

FILE = Path(__file__).with_name("features.json")
CONFIGS = (
    FeatureConfig(),
    FeatureConfig(kind="statistics"),
    WHISPER,
    FUNCTIONALS,
    replace(WHISPER, kind="log_mel_functionals"),
)
_STEP = 97  # of frames; coprime to the widths: every column gets its turn


def values() -> dict[str, list[float]]:
    """Every number of a vector, every 97th of frames, per kind, to four decimals."""
    sound = voice(1.5, seed=3)
    features = {c.kind: extract(sound, c) for c in CONFIGS}
    kept = {kind: x if x.ndim == 1 else x.ravel()[::_STEP] for kind, x in features.items()}
    return {kind: [round(float(v), 4) for v in row] for kind, row in kept.items()}

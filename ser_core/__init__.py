"""Headless speech emotion recognition: audio in, a timeline of emotions out.

>>> import ser_core
>>> result = ser_core.load("transformer").predict("talk.m4a")  # doctest: +SKIP

The public names are loaded when they are first used, so that importing the package costs nothing.
"""

import importlib
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ser_core.analysis.analyser import Adapt
    from ser_core.analysis.conversation import Conversation
    from ser_core.analysis.timeline import Timeline
    from ser_core.analysis.voice import Voice
    from ser_core.audio.clip import AudioClip
    from ser_core.decoding.decode import decode
    from ser_core.emotions import Emotion
    from ser_core.errors import SerError
    from ser_core.faces.track import FaceTrack, look
    from ser_core.predictor import Predictor, load
    from ser_core.reports.annotations import annotated

_HOMES = {
    "Adapt": "analysis.analyser",
    "AudioClip": "audio.clip",
    "Conversation": "analysis.conversation",
    "Emotion": "emotions",
    "FaceTrack": "faces.track",
    "Predictor": "predictor",
    "SerError": "errors",
    "Timeline": "analysis.timeline",
    "Voice": "analysis.voice",
    "annotated": "reports.annotations",
    "decode": "decoding.decode",
    "load": "predictor",
    "look": "faces.track",
}
__version__ = "0.1.0"
__all__ = [
    "Adapt",
    "AudioClip",
    "Conversation",
    "Emotion",
    "FaceTrack",
    "Predictor",
    "SerError",
    "Timeline",
    "Voice",
    "annotated",
    "decode",
    "load",
    "look",
]

# onnxruntime reports its use to its makers unless this is set before it is imported; nothing about
# a visitor leaves this machine.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
# Mel bands are a product of small matrices: with a second thread it takes no less time, and that
# thread spins for a while after each. NumPy asks when it is imported first.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'ser_core' has no attribute '{name}'")
    return getattr(importlib.import_module(f"ser_core.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])

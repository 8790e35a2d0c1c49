"""Voice activity: how likely each 32 ms of sound is speech.

The detector is Silero VAD (MIT, see NOTICE.md). It is causal: its answer for a chunk depends
on that chunk and the ones before, so a stream and a file give the same answers.
"""

from functools import lru_cache
from pathlib import Path

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from ser_core.audio.clip import SAMPLE_RATE_HZ
from ser_core.runtime import one_thread_session

CHUNK_SAMPLES = 512
CONTEXT_SAMPLES = 64
MODEL_FILE = Path(__file__).with_name("silero_vad.onnx")
_RATE = np.array(SAMPLE_RATE_HZ, np.int64)


@lru_cache(maxsize=1)
def _session() -> ort.InferenceSession:
    return one_thread_session(MODEL_FILE)


class SpeechDetector:
    """Speech probability of consecutive chunks of one sound. Holds that sound's state."""

    def __init__(self) -> None:
        self._state = np.zeros((2, 1, 128), np.float32)
        self._context = np.zeros(CONTEXT_SAMPLES, np.float32)

    def probability(self, chunk: NDArray[np.float32]) -> float:
        """Speech probability of the next chunk.

        Args:
            chunk: shape (512,), float32, 16 kHz, the samples after the last chunk.

        Returns:
            A probability in [0, 1].
        """
        inputs = {
            "input": np.concatenate([self._context, chunk])[None],
            "state": self._state,
            "sr": _RATE,
        }
        probability, self._state = _session().run(None, inputs)
        self._context = chunk[-CONTEXT_SAMPLES:]
        return float(probability[0, 0])

"""What a voice is like, as one vector: those of one speaker point in one direction.

The network is CAM++ of 3D-Speaker (Apache-2.0, see NOTICE.md; Wang et al. 2023, "CAM++: A fast and
efficient network for speaker verification using context-aware masking").
"""

from functools import lru_cache
from pathlib import Path

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from ser_core.runtime import one_thread_session

MODEL_FILE = Path(__file__).with_name("embedding.onnx")


@lru_cache(maxsize=1)
def _session() -> ort.InferenceSession:
    return one_thread_session(MODEL_FILE)


def embed(bands: NDArray[np.float32]) -> NDArray[np.float32]:
    """The direction of a voice.

    Args:
        bands: of the frames in which it speaks alone, shape (frames, 80), from `filter_bank`; half
            a second at least tells something.

    Returns:
        Shape (192,), of length 1.
    """
    centred = bands - bands.mean(axis=0)  # what a microphone and a room add to all frames
    (vectors,) = _session().run(None, {"x": centred[None]})
    return vectors[0] / np.linalg.norm(vectors[0])

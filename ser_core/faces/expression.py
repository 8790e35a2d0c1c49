"""What a face looks like.

The network is the expression classifier of face-api.js (MIT, see NOTICE.md). Nobody here has scored
it, and its probabilities are not calibrated.
"""

from functools import lru_cache
from pathlib import Path

import numpy as np
import onnxruntime as ort

from ser_core.emotions import Emotion
from ser_core.faces.detector import Face
from ser_core.faces.picture import Picture, resized
from ser_core.runtime import one_thread_session

MODEL_FILE = Path(__file__).with_name("expression.onnx")
SIZE = 112  # pixels, of what the network sees
LABELS = (  # in the order of its outputs; it knows no calm face
    Emotion.NEUTRAL,
    Emotion.HAPPY,
    Emotion.SAD,
    Emotion.ANGRY,
    Emotion.FEARFUL,
    Emotion.DISGUST,
    Emotion.SURPRISED,
)


def expression(picture: Picture, face: Face) -> dict[Emotion, float]:
    """What a face looks like: a probability for each of seven emotions.

    It is the mean of the face and its mirror image: of a face alone, the network says something
    else when the picture is only packed a little more tightly.

    Args:
        picture: shape (height, width, 3), uint8, red, green, blue.
        face: where in it.

    Returns:
        Probabilities whose sum is 1; even ones where nothing of the face lies in the picture.
    """
    crop = cut_out(picture, face)
    if not crop.size:
        return dict.fromkeys(LABELS, 1 / len(LABELS))
    height, width = crop.shape[:2]
    side = max(height, width)
    square = np.zeros((side, side, 3), np.uint8)
    top, left = (side - height) // 2, (side - width) // 2
    square[top : top + height, left : left + width] = crop
    image = resized(square, SIZE, SIZE).transpose(2, 0, 1).astype(np.float32)
    both = np.stack([image, image[:, :, ::-1]])
    (probabilities,) = _session().run(None, {"image": both})
    return dict(zip(LABELS, probabilities.mean(axis=0).tolist(), strict=True))


def cut_out(picture: Picture, face: Face) -> Picture:
    """The part of a picture with a face, as far as it lies within."""
    height, width = picture.shape[:2]
    left, right = (int(np.clip(x, 0, 1) * width) for x in (face.left, face.right))
    top, bottom = (int(np.clip(y, 0, 1) * height) for y in (face.top, face.bottom))
    return picture[top:bottom, left:right]


@lru_cache(maxsize=1)
def _session() -> ort.InferenceSession:
    return one_thread_session(MODEL_FILE)

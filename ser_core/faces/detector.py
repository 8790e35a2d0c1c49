"""Where faces are in a picture.

The network is the tiny face detector of face-api.js (MIT, see NOTICE.md), a small YOLO (Redmon &
Farhadi 2017, "YOLO9000: Better, faster, stronger").
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from ser_core.faces.picture import Picture, resized
from ser_core.runtime import one_thread_session

MODEL_FILE = Path(__file__).with_name("detector.onnx")
SIZE = 416  # pixels, of what the network sees
SURE = 0.5  # score of a face, the network's own default
_MOST_OVERLAP = 0.4  # of two faces; two boxes with more are one face
# width and height of its five kinds of boxes, in cells
_ANCHORS = np.array(
    [
        (1.603231, 2.094468),
        (6.041143, 7.080126),
        (2.882459, 3.518061),
        (4.266906, 5.178857),
        (9.041765, 10.66308),
    ]
)


@dataclass(frozen=True, slots=True)
class Face:
    """A face in a picture, as shares of the picture's width and height.

    Attributes:
        left: its left edge; it may lie outside of the picture, as the others.
        top: its upper edge.
        right: its right edge.
        bottom: its lower edge.
        score: how much it looks like a face, in [0, 1].
    """

    left: float
    top: float
    right: float
    bottom: float
    score: float

    @property
    def area(self) -> float:
        """Its share of the picture."""
        return max(self.right - self.left, 0.0) * max(self.bottom - self.top, 0.0)


def faces_in(picture: Picture) -> list[Face]:
    """The faces of a picture, the best first.

    Args:
        picture: shape (height, width, 3), uint8, red, green, blue.
    """
    height, width = picture.shape[:2]
    scale = SIZE / max(height, width)
    small = resized(picture, max(round(width * scale), 1), max(round(height * scale), 1))
    square = np.zeros((SIZE, SIZE, 3), np.uint8)  # black to the right and below
    square[: small.shape[0], : small.shape[1]] = small
    (cells,) = _session().run(None, {"image": square.transpose(2, 0, 1)[None].astype(np.float32)})
    return _apart(_boxes(cells[0], SIZE / small.shape[1], SIZE / small.shape[0]))


@lru_cache(maxsize=1)
def _session() -> ort.InferenceSession:
    return one_thread_session(MODEL_FILE)


def _boxes(cells: NDArray[np.float32], wider: float, higher: float) -> list[Face]:
    """What the network's numbers mean: shape (25, rows, columns), five for each kind of box."""
    count = cells.shape[1]
    x, y, width, height, score = cells.reshape(len(_ANCHORS), 5, count, count).transpose(1, 0, 2, 3)
    scores = _sigmoid(score)
    found = []
    for kind, row, column in zip(*np.nonzero(scores > SURE), strict=True):
        at = kind, row, column
        middle_x = float(column + _sigmoid(x[at])) / count * wider
        middle_y = float(row + _sigmoid(y[at])) / count * higher
        half_x = float(np.exp(width[at]) * _ANCHORS[kind, 0]) / count * wider / 2
        half_y = float(np.exp(height[at]) * _ANCHORS[kind, 1]) / count * higher / 2
        left, right = middle_x - half_x, middle_x + half_x
        found.append(Face(left, middle_y - half_y, right, middle_y + half_y, float(scores[at])))
    return found


def _apart(boxes: list[Face]) -> list[Face]:
    """One box a face: none that overlaps with a better one."""
    kept: list[Face] = []
    for box in sorted(boxes, key=lambda box: -box.score):
        if all(_overlap(box, other) <= _MOST_OVERLAP for other in kept):
            kept.append(box)
    return kept


def _overlap(a: Face, b: Face) -> float:
    """What two boxes share, by what they cover together."""
    edges = max(a.left, b.left), max(a.top, b.top), min(a.right, b.right), min(a.bottom, b.bottom)
    shared = Face(*edges, 0.0).area
    return shared / (a.area + b.area - shared)


def _sigmoid(x: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(1 / (1 + np.exp(-x)), np.float32)

"""Pictures as arrays, and their size."""

from typing import TypeAlias

import av
import numpy as np
from numpy.typing import NDArray

Picture: TypeAlias = NDArray[np.uint8]  # shape (height, width, 3): red, green, blue


def resized(picture: Picture, width: int, height: int) -> Picture:
    """A picture in another size, its pixels averaged where it gets smaller.

    Args:
        picture: shape (height, width, 3), uint8.
        width: in pixels.
        height: in pixels.
    """
    if picture.shape[:2] == (height, width):
        return picture
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), "rgb24")
    smaller = width * height < frame.width * frame.height
    kind = "AREA" if smaller else "BILINEAR"
    return frame.reformat(width, height, "rgb24", interpolation=kind).to_ndarray()

"""From the microphone to the listener, in one turn of the page."""

import time

import numpy as np
from numpy.typing import NDArray

from pages.shared.live.microphone import Microphone
from ser_core.live.listener import Listener

_MOMENT_S = 0.05
_MOMENTS = 7  # from the end of a voice to its answer, as the detector needs them


def push(listener: Listener, microphone: Microphone) -> NDArray[np.float32]:
    """Take what the microphone has heard; where a voice fades, wait until it can be answered, which
    is sooner than the page comes again.

    Returns:
        The sound that was taken: shape (n,), float32, 16 kHz.
    """
    pieces = [microphone.drain()]
    listener.push(pieces[0])
    while listener.fading and len(pieces) <= _MOMENTS:
        time.sleep(_MOMENT_S)
        pieces.append(microphone.drain())
        listener.push(pieces[-1])
    return np.concatenate(pieces)

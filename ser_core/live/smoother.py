"""A steady answer out of windows that jump."""

from ser_core.analysis.timeline import Probabilities, Window, pooled, top_of
from ser_core.emotions import Emotion

# Neighbouring windows share most of their sound, so a short memory is enough: a change of emotion
# carries the answer after two windows, one second.
_NEW_WEIGHT = 0.5
_FORGET_S = 1.0  # a pause after which the last words say nothing about the next
_MARGIN = 0.05  # a rival takes over only when it leads by this much


class Smoother:
    """A steady answer out of jumping windows: exponential mean, and hysteresis for the leader.

    Attributes:
        leader: the emotion to name.
        window: the last window, with smoothed probabilities.
    """

    def __init__(self) -> None:
        self.leader: Emotion | None = None
        self.window: Window | None = None
        self._anew = True

    def forget(self) -> None:
        """Keep the answer, but mix nothing of it into the next one."""
        self._anew = True

    def push(self, window: Window) -> Window:
        """Take the next window and give it back smoothed."""
        last, new = self.window, window.probabilities
        if last is None or self._anew or window.start_s - last.end_s > _FORGET_S:
            smooth: Probabilities = new
            self.leader = None
        else:
            smooth = pooled([(new, _NEW_WEIGHT), (last.probabilities, 1 - _NEW_WEIGHT)])
        top = top_of(smooth)
        if self.leader is None or smooth[top] >= smooth[self.leader] + _MARGIN:
            self.leader = top
        self.window, self._anew = Window(window.start_s, window.end_s, smooth), False
        return self.window

    def settle(self, window: Window) -> Window:
        """Take the answer for a whole utterance: nothing before it counts."""
        self.leader, self.window, self._anew = window.top, window, False
        return window

"""Where a visitor's live session stands."""

from enum import StrEnum


class Phase(StrEnum):
    """From Start to the result: see `LiveSession`."""

    OFF = "off"
    CONNECTING = "connecting"
    LIVE = "live"
    PAUSED = "paused"
    ENDING = "ending"

"""The two ways to choose which clips are learned from and which are scored."""

from enum import StrEnum


class Protocol(StrEnum):
    """How clips are split; the first is the headline."""

    SPEAKER_INDEPENDENT = "speaker_independent"  # whole speakers: no tested voice was heard
    RANDOM_SPLIT = "random_split"  # clips at random, which shows the leak

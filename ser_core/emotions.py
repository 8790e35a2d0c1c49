"""The eight emotions of the project."""

from enum import StrEnum


class Emotion(StrEnum):
    """Canonical emotions. Declaration order is display order, never a model's output order."""

    NEUTRAL = "neutral"
    CALM = "calm"
    HAPPY = "happy"
    SAD = "sad"
    ANGRY = "angry"
    FEARFUL = "fearful"
    DISGUST = "disgust"
    SURPRISED = "surprised"

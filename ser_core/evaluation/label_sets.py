"""Emotions put together: what a confusion inside a group is, no longer counts as a mistake."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ser_core.emotions import Emotion

_SHORT_LENGTH = 3


@dataclass(frozen=True, slots=True)
class Grouping:
    """A way to put the eight emotions into classes.

    Attributes:
        title: name for people.
        members: per class, in display order, the emotions in it; every emotion is in one class.
    """

    title: str
    members: Mapping[str, tuple[Emotion, ...]]

    @property
    def labels(self) -> tuple[str, ...]:
        """The classes in display order."""
        return tuple(self.members)

    @property
    def class_of(self) -> dict[str, int]:
        """Position among `labels` of each emotion."""
        return {e.value: i for i, group in enumerate(self.members.values()) for e in group}

    @property
    def chance(self) -> float:
        """UA of guessing."""
        return 1 / len(self.members)

    def emotion(self, label: str) -> Emotion | None:
        """The emotion that is a class by itself; None for a group of several."""
        group = self.members[label]
        return group[0] if len(group) == 1 else None


def short(label: str) -> str:
    """Few letters, for narrow columns: "hap" for "happy", "n+c" for "neutral, calm"."""
    parts = label.split(", ")
    return "+".join(p[0] for p in parts) if len(parts) > 1 else label[:_SHORT_LENGTH]


_EACH = {e.value: (e,) for e in Emotion}
_QUIET = (Emotion.NEUTRAL, Emotion.CALM)
_NEGATIVE = (Emotion.SAD, Emotion.ANGRY, Emotion.FEARFUL, Emotion.DISGUST)
_POSITIVE = (Emotion.CALM, Emotion.HAPPY, Emotion.SURPRISED)
_LOW = (Emotion.NEUTRAL, Emotion.CALM, Emotion.SAD)

# Valence and arousal: the signs of the emotions' places in `ser_core.plots.result.live`, with
# neutral, the origin, apart in valence and among the quiet ones in arousal.
EMOTIONS = Grouping("All eight emotions", MappingProxyType(_EACH))
GROUPINGS: Mapping[str, Grouping] = MappingProxyType(
    {
        "emotions": EMOTIONS,
        "quiet": Grouping(
            "Calm with neutral",
            MappingProxyType(
                {"neutral, calm": _QUIET} | {e.value: (e,) for e in Emotion if e not in _QUIET}
            ),
        ),
        "valence": Grouping(
            "Negative or positive",
            MappingProxyType(
                {"negative": _NEGATIVE, "neutral": (Emotion.NEUTRAL,), "positive": _POSITIVE}
            ),
        ),
        "arousal": Grouping(
            "Low or high arousal",
            MappingProxyType(
                {"low": _LOW, "high": tuple(e for e in Emotion if e not in _LOW)},
            ),
        ),
    }
)

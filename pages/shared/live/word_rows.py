"""Words on the time axis of a result, and where they disagree with the voice, in sentences."""

from collections.abc import Callable, Sequence

from pages.shared.ui import player
from ser_core.analysis.said import Said
from ser_core.analysis.timeline import Timeline
from ser_core.formatting import clock, percent
from ser_core.words.transcript import Word

Called = Callable[[str], str]


def rows(
    timeline: Timeline, words: Sequence[Sequence[Word]], called: Called = str
) -> list[player.Row]:
    """A row of words for each voice, in the colour of what the voice sounds like.

    Args:
        timeline: what a model heard.
        words: of each of its segments.
        called: what people read for a voice.
    """
    items: dict[str | None, list[player.Piece]] = {}
    for segment, spoken in zip(timeline.segments, words, strict=True):
        row = items.setdefault(segment.voice, [])
        row += [player.Piece(w.start_s, w.end_s, w.text, segment.emotion) for w in spoken]
    several = len(items) > 1
    return [
        player.Row(f"{called(voice)}, words" if several and voice else "Words", pieces)
        for voice, pieces in items.items()
        if pieces
    ]


def disagreements(said: Sequence[Said], called: Called = str) -> list[str]:
    """A sentence for each utterance whose words say one thing and whose voice another."""
    return [_sentence(each, called) for each in said if each.disagrees]


def _sentence(said: Said, called: Called) -> str:
    sign = "positive" if (said.valence or 0.0) > 0 else "negative"
    who = f"{called(said.voice)}, " if said.voice else ""
    sure = percent(said.probabilities[said.emotion]) if said.emotion else ""
    return (
        f"{who}{clock(said.start_s)}: “{said.text}” The words are {sign}, the voice sounds "
        f"{said.emotion} ({sure})."
    )

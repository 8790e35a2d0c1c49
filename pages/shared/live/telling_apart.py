"""Who speaks in a visitor's file: a step before the scoring, done once for all models."""

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from ser_core.analysis.conversation import Conversation, converse_apart, corrected, judged
from ser_core.analysis.result import Result
from ser_core.audio.clip import AudioClip
from ser_core.bundles.model import Model
from ser_core.decoding.decode import Decoded
from ser_core.speakers.corrections import called_as
from ser_core.speakers.diarisation import listen, told_apart

LISTENING, SCORING = "Telling voices apart", "Scoring"
Tell = Callable[[str, float], None]  # what is being done, and the share of it that is done


class Known(NamedTuple):
    """What is known of a sound before it is judged.

    Attributes:
        result: of another model, or with another number of voices.
        same_voices: whether the number was the same.
    """

    result: Result
    same_voices: bool

    @property
    def value(self) -> tuple[bool, bool]:
        """The greater, the more of it can be used."""
        return self.same_voices, self.result.conversation is not None


def conversation(
    sound: Decoded | Result,
    voices: int,
    known: Known | None,
    channel: Callable[[int], AudioClip],
    model: Model,
    tell: Tell,
) -> Conversation:
    """Tell voices apart, unless that is known already, and judge each.

    What the visitor has corrected stays.

    Args:
        sound: the file.
        voices: how many there are, 0 for as many as are found.
        known: what is known of it.
        channel: gives the sound of one channel, from 1.
        model: judges.
        tell: called now and then.

    Raises:
        VoiceError: if the networks that tell voices apart are missing.
    """
    kept = known.result.conversation if known else None
    same = kept if known and known.same_voices else None
    spoken = kept.spoken if kept and kept.timeline.model == model.card.name else None

    def told(done_s: float) -> None:  # the first half is the telling apart
        share = 2 * done_s / sound.clip.duration_s
        tell(*((LISTENING, share) if share < 1 else (SCORING, share - 1)))

    if sound.apart and sound.channel is None:
        channels = [channel(number) for number in range(1, sound.channels + 1)]
        found = converse_apart(channels, model, progress=told)
        if same is None:
            return found
        names = replace(found.diarisation, called=same.diarisation.names)
        return corrected(found, names, sound.clip, model)

    if kept:
        heard = kept.heard
    else:
        heard = tuple(listen(sound.clip, lambda share: tell(LISTENING, share)))
    diarisation = same.diarisation if same else told_apart(heard, voices or None)
    if same is None and isinstance(sound, Result) and sound.live and sound.live.said:
        diarisation = called_as(diarisation, sound.live.said)  # as they were while it was spoken
    return replace(judged(sound.clip, diarisation, model, told, known=spoken), heard=heard)

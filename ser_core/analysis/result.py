"""One recording with its result: what a result page needs."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from ser_core.analysis.analyser import analyse
from ser_core.analysis.conversation import Conversation
from ser_core.analysis.timeline import Probabilities, Segment, Timeline, Window, pooled, spans
from ser_core.audio.clip import AudioClip, to_wav
from ser_core.audio.levels import Envelope
from ser_core.audio.quality import Quality, quality
from ser_core.bundles.model import Model
from ser_core.decoding.channels import APART
from ser_core.decoding.decode import Decoded
from ser_core.emotions import Emotion


@dataclass(frozen=True, slots=True)
class Live:
    """What somebody was told while speaking, before the whole was judged.

    Attributes:
        emotion: the last answer; None for "not sure".
        confidence: probability of the emotion, else of the most probable one.
        heard_s: seconds of sound that it rested on.
        models: names of those that answered, each with the second from which on it did.
        said: start and end of utterances in seconds, and the names that their voices had.
    """

    emotion: Emotion | None
    confidence: float
    heard_s: float
    models: tuple[tuple[float, str], ...]
    said: tuple[tuple[float, float, str], ...] = ()


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Result:
    """A recording with its result. The sound is the one that was scored, to the last bit.

    Attributes:
        name: of the file.
        clip: the recording, 16 kHz.
        source_rate_hz: rate before decoding.
        channels: channels before decoding.
        warnings: what the decoder had to say, and what makes the result doubtful.
        timeline: what one model heard.
        quality: whether the recording is good enough.
        envelope: for drawing the waveform.
        tracks: sound tracks in the file.
        track: the one that was read, from 1.
        channel: the one that was judged, from 1; None for what channels hold together.
        apart: whether each channel holds a voice of its own.
        live: what was told before, if somebody heard answers while speaking.
        conversation: who spoke when, where voices were told apart; its timeline is the result's.
        film: whether the file has moving pictures beside the sound.
    """

    name: str
    clip: AudioClip
    source_rate_hz: int
    channels: int
    warnings: tuple[str, ...]
    timeline: Timeline
    quality: Quality
    envelope: Envelope
    tracks: int = 1
    track: int = 1
    channel: int | None = None
    apart: bool = False
    live: Live | None = None
    conversation: Conversation | None = None
    film: bool = False

    def wav(self) -> bytes:
        """The recording as a 16-bit WAV file, to play and to take home."""
        return to_wav(self.clip)


def result_of(
    decoded: Decoded, name: str, model: Model, progress: Callable[[float], None] | None = None
) -> Result:
    """Score a decoded file.

    Args:
        decoded: the file.
        name: its name.
        model: a loaded model.
        progress: called with the seconds done, now and then.
    """
    return with_timeline(decoded, name, analyse(decoded.clip, model, progress))


def judged_by(
    result: Result, model: Model, progress: Callable[[float], None] | None = None
) -> Result:
    """The same sound, scored by another model; arguments as for `result_of`."""
    return _anew(result, analyse(result.clip, model, progress))


def told_apart(result: Result, conversation: Conversation) -> Result:
    """The same sound, its voices told apart."""
    return _anew(result, conversation.timeline, conversation)


def _anew(result: Result, timeline: Timeline, conversation: Conversation | None = None) -> Result:
    count = len(result.warnings) - len(result.timeline.cautions)
    of_the_sound = tuple(text for text in result.warnings[:count] if text != APART)
    together = (APART,) if result.apart and conversation is None else ()
    return replace(
        result,
        timeline=timeline,
        warnings=(*of_the_sound, *together, *timeline.cautions),
        conversation=conversation,
    )


def with_timeline(
    decoded: Decoded, name: str, timeline: Timeline, live: Live | None = None
) -> Result:
    """Put a decoded file and a result for it together."""
    clip = decoded.clip
    speech_s = min(timeline.speech_s, clip.duration_s)  # both sides of a call may speak at once
    return Result(
        name,
        clip,
        decoded.source_rate_hz,
        decoded.channels,
        (*decoded.warnings, *timeline.cautions),
        timeline,
        quality(clip, speech_s, decoded.clipped_share, decoded.raised_db),
        Envelope.of(clip),
        decoded.tracks,
        decoded.track,
        decoded.channel,
        decoded.apart,
        live,
        film=decoded.film,
    )


def opinion(result: Result, segment: Segment, model: Model) -> Probabilities:
    """What another model says of a segment, from the very windows that the first one scored."""
    shares = window_shares(result.timeline, segment)
    answers = []
    for window, share_s in shares:
        row = model.probabilities(result.clip.cut(window.start_s, window.end_s).samples)
        answers.append((dict(zip(model.card.labels, row.tolist(), strict=True)), share_s))
    return pooled(answers, model.card.temperature)


def window_shares(timeline: Timeline, segment: Segment) -> list[tuple[Window, float]]:
    """The windows behind a segment, each with the seconds that it speaks for."""
    inside = [
        w for w in timeline.windows if segment.start_s <= (w.start_s + w.end_s) / 2 <= segment.end_s
    ]
    if not inside:  # a segment that the start of a long session was cut from
        return [(Window(segment.start_s, segment.end_s, segment.probabilities), 1.0)]
    return [(w, end - start) for w, start, end in spans(inside, segment.start_s, segment.end_s)]

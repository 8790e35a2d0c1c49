"""A conversation: every voice judged by itself, against what else that voice says."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from ser_core.analysis.analyser import Adapt, Analyser
from ser_core.analysis.spoken import Spoken
from ser_core.analysis.timeline import Timeline
from ser_core.analysis.voice import Voice
from ser_core.audio.clip import AudioClip
from ser_core.bundles.model import Model
from ser_core.speakers.diarisation import (
    NAMES,
    Diarisation,
    Heard,
    Turn,
    listen,
    told_apart,
)
from ser_core.speech.segmenter import Utterance, find_utterances

_SHORTEST_S = 0.3  # less is no utterance
_FINDING = 0.5  # share of the work


@dataclass(frozen=True, slots=True)
class Conversation:
    """Who spoke when, and how it sounded.

    Attributes:
        timelines: of each voice, by its name, in order of appearance.
        timeline: all of them in one, whose segments carry the name.
        diarisation: the turns. Where several speak at once nothing is judged, unless each has a
            channel.
        heard: what the voices were told apart by; empty where each has a channel.
        spoken: what the model heard in each utterance, by its onset and offset.
        apart: whether each voice has a channel of its own: nothing can be corrected but names.
    """

    timelines: Mapping[str, Timeline]
    timeline: Timeline
    diarisation: Diarisation
    heard: tuple[Heard, ...] = ()
    spoken: Mapping[tuple[float, float], Spoken] = field(default_factory=dict)
    apart: bool = False


def converse(
    clip: AudioClip,
    model: Model,
    voices: int | None = None,
    progress: Callable[[float], None] | None = None,
    adapt: Adapt = Adapt.FILE,
) -> Conversation:
    """Tell voices apart and judge each of them.

    Args:
        clip: 16 kHz sound.
        model: a loaded model.
        voices: how many there are, 1 to 8; None where that is to be found.
        progress: called with the seconds done, now and then.
        adapt: FILE to hear an utterance against the others of its voice, NONE to hear it by itself.
    """

    def found(share: float) -> None:
        if progress:
            progress(_FINDING * share * clip.duration_s)

    heard = tuple(listen(clip, found))
    told = judged(clip, told_apart(heard, voices), model, progress, adapt)
    return replace(told, heard=heard)


def judged(
    clip: AudioClip,
    diarisation: Diarisation,
    model: Model,
    progress: Callable[[float], None] | None = None,
    adapt: Adapt = Adapt.FILE,
    known: Mapping[tuple[float, float], Spoken] | None = None,
) -> Conversation:
    """Judge voices that are told apart already: see `converse`.

    Args:
        clip: 16 kHz sound.
        diarisation: who spoke when.
        model: a loaded model.
        progress: called with the seconds done, the first half of which is the telling apart.
        adapt: what an utterance is heard against.
        known: what this model has heard before, by onset and offset: it isn't heard anew.
    """
    known = known or {}
    spoken: dict[str, list[Utterance | Spoken]] = {name: [] for name in diarisation.names}
    for turn in alone(diarisation):
        ends = turn.onset_s, turn.offset_s
        heard = known.get(ends) or Utterance(*ends, clip.cut(*ends).samples)
        spoken[diarisation.names[turn.voice]].append(heard)

    def scored(share: float) -> None:
        if progress:
            progress((_FINDING + (1 - _FINDING) * share) * clip.duration_s)

    return _judged(spoken, clip.duration_s, model, scored, adapt, diarisation)


def corrected(
    conversation: Conversation, diarisation: Diarisation, clip: AudioClip, model: Model
) -> Conversation:
    """The same conversation with other turns, names or voices: each is judged against itself anew.

    Nothing is heard again but utterances whose borders have moved.

    Args:
        conversation: as it was.
        diarisation: as it is, see `ser_core.speakers.corrections`.
        clip: the sound.
        model: the same as before.
    """
    if diarisation.turns == conversation.diarisation.turns:
        return _renamed(conversation, diarisation)
    told = judged(clip, diarisation, model, known=conversation.spoken)
    return replace(told, heard=conversation.heard, spoken={**conversation.spoken, **told.spoken})


def _renamed(conversation: Conversation, diarisation: Diarisation) -> Conversation:
    names = dict(zip(conversation.timelines, diarisation.names, strict=True))

    def called(timeline: Timeline) -> Timeline:
        segments = (replace(s, voice=names[s.voice or ""]) for s in timeline.segments)
        return replace(timeline, segments=tuple(segments))

    return replace(
        conversation,
        timelines={names[name]: called(t) for name, t in conversation.timelines.items()},
        timeline=called(conversation.timeline),
        diarisation=diarisation,
    )


def converse_apart(
    channels: Sequence[AudioClip],
    model: Model,
    adapt: Adapt = Adapt.FILE,
    progress: Callable[[float], None] | None = None,
) -> Conversation:
    """Judge a recording that holds each voice in a channel of its own, as calls do.

    Args:
        channels: of one length.
        model: a loaded model.
        adapt: see `converse`.
        progress: see `converse`.
    """
    duration_s = max(clip.duration_s for clip in channels)
    spoken: dict[str, list[Utterance]] = {}

    def told(share: float) -> None:
        if progress:
            progress(share * duration_s)

    def found(done_s: float) -> None:
        told(_FINDING * (len(spoken) + done_s / duration_s) / len(channels))

    for name, clip in zip(NAMES, channels, strict=False):
        spoken[name] = find_utterances(clip, found)
    turns = [
        Turn(utterance.onset_s, utterance.offset_s, voice)
        for voice, utterances in enumerate(spoken.values())
        for utterance in utterances
    ]
    turns.sort(key=lambda turn: turn.onset_s)
    diarisation = Diarisation(tuple(turns), len(spoken))

    def scored(share: float) -> None:
        told(_FINDING + (1 - _FINDING) * share)

    conversation = _judged(spoken, duration_s, model, scored, adapt, diarisation)
    return replace(conversation, apart=True)


def alone(diarisation: Diarisation) -> list[Turn]:
    """The turns without what is said at once, by time."""
    pieces = []
    for turn in diarisation.turns:
        start = turn.onset_s
        for onset, offset in diarisation.overlaps:
            if onset >= turn.offset_s or offset <= start:
                continue
            pieces.append(Turn(start, onset, turn.voice))
            start = max(start, offset)
        pieces.append(Turn(start, turn.offset_s, turn.voice))
    return sorted(
        (piece for piece in pieces if piece.offset_s - piece.onset_s >= _SHORTEST_S),
        key=lambda piece: piece.onset_s,
    )


def _judged(
    spoken: Mapping[str, Sequence[Utterance | Spoken]],
    duration_s: float,
    model: Model,
    tick: Callable[[float], None],
    adapt: Adapt,
    diarisation: Diarisation,
) -> Conversation:
    timelines, done, count = {}, 0, sum(map(len, spoken.values()))
    kept: dict[tuple[float, float], Spoken] = {}
    for name, utterances in spoken.items():
        analyser = Analyser(model, voice=None if adapt == Adapt.NONE else Voice())
        for utterance in utterances:
            if isinstance(utterance, Spoken):
                analyser.take(utterance)
            else:
                analyser.score(utterance)
            done += 1
            tick(done / count)
        if adapt == Adapt.FILE:
            analyser.hear_again()
        kept |= {(each.onset_s, each.offset_s): each for each in analyser.spoken}
        heard = analyser.timeline()
        segments = tuple(replace(segment, voice=name) for segment in heard.segments)
        timelines[name] = replace(heard, duration_s=duration_s, segments=segments)
    together = _together(timelines, duration_s, model)
    return Conversation(timelines, together, diarisation, spoken=kept)


def _together(timelines: Mapping[str, Timeline], duration_s: float, model: Model) -> Timeline:
    card, heard = model.card, list(timelines.values())
    far = [t for t in heard if t.distance is not None]
    weights = [t.speech_s for t in far]
    return Timeline(
        card.name,
        duration_s,
        tuple(sorted(u for t in heard for u in t.utterances)),
        tuple(sorted((w for t in heard for w in t.windows), key=lambda w: w.start_s)),
        tuple(sorted((s for t in heard for s in t.segments), key=lambda s: s.start_s)),
        card.temperature,
        card.abstain_threshold,
        max((t.adapted_to for t in heard), default=0),
        float(np.average([t.distance for t in far], weights=weights)) if far else None,
        card.unlike_above,
    )

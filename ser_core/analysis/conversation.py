"""A conversation: every voice judged by itself, against what else that voice says."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ser_core.analysis.analyser import Adapt, Analyser
from ser_core.analysis.timeline import Timeline
from ser_core.analysis.voice import Voice
from ser_core.audio.clip import AudioClip
from ser_core.bundles.model import Model
from ser_core.speakers.diarisation import Diarisation, Turn, diarise
from ser_core.speech.segmenter import Utterance, find_utterances

NAMES = "ABCDEFGH"
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
    """

    timelines: Mapping[str, Timeline]
    timeline: Timeline
    diarisation: Diarisation


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

    return judged(clip, diarise(clip, voices, found), model, progress, adapt)


def judged(
    clip: AudioClip,
    diarisation: Diarisation,
    model: Model,
    progress: Callable[[float], None] | None = None,
    adapt: Adapt = Adapt.FILE,
) -> Conversation:
    """Judge voices that are told apart already: see `converse`."""
    spoken: dict[str, list[Utterance]] = {name: [] for name in NAMES[: diarisation.voices]}
    for turn in alone(diarisation):
        samples = clip.cut(turn.onset_s, turn.offset_s).samples
        utterance = Utterance(turn.onset_s, turn.offset_s, samples)
        spoken[NAMES[turn.voice]].append(utterance)

    def scored(share: float) -> None:
        if progress:
            progress((_FINDING + (1 - _FINDING) * share) * clip.duration_s)

    return _judged(spoken, clip.duration_s, model, scored, adapt, diarisation)


def converse_apart(
    channels: Sequence[AudioClip], model: Model, adapt: Adapt = Adapt.FILE
) -> Conversation:
    """Judge a recording that holds each voice in a channel of its own, as calls do.

    Args:
        channels: of one length.
        model: a loaded model.
        adapt: see `converse`.
    """
    spoken = {name: find_utterances(clip) for name, clip in zip(NAMES, channels, strict=False)}
    turns = [
        Turn(utterance.onset_s, utterance.offset_s, voice)
        for voice, utterances in enumerate(spoken.values())
        for utterance in utterances
    ]
    turns.sort(key=lambda turn: turn.onset_s)
    duration_s = max(clip.duration_s for clip in channels)
    diarisation = Diarisation(tuple(turns), len(spoken))
    return _judged(spoken, duration_s, model, lambda _: None, adapt, diarisation)


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
    spoken: Mapping[str, Sequence[Utterance]],
    duration_s: float,
    model: Model,
    tick: Callable[[float], None],
    adapt: Adapt,
    diarisation: Diarisation,
) -> Conversation:
    timelines, done, count = {}, 0, sum(map(len, spoken.values()))
    for name, utterances in spoken.items():
        analyser = Analyser(model, voice=None if adapt == Adapt.NONE else Voice())
        for utterance in utterances:
            analyser.score(utterance)
            done += 1
            tick(done / count)
        if adapt == Adapt.FILE:
            analyser.hear_again()
        heard = analyser.timeline()
        segments = tuple(replace(segment, voice=name) for segment in heard.segments)
        timelines[name] = replace(heard, duration_s=duration_s, segments=segments)
    return Conversation(timelines, _together(timelines, duration_s, model), diarisation)


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

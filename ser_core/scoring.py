"""What the command line does with each file: its sounds, judged by each model."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count

from ser_core.analysis.analyser import analyse
from ser_core.analysis.conversation import converse, converse_apart
from ser_core.analysis.said import said_in, transcribed, transcribed_apart, words_of_segments
from ser_core.analysis.seen import seen_in
from ser_core.analysis.timeline import Timeline
from ser_core.audio.clip import AudioClip
from ser_core.bundles.model import EmotionModel
from ser_core.corpora.folder.files import printable
from ser_core.decoding.decode import Decoded, decode
from ser_core.errors import AudioError, CancelledError, SerError
from ser_core.faces.track import look
from ser_core.formatting import minutes
from ser_core.inputs import Input, Voices, with_content
from ser_core.reports.faces import face_record
from ser_core.reports.records import (
    Record,
    conversation_record,
    failed_record,
    left_out_record,
    to_record,
    words_record,
)
from ser_core.speakers.diarisation import Diarisation
from ser_core.words.transcriber import Transcriber
from ser_core.words.transcript import Transcript, Word


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of every file.

    Attributes:
        models: that judge.
        voices: who speaks, where that is known.
        track: of files with several, from 1.
        each_channel: whether every channel is judged by itself.
        apart: how many voices to tell apart, 0 to find out; None not to.
        transcriber: that writes words down; None not to.
        language: of the words; None where it is to be found.
        most_s: of sound; a longer one is an error.
        face: whether the faces of films are looked at.
        told: called now and then with the share of the file that is done; a CancelledError that it
            raises ends the work.
    """

    models: Sequence[EmotionModel]
    voices: Voices
    track: int | None = None
    each_channel: bool = False
    apart: int | None = None
    transcriber: Transcriber | None = None
    language: str | None = None
    most_s: float = math.inf
    face: bool = False
    told: Callable[[float], None] = lambda _: None


@dataclass(frozen=True, slots=True)
class Scored:
    """A record, and what it was made of where the sound could be scored."""

    record: Record
    timeline: Timeline | None = None
    diarisation: Diarisation | None = None
    transcript: Transcript | None = None
    words: tuple[tuple[Word, ...], ...] = ()  # of each segment


def scored(given: Input, wanted: Wanted) -> Iterator[Scored]:
    """A record per model and channel; what is wrong with a file is its own record's error."""
    name = given.name
    if given.left_out:
        yield Scored(left_out_record(name, given.left_out))
        return
    try:
        if given.error:
            raise AudioError(f"{printable(given.path.name)} {given.error}.")
        given = with_content(given)
        sounds = list(_sounds(given, wanted))
    except SerError as error:
        for model in wanted.models:
            yield Scored(failed_record(name, model.card.name, str(error)))
        return
    done, total = count(), len(sounds) * len(wanted.models)
    beside = _faces(given, wanted)
    for decoded in sounds:
        transcript = None  # all models hear the same words
        for model in wanted.models:
            step = _Step(next(done), total, decoded.clip.duration_s, wanted.told)
            try:
                found = _judged(given, decoded, model, wanted, step, transcript)
            except CancelledError:
                raise
            except SerError as error:
                found = Scored(failed_record(name, model.card.name, str(error)))
            transcript = found.transcript or transcript
            yield beside(found)


def _faces(given: Input, wanted: Wanted) -> Callable[[Scored], Scored]:
    """What puts the face of a film beside each answer, where that is wanted."""
    if not wanted.face:
        return lambda found: found
    track, why = None, ""
    try:
        track = look(given.source, printable(given.path.name))
    except SerError as error:
        why = str(error)

    def beside(found: Scored) -> Scored:
        if not found.timeline:
            return found
        seen = seen_in(found.timeline, track) if track else ()
        record = face_record(found.record, track, seen)
        told = [*record["warnings"], *([why] if why else [])]
        return replace(found, record=record | {"warnings": told})

    return beside


@dataclass(frozen=True, slots=True)
class _Step:
    """One of the sounds and models of a file; tells how far the file is."""

    nth: int
    total: int
    duration_s: float
    told: Callable[[float], None]

    def __call__(self, done_s: float) -> None:
        self.told((self.nth + done_s / self.duration_s) / self.total)


def _judged(
    given: Input,
    decoded: Decoded,
    model: EmotionModel,
    wanted: Wanted,
    step: _Step,
    transcript: Transcript | None,
) -> Scored:
    adapt, voice = wanted.voices.of(given.path, decoded.channel or 0, model.card.name)
    conversation, channels = None, _channels(given, decoded, wanted)
    if wanted.apart is None:
        timeline = analyse(decoded.clip, model, step, adapt, voice)
    elif channels:
        conversation = converse_apart(channels, model, adapt)
    else:
        conversation = converse(decoded.clip, model, wanted.apart or None, step, adapt)
    if conversation:
        timeline = conversation.timeline
    record = to_record(
        timeline,
        given.name,
        (*decoded.warnings, *timeline.cautions),
        track=decoded.track if decoded.tracks > 1 else None,
        channel=decoded.channel,
    )
    found = Scored(record, timeline)
    if conversation:
        record = conversation_record(conversation, record)
        found = Scored(record, timeline, conversation.diarisation)
    if not wanted.transcriber:
        return found
    names = tuple(conversation.timelines) if conversation else ()
    if transcript is None and conversation and channels:
        transcript = transcribed_apart(channels, conversation, wanted.transcriber, wanted.language)
    elif transcript is None:
        transcript = transcribed(decoded.clip, timeline, wanted.transcriber, wanted.language)
    words = words_of_segments(timeline, transcript.words, names)
    record = words_record(record, transcript, words, said_in(timeline, transcript, names))
    return replace(found, record=record, transcript=transcript, words=words)


def _channels(given: Input, decoded: Decoded, wanted: Wanted) -> list[AudioClip]:
    """Those of a call whose voices are to be told apart; none else."""
    if wanted.apart is None or not decoded.apart or decoded.channel is not None:
        return []
    numbers = range(1, decoded.channels + 1)
    return [decode(given.source, track=wanted.track, channel=channel).clip for channel in numbers]


def _sounds(given: Input, wanted: Wanted) -> Iterator[Decoded]:
    """A file's sound, or that of each of its channels."""
    name = printable(given.path.name)
    whole = decode(given.source, name, track=wanted.track)
    if whole.clip.duration_s > wanted.most_s:
        raise AudioError(f"{name} is longer than {minutes(wanted.most_s)}, the most here.")
    if not wanted.each_channel or whole.channels == 1:
        yield whole
        return
    for channel in range(1, whole.channels + 1):
        yield decode(given.source, name, track=wanted.track, channel=channel)

"""What the command line does with each file: its sounds, judged by each model."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
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
    steps = _Steps.of(len(sounds), wanted)
    beside = _faces(given, wanted, steps)
    for decoded in sounds:
        transcript = None  # all models hear the same words
        for model in wanted.models:
            try:
                found = _judged(given, decoded, model, wanted, steps, transcript)
            except CancelledError:
                raise
            except SerError as error:
                found = Scored(failed_record(name, model.card.name, str(error)))
            transcript = found.transcript or transcript
            yield beside(found)


def _faces(given: Input, wanted: Wanted, steps: "_Steps") -> Callable[[Scored], Scored]:
    """What puts the face of a film beside each answer, where that is wanted."""
    if not wanted.face:
        return lambda found: found
    track, why = None, ""
    try:
        track = look(given.source, printable(given.path.name), steps.begin())
    except CancelledError:
        raise
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
class _Steps:
    """The steps of a file, one after the other: its faces, each of its sounds by each model, words.

    Attributes:
        total: how many there are.
        told: called with the share of the file that is done; may raise `CancelledError`.
    """

    total: int
    told: Callable[[float], None]
    _begun: Iterator[int] = field(default_factory=count)

    @classmethod
    def of(cls, sounds: int, wanted: Wanted) -> "_Steps":
        """Those of a file with so many sounds."""
        each = len(wanted.models) + bool(wanted.transcriber)
        return cls(sounds * each + wanted.face, wanted.told)

    def begin(self, whole: float = 1.0) -> Callable[[float], None]:
        """Begin the next one: what tells how much of it is done, of `whole`."""
        nth = next(self._begun)
        return lambda done: self.told((nth + done / whole) / self.total)


def _judged(
    given: Input,
    decoded: Decoded,
    model: EmotionModel,
    wanted: Wanted,
    steps: _Steps,
    transcript: Transcript | None,
) -> Scored:
    adapt, voice = wanted.voices.of(given.path, decoded.channel or 0, model.card.name)
    conversation, channels = None, _channels(given, decoded, wanted)
    step = steps.begin(decoded.clip.duration_s)
    if wanted.apart is None:
        timeline = analyse(decoded.clip, model, step, adapt, voice)
    elif channels:
        conversation = converse_apart(channels, model, adapt, step)
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
    if transcript is None:
        asked = wanted.transcriber, wanted.language, steps.begin()
        if conversation and channels:
            transcript = transcribed_apart(channels, conversation, *asked)
        else:
            transcript = transcribed(decoded.clip, timeline, *asked)
    names = tuple(conversation.timelines) if conversation else ()
    return _written(found, timeline, transcript, names)


def _written(
    found: Scored, timeline: Timeline, transcript: Transcript, names: Sequence[str]
) -> Scored:
    """An answer with the words beside it, each with its voice's where these have names."""
    words = words_of_segments(timeline, transcript.words, names)
    said = said_in(timeline, transcript, names)
    record = words_record(found.record, transcript, words, said)
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

"""What the command line does with each file: its sounds, judged by each model."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ser_core.analysis.analyser import analyse
from ser_core.analysis.conversation import converse, converse_apart
from ser_core.analysis.said import said_in, transcribed, transcribed_apart, words_of_segments
from ser_core.analysis.timeline import Timeline
from ser_core.audio.clip import AudioClip
from ser_core.bundles.model import EmotionModel
from ser_core.corpora.folder.files import printable
from ser_core.decoding.decode import Decoded, decode
from ser_core.errors import AudioError, SerError
from ser_core.inputs import Input, Voices
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
    """

    models: Sequence[EmotionModel]
    voices: Voices
    track: int | None = None
    each_channel: bool = False
    apart: int | None = None
    transcriber: Transcriber | None = None
    language: str | None = None


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
    file, name = given.path, given.name
    if given.left_out:
        yield Scored(left_out_record(name, given.left_out))
        return
    try:
        if given.error:
            raise AudioError(f"{printable(file.name)} {given.error}.")
        sounds = list(_sounds(file, wanted))
    except SerError as error:
        for model in wanted.models:
            yield Scored(failed_record(name, model.card.name, str(error)))
        return
    for decoded in sounds:
        transcript = None  # all models hear the same words
        for model in wanted.models:
            try:
                found = _judged(file, decoded, model, wanted, transcript)
            except SerError as error:
                found = Scored(failed_record(name, model.card.name, str(error)))
            transcript = found.transcript or transcript
            yield found


def _judged(
    file: Path,
    decoded: Decoded,
    model: EmotionModel,
    wanted: Wanted,
    transcript: Transcript | None,
) -> Scored:
    adapt, voice = wanted.voices.of(file, decoded.channel or 0, model.card.name)
    conversation, channels = None, _channels(file, decoded, wanted)
    if wanted.apart is None:
        timeline = analyse(decoded.clip, model, adapt=adapt, voice=voice)
    elif channels:
        conversation = converse_apart(channels, model, adapt)
    else:
        conversation = converse(decoded.clip, model, wanted.apart or None, adapt=adapt)
    if conversation:
        timeline = conversation.timeline
    record = to_record(
        timeline,
        printable(str(file)),
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


def _channels(file: Path, decoded: Decoded, wanted: Wanted) -> list[AudioClip]:
    """Those of a call whose voices are to be told apart; none else."""
    if wanted.apart is None or not decoded.apart or decoded.channel is not None:
        return []
    numbers = range(1, decoded.channels + 1)
    return [decode(file, track=wanted.track, channel=channel).clip for channel in numbers]


def _sounds(file: Path, wanted: Wanted) -> Iterator[Decoded]:
    """A file's sound, or that of each of its channels."""
    name = printable(file.name)
    whole = decode(file, name, track=wanted.track)
    if not wanted.each_channel or whole.channels == 1:
        yield whole
        return
    for channel in range(1, whole.channels + 1):
        yield decode(file, name, track=wanted.track, channel=channel)

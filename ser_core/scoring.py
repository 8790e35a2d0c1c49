"""What the command line does with each file: its sounds, judged by each model."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from ser_core.analysis.analyser import analyse
from ser_core.analysis.conversation import Conversation, converse, converse_apart
from ser_core.analysis.timeline import Timeline
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
)
from ser_core.speakers.diarisation import Diarisation


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of every file.

    Attributes:
        models: that judge.
        voices: who speaks, where that is known.
        track: of files with several, from 1.
        each_channel: whether every channel is judged by itself.
        apart: how many voices to tell apart, 0 to find out; None not to.
    """

    models: Sequence[EmotionModel]
    voices: Voices
    track: int | None = None
    each_channel: bool = False
    apart: int | None = None


@dataclass(frozen=True, slots=True)
class Scored:
    """A record, and what it was made of where the sound could be scored."""

    record: Record
    timeline: Timeline | None = None
    diarisation: Diarisation | None = None


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
    for decoded, model in product(sounds, wanted.models):
        try:
            yield _judged(file, decoded, model, wanted)
        except SerError as error:
            yield Scored(failed_record(name, model.card.name, str(error)))


def _judged(file: Path, decoded: Decoded, model: EmotionModel, wanted: Wanted) -> Scored:
    adapt, voice = wanted.voices.of(file, decoded.channel or 0, model.card.name)
    conversation: Conversation | None = None
    if wanted.apart is None:
        timeline = analyse(decoded.clip, model, adapt=adapt, voice=voice)
    else:
        if decoded.apart and decoded.channel is None:
            channels = [
                decode(file, track=wanted.track, channel=channel).clip
                for channel in range(1, decoded.channels + 1)
            ]
            conversation = converse_apart(channels, model, adapt)
        else:
            conversation = converse(decoded.clip, model, wanted.apart or None, adapt=adapt)
        timeline = conversation.timeline
    record = to_record(
        timeline,
        printable(str(file)),
        (*decoded.warnings, *timeline.cautions),
        track=decoded.track if decoded.tracks > 1 else None,
        channel=decoded.channel,
    )
    if conversation is None:
        return Scored(record, timeline)
    record = conversation_record(conversation, record)
    return Scored(record, timeline, conversation.diarisation)


def _sounds(file: Path, wanted: Wanted) -> Iterator[Decoded]:
    """A file's sound, or that of each of its channels."""
    name = printable(file.name)
    whole = decode(file, name, track=wanted.track)
    if not wanted.each_channel or whole.channels == 1:
        yield whole
        return
    for channel in range(1, whole.channels + 1):
        yield decode(file, name, track=wanted.track, channel=channel)

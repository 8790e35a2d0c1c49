"""Words beside the voice that says them, and where the two disagree."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from ser_core.analysis.conversation import Conversation
from ser_core.analysis.timeline import Probabilities, Segment, Timeline, pooled, top_of
from ser_core.audio.clip import AudioClip
from ser_core.emotions import Emotion
from ser_core.speech.segmenter import Utterance
from ser_core.words.transcriber import Transcriber
from ser_core.words.transcript import Transcript, Word, text_of
from ser_core.words.valence import NEGATIVE, POSITIVE, valence

# those whose sign is beyond dispute: a calm or a surprised voice goes with good news and bad
SOUNDS_POSITIVE = frozenset({Emotion.HAPPY})
SOUNDS_NEGATIVE = frozenset({Emotion.SAD, Emotion.ANGRY, Emotion.FEARFUL, Emotion.DISGUST})
CLEARLY = 0.6  # probability of the emotions of one sign together
_TOUCHING_S = 0.001

Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Said:
    """An utterance: what is said, and how.

    Attributes:
        start_s: its start.
        end_s: its end.
        voice: whose it is, in a conversation.
        text: what is said.
        valence: of the words, -1 to 1; None where nobody can tell: in other languages than English.
        emotion: of the voice; None where the model is not sure.
        probabilities: of each emotion of the voice.
    """

    start_s: float
    end_s: float
    voice: str | None
    text: str
    valence: float | None
    emotion: Emotion | None
    probabilities: Probabilities

    @property
    def disagrees(self) -> bool:
        """Whether the words are positive and the voice is not, or the other way round.

        Words have a sign beyond VADER's own bounds (0.05), a voice where the emotions of one sign
        have a probability of 0.6 together and one of them is the answer. Neutral words never
        disagree, nor does a voice that the model is not sure of.
        """
        if self.valence is None or NEGATIVE < self.valence < POSITIVE:
            return False
        other_sign = SOUNDS_NEGATIVE if self.valence > 0 else SOUNDS_POSITIVE
        together = sum(self.probabilities.get(emotion, 0.0) for emotion in other_sign)
        return self.emotion in other_sign and together >= CLEARLY


def transcribed(
    clip: AudioClip,
    timeline: Timeline,
    transcriber: Transcriber,
    language: str | None = None,
    progress: Progress | None = None,
) -> Transcript:
    """The words of a recording, heard in the very utterances that its voice was heard in.

    Args:
        clip: the recording.
        timeline: what a model heard in it.
        transcriber: that writes the words down.
        language: its code; None where it is to be found.
        progress: called with the share done; may raise `CancelledError`.
    """
    return transcriber.transcribe(_utterances(clip, timeline), language, progress)


def transcribed_apart(
    channels: Sequence[AudioClip],
    conversation: Conversation,
    transcriber: Transcriber,
    language: str | None = None,
    progress: Progress | None = None,
) -> Transcript:
    """The words of a recording with a voice on each channel; arguments as for `transcribed`.

    The channels are those of the voices, in their order; each word knows its own.
    """
    voices = conversation.timelines.values()
    spoken = [_utterances(clip, voice) for clip, voice in zip(channels, voices, strict=True)]
    everything = [*chain.from_iterable(spoken)]
    if not everything:
        return Transcript((), language or "", 1.0)
    found = (language, 1.0) if language else transcriber.language_of(everything)
    words: list[Word] = []
    done_s, all_s = 0.0, sum(voice.speech_s for voice in voices)
    for channel, (utterances, voice) in enumerate(zip(spoken, voices, strict=True)):
        tick = _part(progress, done_s / all_s, voice.speech_s / all_s)
        heard = transcriber.transcribe(utterances, found[0], tick)
        words += [replace(word, channel=channel) for word in heard.words]
        done_s += voice.speech_s
    return Transcript(tuple(sorted(words, key=lambda word: word.start_s)), *found)


def words_of_segments(
    timeline: Timeline, words: Sequence[Word], voices: Sequence[str] = ()
) -> tuple[tuple[Word, ...], ...]:
    """The words of each segment: those whose middle lies in it, or nearest to it.

    Args:
        timeline: whose segments are meant, in whatever way they were corrected meanwhile.
        words: of the same recording.
        voices: their names in the order of the channels, where each word has one.
    """
    found: list[list[Word]] = [[] for _ in timeline.segments]
    for word in words:
        voice = None if word.channel is None else voices[word.channel]
        of_voice = [i for i, s in enumerate(timeline.segments) if voice in (None, s.voice)]
        if of_voice:
            found[min(of_voice, key=lambda i: _away_s(word, timeline.segments[i]))].append(word)
    return tuple(map(tuple, found))


def said_in(timeline: Timeline, transcript: Transcript, voices: Sequence[str] = ()) -> list[Said]:
    """The utterances of a recording with their words, by time.

    Args:
        timeline: what a model heard.
        transcript: what was said.
        voices: see `words_of_segments`.
    """
    words = words_of_segments(timeline, transcript.words, voices)
    return [
        _said(timeline, group, text_of(chain.from_iterable(words[i] for i in group)), transcript)
        for group in _utterance_groups(timeline.segments)
    ]


def _said(timeline: Timeline, group: Sequence[int], text: str, transcript: Transcript) -> Said:
    segments = [timeline.segments[i] for i in group]
    means = pooled([(s.probabilities, s.duration_s) for s in segments], timeline.temperature)
    top = top_of(means)
    answer = top if means[top] >= timeline.abstain_threshold else None
    sign = valence(text, transcript.language) if text else None
    start_s, end_s = segments[0].start_s, segments[-1].end_s
    return Said(start_s, end_s, segments[0].voice, text, sign, answer, means)


def _utterance_groups(segments: Sequence[Segment]) -> list[list[int]]:
    """Numbers of the segments of each utterance: one voice's, without a pause."""
    open_groups: dict[str | None, list[int]] = {}
    groups = []
    for number, segment in enumerate(segments):
        group = open_groups.get(segment.voice)
        if group and segment.start_s - segments[group[-1]].end_s <= _TOUCHING_S:
            group.append(number)
        else:
            open_groups[segment.voice] = [number]
            groups.append(open_groups[segment.voice])
    return groups


def _utterances(clip: AudioClip, timeline: Timeline) -> list[Utterance]:
    return [
        Utterance(onset_s, offset_s, clip.cut(onset_s, offset_s).samples)
        for onset_s, offset_s in timeline.utterances
    ]


def _part(progress: Progress | None, before: float, share: float) -> Progress | None:
    return progress and (lambda done: progress(before + share * done))


def _away_s(word: Word, segment: Segment) -> float:
    return max(segment.start_s - word.middle_s, word.middle_s - segment.end_s, 0.0)

"""A live session: samples in, a steady answer, a state and the recording out."""

from collections import deque
from collections.abc import Iterable
from dataclasses import replace
from enum import StrEnum
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from ser_core.analysis.analyser import Analyser
from ser_core.analysis.result import Live
from ser_core.analysis.spoken import Answer
from ser_core.analysis.timeline import Segment, Timeline, Window
from ser_core.analysis.voice import Voice
from ser_core.audio.clip import SAMPLE_RATE_HZ, AudioClip
from ser_core.audio.levels import dbfs, rms
from ser_core.audio.quality import CLIPPED_SHARE, QUIET_DBFS, clipped
from ser_core.bundles.model import Model, adapting
from ser_core.emotions import Emotion
from ser_core.live.recording import Recording
from ser_core.live.smoother import Smoother
from ser_core.live.turns import Turns

HISTORY_S = 30.0
_FEED_SAMPLES = SAMPLE_RATE_HZ // 2  # so that a late batch is scored as often as a prompt one
_LEVEL_SAMPLES = SAMPLE_RATE_HZ
_FADING_SAMPLES = SAMPLE_RATE_HZ // 16
_FADED = 0.1  # of the level of the last second
_BEHIND_S = 1.0
_GAP_SAMPLES = SAMPLE_RATE_HZ  # of silence where a visitor paused: it ends the utterance

_Part = TypeVar("_Part", Window, Segment)


class State(StrEnum):
    """What the microphone hears, in the words of the page."""

    OFF = "Off"
    LISTENING = "Listening"
    SPEECH = "Speech"
    SILENCE = "Silence"
    PAUSED = "Paused"
    TOO_QUIET = "Too quiet"
    CLIPPING = "Clipping"
    BEHIND = "behind"


class Listener:
    """Follows one visitor's microphone. Not thread-safe: the page's thread owns it.

    Attributes:
        model: what answers now.
        history: smoothed windows of the last half minute, by time; the last is the answer.
        behind_s: seconds by which the last answer is late; whoever feeds the listener sets it.
        clipped_share: share of clipped samples in the last second where the feeder counted it
            before folding and resampling, which smooth clipping away; counted in the samples if
            None.
        paused: whether the visitor has paused; what the microphone hears then is not for us.
        models: names of the models that answered, each with the second from which on it did.
        turns: the voices, where several people take turns; None for one person.
        changed: how many utterances `finish` gave another answer, heard against all of the session.
    """

    def __init__(self, model: Model) -> None:
        self._analyser = Analyser(model, live=True, voice=Voice())
        self.model = model
        self._smoother = Smoother()
        self._recording = Recording()
        self._recent = np.zeros(0, np.float32)
        self._seen: Answer | None = None
        self._samples = 0
        self.history: deque[Window] = deque()
        self._onsets: dict[float, float] = {}  # of the utterance, by the end of a window
        self.turns: Turns | None = None
        self.behind_s = 0.0
        self.clipped_share: float | None = None
        self.paused = False
        self.models = [(0.0, model.card.name)]
        self.changed = 0

    def use(self, model: Model) -> None:
        """Go on with another model, or the same one adapted to the speaker."""
        self._analyser.use(model)
        if self.turns:
            self.turns.forget()
        if not self._samples:
            self.models.clear()  # it has answered nothing
        self.models.append((self.duration_s, model.card.name))
        self._smoother.forget()
        self.model = model

    @property
    def mixed(self) -> bool:
        """Whether more than one model answered, so that the timeline is no single model's."""
        return len(self.models) > 1

    @property
    def told(self) -> Live | None:
        """The last answer, for whoever judges the whole later; None before the first."""
        window = self.answer
        if window is None:
            return None
        named = self.emotion
        confidence = window.probabilities[named or window.top]
        return Live(named, confidence, window.end_s - window.start_s, tuple(self.models))

    @property
    def said(self) -> tuple[tuple[float, float, str], ...]:
        """Start and end of utterances in seconds of the recording, and their voices' names."""
        start_s = self.duration_s - self._recording.duration_s  # of what is kept
        said = self.turns.known.said if self.turns else []
        return tuple((a - start_s, b - start_s, name) for a, b, name in said if b > start_s)

    @property
    def adapts(self) -> bool:
        """Whether an utterance is heard against earlier ones of its voice."""
        return self._analyser.voice is not None and adapting(self.model) is not None

    @property
    def adapted_to(self) -> int:
        """How many utterances of this voice were heard."""
        return self._analyser.voice.utterances if self._analyser.voice else 0

    def adapt(self, wanted: bool) -> None:
        """Adapt to the voice from now on, or no longer."""
        if wanted != (self._analyser.voice is not None):
            self._analyser.hear(Voice() if wanted else None)

    def expect(self, voices: int | None) -> None:
        """Say how many people take turns from now on.

        Args:
            voices: how many there are, 0 for as many as are found; None for one person.

        Raises:
            VoiceError: if the networks that tell voices apart are missing.
        """
        if voices is None and self.turns:
            self.turns = self._analyser.whose = None
            self.new_speaker()
        elif voices is not None and self.turns:
            self.turns.expect(voices)
        elif voices is not None:
            self.turns = Turns(self._analyser, voices)

    def voice_of(self, window: Window) -> str | None:
        """Name of the voice that an answer of the history is of; None where it is not known."""
        if self.turns is None:
            return None
        voice = self.turns.known.owners.get(self._onsets.get(window.end_s, -1.0))
        return voice.name if voice else None

    def new_speaker(self) -> None:
        """Somebody else goes on: what is known of the voice says nothing of theirs."""
        if self._analyser.voice:
            self._analyser.hear(Voice())
            self._smoother.forget()

    def pause(self) -> None:
        """Stop listening. The utterance ends here; the recording gets a second of silence."""
        self.push(np.zeros(_GAP_SAMPLES, np.float32))
        self.paused = True

    def resume(self) -> None:
        """Listen again."""
        self.paused = False

    def push(self, samples: NDArray[np.float32]) -> None:
        """Take the samples that arrived: shape (n,), float32, 16 kHz."""
        if not samples.size:
            return
        self._samples += samples.size
        samples = self._recording.push(samples)  # an answer is about the sound that is kept
        self._recent = np.concatenate([self._recent, samples])[-_LEVEL_SAMPLES:]
        for start in range(0, samples.size, _FEED_SAMPLES):
            self._analyser.push(samples[start : start + _FEED_SAMPLES])
            for answer in self._new_answers():
                take = self._smoother.settle if answer.whole else self._smoother.push
                self.history.append(take(answer.window))
                self._onsets[answer.window.end_s] = answer.onset_s
        while self.history and self.history[0].end_s < self.duration_s - HISTORY_S:
            self._onsets.pop(self.history.popleft().end_s, None)

    def _new_answers(self) -> Iterable[Answer]:
        fresh = []
        for answer in reversed(self._analyser.recent):
            if answer is self._seen:
                break
            fresh.append(answer)
        if fresh:
            self._seen = fresh[0]
        return reversed(fresh)

    @property
    def duration_s(self) -> float:
        """Seconds listened to."""
        return self._samples / SAMPLE_RATE_HZ

    @property
    def fading(self) -> bool:
        """Whether a voice seems to fall silent, so that its answer is a moment away."""
        if not self._analyser.in_speech:
            return self._analyser.pausing
        return rms(self._recent[-_FADING_SAMPLES:]) < _FADED * rms(self._recent)  # ahead of the VAD

    @property
    def answer(self) -> Window | None:
        """The smoothed window that the answer rests on; None before the first speech."""
        return self._smoother.window

    @property
    def emotion(self) -> Emotion | None:
        """The emotion to name; None before speech and where no emotion is likely enough."""
        leader, window = self._smoother.leader, self._smoother.window
        threshold = self.model.card.abstain_threshold
        if leader is None or window is None or window.probabilities[leader] < threshold:
            return None
        return leader

    @property
    def level_dbfs(self) -> float:
        """RMS level of the last second."""
        return dbfs(rms(self._recent))

    @property
    def state(self) -> State:
        """What to tell the speaker, the most urgent first."""
        if self.paused:
            return State.PAUSED
        if self.behind_s > _BEHIND_S:
            return State.BEHIND
        share = clipped(self._recent) if self.clipped_share is None else self.clipped_share
        if share > CLIPPED_SHARE:
            return State.CLIPPING
        if self._analyser.in_speech:
            return State.TOO_QUIET if self.level_dbfs < QUIET_DBFS else State.SPEECH
        return State.SILENCE if self.duration_s > 1 else State.LISTENING

    def finish(self) -> tuple[AudioClip, Timeline]:
        """End the session.

        Returns:
            The recording (its last ten minutes) and the timeline, whose times count from the
            recording's start.
        """
        self._analyser.finish()
        if self.turns:  # which voice is whose is found out anew, by whoever judges the recording
            one = Voice()
            self._analyser.take_again(lambda _: one)
        self._analyser.hear_again()
        self.changed = self._analyser.changed
        return self.so_far()

    def so_far(self) -> tuple[AudioClip, Timeline]:
        """The recording and the timeline of what was scored, without ending the session."""
        # what the analyser failed on counts, too
        timeline = replace(self._analyser.timeline(), duration_s=self.duration_s)
        clip = self._recording.clip()
        return clip, _from(timeline, timeline.duration_s - clip.duration_s)


def _from(timeline: Timeline, start_s: float) -> Timeline:
    """The part of a timeline after a time, counted from there."""
    if start_s <= 0:
        return timeline

    def moved(part: _Part) -> _Part:
        start = max(part.start_s - start_s, 0.0)
        return replace(part, start_s=start, end_s=part.end_s - start_s)

    return replace(
        timeline,
        duration_s=timeline.duration_s - start_s,
        utterances=tuple(
            (max(onset - start_s, 0.0), offset - start_s)
            for onset, offset in timeline.utterances
            if offset > start_s
        ),
        windows=tuple(moved(w) for w in timeline.windows if w.end_s > start_s),
        segments=tuple(moved(s) for s in timeline.segments if s.end_s > start_s),
    )

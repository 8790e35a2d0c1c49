"""Sound in, timeline out: the same path for a file, a microphone and the scoring of a corpus."""

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from ser_core.analysis.spoken import Answer, Scored, Spoken, heard_against, window_bounds
from ser_core.analysis.timeline import Timeline, Window, pooled, segments_of
from ser_core.analysis.voice import Voice
from ser_core.audio.clip import SAMPLE_RATE_HZ, AudioClip
from ser_core.bundles.model import AdaptingModel, Model, adapting
from ser_core.speech.segmenter import Segmenter, Utterance

RUNNING_HOP_S = 0.5
RUNNING_MIN_S = 1.0  # less speech than this gives answers that jump
EARLY_PAUSE_S = 0.15  # waiting for the pause that ends an utterance would delay its answer
RECENT_S = 60.0
LIVE_MEMORY_S = 15 * 60.0  # what a live analyser still knows of its past
_FEED_S = 5.0


class Adapt(StrEnum):
    """What an utterance is heard against, with a model that adapts."""

    FILE = "file"  # all others of its file
    SESSION = "session"  # those before it, over all files that are given: one voice, in order
    NONE = "none"  # nothing: what the model knows of all voices


class Analyser:
    """Follows one sound. Not thread-safe: one analyser belongs to one listener.

    A window is scored once. Those of an open utterance lie on the grid of the ones that its end
    will ask for, and a short pause scores the utterance as if it had ended: when it does, its
    answer is there.

    Attributes:
        voice: what is known of who speaks; None: utterances are heard by themselves.
        whose: tells which of several voices an utterance is of; None where one person speaks.
        recent: with `live`, an answer every half second of open speech and one for every
            utterance, for the last minute.
        changed: utterances that `hear_again` gave another answer.
    """

    def __init__(self, model: Model, live: bool = False, voice: Voice | None = None) -> None:
        self._model = model
        self._live = live
        self.voice = voice
        self.whose: Callable[[Utterance], Voice] | None = None
        self._segmenter = Segmenter()
        self._spoken: list[Spoken] = []
        self._samples = 0
        self._scored: dict[tuple[float, int, int], Scored] = {}  # of the open utterance
        self.changed = 0
        self._running = 0  # samples of the open utterance that have been answered
        self.recent: deque[Answer] = deque(maxlen=round(RECENT_S / RUNNING_HOP_S))

    def use(self, model: Model) -> None:
        """Answer with another model from now on, which knows nothing of the voice yet."""
        self._model = model
        self._scored.clear()
        self._spoken = [replace(spoken, voice=None, vectors=()) for spoken in self._spoken]
        if self.voice:
            self.voice = Voice()

    def hear(self, voice: Voice | None) -> None:
        """Go on with another voice, or without any."""
        self.voice = voice
        self._scored.clear()

    @property
    def duration_s(self) -> float:
        """Seconds of sound taken in."""
        return self._samples / SAMPLE_RATE_HZ

    @property
    def in_speech(self) -> bool:
        """Whether the sound just ended in speech."""
        return self._segmenter.in_speech

    @property
    def pausing(self) -> bool:
        """Whether the sound just ended in a pause that is answered in a moment."""
        return 0 < self._segmenter.pause_s < EARLY_PAUSE_S

    def push(self, samples: NDArray[np.float32]) -> None:
        """Take the next samples: shape (n,), float32, 16 kHz."""
        self._samples += samples.size
        for utterance in self._segmenter.push(samples):
            self.score(utterance)
        if self._live:
            self._score_running()

    def finish(self) -> Timeline:
        """End the sound and give its timeline."""
        for utterance in self._segmenter.flush():
            self.score(utterance)
        return self.timeline()

    def timeline(self) -> Timeline:
        """The utterances that have ended so far; of a live sound, those of the last 15 minutes."""
        card = self._model.card
        return Timeline(
            card.name,
            self.duration_s,
            tuple((s.onset_s, s.offset_s) for s in self._spoken),
            tuple(window for s in self._spoken for window in s.windows),
            tuple(segment for s in self._spoken for segment in s.segments),
            card.temperature,
            card.abstain_threshold,
            self._known(),
            self._distance(),
            card.unlike_above,
        )

    def _known(self) -> int:
        """Utterances of the voice that was heard last; 0 where none was heard against others."""
        voice = self._spoken[-1].voice if self._spoken else None
        return voice.utterances if voice and voice.utterances > 1 else 0

    def _distance(self) -> float | None:
        """Mean square of what was heard, each utterance weighing its seconds."""
        heard = [s for s in self._spoken if s.vectors]
        if not heard:
            return None
        squares = [float(np.mean(np.square(s.vectors))) for s in heard]
        return float(np.average(squares, weights=[s.speech_s for s in heard]))

    def score(self, utterance: Utterance) -> None:
        """Score an utterance that has ended; `push` calls it, as may whoever has utterances."""
        spoken = self._heard(utterance)
        self.take(spoken)
        if self._live:
            self._tell_whole(spoken)
            before_s = utterance.offset_s - LIVE_MEMORY_S
            self._spoken = [s for s in self._spoken if s.offset_s > before_s]
        self._scored.clear()
        self._running = 0

    def take(self, spoken: Spoken) -> None:
        """Take an utterance that this model has scored before, as one of the present voice."""
        self._spoken.append(replace(spoken, voice=self.voice if spoken.vectors else None))
        if self.voice and spoken.vectors:
            self.voice.add(spoken.vector, spoken.speech_s)

    def take_again(self, whose: Callable[[Spoken], Voice]) -> None:
        """Add up anew what is known of each voice, where utterances are told to be others'."""
        if self.voice:
            spoken, self._spoken = self._spoken, []
            for each in spoken:
                self.voice = whose(each)
                self.take(each)

    @property
    def spoken(self) -> tuple[Spoken, ...]:
        """What `take` takes: the utterances with what was heard in them."""
        return tuple(self._spoken)

    def hear_again(self) -> None:
        """Answer each utterance anew, against all others of its voice: also those after it."""
        model = adapting(self._model)
        if model is None:
            return
        before = self._spoken
        self._spoken = [self._again(spoken, model) for spoken in before]
        pairs = zip(before, self._spoken, strict=True)
        self.changed = sum(a.answers != b.answers for a, b in pairs)

    def _again(self, spoken: Spoken, model: AdaptingModel) -> Spoken:
        if spoken.voice is None:
            return spoken
        baseline = spoken.voice.without(spoken.vector, spoken.speech_s)
        windows = heard_against(baseline, spoken.windows, spoken.vectors, model)
        return self._answered(replace(spoken, windows=windows))

    def _heard(self, utterance: Utterance) -> Spoken:
        if self.whose:
            before = self.voice
            self._turn_to(self.whose(utterance), before)
        card = self._model.card
        scored = [
            self._score(utterance, start, end)
            for start, end in window_bounds(utterance.samples.size, card.window_s, card.hop_s)
        ]
        vectors = tuple(s.vector for s in scored if s.vector is not None)
        spoken = Spoken(
            utterance.onset_s,
            utterance.offset_s,
            tuple(s.window for s in scored),
            (),
            self.voice if vectors else None,
            vectors,
        )
        return self._answered(spoken)

    def _turn_to(self, voice: Voice, before: Voice | None) -> None:
        """Go on with a voice; windows that were heard against another are answered anew."""
        if before is None or voice is before:
            return
        self.voice, model = voice, adapting(self._model)
        if model and self._scored:
            windows, vectors = zip(*self._scored.values(), strict=True)
            again = heard_against(voice.baseline, windows, vectors, model)
            self._scored = dict(zip(self._scored, map(Scored, again, vectors), strict=True))

    def _answered(self, spoken: Spoken) -> Spoken:
        card = self._model.card
        ends = spoken.onset_s, spoken.offset_s
        segments = segments_of(spoken.windows, *ends, card.abstain_threshold, card.temperature)
        return replace(spoken, segments=tuple(segments))

    def _tell_whole(self, spoken: Spoken) -> None:
        parts = [(s.probabilities, s.duration_s) for s in spoken.segments]
        mean = pooled(parts, self._model.card.temperature)
        window = Window(spoken.onset_s, spoken.offset_s, mean)
        answer = Answer(window, True, spoken.onset_s)
        if not self.recent or self.recent[-1] != answer:
            self.recent.append(answer)

    def _score_running(self) -> None:
        spoken = self._segmenter.open_utterance()
        if spoken is None:
            return
        if self._segmenter.pause_s >= EARLY_PAUSE_S:
            self._tell_whole(self._heard(spoken))
            return
        hop = round(RUNNING_HOP_S * SAMPLE_RATE_HZ)
        end = spoken.samples.size // hop * hop
        if end < max(self._running + 1, round(RUNNING_MIN_S * SAMPLE_RATE_HZ)):
            return
        self._running = end
        start = max(end - round(self._model.card.window_s * SAMPLE_RATE_HZ), 0)
        window = self._score(spoken, start, end).window
        self.recent.append(Answer(window, False, spoken.onset_s))

    def _score(self, utterance: Utterance, start: int, end: int) -> Scored:
        key = (utterance.onset_s, start, end)
        if key not in self._scored:
            samples, model = utterance.samples[start:end], adapting(self._model)
            if model:  # also where nothing adapts: the vector tells what is unlike
                heard = model.hear(samples, self.voice.baseline if self.voice else None)
                row, vector = heard.probabilities, heard.vector
            else:
                row, vector = self._model.probabilities(samples), None
            window = Window(
                utterance.onset_s + start / SAMPLE_RATE_HZ,
                utterance.onset_s + end / SAMPLE_RATE_HZ,
                dict(zip(self._model.card.labels, row.tolist(), strict=True)),
            )
            self._scored[key] = Scored(window, vector)
        return self._scored[key]


def analyse(
    clip: AudioClip,
    model: Model,
    progress: Callable[[float], None] | None = None,
    adapt: Adapt = Adapt.FILE,
    voice: Voice | None = None,
) -> Timeline:
    """Score a whole clip.

    Args:
        clip: 16 kHz sound.
        model: a loaded model.
        progress: called with the seconds done, now and then.
        adapt: what utterances are heard against, with a model that adapts.
        voice: with SESSION, what is known of the speaker; it gets to know this clip as well.
    """
    known = voice if adapt == Adapt.SESSION and voice else Voice()
    analyser = Analyser(model, voice=None if adapt == Adapt.NONE else known)
    step = round(_FEED_S * SAMPLE_RATE_HZ)
    for start in range(0, clip.samples.size, step):
        analyser.push(clip.samples[start : start + step])
        if progress:
            progress(analyser.duration_s)
    analyser.finish()
    if adapt == Adapt.FILE:
        analyser.hear_again()
    return analyser.timeline()

"""Several people who take turns: whose an utterance is, and what is known of each voice."""

from ser_core.analysis.analyser import Analyser
from ser_core.analysis.voice import Voice
from ser_core.speakers.clustering import MOST_VOICES
from ser_core.speakers.known import KnownVoice, KnownVoices
from ser_core.speech.segmenter import Utterance


class Turns:
    """The voices of one session, each heard against how it has sounded so far.

    Attributes:
        known: the voices.
        current: the one that spoke last; None before the first.
    """

    def __init__(self, analyser: Analyser, voices: int) -> None:
        """Take the utterances of a session from now on.

        Args:
            analyser: follows its sound.
            voices: how many there are, 0 for as many as are found.

        Raises:
            VoiceError: if the networks that tell voices apart are missing.
        """
        self.known = KnownVoices()
        self.current: KnownVoice | None = None
        self._analyser = analyser
        self._baselines: dict[KnownVoice | None, Voice] = {}
        self.expect(voices)
        analyser.whose = self._whose

    def expect(self, voices: int) -> None:
        """Say how many voices there are, 0 for as many as are found."""
        self.known.most, self.known.counted = voices or MOST_VOICES, voices > 0

    def forget(self) -> None:
        """Keep the voices, but nothing of how they have sounded, as for another model."""
        self._baselines.clear()

    def _whose(self, utterance: Utterance) -> Voice:
        before = self.known.owners
        self.current = self.known.hear(utterance.onset_s, utterance.samples)
        owners = self.known.owners
        earlier = before.keys() & owners.keys() - {utterance.onset_s}
        if any(owners[onset_s] is not before[onset_s] for onset_s in earlier):
            self._baselines.clear()
            self._analyser.take_again(lambda each: self._baseline(owners.get(each.onset_s)))
        return self._baseline(self.current)

    def _baseline(self, voice: KnownVoice | None) -> Voice:
        return self._baselines.setdefault(voice, Voice())

"""The library in three lines: load a model, give it a sound, read what it heard."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ser_core.analysis.analyser import Adapt, analyse
from ser_core.analysis.conversation import Conversation, converse, converse_apart
from ser_core.analysis.spoken import window_bounds
from ser_core.analysis.timeline import Timeline
from ser_core.analysis.voice import Voice
from ser_core.bundles import selftest
from ser_core.bundles.card import ModelCard
from ser_core.bundles.model import EmotionModel
from ser_core.bundles.store import ModelStore
from ser_core.decoding.sources import Source, clip_of, sides_of
from ser_core.errors import AudioError, SerError
from ser_core.speech.segmenter import find_utterances


class Predictor:
    """A loaded model and the way from a sound to it. Keeps no state: safe to share by threads."""

    def __init__(self, model: EmotionModel) -> None:
        self._model = model

    @property
    def card(self) -> ModelCard:
        """What the model is, what it learned from, what it is not for."""
        return self._model.card

    def predict(
        self,
        source: Source,
        sample_rate_hz: int | None = None,
        *,
        track: int | None = None,
        channel: int | None = None,
        adapt: Adapt | str = Adapt.FILE,
        voice: Voice | None = None,
    ) -> Timeline:
        """What a sound's voice sounds like, over time.

        Args:
            source: a path, an address as https:// or s3:// with the extra [remote], bytes, an open
                binary file, a clip, or samples of shape (n,) or (n, channels), alone or as
                (samples, rate).
            sample_rate_hz: of samples alone.
            track: of a file with several, from 1; by default the marked one, if it holds speech.
            channel: of several, from 1; by default those that hold the voice, averaged.
            adapt: what utterances are heard against, with a model that adapts: all others of the
                sound, those that `voice` has heard before, or nothing.
            voice: with "session", the speaker; hand the same one to each of their sounds, in order.

        Raises:
            AudioError: if it cannot be read. A sound without speech is no error: see its verdict.
        """
        clip = clip_of(source, sample_rate_hz, track=track, channel=channel)
        return analyse(clip, self._model, adapt=Adapt(adapt), voice=voice)

    def converse(
        self,
        source: Source,
        voices: int | None = None,
        sample_rate_hz: int | None = None,
        *,
        track: int | None = None,
        channel: int | None = None,
        adapt: Adapt | str = Adapt.FILE,
    ) -> Conversation:
        """Who speaks when, and what each voice sounds like against what else it says.

        Args:
            source: see `predict`. Of a call with a voice on each channel, these are the voices.
            voices: how many there are, 1 to 8; by default as many as are found.
            sample_rate_hz: of samples alone.
            track: see `predict`.
            channel: see `predict`.
            adapt: see `predict`; "none" hears utterances by themselves.

        Raises:
            AudioError: if it cannot be read.
            VoiceError: if the networks that tell voices apart are missing.
        """
        sides = sides_of(source, sample_rate_hz, track=track, channel=channel)
        if len(sides) > 1:
            return converse_apart(sides, self._model, Adapt(adapt))
        return converse(sides[0], self._model, voices, adapt=Adapt(adapt))

    def predict_batch(self, sources: Iterable[Source]) -> list[Timeline | SerError]:
        """One result per source, in order; the error itself where one could not be read."""
        return [self._attempt(source) for source in sources]

    def embed(self, source: Source, sample_rate_hz: int | None = None) -> NDArray[np.float32]:
        """What the network makes of a sound before it decides: the mean over the speech.

        Args:
            source: see `predict`.
            sample_rate_hz: of samples.

        Returns:
            Shape (d,), whose length and numbers are this model's own.

        Raises:
            AudioError: if it cannot be read or holds no speech.
            ModelError: if this model has no such vector.
        """
        windows = [
            utterance.samples[start:end]
            for utterance in find_utterances(clip_of(source, sample_rate_hz))
            for start, end in window_bounds(
                utterance.samples.size, self.card.window_s, self.card.hop_s
            )
        ]
        if not windows:
            raise AudioError("No speech was found, so there is nothing to embed. Record it again.")
        vectors = [self._model.embedding(window) for window in windows]
        sizes = [window.size for window in windows]
        return np.average(vectors, axis=0, weights=sizes).astype(np.float32)

    def verify(self) -> None:
        """Check that the model answers here as it did where it was exported.

        Raises:
            ModelError: if it does not.
        """
        selftest.verify(self._model.folder)

    def _attempt(self, source: Source) -> Timeline | SerError:
        try:
            return self.predict(source)
        except SerError as error:
            return error


def load(name: str | Path | None = None) -> Predictor:
    """Load a model.

    Args:
        name: of an installed one, or the folder of a bundle; the best installed one by default.

    Raises:
        ModelError: if there is no such model, or it fails its checks.
    """
    if name is not None and (Path(name) / "card.json").is_file():
        return Predictor(EmotionModel(Path(name)))
    return Predictor(ModelStore().load(None if name is None else str(name)))

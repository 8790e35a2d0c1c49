"""Adapt to my voice: a few neutral sentences, and the models answer relative to them."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages.shared.ui import cache, state, wording
from ser_core.audio.clip import SAMPLE_RATE_HZ
from ser_core.bundles.model import Model
from ser_core.speech.segmenter import Segmenter

SENTENCES = 3
_MIN_S = 1.0  # shorter ones say little about a voice


class NeutralVoice:
    """Collects a visitor's neutral sentences, and what each model said of them.

    Attributes:
        sentences: each of shape (n,), float32, 16 kHz.
    """

    def __init__(self) -> None:
        self._segmenter = Segmenter()
        self._models: dict[Model, Model] = {}
        self.sentences: list[NDArray[np.float32]] = []

    def push(self, samples: NDArray[np.float32]) -> None:
        """Take the samples that arrived: shape (n,), float32, 16 kHz."""
        for utterance in self._segmenter.push(samples):
            if utterance.samples.size >= _MIN_S * SAMPLE_RATE_HZ:
                self.sentences.append(utterance.samples)

    def applied(self, model: Model) -> Model:
        """The model as it answers for this voice; as it was where that was not shown to help."""
        voice = cache.bundle(model.card.name).adaptation
        if voice is None or not voice.offered or not self.sentences:
            return model
        if model not in self._models:
            longest = round(model.card.window_s * SAMPLE_RATE_HZ)
            rows = [model.probabilities(samples[:longest]) for samples in self.sentences]
            self._models[model] = voice.adapted(model, rows)
        return self._models[model]


def applied(model: Model) -> Model:
    """The model, adapted if the visitor has done so."""
    neutral: NeutralVoice | None = st.session_state.get(state.NEUTRAL)
    return model if neutral is None else neutral.applied(model)


def push(samples: NDArray[np.float32]) -> None:
    """Hand on what the microphone heard, in case the models are to adapt."""
    wanted: NeutralVoice | None = st.session_state.get(state.NEUTRAL_WANTED)
    if wanted is not None:
        wanted.push(samples)


def interrupt() -> None:
    """A pause: what is said after it is another sentence."""
    push(np.zeros(SAMPLE_RATE_HZ, np.float32))


def begin() -> None:
    """Collect from now on; an older adaptation ends."""
    st.session_state.pop(state.NEUTRAL, None)
    st.session_state[state.NEUTRAL_WANTED] = NeutralVoice()


def cancel() -> None:
    """Collect no longer."""
    st.session_state.pop(state.NEUTRAL_WANTED, None)


def use() -> None:
    """From now on the models answer relative to what was collected."""
    st.session_state[state.NEUTRAL] = st.session_state.pop(state.NEUTRAL_WANTED)


def forget() -> None:
    """The models answer as for everybody again."""
    st.session_state.pop(state.NEUTRAL, None)


def control(model: str, playing: bool) -> None:
    """The popover in the strip; nothing for a model that adaptation was not shown to help."""
    voice = cache.bundle(model).adaptation
    if voice is None or not voice.offered:
        cancel()
        return
    done = state.NEUTRAL in st.session_state
    label = "Adapted" if done else "Adapt"
    with st.popover(label, icon=":material/record_voice_over:", type="tertiary"):
        st.write(wording.adaptation_offer(voice.by(SENTENCES)))
        if done:
            st.button("Forget my voice", on_click=forget)
            return
        st.button(
            "Adapt to my voice",
            on_click=begin,
            disabled=not playing or state.NEUTRAL_WANTED in st.session_state,
            help=None if playing else "Press Start first.",
        )


def progress() -> None:
    """While sentences are collected: how many there are. Runs in the page's live fragment."""
    wanted: NeutralVoice | None = st.session_state.get(state.NEUTRAL_WANTED)
    if wanted is None:
        return
    heard = len(wanted.sentences)
    if heard >= SENTENCES:
        use()
        st.rerun()
    row = st.container(horizontal=True, vertical_alignment="center", border=True)
    row.html(f"<b>Sentence {heard + 1} of {SENTENCES}.</b> {wording.ADAPT_BY}", width="stretch")
    if heard and row.button("That is enough", key="adapt-enough"):
        use()
        st.rerun()  # the whole page: the model changes
    if row.button("Cancel", key="adapt-cancel", type="tertiary"):
        cancel()
        st.rerun()

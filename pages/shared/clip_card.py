"""The card of one corpus clip: who speaks, the sound, its drawings, what the models heard."""

from html import escape

import pandas as pd
import streamlit as st

from pages.shared import cache, components, corpus_fetch, corpus_words
from pages.shared.corpus_view import View
from pages.shared.recording import Recording, drawing
from ser_core.corpora import CorpusInfo
from ser_core.plots.text import percent


def draw(view: View) -> None:
    """The card of the open clip, with sound where the recordings are on this machine."""
    clip, info = view.chosen, view.info
    sound = view.sound(clip["clip"])
    with st.container(border=True, key="clip_card"):
        head = st.container(
            horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
        )
        head.html(_headline(clip, info), width="content")
        if sound.wav is not None:
            head.audio(sound.wav, width=380)
        if sound.problem:
            components.problem(sound.problem)
        drawing(clip, sound.wav, key="clip_views")
        if sound == Recording(None):
            corpus_fetch.offer(info.name)
        _opinions(clip)


def _headline(clip: pd.Series, info: CorpusInfo) -> str:
    details = escape(corpus_words.clip_details(clip, info))
    return (
        f'<h3 class="ser-h" role="status">{components.mark(clip["emotion"])}'
        f"{corpus_words.clip_acted(clip, info)} "
        f'<span class="ser-light" style="font-size: 1rem">{details}</span></h3>'
    )


def _opinions(clip: pd.Series) -> None:
    """What each model heard when this clip's speaker was not among those it had learned from."""
    chips = []
    for bundle in cache.bundles():
        rows = bundle.rows("speaker_independent")
        own = None if rows is None else rows[rows["clip"] == clip["clip"]]
        if own is None or own.empty:
            continue
        heard = own.iloc[0]["predicted"]
        chips.append(
            f'<span class="ser-chip">{escape(bundle.title)} {components.mark(heard)}'
            f'<span class="ser-light">{heard} {percent(own.iloc[0][f"p_{heard}"])}</span></span>'
        )
    if chips:
        components.note("What the models heard, without having met this speaker")
        components.chips(chips)

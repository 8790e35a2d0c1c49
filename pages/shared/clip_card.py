"""The card of one corpus clip: who speaks, the sound, its drawings, what the models heard."""

from html import escape

import pandas as pd
import streamlit as st

from pages.shared import cache, components, corpus_fetch, corpus_words, style
from ser_core.corpora import CorpusInfo
from ser_core.decoding import decode
from ser_core.errors import SerError
from ser_core.plots.clip import Views, clip_envelope, clip_views, envelope_table
from ser_core.plots.text import percent


def clip_card(clip: pd.Series, info: CorpusInfo) -> None:
    """Draw the card of a clip, with sound where the recordings are on this machine.

    Args:
        clip: its row of the corpus index.
        info: facts of the corpus.
    """
    try:
        wav, problem = cache.clip_wav(clip["clip"], info.name), None
    except SerError as error:
        wav, problem = None, str(error)
    with st.container(border=True, key="clip_card"):
        head = st.container(
            horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
        )
        head.html(_headline(clip, info), width="content")
        if wav is not None:
            head.audio(wav, width=380)
        if problem:
            components.problem(problem)
        _drawing(clip, wav)
        if wav is None and not problem:
            corpus_fetch.offer(info.name)
        _opinions(clip)


def _headline(clip: pd.Series, info: CorpusInfo) -> str:
    details = escape(corpus_words.clip_details(clip, info))
    return (
        f'<h3 class="ser-h" role="status">{components.mark(clip["emotion"])}'
        f"{corpus_words.clip_acted(clip, info)} "
        f'<span class="ser-light" style="font-size: 1rem">{details}</span></h3>'
    )


def _drawing(clip: pd.Series, wav: bytes | None) -> None:
    theme = style.current_theme()
    if wav is None:
        figure = clip_envelope(clip["envelope"], clip["duration_s"], clip["emotion"], theme)
        table = envelope_table(clip["envelope"], clip["duration_s"])
    else:
        views = _views(wav, clip["clip"])
        figure, table = clip_views(views, clip["emotion"], theme), views.table()
    components.chart(
        figure,
        key="clip_views",
        alt=corpus_words.clip_finding(clip),
        data=table,
        name=clip["clip"],
    )


@st.cache_resource(show_spinner=False, max_entries=32)
def _views(wav: bytes, name: str) -> Views:
    return Views.of(decode(wav, name).clip)


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

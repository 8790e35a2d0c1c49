"""The card of one corpus clip: who speaks, the sound, its drawings, what the models heard."""

from html import escape

import pandas as pd
import streamlit as st

from pages.shared.dataset import clip_facts, corpus_fetch
from pages.shared.dataset.corpus_view import View
from pages.shared.ui import components, corpus_words
from pages.shared.ui.recording import Recording, drawing, views
from ser_core.acoustics.tracks import Ghost
from ser_core.corpora.base import CorpusInfo
from ser_core.corpora.folder.words import UNKNOWN
from ser_core.emotions import Emotion
from ser_core.exploration.reference_clip import Neutral, neutral_of
from ser_core.plots.dataset.clip import CEPSTRUM, CURVES, ROWS_PX

DRAWN = "drawn"  # key of the switch of views
_DRAWN = {"curves": "Pitch and energy", "mfcc": "MFCC", "all": "All"}
_ROWS = {"curves": CURVES, "mfcc": CEPSTRUM, "all": tuple(ROWS_PX)}


def draw(view: View) -> None:
    """The card of the open clip, with sound where the recordings are on this machine."""
    clip, info = view.chosen, view.info
    sound, neutral = view.sound(clip["clip"]), neutral_of(clip, view.index)
    with st.container(border=True, key="clip_card"):
        head = st.container(
            horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
        )
        head.html(headline(clip, info), width="content")
        if sound.wav is not None:
            head.audio(sound.wav, width=380, alt="Player of the open clip")
        if sound.problem:
            components.problem(sound.problem)
        if sound.wav is None:
            drawing(clip, None, key="clip_views")
        else:
            _views(view, sound.wav, neutral)
        if sound == Recording(None):
            corpus_fetch.offer(info.name)
        clip_facts.figures(clip, neutral)
        clip_facts.listeners(clip, info)
        clip_facts.opinions(clip)


def headline(clip: pd.Series, info: CorpusInfo, before: str = "") -> str:
    """HTML of who says what in a clip, and how.

    Args:
        clip: its row of the corpus index.
        info: facts of the corpus.
        before: what stands first, such as "A".
    """
    details = escape(corpus_words.clip_details(clip, info))
    acted = (
        f"{before}{components.mark(clip['emotion'])}{escape(corpus_words.clip_acted(clip, info))}"
    )
    title = f'{acted} <span class="ser-light" style="font-size: 1rem">{details}</span>'
    return f'<div role="status">{components.heading_html(title, small=True)}</div>'


def _views(view: View, wav: bytes, neutral: Neutral | None) -> None:
    rows = _ROWS[components.switch("Views", _DRAWN, DRAWN)]
    if "pitch" not in rows:
        drawing(view.chosen, wav, "clip_views", rows)
        components.note(
            "MFCC: each coefficient in its own standard deviations over the clip, teal above its "
            "mean and ochre below; pauses are blank."
        )
        return
    ghost, told = _ghost(view, neutral)
    drawing(view.chosen, wav, "clip_views", rows, ghost)
    components.note(told)


def _ghost(view: View, neutral: Neutral | None) -> tuple[Ghost | None, str]:
    """The speaker's own neutral behind the open clip, and what is to be said of it."""
    clip = view.chosen
    if clip["emotion"] == Emotion.NEUTRAL:
        return None, "This is the speaker’s own neutral, which other clips are drawn against."
    if neutral is None:
        return None, "This speaker has no neutral clip to draw behind this one."
    same = neutral.clip
    sound = Recording(None) if same is None else view.sound(same["clip"])
    if same is not None and sound.wav is not None:
        ghost = Ghost.of(views(sound.wav, same["clip"]), clip["onset_s"] - same["onset_s"])
        return ghost, (
            "Dashed: the same speaker’s neutral of the same sentence, moved so that both voices "
            "begin together."
        )
    medians = neutral.medians
    ghost = Ghost.flat(medians["f0_hz"], medians["loudness_dbfs"], clip["duration_s"])
    if same is not None:
        why = "the one of this sentence cannot be read"
    elif clip["statement"] == UNKNOWN:
        why = "it is not known what is said"
    else:
        why = "none says this sentence"
    return ghost, f"Dashed: the median of the same speaker’s neutral clips; {why}."

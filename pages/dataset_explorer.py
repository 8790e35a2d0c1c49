from html import escape

import pandas as pd
import streamlit as st

from pages.shared.dataset import (
    clip_card,
    corpora_section,
    corpus_choice,
    counts_section,
    descriptors_section,
    folder_section,
    health_section,
    lasso_section,
    map_section,
    two_clips_section,
)
from pages.shared.dataset.corpus_filters import clear, filter_strip
from pages.shared.dataset.corpus_view import View
from pages.shared.ui import components, corpus_words, state, tabs
from pages.shared.ui.tabs import Section
from ser_core.corpora.base import CorpusInfo
from ser_core.emotions import Emotion
from ser_core.errors import CorpusError
from ser_core.formatting import thousands

CLIP_HELP = "Type words such as “angry speaker 3” to find a clip."


def page() -> None:
    row = components.title_row("Dataset")
    try:
        corpus = corpus_choice.choose(row)
    except CorpusError as error:
        components.problem(str(error))
        return
    info, index = corpus.info, corpus.index
    selection = filter_strip(info, index)
    clips = selection.apply(index)
    if clips.empty:
        reason = selection.why_empty(index) or ""
        box = components.empty("No clip matches these filters.", reason)
        box.button("Clear filters", on_click=clear, args=(info,), key="clear")
        return
    how_many(clips, info, index)
    view = View(info, index, clips, chosen_clip(clips), corpus.sound)
    tabs.draw(SECTIONS, view, state.PART)
    components.note(f"{info.title}. Licence {info.licence}. {info.citation}".strip())


def how_many(clips: pd.DataFrame, info: CorpusInfo, index: pd.DataFrame) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.html(
            f'<p class="ser-total" role="status"><b>{thousands(len(clips))}</b> of '
            f'{thousands(len(index))} clips <span class="ser-light">&ensp;'
            f"{corpus_words.extent(clips)}. {escape(info.left_out_note())}</span></p>",
            width="content",
        )
        if len(clips) < len(index):
            st.button("Clear filters", on_click=clear, args=(info,), key="clear", type="tertiary")


def chosen_clip(clips: pd.DataFrame) -> pd.Series:
    """The open clip; if the filters hide it, a lively one takes its place."""
    wanted = st.session_state.get(state.CLIP, st.query_params.get(state.CLIP))
    lively = 2 * (clips["emotion"] == Emotion.ANGRY) + (clips["intensity"] == "strong")
    instead = clips.loc[lively.idxmax()]
    own = clips[clips["clip"] == wanted]
    chosen = instead if own.empty else own.iloc[0]
    st.session_state[state.CLIP] = chosen["clip"]
    if chosen["clip"] != instead["clip"]:
        st.query_params[state.CLIP] = chosen["clip"]
    elif state.CLIP in st.query_params:
        del st.query_params[state.CLIP]
    return chosen


def clips_section(view: View) -> None:
    left, right = st.columns(2, gap="medium")
    with left:
        map_section.draw(view)
    with right:
        names = corpus_words.clip_names(view.clips, view.info)
        st.selectbox("Clip", list(names), format_func=names.get, key=state.CLIP, help=CLIP_HELP)
        clip_card.draw(view)
    if st.session_state.get(map_section.LASSO):
        lasso_section.draw(view)


SECTIONS = (
    Section(
        "Clips",
        clips_section,
        (state.MAP_BY, map_section.SPACE, map_section.LASSO, clip_card.DRAWN),
    ),
    Section("Counts", counts_section.draw, (state.SPLIT_BY, counts_section.ROWS)),
    Section(
        "Descriptors",
        descriptors_section.draw,
        (descriptors_section.DESCRIPTOR, descriptors_section.COMPARED),
    ),
    Section("Two clips", two_clips_section.draw, (two_clips_section.WITH, two_clips_section.POOL)),
    Section("Health", health_section.draw, (health_section.NAMED,)),
    Section("Corpora", corpora_section.draw, (corpora_section.DESCRIPTOR,)),
    Section("Your folder", folder_section.draw),
)


page()

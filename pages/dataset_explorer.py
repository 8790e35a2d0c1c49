import pandas as pd
import streamlit as st

from pages.shared import (
    clip_card,
    components,
    corpus_cards,
    corpus_choice,
    corpus_counts,
    corpus_descriptors,
    corpus_health,
    corpus_map,
    corpus_own,
    corpus_pair,
    corpus_selection,
    corpus_words,
    sections,
    state,
)
from pages.shared.corpus_filters import clear, filter_strip
from pages.shared.corpus_view import View
from ser_core.emotions import Emotion
from ser_core.errors import CorpusError
from ser_core.plots.text import thousands

CLIP_HELP = "Type words such as “angry actor 3” to find a clip."


def page() -> None:
    row = components.title_row("Dataset")
    try:
        corpus = corpus_choice.choose(row)
    except CorpusError as error:
        components.problem(str(error))
        return
    info, index = corpus.info, corpus.index
    selection, total = filter_strip(info, index)
    clips = selection.apply(index)
    if clips.empty:
        reason = selection.why_empty(index) or ""
        box = components.empty("No clip matches these filters.", reason)
        box.button("Clear filters", on_click=clear, args=(info,), key="clear")
        return
    total.html(
        f'<p class="ser-total" role="status"><b>{thousands(len(clips))}</b> of '
        f'{thousands(len(index))} clips <span class="ser-light">&ensp;'
        f"{corpus_words.extent(clips, info)}</span></p>"
    )
    view = View(info, index, clips, chosen_clip(clips), corpus.sound)
    sections.draw(SECTIONS, view, state.PART, KEPT)
    components.note(f"{info.title}. Licence {info.licence}. {info.citation}".strip())


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
    left, right = st.columns([5, 7], gap="medium")
    with left:
        corpus_counts.draw(view)
    with right:
        corpus_map.draw(view)
    if st.session_state.get(corpus_map.LASSO):
        corpus_selection.draw(view)
    names = corpus_words.clip_names(view.clips, view.info)
    st.selectbox("Clip", list(names), format_func=names.get, key=state.CLIP, help=CLIP_HELP)
    clip_card.draw(view)


SECTIONS = {
    "Clips": clips_section,
    "Descriptors": corpus_descriptors.draw,
    "Two clips": corpus_pair.draw,
    "Health": corpus_health.draw,
    "Corpora": corpus_cards.draw,
    "Your folder": corpus_own.draw,
}
KEPT = (
    state.SPLIT_BY,
    corpus_counts.ROWS,
    state.MAP_BY,
    corpus_map.SPACE,
    corpus_map.LASSO,
    clip_card.DRAWN,
    corpus_descriptors.DESCRIPTOR,
    corpus_descriptors.COMPARED,
    corpus_pair.WITH,
    corpus_pair.POOL,
    corpus_health.NAMED,
    corpus_cards.DESCRIPTOR,
)


page()

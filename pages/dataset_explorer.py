import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.shared import cache, components, corpus_words, state, style
from pages.shared.clip_card import clip_card
from pages.shared.corpus_filters import clear, filter_strip
from ser_core import corpora
from ser_core.corpora import CorpusInfo
from ser_core.corpora.selection import counts
from ser_core.emotions import Emotion
from ser_core.errors import CorpusError
from ser_core.plots.corpus import clips_per_emotion, voice_map
from ser_core.plots.text import thousands

CLIP_HELP = "Type words such as “angry actor 3” to find a clip."
MAP_COLUMNS = ["clip", "emotion", "intensity", "sex", "actor", "map_x", "map_y"]


def page() -> None:
    row = components.title_row("Dataset")
    info = chosen_corpus(row)
    try:
        index = cache.clip_index(info.name)
    except CorpusError as error:
        components.problem(str(error))
        return
    selection = filter_strip(info)
    clips = selection.apply(index)
    if clips.empty:
        reason = selection.why_empty(index) or ""
        box = components.empty("No clip matches these filters.", reason)
        box.button("Clear filters", on_click=clear, args=(info,), key="clear")
        return
    st.html(
        f'<p class="ser-total" role="status"><b>{thousands(len(clips))}</b> of '
        f'{thousands(len(index))} clips <span class="ser-light">&ensp;'
        f"{corpus_words.extent(clips)}</span></p>"
    )
    chosen = chosen_clip(clips)
    left, right = st.columns([5, 7], gap="medium")
    with left:
        counts_chart(clips, index, info)
    with right:
        map_chart(clips, index, chosen)
    names = corpus_words.clip_names(clips, info)
    st.selectbox("Clip", list(names), format_func=names.get, key=state.CLIP, help=CLIP_HELP)
    clip_card(chosen, info)
    components.note(f"{info.title}. Licence {info.licence}. {info.citation}")


def chosen_corpus(row: DeltaGenerator) -> CorpusInfo:
    """Facts of the corpus that is looked at; its name is kept in the URL."""
    first, *_ = names = corpora.names()
    if state.CORPUS not in st.session_state:
        wanted = st.query_params.get(state.CORPUS)
        st.session_state[state.CORPUS] = wanted if wanted in names else first
    chosen = row.selectbox(
        "Corpus",
        names,
        format_func=lambda name: corpus_words.corpus_name(corpora.get(name).info),
        key=state.CORPUS,
        on_change=lambda: clear(corpora.get(st.session_state[state.CORPUS]).info),
        label_visibility="collapsed",
        width=290,
    )
    if chosen != first:
        st.query_params[state.CORPUS] = chosen
    elif state.CORPUS in st.query_params:
        del st.query_params[state.CORPUS]
    return corpora.get(chosen).info


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


def counts_chart(clips: pd.DataFrame, index: pd.DataFrame, info: CorpusInfo) -> None:
    with components.heading_row("Clips per emotion", 3):
        by = "sex"
        if len(info.intensities) > 1:
            by = choice("Split by", ["intensity", "sex"], state.SPLIT_BY)
    components.chart(
        clips_per_emotion(clips, by, style.current_theme(), info.classes),
        key="counts",
        alt=corpus_words.counts_finding(clips),
    )
    note = f"{info.left_out_note()} {corpus_words.imbalance(index)}"
    note_and_data(note.strip(), counts(clips, by).reset_index(), "counts")


def map_chart(clips: pd.DataFrame, index: pd.DataFrame, chosen: pd.Series) -> None:
    with components.heading_row("Map of voices", 3):
        by = choice("Colour by", ["emotion", "sex", "actor"], state.MAP_BY)
    components.chart(
        voice_map(clips, index, by, style.current_theme(), chosen["clip"]),
        key=state.MAP_CLICK,
        alt=corpus_words.map_finding(index),
        on_select=open_clicked,
        selection_mode="points",
    )
    note_and_data(corpus_words.map_hint(by, index, chosen), clips[MAP_COLUMNS], "map")


def note_and_data(note: str, data: pd.DataFrame, name: str) -> None:
    with st.container(gap="xsmall"):
        components.note(note)
        components.data_popover(data, f"dataset-{name}", key=f"{name}-data")


def choice(label: str, options: list[str], key: str) -> str:
    return components.switch(label, {o: o.capitalize() for o in options}, key)


def open_clicked() -> None:
    points = st.session_state[state.MAP_CLICK]["selection"]["points"]
    if points:
        clip = points[0].get("customdata")
        if isinstance(clip, (list, dict)):  # its form depends on the trace
            clip = clip[0] if isinstance(clip, list) else clip.get("0")
        if clip:
            st.session_state[state.CLIP] = clip


page()

"""The map of voices: what sounds alike lies together, and a click opens a clip."""

import streamlit as st

from pages.shared import components, corpus_words, state, style
from pages.shared.corpus_view import View
from ser_core.plots.corpus import voice_map

COLOURS = {"emotion": "Emotion", "sex": "Sex", "actor": "Actor"}
_COLUMNS = ["clip", "emotion", "intensity", "sex", "actor", "map_x", "map_y"]


def draw(view: View) -> None:
    """The map of the clips that the filters leave."""
    with components.heading_row("Map of voices", 3):
        by = components.switch("Colour by", COLOURS, state.MAP_BY)
    components.chart(
        voice_map(view.clips, view.index, by, style.current_theme(), view.chosen["clip"]),
        key=state.MAP_CLICK,
        alt=corpus_words.map_finding(view.index),
        on_select=_open_clicked,
        selection_mode="points",
    )
    components.note_and_data(
        corpus_words.map_hint(by, view.index, view.chosen),
        view.clips[_COLUMNS],
        "dataset-map",
        "map-data",
    )


def _open_clicked() -> None:
    points = st.session_state[state.MAP_CLICK]["selection"]["points"]
    if points:
        clip = points[0].get("customdata")
        if isinstance(clip, (list, dict)):  # its form depends on the trace
            clip = clip[0] if isinstance(clip, list) else clip.get("0")
        if clip:
            st.session_state[state.CLIP] = clip

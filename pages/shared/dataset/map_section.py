"""The map of voices: what sounds alike lies together, and a click opens a clip."""

from dataclasses import dataclass
from math import isnan

import pandas as pd
import streamlit as st

from pages.shared.dataset.corpus_view import View
from pages.shared.ui import components, corpus_words, state, style, taps
from ser_core.corpora.index.building import SOUND_COLUMNS, sound_vectors
from ser_core.emotions import Emotion
from ser_core.exploration.neighbours import (
    HEARD_AXES,
    SOUND_AXES,
    has_map,
    nearest,
    neighbours_alike,
)
from ser_core.formatting import count_word, percent
from ser_core.plots.dataset.clip_map import voice_map

SPACE = "space"  # which of the two maps
LASSO = "lasso"
PICKED = "picked_on_map"
_ROUND = "map_round"

_AXES = {"acoustics": SOUND_AXES, "transformer": HEARD_AXES}
_SPACES = {"acoustics": "Acoustics", "transformer": "Transformer"}
_COLOURS = {"emotion": "Emotion", "sex": "Sex", "intensity": "Intensity", "actor": "Speaker"}
_LASSO_HELP = "Draw around points to see what they share, and to download them."
_SOURCE = {
    "acoustics": "measured numbers of the sound",
    "transformer": "what the transformer’s frozen encoder hears, which never learned a label",
}
_LESS = ": who speaks shapes the sound too, so models are scored on unseen speakers."
_LABELS = ["clip", "emotion", "intensity", "sex", "actor"]


@dataclass(frozen=True, slots=True)
class _Near:
    """Neighbours of the open clip, nearest first.

    Attributes:
        clips: their rows of the index.
        distances: one each.
    """

    clips: pd.DataFrame
    distances: list[float]


def draw(view: View) -> None:
    """The map of the clips that the filters leave, and what lies nearest to the open one."""
    with components.heading_row("Map of voices"):
        by = _switch("Colour by", _colours(view), state.MAP_BY)
    if not has_map(view.index, SOUND_AXES):
        components.note("The index of this corpus holds no map.")
        return
    with st.container(horizontal=True, vertical_alignment="center", key="map_controls"):
        spaces = _SPACES if has_map(view.index, HEARD_AXES) else {"acoustics": "Acoustics"}
        space = _switch("Map from", spaces, SPACE)
        lasso = st.toggle("Lasso", key=LASSO, bind="query-params", help=_LASSO_HELP)
    near = _near(view, space)
    names = picked(view.clips) if lasso else None
    figure = voice_map(
        view.clips,
        view.index,
        by,
        style.current_theme(),
        view.chosen["clip"],
        axes=_AXES[space],
        near=near.clips["clip"].tolist(),
        lasso=lasso,
        picked=names,
        speakers=view.info.speaker_names,
    )
    figure.layout.meta = st.session_state.get(_ROUND, 0)  # a drawn chart forgets what was drawn
    finding = _finding(view, space)
    held = "" if names is None else f" {count_word(len(names), 'clip')} are selected."
    components.chart(
        figure,
        key=state.MAP_CLICK,
        alt=f"{finding or count_word(len(view.clips), 'clip') + ' on a map.'}{held} "
        "The list Clip beside the map opens every clip, too.",
        on_select=_select if lasso else _open_clicked,
        selection_mode="lasso" if lasso else "points",
    )
    taps.follow("map_taps")
    if by == "emotion":
        components.key_strip(Emotion(emotion) for emotion in view.clips["emotion"].unique())
    components.note(" ".join(filter(None, [_how(lasso, space), _legend(by, view)])))
    components.note_and_data(
        finding,
        view.clips[[*_LABELS, *_AXES[space]]],
        "dataset-map",
        "map-data",
    )
    _neighbours(near, view, space)


def picked(clips: pd.DataFrame) -> list[str] | None:
    """Names of the clips that were drawn around, among some clips; None where there are none."""
    drawn = st.session_state.get(PICKED, ())
    names = clips.loc[clips["clip"].isin(drawn), "clip"].tolist()
    return names or None


def clear() -> None:
    """Forget the drawn group; for the callback of a button."""
    _pick(())


def _pick(names: tuple[str, ...]) -> None:
    st.session_state[PICKED] = names
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1


def _select() -> None:
    drawn = st.session_state[state.MAP_CLICK]["selection"]
    _pick(tuple(name for name in map(_clip_of, drawn["points"]) if name))


def _open_clicked() -> None:
    points = st.session_state[state.MAP_CLICK]["selection"]["points"]
    clip = _clip_of(points[0]) if points else None
    if clip:
        _open(clip)


def _open(clip: str) -> None:
    st.session_state[state.CLIP] = clip


def _clip_of(point: dict) -> str | None:
    """Name of a point's clip; rings have none."""
    match point.get("customdata"):  # its form depends on the trace
        case str(clip) | [str(clip), *_] | {"0": str(clip)}:
            return clip
    return None


def _colours(view: View) -> dict[str, str]:
    """What can tell the points of a corpus apart."""
    return {
        label: name
        for label, name in _COLOURS.items()
        if label == "emotion" or view.index[label].nunique() > 1
    }


def _switch(label: str, options: dict[str, str], key: str) -> str:
    """A switch; nothing to see where there is one choice."""
    first = next(iter(options))
    if st.session_state.get(key, first) not in options:  # what another corpus offers
        del st.session_state[key]
    return components.switch(label, options, key) if len(options) > 1 else first


def _near(view: View, space: str) -> _Near:
    """Neighbours of the open clip among the clips that the filters leave."""
    clips = view.clips
    if space == "acoustics":
        vectors = sound_vectors(view.index)[view.index.index.get_indexer(clips.index)]
    else:
        vectors = clips[list(HEARD_AXES)].to_numpy()
    rows, distances = nearest(vectors, clips.index.get_loc(view.chosen.name))
    return _Near(clips.iloc[rows], distances.tolist())


def _neighbours(near: _Near, view: View, space: str) -> None:
    if near.clips.empty:
        return
    by = (
        f"by {len(SOUND_COLUMNS)} acoustic numbers, each in standard deviations"
        if space == "acoustics"
        else "by their distance on this map"
    )
    with st.container(gap="xsmall", key="near"):
        components.note(f"Nearest to the open clip among the clips shown, {by}. Click to open.")
        with st.container(horizontal=True, gap="xsmall"):
            rows = near.clips.iterrows()
            for at, ((_, clip), distance) in enumerate(zip(rows, near.distances, strict=True)):
                acted = components.plain(corpus_words.clip_acted(clip, view.info))
                who = components.plain(corpus_words.speaker(clip["actor"], view.info))
                far = f"{distance:.1f}" if space == "acoustics" else f"{distance:.3f}"
                st.button(
                    f"{acted}, {who} :gray[· {far}]",
                    key=f"near-{clip['emotion']}-{at}",
                    on_click=_open,
                    args=(clip["clip"],),
                )


def _how(lasso: bool, space: str) -> str:
    near = f"Near means similar, by {_SOURCE[space]}."
    if lasso:
        return f"{near} Draw around points to see what they share; without Lasso a click opens one."
    return f"{near} Click or tap a point to open its clip."


def _legend(by: str, view: View) -> str:
    """What tells the points apart, where their looks do not."""
    if by == "actor":
        return (
            f"The strong points are {corpus_words.speaker(view.chosen['actor'], view.info)}. Each "
            "speaker is named where their clips lie closest together."
        )
    return {
        "emotion": "",
        "sex": "Filled: male. Open: female.",
        "intensity": "Filled: strong. Open: normal.",
    }[by]


def _finding(view: View, space: str) -> str:
    """What the map of a whole corpus shows; "" where nothing can be said."""
    corpus, axes = view.index, _AXES[space]
    emotion = neighbours_alike(corpus, "emotion", axes)
    across = neighbours_alike(corpus, "emotion", axes, across="actor")
    if isnan(emotion):
        return ""
    where = "In the whole corpus the" if len(view.clips) < len(corpus) else "The"
    told = (
        f"{where} nearest neighbour of a clip is of the same emotion in {percent(emotion)} of cases"
    )
    if isnan(across):  # one speaker
        return f"{told}."
    speaker = neighbours_alike(corpus, "actor", axes)
    told = (
        f"{told} and by the same speaker in {percent(speaker)}. The nearest by another speaker "
        f"is of the same emotion in {percent(across)}"
    )
    return told + (_LESS if across < emotion else ".")

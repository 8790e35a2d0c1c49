"""The clips behind one cell of a confusion matrix: a table, and the chosen clip to hear."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.shared import cache, components, state, style
from ser_core.comparison import clips_of_cell, probabilities_of
from ser_core.decoding import decode
from ser_core.emotions import Emotion
from ser_core.errors import CorpusError, SerError
from ser_core.plots.matrices import Cell
from ser_core.plots.text import count_word
from ser_core.plots.waves import Wave, waveform

_EMOTIONS = [e.value for e in Emotion]
_VISIBLE_ROWS = 6


def chosen_cell() -> Cell | None:
    """The open cell, acted and heard; None while there is none."""
    acted, heard = (st.session_state.get(key) for key in (state.ACTED, state.HEARD))
    return (Emotion(acted), Emotion(heard)) if acted and heard else None


def chosen_side() -> str:
    """Whether the open cell is of model A or of model B."""
    return st.session_state.get(state.SIDE) or state.MODEL_A


def open_cell(cell: Cell, side: str) -> None:
    """Open a cell of one of the two models; only before the drawer is drawn, as in a callback."""
    st.session_state[state.ACTED], st.session_state[state.HEARD] = (e.value for e in cell)
    st.session_state[state.SIDE] = side


def close() -> None:
    """Close the drawer."""
    st.session_state[state.ACTED] = st.session_state[state.HEARD] = None


@dataclass(frozen=True, slots=True)
class Drawer:
    """The box of the clips, with its head drawn.

    Attributes:
        box: to draw the clips in.
        title: to write what is open in.
        cell: acted and heard; None while nothing is open.
        side: `state.MODEL_A` or `state.MODEL_B`.
    """

    box: DeltaGenerator
    title: DeltaGenerator
    cell: Cell | None
    side: str


def drawer(models: Sequence[cache.Bundle]) -> Drawer:
    """Draw the box and the widgets that lead to every cell without a pointer.

    Args:
        models: A, and B if there is one.
    """
    box = st.container(border=True)
    head = box.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    )
    title = head.container(width="content")
    with head, st.container(horizontal=True, width="content", vertical_alignment="center"):
        side = _side_control(models)
        for key, word in ((state.ACTED, "Acted"), (state.HEARD, "Heard as")):
            st.selectbox(
                word,
                _EMOTIONS,
                index=None,
                placeholder=word,
                key=key,
                label_visibility="collapsed",
                width=140,
                bind="query-params",
            )
        cell = chosen_cell()
        if cell is not None:
            st.button("Close", icon=":material/close:", type="tertiary", on_click=close)
    return Drawer(box, title, cell, side)


def fill(opened: Drawer, models: Sequence[cache.Bundle], rows: Sequence[pd.DataFrame]) -> None:
    """Draw the clips of the open cell.

    Args:
        opened: what `drawer` returned.
        models: A, and B if there is one.
        rows: predictions of each, as filtered.
    """
    if opened.cell is None:
        opened.title.html(
            '<h3 class="ser-h">Listen to a mistake</h3><p class="ser-note">Click a cell, or '
            "choose what was acted and what was heard.</p>"
        )
        return
    acted, heard = opened.cell
    which = (state.MODEL_A, state.MODEL_B).index(opened.side)
    clips = clips_of_cell(rows[which], acted, heard)
    opened.title.html(
        f'<h3 class="ser-h">Acted {components.mark(acted)}{acted}, heard as '
        f'{components.mark(heard)}{heard} <span class="ser-light">'
        f"{count_word(len(clips), 'clip')}, {escape(models[which].title)}</span></h3>"
    )
    with opened.box:
        if clips.empty:
            components.note(f"No clip was acted {acted} and heard as {heard}.")
            return
        left, right = st.columns(2, gap="medium")
        with left:
            position = _table(clips, acted, heard, opened.side)
        with right:
            _clip(clips.iloc[position])


def _side_control(models: Sequence[cache.Bundle]) -> str:
    if len(models) < 2:
        return state.MODEL_A
    return st.segmented_control(
        "Model of the cell",
        [state.MODEL_A, state.MODEL_B],
        default=state.MODEL_A,
        required=True,
        format_func=str.upper,
        key=state.SIDE,
        label_visibility="collapsed",
        bind="query-params",
    )


def _table(clips: pd.DataFrame, acted: Emotion, heard: Emotion, side: str) -> int:
    """Draw the table; the position of the chosen clip."""
    theme = style.current_theme()
    shown, columns = pd.DataFrame(), {}
    for emotion in dict.fromkeys((heard, acted)):
        shown[emotion.value] = (100 * clips[f"p_{emotion}"]).round().astype(int)
        columns[emotion.value] = st.column_config.ProgressColumn(
            format="%d %%",
            min_value=0,
            max_value=100,
            color=theme.colour(emotion),
            width=118,
            help=f"How sure the model was of {emotion}.",
        )
    shown["actor"] = clips["speaker"].str.split("/").str[-1].astype(int)
    for name in ("sex", "intensity", "statement"):
        shown[name] = clips[name]
    columns |= {"actor": st.column_config.NumberColumn(width=60)}
    columns |= {name: st.column_config.TextColumn(width=84) for name in shown.columns[-3:]}
    # another list is another table: its selection starts at the first clip again
    content = hashlib.sha1("".join(clips["clip"]).encode(), usedforsecurity=False).hexdigest()[:8]
    event = st.dataframe(
        shown,
        hide_index=True,
        row_height=38,
        height=38 * (min(len(shown), _VISIBLE_ROWS) + 1) + 3,
        column_config=columns,
        on_select="rerun",
        selection_mode="single-row",
        selection_default={"selection": {"rows": [0]}},
        key=f"clips-{side}-{acted}-{heard}-{content}",
        alt=f"{count_word(len(clips), 'clip')} acted {acted} and heard as {heard}, surest first.",
    )
    components.data_popover(clips, f"clips-{acted}-heard-{heard}", key="clips-data")
    chosen = event["selection"]["rows"]
    return chosen[0] if chosen and chosen[0] < len(clips) else 0


def _clip(row: pd.Series) -> None:
    acted, name = Emotion(row["emotion"]), row["clip"]
    try:
        sound, problem = cache.clip_wav(name), None
    except SerError as error:
        sound, problem = None, str(error)
    if sound is not None:
        st.audio(sound, format="audio/wav")
        wave = _wave(sound, name, acted)
    else:
        if problem:
            components.problem(problem)
        else:
            _tell_missing()
        wave = _drawn_without_sound(name, acted)
    if wave is not None:
        components.chart(
            waveform(wave, style.current_theme()),
            key="clip-wave",
            alt=f"Outline of the clip {name}, {wave.duration_s:.1f} seconds.",
        )
    components.bars(probabilities_of(row))


def _tell_missing() -> None:
    components.notice(
        "The clips are not on this machine. Fetch them on the Dataset page, or with: "
        "`python -m train download ravdess`",
        icon=":material/volume_off:",
    )


@st.cache_resource(show_spinner=False, max_entries=64)
def _wave(sound: bytes, name: str, emotion: Emotion) -> Wave:
    clip = decode(sound, name).clip
    return Wave.of_samples(clip.samples, clip.sample_rate_hz, emotion)


def _drawn_without_sound(name: str, emotion: Emotion) -> Wave | None:
    try:
        index = cache.clip_index()
    except CorpusError:
        return None
    found = index[index["clip"] == name]
    if found.empty:
        return None
    return Wave.of_envelope(found.iloc[0]["envelope"], found.iloc[0]["duration_s"], emotion)

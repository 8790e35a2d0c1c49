"""A list of clips to step through: a table, and the chosen clip to hear, to see, to compare."""

import hashlib
from html import escape
from typing import Any

import pandas as pd
import streamlit as st

from pages.shared.comparison import models_view
from pages.shared.ui import cache, components, corpus_words, state, style
from pages.shared.ui.recording import Recording, drawing, recording
from ser_core.corpora import registry as corpora
from ser_core.corpora.base import CorpusInfo
from ser_core.errors import CorpusError
from ser_core.evaluation.baselines import probabilities_of
from ser_core.formatting import thousands
from ser_core.plots.result.model_outputs import (
    Opinion,
    opinions_alt,
    opinions_figure,
    opinions_table,
    sentence,
)

_VISIBLE_ROWS, _ROW_PX = 7, 38
_TURN = "clip_list_turn"  # a table's selection can only be set by drawing another table


def browse(
    clips: pd.DataFrame,
    table: pd.DataFrame,
    columns: dict[str, Any],
    view: models_view.View,
    *,
    key: str,
    name: str,
    alt: str,
) -> None:
    """Draw the list and its chosen clip. Only one list at a time can be on the page.

    Args:
        clips: predictions, at least one, in the order of the list.
        table: what is shown of each, as many rows.
        columns: st.column_config of the table.
        view: whose models are asked what they say of the chosen clip.
        key: of the elements.
        name: of the CSV file, without its suffix.
        alt: what the list holds, in words.
    """
    names = clips["clip"].tolist()
    at = _position(names)
    left, right = st.columns([6, 6], gap="medium")
    with left:
        _table(names, table, columns, at, key, alt)
        _steps(names, at, key)
        components.data_popover(clips, name, key=f"{key}-data")
    clip, corpus = names[at], clips["speaker"].iloc[at].partition("/")[0]
    sound, known = recording(clip, corpus), _known(clip, corpus)
    with right:
        _who(clips.iloc[at], known)
        _sound(sound, corpus)
        _opinions(clip, view)
    if known is not None:
        drawing(known[0], sound.wav, key=f"{key}-drawing")


def _position(names: list[str]) -> int:
    """Where the clip stands that was listened to last; the first where the list lacks it."""
    wanted = st.session_state.get(state.LISTEN, st.query_params.get(state.LISTEN))
    at = names.index(wanted) if wanted in names else 0
    st.session_state[state.LISTEN] = names[at]
    if at:
        st.query_params[state.LISTEN] = names[at]
    elif state.LISTEN in st.query_params:
        del st.query_params[state.LISTEN]
    return at


def _table(
    names: list[str], table: pd.DataFrame, columns: dict[str, Any], at: int, key: str, alt: str
) -> None:
    content = hashlib.sha1("".join(names).encode(), usedforsecurity=False).hexdigest()[:8]
    widget = f"{key}-{content}-{st.session_state.get(_TURN, 0)}"

    def choose() -> None:
        rows = st.session_state[widget]["selection"]["rows"]
        if rows and rows[0] < len(names):
            st.session_state[state.LISTEN] = names[rows[0]]

    st.dataframe(
        table,
        hide_index=True,
        row_height=_ROW_PX,
        height=_ROW_PX * (min(len(table), _VISIBLE_ROWS) + 1) + 3,
        column_config=columns,
        on_select=choose,
        selection_mode="single-row",
        selection_default={"selection": {"rows": [at]}},
        key=widget,
        alt=alt,
    )


def _steps(names: list[str], at: int, key: str) -> None:
    def step(by: int) -> None:
        st.session_state[state.LISTEN] = names[at + by]
        st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1

    with st.container(horizontal=True, vertical_alignment="center"):
        for label, by, letter in (("Previous", -1, "P"), ("Next", 1, "N")):
            st.button(
                label,
                on_click=step,
                args=(by,),
                shortcut=letter,
                disabled=not 0 <= at + by < len(names),
                key=f"{key}-{label.lower()}",
            )
        components.note(f"{thousands(at + 1)} of {thousands(len(names))}")


def _known(clip: str, corpus: str) -> tuple[pd.Series, CorpusInfo] | None:
    """The clip's row of the corpus index, and the corpus; None where nothing is known of it."""
    try:
        index, info = cache.clip_index(corpus), corpora.get(corpus).info
    except CorpusError:
        return None
    found = index[index["clip"] == clip]
    return None if found.empty else (found.iloc[0], info)


def _who(row: pd.Series, known: tuple[pd.Series, CorpusInfo] | None) -> None:
    if known is None:
        acted, details = row["emotion"], row["speaker"]
    else:
        acted, details = corpus_words.clip_acted(*known), corpus_words.clip_details(*known)
    components.heading(
        f"{components.mark(row['emotion'])}{escape(acted)} "
        f'<span class="ser-light" style="font-size: .875rem">{escape(details)}</span>',
        level=3,
    )


def _sound(sound: Recording, corpus: str) -> None:
    if sound.wav is not None:
        st.audio(sound.wav, format="audio/wav", alt="Player of the chosen clip")
    elif sound.problem:
        components.problem(sound.problem)
    else:
        components.notice(
            "The clips are not on this machine. Fetch them on the Dataset page, or with: "
            f"`python -m train download {corpus}`",
            icon=":material/volume_off:",
        )


def _opinions(clip: str, view: models_view.View) -> None:
    opinions = []
    for model in view.raters:
        own = model.rows[model.rows["clip"] == clip]
        if not own.empty:
            shares = probabilities_of(own.iloc[0])
            opinions.append(Opinion(model.title, sentence(shares, 0.0), shares))
    components.chart(
        opinions_figure(opinions, style.current_theme()),
        key="opinions",
        alt=opinions_alt(opinions),
        data=opinions_table(opinions),
        name=f"opinions-{clip}",
    )

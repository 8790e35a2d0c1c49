"""The filter strip of the dataset page; its state lives in the URL."""

import pandas as pd
import streamlit as st

from pages.shared.ui import components, controls, state
from ser_core.corpora.base import CorpusInfo
from ser_core.emotions import Emotion
from ser_core.exploration.filters import Selection

_SEXES = ("female", "male")
_MAX_BUTTONS = 4  # more statements become a list
_KEYS = (state.EMOTIONS, state.VOICE, state.STRENGTH, state.SENTENCE, state.SPEAKERS)
_DEFAULTS = dict.fromkeys((state.VOICE, state.STRENGTH, state.SENTENCE), components.ALL)


def filter_strip(info: CorpusInfo, index: pd.DataFrame) -> Selection:
    """Draw the filters of a corpus; a label with a single value is nothing to choose.

    Args:
        info: facts of the corpus.
        index: its clips.

    Returns:
        What the filters let pass.
    """
    sex = intensity = statement = None
    with controls.folded(st.container(), "Filters", _KEYS):
        emotions = st.pills(
            "Emotion",
            [emotion.value for emotion in info.classes],
            selection_mode="multi",
            default=[emotion.value for emotion in info.classes],
            key=state.EMOTIONS,
            wrap=True,
            bind="query-params",
        )
        sexes = [sex for sex in _SEXES if (index["sex"] == sex).any()]
        if len(sexes) > 1:
            sex = components.one_of("Sex", sexes, state.VOICE)
        if len(info.intensities) > 1:
            intensity = components.one_of("Intensity", info.intensities, state.STRENGTH)
        if len(info.statements) > 1:
            statement = _statement(info, index)
        speakers = st.multiselect(
            "Speakers",
            sorted(int(number) for number in index["actor"].unique()),
            # what the URL holds, too
            format_func=lambda number: info.speaker_names.get(number, str(number)),
            placeholder="All",
            key=state.SPEAKERS,
            width=170,
            bind="query-params",
        )
    return Selection(
        # pills come back in the order of the clicks
        emotions=tuple(e for e in Emotion if e.value in emotions),
        sex=sex,
        intensity=intensity,
        statement=statement,
        actors=tuple(sorted(speakers)),
    )


def _statement(info: CorpusInfo, index: pd.DataFrame) -> str | None:
    present = {*index["statement"]}  # not every recording may have been described
    known = {name: said for name, said in info.statements.items() if name in present}
    # what a person's own table says is no Markdown, as the labels of buttons are
    if len(known) <= _MAX_BUTTONS and not info.speaker_names:
        return components.one_of("Statement", tuple(known), state.SENTENCE)
    chosen = st.selectbox(
        "Statement",
        [components.ALL, *(name for name in known if name != components.ALL)],
        # short, since it is also what the URL holds
        format_func=lambda name: name.capitalize() if name == components.ALL else name,
        key=state.SENTENCE,
        help="\n".join(
            f"- {components.plain(name)}: {components.plain(said)}" for name, said in known.items()
        ),
        width=130,
        bind="query-params",
    )
    return None if chosen == components.ALL else chosen


def clear(info: CorpusInfo) -> None:
    """Let every clip pass again; for the callback of a button."""
    st.session_state[state.EMOTIONS] = [emotion.value for emotion in info.classes]
    st.session_state.update(_DEFAULTS)
    st.session_state[state.SPEAKERS] = []

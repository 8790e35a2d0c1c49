"""The filter strip of the dataset page; its state lives in the URL."""

import streamlit as st

from pages.shared import components, state
from ser_core.corpora import CorpusInfo
from ser_core.corpora.selection import Selection
from ser_core.emotions import Emotion

_DEFAULTS = dict.fromkeys((state.VOICE, state.STRENGTH, state.SENTENCE), components.ALL)


def filter_strip(info: CorpusInfo) -> Selection:
    """Draw the filters of a corpus and return what they let pass."""
    with st.container(border=True, horizontal=True, gap="medium"):
        emotions = st.pills(
            "Emotion",
            [emotion.value for emotion in info.classes],
            selection_mode="multi",
            default=[emotion.value for emotion in info.classes],
            key=state.EMOTIONS,
            wrap=True,
            bind="query-params",
        )
        sex = components.one_of("Sex", ("female", "male"), state.VOICE)
        intensity = components.one_of("Intensity", ("normal", "strong"), state.STRENGTH)
        statement = components.one_of("Statement", tuple(info.statements), state.SENTENCE)
    return Selection(
        # pills come back in the order of the clicks
        emotions=tuple(e for e in Emotion if e.value in emotions),
        sex=sex,
        intensity=intensity,
        statement=statement,
    )


def clear(info: CorpusInfo) -> None:
    """Let every clip pass again; for the callback of a button."""
    st.session_state[state.EMOTIONS] = [emotion.value for emotion in info.classes]
    st.session_state.update(_DEFAULTS)

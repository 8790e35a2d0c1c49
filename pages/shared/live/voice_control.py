"""Adapting to who speaks: whether it is done, and when another voice begins."""

import streamlit as st

from pages.shared.live.live_session import LiveSession
from pages.shared.ui import cache, state, wording


def control(session: LiveSession, model: str) -> bool:
    """The popover beside Settings; nothing for a model that does not adapt.

    Returns:
        Whether the visitor lets the model adapt to their voice.
    """
    if not cache.model(model).adapts:
        return True
    with st.popover("Voice", icon=":material/record_voice_over:", type="tertiary"):
        wanted = st.toggle("Adapt to my voice as I speak", value=True, key=state.ADAPT)
        st.write(wording.ADAPTING)
        st.button(
            "New speaker",
            on_click=session.new_speaker,
            disabled=not session.on or not wanted,
            help="Press it when somebody else goes on: what was learned of the voice is forgotten.",
            key="live-new-speaker",
        )
    return bool(wanted)

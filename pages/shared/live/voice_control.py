"""Adapting to who speaks: whether it is done, and when another voice begins."""

import streamlit as st

from pages.shared.ui import cache, state, wording
from ser_core.live.listener import Listener


def wanted() -> bool:
    """Whether the visitor lets the model adapt to their voice."""
    return bool(st.session_state.get(state.ADAPT, True))


def control(model: str, playing: bool) -> None:
    """The popover in the strip; nothing for a model that does not adapt."""
    if not cache.model(model).adapts:
        return
    with st.popover("Voice", icon=":material/record_voice_over:", type="tertiary"):
        st.toggle("Adapt to my voice as I speak", value=True, key=state.ADAPT)
        st.write(wording.ADAPTING)
        st.button(
            "New speaker",
            on_click=_new_speaker,
            disabled=not playing or not wanted(),
            help="Press it when somebody else goes on: what was learned of the voice is forgotten.",
            key="live-new-speaker",
        )


def _new_speaker() -> None:
    listener: Listener | None = st.session_state.get(state.LISTENER)
    if listener is not None:
        listener.new_speaker()

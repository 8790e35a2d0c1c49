"""Who speaks: whether the model adapts to a voice, when another begins, and what it is called."""

import streamlit as st

from pages.shared.live.live_session import LiveSession
from pages.shared.live.voice_words import called, plain_name
from pages.shared.ui import cache, components, state, wording
from ser_core.errors import VoiceError
from ser_core.speakers.corrections import LONGEST_NAME
from ser_core.speakers.known import KnownVoice


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
        if not session.several:  # each voice is known again
            st.button(
                "New speaker",
                on_click=session.new_speaker,
                disabled=not session.on or not wanted,
                help="Press it when somebody else goes on: what was learned of the voice is "
                "forgotten.",
                key="live-new-speaker",
            )
    return bool(wanted)


def names(session: LiveSession) -> None:
    """Where several people take turns: a button for each who has spoken, to give it a name."""
    if not session.several or session.result is not None:
        return
    with st.container(horizontal=True, key="live-voices"):
        if not session.voices:
            components.note(wording.TURNS)
        for number, voice in enumerate(session.voices):
            popover = st.popover(
                components.plain(called(voice.name)),
                icon=":material/edit:",
                type="tertiary",
                key=f"live-voice-{number}",
                on_change="rerun",
            )
            if popover.open:
                with popover:
                    _name(session, voice, f"live-name-{number}-{voice.name}")


def _name(session: LiveSession, voice: KnownVoice, key: str) -> None:
    typed = st.text_input("Name", called(voice.name), max_chars=LONGEST_NAME, key=key)
    if typed == called(voice.name):
        return
    try:
        session.rename(voice, plain_name(typed))
    except VoiceError as error:
        components.problem(str(error))
        return
    st.rerun()

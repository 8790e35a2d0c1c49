"""The Speak tab: the microphone, what it hears now, and the result after Stop."""

from functools import partial

import streamlit as st

from pages.shared.live import (
    file_list,
    file_panel,
    ice,
    live_session,
    microphone,
    places,
    results,
    settings,
    strip_view,
    voice_control,
)
from pages.shared.live.ice_settings import RtcConfiguration
from pages.shared.live.live_session import REFRESH_S, LiveSession
from pages.shared.live.phase import Phase
from pages.shared.live.tasks import Recorded, Task
from pages.shared.ui import cache, components, examples, strip, wording
from ser_core.analysis.result import Result
from ser_core.bundles.model import Model
from ser_core.plots.result.live import recent_table
from ser_core.speakers import diarisation

LEAD = "Speak, and see how your voice sounds while you do."


def show() -> None:
    """Draw the tab.

    Raises:
        IceError: if the settings of STUN and TURN servers are wrong.
    """
    session = live_session.mine()
    if session.result is None:
        results.want([])  # the files of the other tabs are gone with them
    servers = ice.configuration()
    if strip.KEY not in st.session_state:
        session.leave()
        if session.key:
            microphone.forget(session.key)
    tools = st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    )
    tools.html(f'<p class="ser-lead">{LEAD}</p>', width="content")
    with tools.container(horizontal=True, width="content"):
        voice = st.container(horizontal=True, width="content", vertical_alignment="center")
        chosen = settings.model_choice()
        if chosen is None:
            return
        with voice:
            voices = settings.voices_choice()
            session.several = voices is not None
            adapts = voice_control.control(session, chosen)
        components.data_popover(
            recent_table(session.history), "last-30-seconds", key="live-recent-data"
        )
    if why_not := diarisation.missing():
        components.note(why_not)
    place = st.container(border=True, key="live")
    bar = st.empty()
    session.finish(results.shown_in(bar, "the recording"))
    bar.empty()
    with place:
        act = partial(_act, session, chosen)
        strip.draw(strip_view.moment(session), strip_view.EMOTIONS, act)
    voice_control.names(session)
    # every fragment draws inside its own place: one that outlives its page by a moment cannot write
    # into another
    with st.container(key="live-sound"):
        sound, feed = st.container(), st.container()
    if session.key:
        with sound:
            st.fragment(_sound)(session, cache.model(chosen), adapts, voices, servers)
    with feed:
        st.fragment(_heard, run_every=None if session.phase is Phase.OFF else REFRESH_S)(session)
    if session.result is not None:
        _result(session, session.result, voices)
    elif session.phase is Phase.OFF:
        examples.draw("live-examples")  # something to try without a microphone
    components.note(f"{wording.PRIVACY} {wording.LAW}")


def _result(session: LiveSession, result: Result, voices: int | None) -> None:
    """What the session gave; its voices are told apart where the visitor asks for it."""
    file, model = Recorded(f"live-{session.name}-{session.starts}", result), result.timeline.model
    results.mine().have(Task(file, model), result)
    task = Task(file, model, voices=voices)
    found = results.want([task])[task.key].found
    if found is not result:
        file_list.draw([task], "live")
    if isinstance(found, Result):
        file_panel.show(task, found, f"live-{task.key}", wording.NEW_RECORDING, session.clear)


def _act(session: LiveSession, model: str, what: str) -> None:
    """Do what the visitor wants; start only where there is a place."""
    if what != "start":
        session.act(what)
    elif session.phase is Phase.OFF and not places.start(session, model):
        session.refuse()


def _sound(
    session: LiveSession,
    model: Model,
    adapts: bool,
    voices: int | None,
    servers: dict[str, RtcConfiguration],
) -> None:
    """Keep the browser to what the session wants."""
    was_on = session.on
    playing = microphone.flowing(session.microphone, session.key, was_on, servers)
    session.follow(playing, model, adapts, voices)
    _page_if_over(session, was_on)


def _heard(session: LiveSession) -> None:
    """Bring to the strip what the microphone has heard."""
    was_on, voices, key = session.on, session.voices, session.key
    session.hear()
    _page_if_over(session, was_on)
    if session.voices != voices or session.key != key:
        st.rerun()  # whoever is new can be given a name; another component asks for sound
    strip.feed(strip_view.moment(session))


def _page_if_over(session: LiveSession, was_on: bool) -> None:
    """Run the page where a session has ended: the browser must stop, and the result be shown."""
    if session.over or (was_on and not session.on):
        st.rerun()

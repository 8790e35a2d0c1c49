"""What is rarely changed in the live demo: the model, and how many voices a file holds."""

import streamlit as st

from pages.shared.ui import cache, components, state
from ser_core.speakers import diarisation
from ser_core.speakers.clustering import MOST_VOICES

_WIDTH_PX = 170
_ONE, _FOUND = "1", "auto"
_VOICES = {_ONE: "One voice", _FOUND: "Several voices"} | {
    str(count): f"{count} voices" for count in range(2, MOST_VOICES + 1)
}


def model_choice() -> str | None:
    """The Settings popover.

    Returns:
        Name of the chosen model; None, with a message on the page, where there is none.
    """
    installed = cache.bundles()
    titles = {b.name: b.title for b in installed if b.card is not None}
    if not titles:
        for text in (text for bundle in installed for text in bundle.problems):
            components.problem(text)
        components.no_model()
        return None
    with st.popover("Settings", icon=":material/tune:", type="tertiary"):
        return st.selectbox(
            "Model",
            list(titles),
            format_func=titles.__getitem__,
            key=state.LIVE_MODEL,
            bind="query-params",  # an address that is passed on names the model, too
            help="Best on unseen speakers first. It may be changed while you speak.",
        )


def voices_choice() -> int | None:
    """How many people speak in a file.

    Returns:
        How many voices to tell apart, 0 for as many as are found; None for one.
    """
    able = not diarisation.missing()
    chosen = st.selectbox(
        "Voices",
        list(_VOICES),
        format_func=_VOICES.__getitem__,
        key=state.VOICES,
        bind="query-params",
        label_visibility="collapsed",
        width=_WIDTH_PX,
        disabled=not able,
    )
    if chosen == _ONE or not able:
        return None
    return 0 if chosen == _FOUND else int(chosen)

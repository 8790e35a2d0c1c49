"""What is rarely changed in the live demo: the model."""

import streamlit as st

from pages.shared.ui import cache, components, state


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

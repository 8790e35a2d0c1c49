"""Entry point: streamlit run app.py."""

import streamlit as st

from pages.shared.ui import cache, style
from pages.shared.ui.state import THEME

st.set_page_config(page_title="Speech Emotion", page_icon=style.icon(), layout="wide")


@st.fragment(run_every=2)
def follow_theme() -> None:
    """Figures carry their colours: draw them again when the visitor switches the theme."""
    now = st.context.theme.type
    if st.session_state.setdefault(THEME, now) != now:
        st.session_state[THEME] = now
        st.rerun()


cache.warm_up()
style.apply()
st.logo(style.wordmark(), size="medium")
page = st.navigation(
    [
        st.Page("pages/home.py", title="Home", default=True),
        st.Page("pages/dataset_explorer.py", title="Dataset"),
        st.Page("pages/model_comparison.py", title="Models"),
        st.Page("pages/live_demo.py", title="Live demo"),
        st.Page("pages/about.py", title="About"),
    ],
    position="top",
)
page.run()
follow_theme()

"""Entry point: streamlit run app.py."""

import streamlit as st

from pages.shared.ui import cache, style

st.set_page_config(page_title="Speech Emotion", page_icon=style.icon(), layout="wide")

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

style.follow_theme()

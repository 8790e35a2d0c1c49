import streamlit as st

from pages.shared import cache, components
from ser_core.errors import CorpusError

components.title_row("Dataset")
try:
    clips = cache.clip_index()
except CorpusError as error:
    components.problem(str(error))
    st.stop()
components.lead(f"{len(clips)} clips by {clips['speaker'].nunique()} speakers.")
st.dataframe(clips[["emotion", "sex", "intensity", "statement", "actor"]], hide_index=True)

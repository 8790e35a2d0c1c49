import streamlit as st

from pages.shared import components, file_panel, live_panel, state
from ser_core.errors import SerError

PANELS = {"Speak": live_panel.show, "Record": file_panel.record, "Upload": file_panel.upload}

components.title_row("Live demo")
tabs = st.tabs(list(PANELS), key=state.TAB, on_change="rerun", bind="query-params")
for tab, panel in zip(tabs, PANELS.values(), strict=True):
    if tab.open:
        with tab:
            try:
                panel()
            except SerError as error:
                components.problem(str(error))

import streamlit as st

from pages.shared.live import examples_panel, file_panel, speak_panel
from pages.shared.ui import components, state
from ser_core.errors import SerError

PANELS = {"Speak": speak_panel.show, "Record": file_panel.record, "Upload": file_panel.upload}

components.title_row("Live demo")
if not examples_panel.result():
    tabs = st.tabs(list(PANELS), key=state.TAB, on_change="rerun", bind="query-params")
    for tab, panel in zip(tabs, PANELS.values(), strict=True):
        if tab.open:
            with tab:
                try:
                    panel()
                except SerError as error:
                    components.problem(str(error))

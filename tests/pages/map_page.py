"""The dataset page, as its tests read it."""

import json
import re
from pathlib import Path

from streamlit.testing.v1 import AppTest

from pages.shared.dataset import map_section
from pages.shared.ui import state
from tests.pages.demo import html

PAGE = Path(__file__).parents[2] / "pages" / "dataset_explorer.py"


def explorer(picked: list[str] | None = None, **query: str | list[str]) -> AppTest:
    at = AppTest.from_file(str(PAGE), default_timeout=60)
    for name, value in query.items():
        at.query_params[name] = value
    if picked is not None:
        at.session_state[map_section.PICKED] = tuple(picked)
    at.run()
    return at


def shown_clips(at: AppTest) -> int:
    return int(re.search(r"<b>([\d ]+)</b> of [\d ]+ clips", html(at))[1].replace(" ", ""))


def figure(at: AppTest, number: int) -> dict:
    return json.loads(at.get("plotly_chart")[number].proto.spec)


def keys(at: AppTest) -> set[str]:
    """Of the buttons."""
    return {button.key for button in at.button}


def the_map(at: AppTest) -> dict:
    return next(
        json.loads(chart.proto.spec)
        for chart in at.get("plotly_chart")
        if chart.proto.id.endswith(f"-{state.MAP_CLICK}")
    )


def traces(at: AppTest) -> dict[str, dict]:
    return {trace["name"]: trace for trace in the_map(at)["data"]}


def held(at: AppTest) -> set[str]:
    points = [trace for trace in the_map(at)["data"] if "customdata" in trace]
    return {trace["customdata"][i] for trace in points for i in trace["selectedpoints"]}


def near_buttons(at: AppTest) -> list:
    return [button for button in at.button if (button.key or "").startswith("near-")]


def groups(at: AppTest) -> dict[str, list[str]]:
    return {group.key: list(group.options) for group in at.button_group}

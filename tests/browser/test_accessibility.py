"""Every page in every state: a checker finds nothing, a screen reader names, roles and order."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT

from ser_core.bundles.store import ModelStore
from ser_core.corpora.index.reading import find_root
from tests.app import running_app
from tests.browser.conftest import forget, new_page
from tests.browser.model_answers import Answers, model_answers
from tests.browser.outlines import OUTLINES
from tests.browser.states import STATES, State, settle, visit, write_files
from tests.corpus import require_ravdess

pytestmark = pytest.mark.browser

# what Streamlit draws and nobody can change by documented means: rule, elements
NOT_OURS = {
    # a drop zone for files has both a label and the role "presentation"
    "presentation-role-conflict": "[data-testid=stFileUploaderDropzone]",
}
COLOUR = ["color-contrast", "link-in-text-block"]  # what another theme may break
CHECK = """async ([notOurs, rules]) => {
  const only = rules && { runOnly: { type: "rule", values: rules } };
  const { violations } = await axe.run({ resultTypes: ["violations"], elementRef: true, ...only });
  return violations.flatMap(({ id, nodes }) => nodes
    .filter(({ element }) => !(id in notOurs && element?.matches(notOurs[id])))
    .map(({ html, failureSummary }) => `${id}: ${html.slice(0, 300)} ${failureSummary}`));
}"""
CONTROLS = {
    "button", "checkbox", "combobox", "figure", "link", "meter", "navigation", "progressbar",
    "radio", "radiogroup", "region", "slider", "switch", "tab", "tabpanel", "textbox", "toolbar",
}  # fmt: skip
# what the keyboard is on, and whether it or what is drawn around it has a ring; null at the end
RING = """() => {
  const ringed = ({ outlineStyle, outlineWidth }) =>
    outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
  let element = document.activeElement;
  if (!element || element === document.body) return null;
  const name = element.outerHTML.slice(0, 200);
  if (element.tagName === "AUDIO") return [name, true];  // the browser rings the focused part
  if (element.closest("canvas")) return [name, true];  // Streamlit's grid paints its cell's ring
  for (let up = 0; up < 4 && element; up++, element = element.parentElement)
    if (ringed(getComputedStyle(element))) return [name, true];
  return [name, false];
}"""
FROM_THE_TOP = "() => { document.body.tabIndex = -1; document.body.focus(); }"
IS_DARK = """() => {
  const app = document.querySelector("[data-testid=stApp]");
  return getComputedStyle(app).colorScheme === "dark";
}"""
LEAST_STOPS, MOST_STOPS = 6, 80  # of the Tab key on one page
HEARD = ("Listen and guess", "Two clips", "Health")  # tabs that need the recordings
NODE = re.compile(r"""^(\s*)- '?([a-z]+)(?: "((?:[^"\\]|\\.)*)")?((?: \[[^]]+\])*)""", re.MULTILINE)


@pytest.fixture(scope="module")
def servers(app_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[bool, str]]:
    """Addresses of the app as it is, and without models and corpora."""
    if not ModelStore().names():
        pytest.skip("needs a model: python -m train fit mlp")
    empty = str(tmp_path_factory.mktemp("empty"))
    with running_app(SER_DATA_DIR=empty, SER_OWN_DIR=empty, SER_MODELS_DIR=empty) as bare:
        yield {False: app_url, True: bare}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sound")
    write_files(folder)
    return folder


@pytest.fixture(scope="module")
def answers(files: Path) -> Answers:
    return model_answers(files)


@pytest.fixture(scope="module", params=STATES, ids=lambda state: state.name)
def state(request: pytest.FixtureRequest) -> State:
    if request.param.sound:
        require_ravdess()
    return request.param


@pytest.fixture(scope="module")
def visited(
    device: Callable[..., Any], servers: dict[bool, str], files: Path, state: State
) -> Iterator[Any]:
    """A visitor's page in one state, in the light."""
    page = new_page(device(color_scheme="light"), 1400, 900)
    page.folder = files
    visit(page, servers[state.bare], state)
    yield page
    forget(page)


def nodes(page: Any) -> list[tuple[str, str, str]]:
    """Role, name and attributes of what a screen reader meets, in its order."""
    tree = page.locator("body").aria_snapshot()
    return [(role, name, attributes) for _, role, name, attributes in NODE.findall(tree)]


def violations(page: Any, rules: list[str] | None = None) -> list[str]:
    """What the checker finds, by all of its rules or by some."""
    for frame in page.frames:
        frame.evaluate(AXE_SCRIPT)
    return page.evaluate(CHECK, [NOT_OURS, rules])


def test_what_a_tab_is_about_is_seen_when_it_opens(visited, state):
    """The first: nothing has scrolled yet."""
    if state.about is None:
        pytest.skip("no tab")
    selector, share = state.about
    name = state.name.partition(", ")[2]
    if name in HEARD and find_root("ravdess") is None:
        pytest.skip("needs the recordings")
    tab = visited.get_by_role("tab", name=name, exact=True)
    assert tab.get_attribute("aria-selected") == "true"
    box = visited.locator(selector).first.bounding_box()
    height = visited.viewport_size["height"]
    seen = min(box["y"] + box["height"], height) - max(box["y"], 0)
    assert seen / box["height"] >= share


def test_axe_finds_nothing(visited):
    assert violations(visited) == []


def test_every_control_has_a_name(visited):
    assert [node for node in nodes(visited) if node[0] in CONTROLS and not node[1]] == []
    assert visited.locator("audio[controls]:not([aria-label])").count() == 0


def test_headings_are_the_outline_of_the_page(visited, state, answers):
    outline = [
        f"{level.strip(' []').removeprefix('level=')} {name}"
        for role, name, level in nodes(visited)
        if role == "heading"
    ]
    assert outline == answers.fill(OUTLINES[state.name])


def test_pages_have_the_landmarks_that_a_screen_reader_jumps_to(visited):
    found = nodes(visited)
    for landmark in ("banner", "main", "navigation"):
        assert [node[0] for node in found].count(landmark) == 1
    pages = [name for role, name, _ in found if role == "link"]
    assert pages[:6] == [
        "Skip to main content", "Home", "Dataset", "Models", "Live demo", "About"
    ]  # fmt: skip


def test_meters_and_bars_tell_their_value(visited):
    found = visited.locator("[role=meter], [role=progressbar], [role=slider]").all()
    assert [e.evaluate("e => e.outerHTML") for e in found if not told(e)] == []


def told(element: Any) -> bool:
    now = element.get_attribute("aria-valuenow")
    return bool(now or element.get_attribute("aria-valuetext"))


def test_the_keyboard_is_seen_wherever_it_is(visited):
    assert unringed(visited) == []


def test_axe_finds_nothing_in_the_dark(visited):
    visited.emulate_media(color_scheme="dark")
    visited.wait_for_function(IS_DARK)
    settle(visited)
    assert violations(visited, COLOUR) == []


def test_the_keyboard_is_seen_in_the_dark(visited):
    """The last: it leaves the page dark and scrolled."""
    assert unringed(visited) == []


def unringed(page: Any) -> list[str]:
    """What the keyboard meets and cannot be seen on."""
    page.evaluate(FROM_THE_TOP)
    met = {}
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        for _ in range(10):
            found = page.evaluate(RING)
            if found is None or found[1]:
                break
            page.wait_for_timeout(200)  # some rings grow slowly
        if found is None:
            break
        met[found[0]] = found[1]
    assert len(met) >= LEAST_STOPS
    return [name for name, ringed in met.items() if not ringed]

"""Real clicks on the cells of a matrix show exactly the clips of predictions.parquet."""

import pandas as pd
import pytest

from ser_core.emotions import Emotion
from ser_core.plots.theme import DARK, LIGHT
from tests.app import running_app

expect = pytest.importorskip("playwright.sync_api").expect
pytestmark = pytest.mark.browser
CLASSES = [e.value for e in Emotion]
EDGE = 0.52  # distance of the first cell's middle to the edge of the plot, in cells
WAIT_MS = 30_000
SETTLE_MS = 1_000  # a click into a figure that is being drawn again is lost


@pytest.fixture(scope="module")
def url(scored_models):
    with running_app(SER_MODELS_DIR=str(scored_models)) as address:
        yield address


@pytest.fixture
def visit(chromium, url):
    """Open an address of the page and wait until the matrices stand."""
    context = chromium.new_context(viewport={"width": 1400, "height": 2400})
    page = context.new_page()

    def go(query=""):
        page.goto(f"{url}/model_comparison{query}")
        page.locator(".st-key-matrix-difference .heatmaplayer").wait_for(timeout=60_000)
        page.locator("[data-test-script-state=notRunning]").wait_for(timeout=WAIT_MS)
        page.wait_for_timeout(SETTLE_MS)
        return page

    yield go
    context.close()


def click(page, side, acted, heard):
    box = page.locator(f".st-key-matrix-{side} .nsewdrag").first.bounding_box()
    steps = len(CLASSES) - 1 + 2 * EDGE
    x = box["x"] + box["width"] * (CLASSES.index(heard) + EDGE) / steps
    y = box["y"] + box["height"] * (CLASSES.index(acted) + EDGE) / steps
    page.mouse.click(x, y)


def opened(page, acted, heard, model):
    title = page.locator("h3.ser-h", has_text=f"Acted {acted}, heard as {heard}")
    title.filter(has_text=model.upper()).wait_for(timeout=WAIT_MS)
    return title.inner_text()


def listed_clips(page):
    """The clips in the CSV file below the table."""
    page.locator(".st-key-clips-data button").click()
    with page.expect_download(timeout=WAIT_MS) as download:
        page.locator(".st-key-clips-data-csv button").click()
    clips = pd.read_csv(download.value.path())
    page.keyboard.press("Escape")
    return clips


def predictions(folder, model, acted, heard):
    rows = pd.read_parquet(folder / model / "predictions.parquet")
    rows = rows[rows["protocol"] == "speaker_independent"]
    return rows[(rows["emotion"] == acted) & (rows["predicted"] == heard)]


@pytest.mark.parametrize(
    ("side", "model", "acted", "heard"),
    [
        ("a", "good", "neutral", "neutral"),  # first corner
        ("a", "good", "surprised", "surprised"),  # last corner
        ("a", "good", "surprised", "neutral"),
        ("b", "poor", "sad", "calm"),
        ("difference", "good", "fearful", "sad"),
    ],
)
def test_click_shows_exactly_the_clips_of_the_cell(visit, scored_models, side, model, acted, heard):
    page = visit()
    click(page, side, acted, heard)
    title = opened(page, acted, heard, model)
    want = predictions(scored_models, model, acted, heard)
    assert len(want) > 0
    assert f"{len(want)}\N{NO-BREAK SPACE}clip" in title
    assert sorted(listed_clips(page)["clip"]) == sorted(want["clip"])


def test_click_on_an_empty_cell_says_that_it_is_empty(visit, scored_models):
    page = visit()
    assert predictions(scored_models, "good", "neutral", "surprised").empty
    click(page, "a", "neutral", "surprised")
    opened(page, "neutral", "surprised", "good")
    page.get_by_text("No clip was acted neutral and heard as surprised.").wait_for(timeout=WAIT_MS)


def test_second_click_closes_and_a_third_opens_again(visit):
    page = visit()
    frame = page.locator(".st-key-matrix-b .shapelayer path")
    for _ in range(2):
        click(page, "b", "happy", "happy")
        opened(page, "happy", "happy", "poor")
        frame.wait_for(timeout=WAIT_MS)
        page.wait_for_timeout(SETTLE_MS)
        click(page, "b", "happy", "happy")
        page.get_by_text("Click a cell, or choose").wait_for(timeout=WAIT_MS)
        frame.wait_for(state="detached", timeout=WAIT_MS)
        page.wait_for_timeout(SETTLE_MS)


def test_address_restores_the_cell_and_a_click_changes_it(visit):
    page = visit("?acted=angry&heard=disgust&of=B&cells=Counts")
    opened(page, "angry", "disgust", "poor")
    click(page, "a", "angry", "angry")
    opened(page, "angry", "angry", "good")
    assert "heard=angry" in page.url
    assert "cells=Counts" in page.url


def test_figures_follow_a_switch_of_the_theme(visit):
    page = visit()
    page.emulate_media(color_scheme="light")
    dot = page.locator(".st-key-leaderboard .scatterlayer path.point").first
    for scheme, theme in (("dark", DARK), ("light", LIGHT)):
        page.emulate_media(color_scheme=scheme)
        red, green, blue = (int(theme.ink[i : i + 2], 16) for i in (1, 3, 5))
        expect(dot).to_have_css("fill", f"rgb({red}, {green}, {blue})", timeout=WAIT_MS)


def test_first_visit_to_a_deep_address_gets_the_whole_app(scored_models, chromium):
    with running_app(SER_MODELS_DIR=str(scored_models)) as address:
        page = chromium.new_page()
        page.goto(f"{address}/about")
        page.get_by_role("heading", name="About").wait_for(timeout=60_000)
        page.get_by_role("link", name="Live demo").first.wait_for(timeout=WAIT_MS)
        assert page.locator("[data-testid=stSidebarNav]").count() == 0
        page.close()

"""Real clicks on the cells of a matrix show exactly the clips of predictions.parquet."""

import random
import re

import pandas as pd
import pytest

from ser_core.corpora.index.reading import find_root
from ser_core.emotions import Emotion
from ser_core.plots.theme import DARK, LIGHT
from ser_core.protocols import Protocol
from tests.app import running_app
from tests.browser.states import settle

expect = pytest.importorskip("playwright.sync_api").expect
pytestmark = pytest.mark.browser
CLASSES = [e.value for e in Emotion]
SIDES = ("a", "b", "difference")
WAIT_MS = 30_000


@pytest.fixture(scope="module")
def url(scored_models):
    with running_app(SER_MODELS_DIR=str(scored_models)) as address:
        yield address


@pytest.fixture
def visit(page, url):
    """Open an address of the page and wait until the matrices stand."""

    def go(query=""):
        page.goto(f"{url}/model_comparison?section=Mistakes{query}")
        page.locator(".st-key-matrix-difference .cell").first.wait_for(timeout=60_000)
        return page

    return go


def cell(page, side, acted, heard, classes=CLASSES):
    at = classes.index(acted) * len(classes) + classes.index(heard)
    return page.locator(f".st-key-matrix-{side} button.cell").nth(at)


def click(page, side, acted, heard):
    cell(page, side, acted, heard).click()


def opened(page, acted, heard, model):
    title = page.locator(".ser-h", has_text=f"Acted {acted}, heard as {heard}")
    title.filter(has_text=model.upper()).wait_for(timeout=WAIT_MS)
    return title.inner_text()


def listed_clips(page):
    """The clips in the CSV file below the table."""
    page.locator(".st-key-clips-data button").click()
    settle(page)  # a file is offered for two runs of the page
    with page.expect_download(timeout=WAIT_MS) as download:
        page.locator(".st-key-clips-data-csv button").click()
    clips = pd.read_csv(download.value.path())
    page.keyboard.press("Escape")
    return clips


def predictions(folder, model, acted, heard, protocol=Protocol.SPEAKER_INDEPENDENT, **wanted):
    rows = pd.read_parquet(folder / model / "predictions.parquet")
    wanted |= {"protocol": protocol, "emotion": acted, "predicted": heard}
    for column, value in wanted.items():
        rows = rows[rows[column] == value]
    return rows


def test_first_visit_to_a_deep_address_gets_the_whole_app(url, chromium):
    page = chromium.new_page()
    page.goto(f"{url}/about")  # nobody has asked this server for anything before
    page.get_by_role("heading", name="About").wait_for(timeout=60_000)
    page.get_by_role("link", name="Live demo").first.wait_for(timeout=WAIT_MS)
    assert page.locator("[data-testid=stSidebarNav]").count() == 0
    page.close()


@pytest.mark.parametrize(
    ("query", "wanted", "cells"),
    [
        (
            "",
            {},
            [
                ("a", "good", "neutral", "neutral"),  # first corner
                ("a", "good", "surprised", "surprised"),  # last corner
                ("difference", "good", "fearful", "sad"),
            ],
        ),
        (
            "&sex=Female&intensity=Strong&protocol=Random+clips",
            {"protocol": Protocol.RANDOM_SPLIT, "sex": "female", "intensity": "strong"},
            [
                ("a", "good", "neutral", "surprised"),  # the corner at the top, empty
                ("b", "poor", "surprised", "neutral"),  # the corner at the bottom
            ],
        ),
    ],
    ids=["all", "filtered"],
)
def test_clicks_show_exactly_the_clips_of_a_cell(visit, scored_models, query, wanted, cells):
    page = visit(query)
    for side, model, acted, heard in cells:
        want = predictions(scored_models, model, acted, heard, **wanted)
        click(page, side, acted, heard)
        assert f"{len(want)}\N{NO-BREAK SPACE}clip" in opened(page, acted, heard, model)
        if (acted, heard) == ("neutral", "surprised"):
            assert want.empty
            page.get_by_text(f"No clip was acted {acted} and heard as {heard}.").wait_for()
        else:
            assert sorted(listed_clips(page)["clip"]) == sorted(want["clip"])


def test_click_on_a_cell_of_merged_classes_opens_it(visit, scored_models):
    page = visit("&classes=Negative+or+positive")
    cell(page, "a", "negative", "neutral", ["negative", "neutral", "positive"]).click()
    opened(page, "negative", "neutral", "good")
    rows = pd.read_parquet(scored_models / "good" / "predictions.parquet")
    rows = rows[
        (rows["protocol"] == Protocol.SPEAKER_INDEPENDENT) & (rows["predicted"] == "neutral")
    ]
    want = rows[rows["emotion"].isin(["sad", "angry", "fearful", "disgust"])]
    assert sorted(listed_clips(page)["clip"]) == sorted(want["clip"])


def test_keys_step_through_the_clips_of_a_cell_and_they_play(visit):
    page = visit("&acted=happy&heard=happy")
    place = page.get_by_text(re.compile(r"^\d+ of \d+$"))
    expect(place).to_have_text(re.compile("^1 of"), timeout=WAIT_MS)
    page.locator("h1").click()  # the keys go to the page, not to a field
    for key, number in (("n", 2), ("n", 3), ("p", 2)):
        page.keyboard.press(key)
        expect(place).to_have_text(re.compile(f"^{number} of"), timeout=WAIT_MS)
    assert "listen=" in page.url
    if find_root("ravdess") is not None:
        audio = page.locator("audio")
        audio.evaluate("player => { player.muted = true; return player.play(); }")
        page.wait_for_function(
            "() => document.querySelector('audio').currentTime > 0.2", timeout=WAIT_MS
        )
        assert 2 < audio.evaluate("player => player.duration") < 6


def test_second_click_closes_and_a_third_opens_again(visit):
    page = visit()
    framed = page.locator(".st-key-matrix-b [aria-pressed=true]")
    for _ in range(2):
        click(page, "b", "happy", "happy")
        opened(page, "happy", "happy", "poor")
        expect(framed).to_have_count(1)
        click(page, "b", "happy", "happy")
        page.get_by_text("Click a cell, or choose").wait_for(timeout=WAIT_MS)
        expect(framed).to_have_count(0)


def random_cells(seed, count):
    rng = random.Random(seed)
    return [(rng.choice(SIDES), rng.choice(CLASSES), rng.choice(CLASSES)) for _ in range(count)]


def is_open(page, side, acted, heard):
    """The cell is framed, and it alone, and its clips are listed."""
    opened(page, acted, heard, "poor" if side == "b" else "good")
    page.locator("[data-test-script-state=notRunning]").wait_for(timeout=WAIT_MS)
    expect(cell(page, side, acted, heard)).to_have_attribute("aria-pressed", "true")
    other = "a" if side == "b" else "b"
    expect(page.locator(f".st-key-matrix-{other} [aria-pressed=true]")).to_have_count(0)


def test_the_last_of_quick_clicks_is_open_however_busy_the_page(visit):
    page = visit()
    for burst in range(5):
        clicks = random_cells(burst, 10)
        if clicks[-1] == clicks[-2]:
            clicks.pop()
        for side, acted, heard in clicks:
            click(page, side, acted, heard)
            page.wait_for_timeout(300)
        is_open(page, *clicks[-1])


def test_a_tap_opens_its_own_cell_and_a_swipe_scrolls(window, url):
    page = window(390, 800, has_touch=True)
    page.goto(f"{url}/model_comparison?section=Mistakes")
    page.locator(".st-key-matrix-difference .cell").first.wait_for(timeout=60_000)
    for side, acted, heard in random_cells(7, 10):
        if cell(page, side, acted, heard).get_attribute("aria-pressed") == "false":
            cell(page, side, acted, heard).tap()
        is_open(page, side, acted, heard)
    place = cell(page, "a", "angry", "angry")
    place.scroll_into_view_if_needed()
    before = place.bounding_box()
    swipe = {"x": before["x"] + 5, "y": before["y"] + 5, "yDistance": -200}
    page.context.new_cdp_session(page).send("Input.synthesizeScrollGesture", swipe)
    assert place.bounding_box()["y"] < before["y"] - 100


def test_arrow_keys_walk_the_cells_and_enter_opens_one(visit):
    page = visit()
    page.get_by_role("radio", name="Recall").focus()
    page.keyboard.press("Tab")
    expect(cell(page, "a", "neutral", "neutral")).to_be_focused()
    page.keyboard.press("Tab")
    expect(cell(page, "a", "neutral", "calm")).not_to_be_focused()
    page.keyboard.press("Shift+Tab")
    for key in ("ArrowDown", "ArrowRight", "ArrowRight", "ArrowUp"):
        page.keyboard.press(key)
    expect(cell(page, "a", "neutral", "happy")).to_be_focused()
    assert page.locator(".st-key-matrix-a [tabindex='0']").count() == 1
    page.keyboard.press("Enter")
    is_open(page, "a", "neutral", "happy")
    expect(cell(page, "a", "neutral", "happy")).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.press("Space")
    is_open(page, "a", "neutral", "surprised")


def test_a_screen_reader_is_told_rows_columns_and_cells(visit):
    page = visit()
    table = page.locator(".st-key-matrix-a").get_by_role("table")
    expect(table).to_have_accessible_name(re.compile("GOOD names .* of the clips rightly"))
    assert table.get_by_role("rowheader").all_inner_texts() == CLASSES
    expect(table.get_by_role("columnheader", name="heard as disgust")).to_have_count(1)
    button = table.get_by_role("button", name=re.compile(r"^acted sad, heard as calm: \d+"))
    expect(button).to_have_count(1)
    expect(button).to_have_attribute("aria-pressed", "false")


def test_address_restores_the_cell_which_a_hidden_tab_keeps_and_a_click_changes(visit):
    page = visit()
    page.goto(page.url.partition("?")[0] + "?acted=angry&heard=disgust&of=B&cells=Counts")
    opened(page, "angry", "disgust", "poor")
    page.get_by_role("tab", name="Robustness").click()
    page.get_by_text("Do they hear women and men alike").wait_for(timeout=WAIT_MS)
    page.get_by_role("tab", name="Mistakes").click()
    opened(page, "angry", "disgust", "poor")
    page.wait_for_url(re.compile("cells=Counts"), timeout=WAIT_MS)
    click(page, "a", "angry", "angry")
    opened(page, "angry", "angry", "good")
    assert "heard=angry" in page.url
    assert "cells=Counts" in page.url


def test_figures_follow_a_switch_of_the_theme(visit):
    page = visit()
    page.get_by_role("tab", name="Ranking").click()
    page.emulate_media(color_scheme="light")
    dot = page.locator(".st-key-leaderboard .scatterlayer path.point").first
    for scheme, theme in (("dark", DARK), ("light", LIGHT)):
        page.emulate_media(color_scheme=scheme)
        red, green, blue = (int(theme.ink[i : i + 2], 16) for i in (1, 3, 5))
        expect(dot).to_have_css("fill", f"rgb({red}, {green}, {blue})", timeout=WAIT_MS)

"""Nothing wanted lies below the fold, on a desk or on a phone; fingers and keys find their way."""

import pytest

from tests.browser.fingers import swipe
from tests.browser.test_dataset_explorer import points_of

expect = pytest.importorskip("playwright.sync_api").expect
pytestmark = pytest.mark.browser
WAIT_MS = 60_000
DESK, PHONE = {"width": 1400, "height": 900}, {"width": 360, "height": 740}


@pytest.fixture
def visit(window, app_url):
    """Open an address in a window of a size, with a finger on a small one."""

    def go(address, size):
        small = size["width"] < 600
        page = window(**size, has_touch=small, is_mobile=small)
        page.goto(f"{app_url}/{address}")
        return page

    return go


def settled(page):
    page.locator("[data-test-script-state=notRunning]").wait_for(timeout=WAIT_MS)
    page.wait_for_timeout(1500)  # figures take their size after the run


@pytest.mark.parametrize(
    ("path", "title"), [("model_comparison", "What is compared"), ("dataset_explorer", "Filters")]
)
def test_a_phone_folds_the_controls_and_sees_the_tabs(visit, path, title):
    page = visit(path, PHONE)
    tab = page.get_by_role("tab").nth(1)
    tab.wait_for()
    settled(page)
    assert tab.bounding_box()["y"] < PHONE["height"] / 2
    controls = page.locator(".st-key-controls")
    expect(controls).to_be_hidden()
    page.get_by_text(title, exact=True).tap()
    choice = controls.get_by_role("radio").nth(1)
    choice.tap()
    page.get_by_text("1 chosen").wait_for()
    settled(page)
    expect(choice).to_be_visible()  # what changes the page does not fold what it was changed by
    page.get_by_text(title, exact=True).tap()
    expect(controls).to_be_hidden()


@pytest.mark.parametrize(
    ("path", "tab"),
    [
        ("model_comparison?score=Accuracy", "Ranking"),
        ("model_comparison?listen=03-01-05-02-01-01-01", "Mistakes"),
        ("model_comparison?noise=Babble", "Robustness"),
        ("dataset_explorer?split=Sex", "Counts"),
        ("dataset_explorer?space=Transformer", "Clips"),
        ("dataset_explorer?descriptor=Level", "Descriptors"),
    ],
)
def test_an_address_without_a_tab_opens_the_tab_that_it_speaks_of(visit, path, tab):
    page = visit(path, DESK)
    wanted = page.get_by_role("tab", name=tab, exact=True)
    expect(wanted).to_have_attribute("aria-selected", "true", timeout=WAIT_MS)


# fingers


def lonely_points(page, count):
    """The clips whose points have most room around them, and the places of those points."""
    points = points_of(page)

    def room(point):
        return min(
            (point[1] - other[1]) ** 2 + (point[2] - other[2]) ** 2
            for other in points
            if other is not point
        )

    return sorted(points, key=room)[-count:]


def to_middle(page, place):
    """Scroll an element to the middle of the window; one that is being redrawn may be replaced."""
    place.evaluate("element => element.scrollIntoView({ block: 'center' })")
    page.wait_for_timeout(300)


def test_the_first_tap_on_a_point_opens_its_clip_every_time(visit):
    page = visit("dataset_explorer?voice=Female&strength=Strong&sentence=Dogs", PHONE)
    chart = page.locator(".st-key-map_click .js-plotly-plot").first
    chart.locator(".points").first.wait_for(state="attached")
    settled(page)
    clips = [clip for clip, _, _ in lonely_points(page, 10)]
    for clip in clips:
        to_middle(page, chart)
        settled(page)
        ((x, y),) = [(x, y) for name, x, y in points_of(page) if name == clip]
        page.touchscreen.tap(x, y)
        page.wait_for_function("clip => location.search.includes(clip)", arg=clip)


@pytest.mark.parametrize(
    "address",
    [
        "model_comparison",
        "model_comparison?section=Mistakes",
        "model_comparison?section=Curves",
        "model_comparison?section=Robustness",
        "dataset_explorer",
        "dataset_explorer?part=Counts",
        "dataset_explorer?part=Descriptors",
    ],
)
def test_a_swipe_over_any_figure_moves_the_page(visit, address):
    page = visit(address, PHONE)
    figures = page.locator(".js-plotly-plot, .ser-matrix table")
    figures.first.wait_for()
    settled(page)
    for number in range(figures.count()):
        figure = figures.nth(number)
        to_middle(page, figure)
        before = figure.bounding_box()
        x, y = before["x"] + before["width"] / 2, before["y"] + before["height"] / 2
        up = 1 if number else -1  # the first may be at the top of the page, the last at its end
        swipe(page, (x, min(max(y, 250), 500)), (0, 150 * up))
        assert abs(figure.bounding_box()["y"] - before["y"]) > 90, number


# keys


def test_a_question_mark_opens_by_keyboard_and_by_finger(visit):
    for size in (DESK, PHONE):
        page = visit("model_comparison", size)
        mark = page.get_by_role("button", name="Help: Balanced recall, Accuracy, F1 and Interval")
        mark.wait_for()
        settled(page)
        words = page.locator(".ser-words").first
        if size is DESK:
            mark.focus()
            page.keyboard.press("Enter")
            expect(words).to_be_visible()
            page.keyboard.press("Escape")
        else:
            mark.tap()
            expect(words).to_be_visible()
            box = words.bounding_box()
            assert 0 <= box["x"] <= box["x"] + box["width"] <= PHONE["width"]
            mark.tap()
        expect(words).to_be_hidden()

"""Listen and guess, played by keyboard alone and by touch alone."""

import re

import pytest

from ser_core.corpora.index.reading import find_root

expect = pytest.importorskip("playwright.sync_api").expect
pytestmark = pytest.mark.browser
WAIT_MS = 60_000
ADDRESS = "model_comparison?section=Listen+and+guess"


@pytest.fixture
def game(window, app_url):
    """Open the game, on a phone or on a desk."""
    if find_root("ravdess") is None:
        pytest.skip("the game needs the recordings")

    def go(*size, **options):
        page = window(*size, **options)
        page.goto(f"{app_url}/{ADDRESS}")
        page.get_by_role("button", name="Start").wait_for()
        return page

    return go


def asked(page, number):
    page.get_by_text(f"{number} of 10", exact=True).wait_for()


def ended(page):
    page.get_by_text(re.compile(r"^You got \d+ of 10 right$")).wait_for()


def tab_to(page, name):
    """Press the Tab key until a button of that name has the focus."""
    button = page.get_by_role("button", name=name)
    for _ in range(80):
        page.keyboard.press("Tab")
        if button.evaluate("button => button === document.activeElement"):
            return
    raise AssertionError(f"The Tab key does not lead to {name}.")


def test_a_round_is_played_by_the_keyboard_alone(game):
    page = game(1400, 900)
    tab_to(page, "Start")
    page.keyboard.press("Enter")
    for number in range(1, 11):
        asked(page, number)
        if number == 1:
            tab_to(page, "happy")
            page.keyboard.press("Space")
        else:
            page.locator("[data-test-script-state=notRunning]").wait_for()
            page.keyboard.press("3")
    ended(page)
    tab_to(page, "Another ten")
    page.keyboard.press("Enter")
    asked(page, 1)


def test_a_round_is_played_by_a_finger_alone(game):
    page = game(360, 740, has_touch=True, is_mobile=True)
    page.get_by_role("button", name="Start").tap()
    for number in range(1, 11):
        asked(page, number)
        button = page.locator(".st-key-guess-sad button")
        box = button.bounding_box()
        assert box["y"] + box["height"] < 740  # without a swipe
        button.tap()
    ended(page)
    assert page.evaluate("document.documentElement.scrollWidth") == 360

"""The first minute on a machine without any recordings: five actions from Home to the reason."""

import re

import pytest

from pages.shared.ui.strip.words import STEPS
from tests.app import running_app

expect = pytest.importorskip("playwright.sync_api").expect
pytestmark = pytest.mark.browser
WAIT_MS = 60_000
# what happened to sounds, and how long each is
LISTENING = """
window.sounds = [];
for (const what of ["playing", "ended"])
  document.addEventListener(what, (e) => window.sounds.push([what, e.target.duration]), true);
"""
ANGRY = re.compile("^Play: acted angry, woman, 35")
ADDRESS = re.compile(r"/live_demo\?example=14b02Wd$")


@pytest.fixture(scope="module")
def url():
    with pytest.MonkeyPatch.context() as environment:
        environment.delenv("SER_DATA_DIR", raising=False)
        with running_app() as address:
            yield address


@pytest.fixture
def visit(window, url):
    """Open a page of the app as a new visitor; further arguments are those of the window."""

    def go(path="", width=1400, height=900, **options):
        page = window(width, height, **options)
        page.fetched = []
        page.on("request", lambda r: page.fetched.append(r.url) if ".wav" in r.url else None)
        page.add_init_script(LISTENING)
        page.goto(f"{url}/{path}")
        return page

    return go


def hears(page, duration_s: float, what: str = "ended") -> None:
    """Wait until a sound of this length has come to its end, or has begun."""
    page.wait_for_function(
        "([what, d]) => window.sounds.some((s) => s[0] === what && Math.abs(s[1] - d) < 0.01)",
        arg=[what, duration_s],
    )
    page.evaluate("window.sounds.length = 0")


def answer(page) -> str:
    page.get_by_role("button", name="Why", exact=True).wait_for()
    return page.locator(".ser-answer").inner_text()


def test_home_example_sound_answer_why(visit):
    page = visit()  # the first action
    play = page.get_by_role("button", name=ANGRY)
    play.wait_for()
    assert page.fetched == []  # no sound before it is asked for
    play.click()
    hears(page, 2.292)
    assert len(set(page.fetched)) == 1
    page.get_by_role("link", name=re.compile("^Judge it: acted angry, woman, 35")).click()
    expect(page).to_have_url(ADDRESS)
    assert answer(page).startswith("Sounds angry")
    page.get_by_role("button", name="Why", exact=True).click()  # the fifth
    page.get_by_text("Why angry?").wait_for()
    expect(page.locator(".ser-player canvas.why")).to_be_in_viewport()


def test_a_view_that_is_asked_for_comes_into_sight(visit):
    page = visit("live_demo?example=14b02Wd", height=600)
    for view in ("Spectrogram", "Why"):
        page.get_by_role("button", name=view, exact=True).click()
        row = page.locator(f".ser-player canvas.{view.lower()}")
        expect(row).to_be_in_viewport(ratio=0.9)


def test_the_address_shows_anybody_the_same_and_leads_on(visit):
    first = visit("live_demo?example=14b02Wd")
    told = answer(first)
    first.reload()
    assert answer(first) == told
    second = visit("live_demo?example=14b02Wd")
    assert answer(second) == told
    second.get_by_role("button", name="All examples").click()
    second.get_by_role("button", name=ANGRY).wait_for()
    expect(second).to_have_url(re.compile("/live_demo$"))
    second.get_by_role("tab", name="Upload").click()
    second.locator("input[type=file]").wait_for(state="attached")


def test_the_address_names_another_model_too(visit):
    page = visit("live_demo?example=14b02Tc&live_model=SVM")
    told = answer(page)
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("combobox", name=re.compile("Model")).click()
    page.get_by_role("option", name="Transformer").click()
    expect(page.locator(".ser-answer")).not_to_have_text(told)
    expect(page).to_have_url(re.compile(r"/live_demo\?example=14b02Tc$"))


def test_one_plays_at_a_time_and_stops_by_itself_or_by_the_same_button(visit):
    page = visit("live_demo")
    angry, happy = (
        page.get_by_role("button", name=re.compile(f"^Play: acted {mood}, man")).first
        for mood in ("angry", "happy")
    )
    sad = page.get_by_role("button", name=re.compile("^Play: acted sad"))  # the longest
    sad.press("Space")
    expect(sad).to_have_attribute("aria-pressed", "true")
    hears(page, 6.216, "playing")
    sad.press("Enter")
    expect(sad).to_have_attribute("aria-pressed", "false")
    assert page.evaluate("document.querySelector('.ser-examples ~ audio').paused")
    sad.click()
    hears(page, 6.216, "playing")
    angry.click()
    expect(sad).to_have_attribute("aria-pressed", "false")
    hears(page, 2.650)
    expect(angry).to_have_attribute("aria-pressed", "false")
    happy.press("Enter")
    hears(page, 1.697)


def test_by_touch_on_a_phone(visit):
    page = visit(width=360, has_touch=True, is_mobile=True)
    play = page.get_by_role("button", name=ANGRY)
    play.tap()
    hears(page, 2.292)
    page.get_by_role("link", name=re.compile("^Judge it: acted angry, woman, 35")).tap()
    assert answer(page).startswith("Sounds angry")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_the_live_demo_says_what_will_happen_and_an_example_is_one_click_away(visit):
    page = visit("live_demo")
    for step in STEPS:
        expect(page.get_by_text(step)).to_be_visible()
    link = page.get_by_role("link", name=re.compile("^Judge it: acted angry, woman, 35"))
    with page.context.expect_page() as opened:
        link.click(modifiers=["Control"])
    expect(opened.value).to_have_url(ADDRESS)
    opened.value.close()
    link.click()
    expect(page).to_have_url(ADDRESS)
    assert answer(page).startswith("Sounds angry")


def test_a_clip_of_the_dataset_is_heard(visit):
    page = visit("dataset_explorer?corpus=emodb&clip=03a04Fd")
    page.get_by_text(re.compile("speaker 3, male, “Heute Abend")).wait_for()
    page.locator("audio").first.evaluate("a => a.play()")
    hears(page, 1.697)

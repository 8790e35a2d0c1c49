"""What is said and given of a result beside its player."""

from pathlib import Path

import pytest

from tests.browser.player_page import brought, segments, settled_on

expect = pytest.importorskip("playwright.sync_api").expect
pytestmark = pytest.mark.browser


@pytest.fixture
def page(window, app_url, recording):
    return brought(window(1400, 1900), app_url, recording)


def test_why_and_the_spectrogram_lie_on_the_same_axis(page):
    segments(page).last.click()
    settled_on(page, segments(page).count() - 1)
    views = page.locator(".ser-player .views")
    views.get_by_role("button", name="Spectrogram").click()
    views.get_by_role("button", name="Why").click()
    page.get_by_text("Check: silence the").wait_for()
    heights = {}
    for name in ("spectrogram", "why"):
        expect(views.get_by_role("button", name=name)).to_have_attribute("aria-pressed", "true")
        page.wait_for_function(PAINTED, arg=name)
        wave, canvas = (
            page.locator(f".ser-player canvas.{each}").bounding_box() for each in ("wave", name)
        )
        assert (canvas["x"], canvas["width"]) == (wave["x"], wave["width"])
        heights[name] = canvas["height"]
    assert min(heights.values()) > 50
    views.get_by_role("button", name="Why").click()
    page.get_by_text("Check: silence the").wait_for(state="detached")
    assert page.locator(".ser-player canvas.why").count() == 0


PAINTED = """name => {
  const canvas = document.querySelector(`.ser-player canvas.${name}`);
  const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  return new Set(pixels.filter((_, i) => i % 4 === 3 && pixels[i])).size > 0;
}"""


def test_the_numbers_of_the_windows_can_be_taken_home(page):
    page.locator("[class*='-windows']").get_by_role("button", name="Data").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download CSV").click()
    table = Path(download.value.path()).read_text()
    assert table.startswith("start_s,end_s,neutral")


def test_the_report_opens_from_disk(page, chromium, tmp_path):
    with page.expect_download() as download:
        page.get_by_role("button", name="Share").click()
    assert download.value.suggested_filename == "talk & more.html"
    file = tmp_path / "report.html"
    download.value.save_as(file)

    context = chromium.new_context(viewport={"width": 400, "height": 900}, offline=True)
    report, complaints, requests = context.new_page(), [], []
    report.on("console", lambda message: complaints.append(message.text))
    report.on("pageerror", lambda error: complaints.append(str(error)))
    report.on("request", lambda request: requests.append(request.url))
    report.goto(file.as_uri())
    report.locator("#timeline .plot-container").wait_for()
    assert report.locator("h1").inner_text() == page.locator(".ser-answer-head").inner_text()
    assert report.evaluate("document.querySelector('audio').duration") > 9
    assert report.evaluate("document.documentElement.scrollWidth") <= 400
    assert not complaints
    assert all(url.startswith(("file:", "data:", "blob:")) for url in requests)
    context.close()

import re
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from ser_core.bundles.store import ModelStore
from ser_core.corpora.index.reading import clip_path
from ser_core.decoding.decode import decode
from tests.corpus import require_ravdess

pytestmark = pytest.mark.browser

WAIT_MS = 60_000
CLIPS = ("03-01-05-02-01-01-05", "03-01-04-02-02-01-06", "03-01-05-02-02-02-12")
CHART = "[class*='-timeline'] .js-plotly-plot"
# places on the screen of the unseen markers in the middle of the waveform
TARGETS = """chart => {
  const box = chart.getBoundingClientRect(), layout = chart._fullLayout;
  const trace = chart._fullData.find(t => t.name === 'segments');
  const y = box.y + layout.yaxis2._offset + layout.yaxis2.l2p(0);
  return [...trace.x].map((t, i) =>
    [trace.text[i], box.x + layout.xaxis._offset + layout.xaxis.l2p(t), y]);
}"""


@pytest.fixture(scope="module")
def recording(tmp_path_factory) -> Path:
    """Three clips of three actors in one file."""
    if not ModelStore().names():
        pytest.skip("needs a model: python -m train fit mlp")
    root = require_ravdess()
    clips = [decode(clip_path("ravdess", clip, root)).clip.samples for clip in CLIPS]
    file = tmp_path_factory.mktemp("sound") / "talk & more.wav"
    sf.write(file, np.concatenate(clips), 16_000, "PCM_16")
    return file


@pytest.fixture(scope="module")
def page(chromium, app_url, recording):
    context = chromium.new_context(viewport={"width": 1400, "height": 1900}, accept_downloads=True)
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    page.goto(f"{app_url}/live_demo?tab=Upload")
    page.locator("input[type=file]").set_input_files(str(recording))
    page.get_by_text("Check: silence the").wait_for()
    yield page
    context.close()


def heading(page) -> str:
    return page.locator("h2.ser-h").first.inner_text()


def player(page):
    return page.locator("[class*='-segment'] audio")


def test_click_a_segment_hear_it_and_see_why(page):
    assert heading(page).startswith("First segment")
    assert player(page).evaluate("audio => audio.paused && audio.currentTime === 0")
    first = player(page).get_attribute("src")

    targets = page.locator(CHART).evaluate(TARGETS)
    assert len({text for text, _, _ in targets}) >= 3
    _, x, y = targets[-1]
    page.mouse.click(x, y)
    page.wait_for_function(
        "() => !document.querySelector('h2.ser-h').innerText.startsWith('First')"
    )
    page.wait_for_function(
        "old => document.querySelector(\"[class*='-segment'] audio\").src.indexOf(old) < 0",
        arg=first,
    )
    page.wait_for_function(  # it started by itself
        "() => document.querySelector(\"[class*='-segment'] audio\").currentTime > 0.2"
    )
    length_s = player(page).evaluate("audio => audio.duration")
    last = heading(page)
    start, end = map(float, re.search(r"([\d.]+) to ([\d.]+)", last).groups())
    assert length_s == pytest.approx(end - start, abs=0.11)
    page.get_by_text("Check: silence the").wait_for()
    assert re.match(r"Why \w+\?", page.locator("[class*='-why'] h3").first.inner_text())

    # whatever else is opened, the sound is not heard again
    page.wait_for_function("() => document.querySelector(\"[class*='-segment'] audio\").ended")
    page.locator("[class*='-windows']").get_by_role("button", name="Data").click()
    page.get_by_role("button", name="Download CSV").wait_for()
    page.wait_for_timeout(1500)
    assert player(page).evaluate("audio => audio.ended || audio.currentTime === 0")
    page.keyboard.press("Escape")

    # the table leads to every segment as well, and the newest choice wins
    box = page.locator("[class*='-segments'] canvas").first.bounding_box()
    page.mouse.click(box["x"] + 20, box["y"] + 38 + 19)  # the mark of the first row
    page.wait_for_function("() => document.querySelector('h2.ser-h').innerText.startsWith('First')")
    page.get_by_text("Check: silence the").wait_for()
    # Plotly may still hold the last segment as selected
    page.mouse.click(x, y)
    page.wait_for_function(
        "text => document.querySelector('h2.ser-h').innerText === text", arg=last
    )


def test_the_report_opens_from_disk(page, chromium, tmp_path):
    page.get_by_role("button", name="Download", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Report, HTML").click()
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

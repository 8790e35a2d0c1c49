"""The live strip in a real Chromium."""

from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
import soxr

from ser_core.bundles.store import ModelStore
from tests.app import running_app
from tests.chromium import ALLOWED, MICROPHONE, says
from tests.voice import RATE_HZ as VOICE_RATE_HZ
from tests.voice import silence, voice

sync_api = pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.browser

STRIP = ".ser-strip"
PARTS = ("", ".go", ".pause", ".ser-state", ".level", ".device", ".messages", ".answer", ".recent")
PARTS += (".run", ".axis", ".plane", ".field", ".top", ".voice")
PLACES = """([strip, parts]) => Object.fromEntries(parts.map((part) => {
  const box = document.querySelector(`${strip} ${part}`).getBoundingClientRect();
  return [part, [box.left, box.top + window.scrollY, box.width, box.height].map(Math.round)];
}))"""
ALOUD = """([strip, text]) =>
  document.querySelector(`${strip} .aloud`).textContent.startsWith(text)"""
LABEL = """([strip, label]) =>
  document.querySelector(`${strip} select`).selectedOptions[0].label === label"""
REFUSING = """name => navigator.mediaDevices.getUserMedia = async () => {
  throw new DOMException("told by the browser", name);
}"""
# the microphone that the component for the sound asks for
ASKED = """window.asked = [];
const media = navigator.mediaDevices, open = media?.getUserMedia.bind(media);
if (media) media.getUserMedia = (wanted) => {
  window.asked.push(wanted.audio.deviceId?.exact ?? null);
  return open(wanted);
};"""


@pytest.fixture(scope="module", autouse=True)
def _models():
    if not ModelStore().names():
        pytest.skip("needs a model: python -m train fit mlp")


@pytest.fixture(scope="module")
def spoken(tmp_path_factory) -> Path:
    """What the fake microphone hears: a made-up voice after a moment of silence."""
    sound = np.concatenate([silence(2.0), voice(20.0)])
    file = tmp_path_factory.mktemp("sound") / "spoken.wav"
    sf.write(file, soxr.resample(sound, VOICE_RATE_HZ, 48_000), 48_000, "PCM_16")
    return file


def shown(page, url: str, width: int = 1400):
    page.set_viewport_size({"width": width, "height": 900})
    page.set_default_timeout(30_000)
    page.goto(f"{url}/live_demo")
    button(page, "Start").wait_for()
    page.locator("[data-test-script-state=notRunning]").wait_for()
    return page


def button(page, name: str):
    return page.locator(STRIP).get_by_role("button", name=name, exact=True)


def phase(page, name: str) -> None:
    try:
        page.locator(f"{STRIP}[data-phase={name}]").wait_for()
    except sync_api.TimeoutError as error:
        raise AssertionError(page.locator(STRIP).aria_snapshot()) from error


def told(page, text: str) -> None:
    page.locator(f"{STRIP} .messages p[data-shown]", has_text=text).wait_for()


def message(page) -> str:
    return page.locator(f"{STRIP} .messages p[data-shown]").inner_text()


@pytest.mark.parametrize("width", [1400, 1000, 360])
def test_no_part_moves_from_start_to_the_result(app_url, launch_chromium, spoken, width):
    browser = launch_chromium(*says(spoken))
    page = shown(browser.new_page(), app_url, width)
    seen = {}

    def look(at: str) -> None:
        seen[at] = page.evaluate(PLACES, [STRIP, list(PARTS)])

    look("off")
    button(page, "Start").click()
    look("asked")
    phase(page, "connecting")
    look("connecting")
    phase(page, "live")
    look("live")
    page.locator(f"{STRIP} .hint:not([data-shown])").wait_for(state="attached")  # an answer
    look("answered")
    button(page, "Pause").click()
    phase(page, "paused")
    look("paused")
    button(page, "Stop").click()
    phase(page, "off")
    page.get_by_text("Recording quality").wait_for()
    look("stopped")
    browser.close()
    for state, places in seen.items():
        assert places == seen["off"], state


def test_who_may_not_use_the_microphone_is_told(app_url, launch_chromium):
    browser = launch_chromium(MICROPHONE)
    page = shown(browser.new_page(), app_url)
    button(page, "Start").click()
    told(page, "The browser may not use the microphone.")
    assert "tabs Record and Upload" in message(page)
    assert page.locator(".ser-state").inner_text() == "Off"
    page.wait_for_function(ALOUD, arg=[STRIP, message(page)])
    assert page.locator("iframe").count() == 0  # nobody else asks again
    assert button(page, "Start").is_enabled()
    browser.close()


def test_a_machine_without_a_microphone_is_told(app_url, launch_chromium):
    browser = launch_chromium(ALLOWED)
    page = shown(browser.new_page(), app_url)
    button(page, "Start").click()
    told(page, "No microphone found.")
    browser.close()


def test_a_microphone_that_is_taken_is_told(page, app_url):
    shown(page, app_url).evaluate(REFUSING, "NotReadableError")
    button(page, "Start").click()
    told(page, "The microphone is taken by another program.")


def test_an_address_without_encryption_is_told(launch_chromium):
    with running_app(STREAMLIT_SERVER_ENABLE_CORS="false") as url:
        browser = launch_chromium("--host-resolver-rules=MAP speech.test 127.0.0.1")
        page = shown(browser.new_page(), url.replace("127.0.0.1", "speech.test"))
        button(page, "Start").click()
        told(page, "The browser gives no microphone to this address.")
        browser.close()


def test_the_chosen_microphone_is_the_one_that_is_opened(app_url, launch_chromium):
    browser = launch_chromium(ALLOWED, f"{MICROPHONE}=device-count=3")
    page = browser.new_page()
    page.add_init_script(ASKED)
    shown(page, app_url)
    button(page, "Start").click()
    phase(page, "live")
    button(page, "Stop").click()
    phase(page, "off")
    choice = page.get_by_role("combobox", name="Microphone")
    names = choice.locator("option").all_inner_texts()
    assert len(names) >= 3
    choice.select_option(label=names[-1])
    chosen = choice.input_value()
    button(page, "Start").click()
    phase(page, "live")
    frame = next(frame for frame in page.frames if "streamlit_webrtc" in frame.url)
    assert frame.evaluate("window.asked") == [chosen]
    page.wait_for_function("!Object.keys(localStorage).some((key) => key.includes('device-ids'))")
    page.reload()
    button(page, "Start").wait_for()
    page.wait_for_function(LABEL, arg=[STRIP, names[-1]])
    browser.close()


def test_a_keyboard_starts_pauses_and_stops(app_url, launch_chromium):
    browser = launch_chromium(ALLOWED, MICROPHONE)
    page = shown(browser.new_page(), app_url)
    button(page, "Start").focus()
    page.keyboard.press("Enter")
    phase(page, "live")
    assert page.evaluate("document.activeElement.className") == "go"
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    phase(page, "paused")
    page.keyboard.press("Space")
    phase(page, "live")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    page.get_by_text("Recording quality").wait_for()
    browser.close()


def test_the_strip_has_names_for_who_does_not_see_it(app_url, launch_chromium, spoken):
    browser = launch_chromium(*says(spoken))
    page = shown(browser.new_page(), app_url)
    strip = page.get_by_role("region", name="Live microphone")
    assert strip.get_by_role("meter", name="Level").count() == 1
    assert strip.get_by_role("combobox", name="Microphone").count() == 1
    assert strip.get_by_role("img", name="No speech in the last 30 seconds.").count() == 1
    button(page, "Start").click()
    page.locator(f"{STRIP} .hint:not([data-shown])").wait_for(state="attached")
    strip.get_by_role("img", name="The last 30 seconds sound mostly").wait_for()
    strip.get_by_role("img", name="The voice lies on the").wait_for()
    page.wait_for_function(ALOUD, arg=[STRIP, page.locator(".ser-answer-head").inner_text()])
    browser.close()


def test_the_sound_s_own_component_is_neither_seen_nor_reached(app_url, launch_chromium):
    browser = launch_chromium(ALLOWED, MICROPHONE)
    page = shown(browser.new_page(), app_url)
    button(page, "Start").click()
    phase(page, "live")
    frame = page.locator("iframe[src*='streamlit_webrtc']")
    assert frame.count() == 1
    assert not frame.is_visible()
    assert frame.content_frame.get_by_role("button").count() == 0
    browser.close()

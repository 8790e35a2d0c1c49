"""A visitor with a real browser: Chromium hears a file, and its page is watched while it does."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Error, Page, sync_playwright

from benchmarks.page import BenchmarkError
from tests.chromium import installed, launch, says

_WAIT_MS = 60_000
_REST_MS = 3_000  # for the last answer
# Runs in the page and in the microphone's frame. Loudness is that of the sound which the browser
# hands to the app, an answer is noted when the frame that shows it is about to be painted.
_WATCH = """
window.heard = []; window.answers = [];
const media = navigator.mediaDevices, open = media?.getUserMedia.bind(media);
if (media) media.getUserMedia = async constraints => {
  const stream = await open(constraints), context = new AudioContext();
  const tap = context.createAnalyser(), block = new Float32Array(tap.fftSize = 1024);
  context.createMediaStreamSource(stream).connect(tap);
  setInterval(() => {
    tap.getFloatTimeDomainData(block);
    heard.push([Date.now(), Math.sqrt(block.reduce((sum, x) => sum + x * x, 0) / block.length)]);
  }, 20);
  return stream;
};
let due = false;
new MutationObserver(() => {
  if (due) return;
  due = true;
  requestAnimationFrame(() => {
    due = false;
    const until = document.querySelector('.ser-answer')?.dataset.until ?? '';
    if (until !== (answers.at(-1)?.[1] ?? '')) answers.push([Date.now(), until]);
  });
}).observe(document, {subtree: true, childList: true, attributes: true});
"""


@dataclass(frozen=True)
class Watched:
    """What happened in the browser, by its clock in seconds.

    Attributes:
        heard: times and the RMS amplitude of the last 21 ms of sound before each.
        answers: times at which another answer appeared, and where in the sound it ends, as text.
        seconds: how long the page was watched.
        server_cpu_s: processor time of the server meanwhile.
    """

    heard: list[tuple[float, float]]
    answers: list[tuple[float, str]]
    seconds: float
    server_cpu_s: float


def speak(url: str, file: Path, length_s: float, cpu_s: Callable[[], float]) -> Watched:
    """Say a file to the Speak tab.

    Args:
        url: address of the app.
        file: what the microphone hears, WAV of 48 kHz.
        length_s: of the file.
        cpu_s: processor time of the server so far.

    Raises:
        BenchmarkError: if there is no Chromium or the page does not do what a visitor expects.
    """
    with sync_playwright() as playwright:
        path = installed(playwright)
        if path is None:
            raise BenchmarkError(
                "No Chromium found. Install it: tests/browser/ensure_chromium.sh python"
            )
        browser = launch(playwright, path, *says(file))
        try:
            return _watched(browser.new_page(), url, length_s, cpu_s)
        except Error as error:
            raise BenchmarkError(f"The page does not answer: {error.message}") from error
        finally:
            browser.close()


def _watched(page: Page, url: str, length_s: float, cpu_s: Callable[[], float]) -> Watched:
    page.set_default_timeout(_WAIT_MS)
    page.context.add_init_script(_WATCH)
    page.goto(f"{url}/live_demo")
    page.get_by_role("button", name="Start", exact=True).click()
    page.locator(".ser-strip[data-phase=live]").wait_for()
    before, start = cpu_s(), _now_s(page)
    page.wait_for_timeout(1000 * length_s + _REST_MS)
    used, end = cpu_s() - before, _now_s(page)
    frame = next(frame for frame in page.frames if "streamlit_webrtc" in frame.url)
    return Watched(
        _in_seconds(frame.evaluate("heard")),
        _in_seconds(page.evaluate("answers")),
        end - start,
        used,
    )


def _now_s(page: Page) -> float:
    return page.evaluate("Date.now()") / 1000


def _in_seconds(log: list[list[Any]]) -> list[tuple[float, Any]]:
    return [(at_ms / 1000, value) for at_ms, value in log]

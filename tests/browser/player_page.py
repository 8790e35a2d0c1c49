"""The player of a result as its tests meet it."""

import re
from pathlib import Path

import pytest

from ser_core.formatting import clock

expect = pytest.importorskip("playwright.sync_api").expect

WAIT_MS = 60_000
SOUND = "document.querySelector('.ser-player audio')"
STATE = f"""() => {{
  const sound = {SOUND};
  return {{now: sound.currentTime, paused: sound.paused, speed: sound.playbackRate}};
}}"""
HEARD = """
window.heard = [];
for (const event of ["playing", "seeked"]) document.addEventListener(event, ({ target }) => {
  if (target.matches(".ser-player audio") && !target.paused) heard.push(target.currentTime);
}, true);
"""


def brought(page, app_url: str, file: Path, more: str = ""):
    """A page with the result of a file, and `more` in its address."""
    page.set_default_timeout(WAIT_MS)
    page.add_init_script(HEARD)
    page.goto(f"{app_url}/live_demo?tab=Upload{more}")
    page.locator("input[type=file]").set_input_files(str(file))
    page.locator(".ser-player .list button").first.wait_for()
    page.locator(".ser-key .item").first.wait_for()  # the picture is there
    page.get_by_text("What each model says").wait_for()
    return page


def segments(page):
    return page.locator(".ser-player .list button")


def spans(page) -> list[tuple[float, float]]:
    """Start and end of every segment, in seconds, as a screen reader hears them."""
    words = segments(page).evaluate_all("all => all.map(each => each.ariaLabel)")
    found = [re.match(r"(\d+):([\d.]+) to (\d+):([\d.]+), ", text).groups() for text in words]
    return [(60 * float(a) + float(b), 60 * float(c) + float(d)) for a, b, c, d in found]


def place(page, time_s: float) -> tuple[float, float]:
    """Where a moment of the waveform is on the screen."""
    box = page.locator(".ser-player .inner").bounding_box()
    wave = page.locator(".ser-player canvas.wave").bounding_box()
    length_s = page.evaluate(f"{SOUND}.duration")
    return box["x"] + box["width"] * time_s / length_s, wave["y"] + wave["height"] / 2


def sounds_from(page, time_s: float) -> None:
    """The sound began at this moment since the last question; it may have ended meanwhile."""
    page.wait_for_function(
        "from => heard.some((at) => at >= from && at < from + 3) && (heard.length = 0, true)",
        arg=time_s,
    )


def settled_on(page, nth: int) -> None:
    """Python has heard of the choice."""
    start_s, end_s = spans(page)[nth]
    heading = page.locator(".ser-h", has_text=f"Segment {nth + 1} of {segments(page).count()} ")
    heading.filter(has_text=f"{clock(start_s)} to {clock(end_s)}").wait_for()
    expect(segments(page).nth(nth)).to_have_attribute("aria-pressed", "true")

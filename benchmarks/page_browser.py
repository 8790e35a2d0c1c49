"""How long a visitor waits in a real Chromium: until a new picture, until a quiet page."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from benchmarks.page import BenchmarkError
from tests.chromium import installed, launch

VIEWPORT = {"width": 1400, "height": 900}
Pairs = dict[str, list[tuple[float, float]]]  # s, until the new picture and the last change
_QUIET_MS = 500  # a page without a change for so long has settled
_WAIT_MS = 60_000
# the watch for the theme is what a run draws last
_SETTLED = """() => document.querySelector("[data-test-script-state=notRunning]")
  && document.querySelector(".st-key-theme")
  && !document.querySelector("[data-testid=stSkeleton]")
  && [...document.querySelectorAll("[data-testid=stPlotlyChart]")]
    .every((chart) => chart.querySelector(".main-svg"))"""
# notes when the page last changed, and when first what is selected did
_WATCH = """(selector) => {
  window.serWatch?.disconnect();
  window.serTimes = { from: performance.now() };
  window.serWatch = new MutationObserver((changes) => {
    serTimes.last = performance.now();
    const inside = ({ target, addedNodes }) => [target, ...addedNodes].some((node) => {
      const element = node.nodeType === 1 ? node : node.parentElement;
      return element?.closest(selector) || element?.querySelector?.(selector);
    });
    serTimes.first ??= changes.some(inside) ? serTimes.last : undefined;
  });
  serWatch.observe(document.querySelector("[data-testid=stMain]"),
    { subtree: true, childList: true, characterData: true, attributeFilter: ["d", "aria-label"] });
}"""
_QUIET = f"() => serTimes.first && performance.now() - serTimes.last > {_QUIET_MS}"


@dataclass(frozen=True)
class Click:
    """A click and what it draws anew.

    Attributes:
        name: for the table.
        address: of the page.
        places: CSS selector of what is clicked in turns; the first of them is open at first.
        picture: CSS selector of what changes.
    """

    name: str
    address: str
    places: str
    picture: str


_MODELS, _DATASET = "model_comparison?section=", "dataset_explorer"
CLICKS = (
    Click("open a cell", f"{_MODELS}Mistakes", ".st-key-matrix-a button", ".ser-h"),
    Click("other cells", f"{_MODELS}Mistakes", ".st-key-cells [role=radio]", ".st-key-matrix-a"),
    Click(
        "other protocol",
        f"{_MODELS}Ranking",
        ".st-key-protocol [role=radio]",
        ".st-key-leaderboard",
    ),
    Click("other noise", f"{_MODELS}Robustness", ".st-key-noise [role=radio]", ".js-plotly-plot"),
    Click("other tab", f"{_MODELS}Ranking", "[role=tab]", "[role=tabpanel]"),
    Click("Dataset, filter by sex", _DATASET, ".st-key-voice [role=radio]", ".js-plotly-plot"),
    Click("Dataset, other map", _DATASET, ".st-key-space [role=radio]", ".js-plotly-plot"),
    Click("Dataset, a near clip", _DATASET, "[class*=st-key-near-] button", ".ser-h"),
    Click("Dataset, other tab", _DATASET, "[role=tab]", "[role=tabpanel]"),
)


@contextmanager
def chromium() -> Iterator[Any]:
    """The installed Chromium.

    Raises:
        BenchmarkError: if there is none.
    """
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = installed(playwright)
        if path is None:
            raise BenchmarkError("No Chromium found. Run: tests/browser/ensure_chromium.sh python")
        browser = launch(playwright, path)
        yield browser
        browser.close()


def loaded_s(page: Any, address: str) -> float:
    """Seconds from an address to the page, all of its figures drawn."""
    start = time.perf_counter()
    page.goto(address)
    page.wait_for_function(_SETTLED, timeout=_WAIT_MS)
    return time.perf_counter() - start


def clicks_s(url: str, runs: int) -> Pairs:
    """Click in a browser, each kind of click on a page of its own.

    Args:
        url: of the app.
        runs: of every kind.

    Returns:
        Per kind, seconds to the new picture and to the last change of the page.

    Raises:
        BenchmarkError: if there is no Chromium.
    """
    found = {}
    with chromium() as browser:
        for click in CLICKS:
            context = browser.new_context(viewport=VIEWPORT)
            page = context.new_page()
            page.set_default_timeout(_WAIT_MS)
            loaded_s(page, f"{url}/{click.address}")
            page.wait_for_timeout(2 * _QUIET_MS)
            found[click.name] = [_click_s(page, click, turn) for turn in range(runs)]
            context.close()
    return found


def _click_s(page: Any, click: Click, turn: int) -> tuple[float, float]:
    places = page.locator(click.places)
    places.first.wait_for(state="attached")
    place = places.nth((turn + 1) % places.count())
    place.scroll_into_view_if_needed()
    page.evaluate(_WATCH, click.picture)
    place.click()
    page.wait_for_function(_QUIET, timeout=_WAIT_MS)
    page.wait_for_function(_SETTLED, timeout=_WAIT_MS)
    times = page.evaluate("serTimes")
    return (times["first"] - times["from"]) / 1000, (times["last"] - times["from"]) / 1000

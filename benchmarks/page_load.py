"""How long a browser takes until the dataset page is drawn: `python -m benchmarks.page_load`.

A real Chromium opens the page, once with an empty cache and then as a visitor who comes back; a
time ends when map and clip are drawn. `--no-audio` hides the recordings.
"""

import argparse
import statistics
import sys
import tempfile
import time
from typing import Any

from benchmarks.arguments import positive, show
from benchmarks.page import BenchmarkError
from tests.app import started_app
from tests.chromium import installed, launch

_PAGE = "dataset_explorer"
_DRAWN = (".st-key-map_click .points path", ".st-key-clip_card .main-svg")
_WARM_UP_S = 6.0  # so long the server loads a model and compiles
_NOTE = "Seconds from the address to both charts, {what} audio; {runs} browsers, median and worst."


def main(arguments: list[str] | None = None) -> int:
    """Measure and show a table; the exit status is 1 if that failed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.page_load", description=__doc__)
    parser.add_argument("--runs", type=positive, default=5, help="browsers")
    parser.add_argument("--no-audio", action="store_true", help="as where no recording is")
    options = parser.parse_args(arguments)
    note = _NOTE.format(what="without" if options.no_audio else "with", runs=options.runs)

    def as_text(times: dict[str, list[float]]) -> str:
        rows = (f"{name:12} {statistics.median(s):.2f} {max(s):.2f}" for name, s in times.items())
        return "\n".join([*rows, note])

    return show(lambda: benchmark(options.runs, audio=not options.no_audio), as_text)


def benchmark(runs: int, audio: bool = True) -> dict[str, list[float]]:
    """Open the page in new browsers, twice in each.

    Args:
        runs: browsers.
        audio: whether the recordings may be found.

    Returns:
        Seconds of each browser's first and second visit.

    Raises:
        BenchmarkError: if there is no Chromium.
    """
    from playwright.sync_api import sync_playwright

    times: dict[str, list[float]] = {"empty cache": [], "comes back": []}
    with tempfile.TemporaryDirectory() as nothing, sync_playwright() as playwright:
        path = installed(playwright)
        if path is None:
            raise BenchmarkError("No Chromium found. Run: tests/browser/ensure_chromium.sh python")
        environment = {} if audio else {"SER_DATA_DIR": nothing}
        with started_app(**environment) as (url, _):
            time.sleep(_WARM_UP_S)
            browser = launch(playwright, path)
            for _ in range(runs):
                context = browser.new_context(viewport={"width": 1400, "height": 1700})
                page = context.new_page()
                for visit in times.values():
                    visit.append(_drawn_s(page, f"{url}/{_PAGE}"))
                context.close()
            browser.close()
    return times


def _drawn_s(page: Any, address: str) -> float:
    start = time.perf_counter()
    page.goto(address)
    for selector in _DRAWN:
        page.locator(selector).first.wait_for(state="attached")
    return time.perf_counter() - start


if __name__ == "__main__":
    sys.exit(main())

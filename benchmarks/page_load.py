"""How long a browser takes until a page is drawn: `python -m benchmarks.page_load`.

A real Chromium opens each page, once with an empty cache and then as a visitor who comes back; a
time ends when the run is over and every figure is drawn. `--no-audio` hides the recordings.
"""

import argparse
import statistics
import sys
import tempfile
import time

from benchmarks.arguments import positive, show
from benchmarks.page_browser import VIEWPORT, chromium, loaded_s
from tests.app import started_app
from train.publish.tables import as_columns

PAGES = {
    "Home": "",
    "Dataset": "dataset_explorer",
    "Models": "model_comparison",
    "Live demo": "live_demo",
}
BUDGET_S = {"empty cache": 3.0, "comes back": 1.5}
_WARM_UP_S = 6.0  # so long the server loads a model and compiles
_NOTE = "Seconds from the address to the whole page, {what} audio; {runs} browsers."
Times = dict[str, list[float]]  # seconds, per kind of visit


def main(arguments: list[str] | None = None) -> int:
    """Measure and show a table; the exit status is 1 if that failed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.page_load", description=__doc__)
    parser.add_argument("--runs", type=positive, default=5, help="browsers")
    parser.add_argument("--no-audio", action="store_true", help="as where no recording is")
    options = parser.parse_args(arguments)
    note = _NOTE.format(what="without" if options.no_audio else "with", runs=options.runs)

    def as_text(times: dict[str, Times]) -> str:
        rows = [("page", "visit", "median", "worst", "budget")]
        rows += [
            (page, visit, f"{statistics.median(s):.2f}", f"{max(s):.2f}", f"{BUDGET_S[visit]:.1f}")
            for page, visits in times.items()
            for visit, s in visits.items()
        ]
        return f"{as_columns(rows)}\n\n{note}"

    return show(lambda: benchmark(options.runs, audio=not options.no_audio), as_text)


def benchmark(runs: int, audio: bool = True) -> dict[str, Times]:
    """Open each page in new browsers, twice in each.

    Args:
        runs: browsers.
        audio: whether the recordings may be found.

    Returns:
        Per page, seconds of each browser's first and second visit.

    Raises:
        BenchmarkError: if there is no Chromium.
    """
    times: dict[str, Times] = {title: {visit: [] for visit in BUDGET_S} for title in PAGES}
    with tempfile.TemporaryDirectory() as nothing, chromium() as browser:
        environment = {} if audio else {"SER_DATA_DIR": nothing}
        with started_app(**environment) as (url, _):
            time.sleep(_WARM_UP_S)
            for _ in range(runs):
                for title, path in PAGES.items():
                    context = browser.new_context(viewport=VIEWPORT)
                    page = context.new_page()
                    for visit in times[title].values():
                        visit.append(loaded_s(page, f"{url}/{path}"))
                    context.close()
    return times


if __name__ == "__main__":
    sys.exit(main())

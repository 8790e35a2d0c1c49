"""How long the server takes to draw the pages and to answer a click: `python -m benchmarks.pages`.

The app runs in a process of its own and is asked over its websocket, as a browser does; a time ends
when the server says that the run has ended, all of its messages received and read. Then a real
Chromium clicks, where one is installed: until a new picture is there, and until the page is quiet.
"""

import argparse
import asyncio
import ctypes
import os
import statistics
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle, islice

from benchmarks.arguments import positive, show
from benchmarks.page import BenchmarkError, Page
from benchmarks.page_browser import Pairs, clicks_s
from benchmarks.page_clicks import Action, Values, Widgets, on_dataset, on_models
from ser_core.bundles.store import ModelStore
from ser_core.errors import ModelError
from tests.app import started_app
from train.protocol.evaluate import machine
from train.publish.tables import as_columns

BUDGET_S = 0.5  # of the server, and of the browser until a new picture is there
SETTLED_BUDGET_S = 1.5
PAGES = {
    "Home": "",
    "Dataset": "dataset_explorer",
    "Models": "model_comparison",
    "Live demo": "live_demo",
    "About": "about",
}
# what is clicked on, and where
CLICKED = {
    PAGES["Models"]: (on_models, "section=Mistakes"),
    PAGES["Dataset"]: (on_dataset, ""),
}
_WAIT_S = 120.0  # for the slowest first visit
_QUIET_S = 3.0  # so long no model is read once the app has warmed up
_IN_OPEN = 0x20
_EVENT_BYTES = 16
_NOTE = (
    "Milliseconds of server time from a request to the end of its run, websocket included; {runs} "
    "runs, {models} models. First: the first visit since the app was started. The budget of a "
    "click is {budget:.0f} ms: {verdict}. Files of networks opened in all those clicks: "
    "{opened}. Machine: {machine}."
)


@dataclass(frozen=True)
class Outcome:
    """What was measured, in seconds.

    Attributes:
        first_s: per page, its first visit since the start of the app.
        visits_s: per page, later visits in sessions of their own.
        clicks_s: per action on the pages of models and of the dataset, its runs.
        opened: how often a model.onnx was opened during the clicks; None where that is unknown.
        models: how many bundles there are.
        machine: processor, cores, system and Python.
        browser_s: per click in a browser, its runs: until the new picture, until all is quiet.
    """

    first_s: dict[str, float]
    visits_s: dict[str, list[float]]
    clicks_s: dict[str, list[float]]
    opened: int | None
    models: int
    machine: str
    browser_s: Pairs = field(default_factory=dict)


def main(arguments: list[str] | None = None) -> int:
    """Measure and show a table or JSON; the exit status is 1 if that failed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pages", description=__doc__)
    parser.add_argument("--runs", type=positive, default=10, help="of every action")
    parser.add_argument("--json", action="store_true", help="as one JSON object, in seconds")
    options = parser.parse_args(arguments)
    return show(lambda: benchmark(options.runs), lambda o: as_text(o, options.runs), options.json)


def benchmark(runs: int) -> Outcome:
    """Visit every page, then click through the pages of models and of the dataset.

    Args:
        runs: of every action.

    Raises:
        ModelError: if no model is installed.
        BenchmarkError: if the app does not do what a visitor expects.
    """
    models = ModelStore().names()
    if not models:
        raise ModelError("No model is installed. Train one: python -m train fit cnn")
    with started_app() as (url, _):
        measured = asyncio.run(_measure(url, runs))
        try:
            browser_s = clicks_s(url, runs)
        except BenchmarkError as error:
            browser_s = {}
            sys.stderr.write(f"{error}\n")
    computer = f"{os.cpu_count()} cores, {machine()}"
    return Outcome(*measured, models=len(models), machine=computer, browser_s=browser_s)


async def _measure(
    url: str, runs: int
) -> tuple[dict[str, float], dict[str, list[float]], dict[str, list[float]], int | None]:
    first = {title: await _visit(url, name) for title, name in PAGES.items()}
    visits = {
        title: [await _visit(url, name) for _ in range(runs)] for title, name in PAGES.items()
    }
    with _watched() as watch:
        # the app reads the best model once, in the background
        while await asyncio.sleep(_QUIET_S) or watch():
            pass
        clicks = {}
        for name, (actions, query) in CLICKED.items():
            page, offered = await _opened(url, name, query)
            await page.close()
            for action in actions(offered):
                if action.states:
                    clicks[action.name] = await _clicks(url, name, query, action, runs)
        return first, visits, clicks, watch()


async def _visit(url: str, name: str) -> float:
    page, _ = await _opened(url, name)
    await page.close()
    return page.runs_s[0]


async def _opened(url: str, name: str, query: str = "") -> tuple[Page, Widgets]:
    """A page after its first run."""
    offered = Widgets()
    page = Page(url, name, offered.element, offered.block, query)
    await page.open()
    await _answered(page, 0)
    return page, offered


async def _answered(page: Page, before: int) -> None:
    await page.until(lambda: len(page.runs_s) > before, _WAIT_S, "answer of the page")
    if page.failures:
        raise BenchmarkError(f"The page says: {page.failures[-1]}")


async def _clicks(url: str, name: str, query: str, action: Action, runs: int) -> list[float]:
    """Time an action's states one after another in a session of its own."""
    page, offered = await _opened(url, name, query)
    times = []
    for state in islice(cycle(action.states), runs):
        times.append(await _click(page, offered, state))
        if action.back:
            await _click(page, offered, action.back)
    await page.close()
    return times


async def _click(page: Page, offered: Widgets, values: Values) -> float:
    before = len(page.runs_s)
    await page.set_values({offered.ids[key]: value for key, value in values.items()})
    await _answered(page, before)
    return page.runs_s[-1]


@contextmanager
def _watched() -> Iterator[Callable[[], int | None]]:
    """A function that says how often networks were opened since it was last called.

    By any process: the kernel counts. None where it is not Linux.
    """
    if not sys.platform.startswith("linux"):
        yield lambda: None
        return
    kernel = ctypes.CDLL(None)
    events = kernel.inotify_init1(os.O_NONBLOCK)
    store = ModelStore()
    for name in store.names():
        kernel.inotify_add_watch(events, os.fsencode(store.folder / name / "model.onnx"), _IN_OPEN)

    def opened() -> int:
        try:
            return len(os.read(events, 2**16)) // _EVENT_BYTES
        except BlockingIOError:
            return 0

    try:
        yield opened
    finally:
        os.close(events)


def as_text(outcome: Outcome, runs: int) -> str:
    """The table and what it means."""
    rows = [("action", "first", "median", "worst", "budget")]
    for title, times in outcome.visits_s.items():
        rows.append((f"visit {title}", _ms(outcome.first_s[title]), *_middle_and_worst(times), ""))
    for action, times in outcome.clicks_s.items():
        rows.append((action, "", *_middle_and_worst(times), _ms(BUDGET_S)))
    late = [action for action, times in outcome.clicks_s.items() if max(times) > BUDGET_S]
    note = _NOTE.format(
        runs=runs,
        models=outcome.models,
        budget=1000 * BUDGET_S,
        verdict=f"exceeded by {', '.join(late)}" if late else "all runs kept it",
        opened="not counted, this is not Linux" if outcome.opened is None else outcome.opened,
        machine=outcome.machine,
    )
    return f"{as_columns(rows)}\n\n{_in_browser(outcome.browser_s)}{note}"


def _in_browser(times_s: Pairs) -> str:
    """The table of the clicks in a browser; "" where there was none."""
    if not times_s:
        return ""
    rows = [("in the browser", "new picture", "worst", "budget", "quiet", "worst", "budget")]
    for name, pairs in times_s.items():
        first, last = zip(*pairs, strict=True)
        picture = (*_middle_and_worst([*first]), _ms(BUDGET_S))
        rows.append((name, *picture, *_middle_and_worst([*last]), _ms(SETTLED_BUDGET_S)))
    return f"{as_columns(rows)}\n\n"


def _middle_and_worst(times_s: list[float]) -> tuple[str, str]:
    return _ms(statistics.median(times_s)), _ms(max(times_s))


def _ms(time_s: float) -> str:
    return f"{1000 * time_s:.0f}"


if __name__ == "__main__":
    sys.exit(main())

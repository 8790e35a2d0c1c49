"""What the app keeps when visitors come and go for hours: `python -m benchmarks.soak --minutes 60`.

Visitors speak, stop, lose their connection, kill and close their tabs, refuse the microphone, bring
files and click through the pages, all at once and over and over, while memory, threads, open files
and objects of the server are counted. At the end all leave, and what is left of them is counted.
"""

import argparse
import asyncio
import json
import os
import re
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.arguments import positive, show
from benchmarks.curves import Curve, svg
from benchmarks.page import BenchmarkError
from benchmarks.process import memory_mb, open_files, threads
from benchmarks.soak_visitors import Diary, click, over_and_over, refuse, talk, upload, voices
from benchmarks.watched_server import EVERY_S, SESSION, SOUND
from tests.app import started_app
from train.protocol.evaluate import machine
from train.publish.tables import as_columns

FLAT = 0.05
GONE_S = 60.0  # a closed page's sound is gone after so long
WARM_UP = 0.25  # of the time
_TITLES = {
    "memory": "Memory, MB",
    "threads": "Threads",
    "files": "Open files and sockets",
    "sessions": "Sessions",
    "sound": "Objects that hold sound",
    "lag": "Lag of the live clock, s",
}
Point = dict[str, float]


@dataclass(frozen=True)
class Outcome:
    """What a soak has shown.

    Attributes:
        points: every few seconds, minutes since the start ("at") and the figures of `_TITLES`.
        events: how often visitors did each thing.
        problems: what the app did not do or did wrong, and how often.
        before: objects that hold sound before the first visitor.
        after: the same so long after the last one has left as is promised.
        tracebacks: in the log of the app: what each ends in, and how often.
        machine: processor, cores, system and Python.
    """

    points: list[Point]
    events: dict[str, int]
    problems: dict[str, int]
    before: dict[str, int]
    after: dict[str, int]
    tracebacks: dict[str, int]
    machine: str

    @property
    def left(self) -> dict[str, int]:
        """What holds sound of visitors who are gone."""
        return {name: n for name in SOUND if (n := self.after[name] - self.before[name]) > 0}


def main(arguments: list[str] | None = None) -> int:
    """Measure and show; the exit status is 1 if that failed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--minutes", type=positive, default=60)
    parser.add_argument("--speakers", type=positive, default=2, help="who speak at a time")
    parser.add_argument("--curves", type=Path, help="SVG file to write")
    parser.add_argument("--json", action="store_true", help="as one JSON object")
    options = parser.parse_args(arguments)

    def measured() -> Outcome:
        outcome = benchmark(60 * options.minutes, options.speakers)
        if options.curves:
            options.curves.write_text(picture(outcome), encoding="utf-8")
        return outcome

    return show(measured, as_text, options.json)


def benchmark(seconds: float, speakers: int) -> Outcome:
    """Let visitors come and go.

    Args:
        seconds: for how long.
        speakers: how many speak at a time.

    Raises:
        BenchmarkError: where the figures of a process cannot be read.
    """
    if not Path("/proc/self/fd").exists():
        raise BenchmarkError("The soak reads /proc. Run it on Linux.")
    with tempfile.TemporaryDirectory() as folder:
        counts, log = Path(folder) / "counts", Path(folder) / "log"
        program = ("-m", "benchmarks.watched_server", str(counts))
        with started_app(program, log) as (url, process):
            measured = asyncio.run(_soak(url, process, counts, seconds, speakers))
        tracebacks = errors(log.read_text("utf-8", "replace"))
    return Outcome(*measured, tracebacks, f"{os.cpu_count()} cores, {machine()}")


async def _soak(
    url: str, process: int, counts: Path, seconds: float, speakers: int
) -> tuple[list[Point], dict[str, int], dict[str, int], dict[str, int], dict[str, int]]:
    """Returns the first fields of an `Outcome`."""
    diary = Diary(voices(speakers))
    before = await _counted(counts)
    acts = [*((talk, n) for n in range(speakers)), (refuse, 0), (click, 0), (upload, 0)]
    visitors = [asyncio.create_task(over_and_over(act, url, n, diary)) for act, n in acts]
    start, points = time.monotonic(), []
    while (now := time.monotonic() - start) < seconds:
        await asyncio.sleep(min(EVERY_S, seconds - now))
        kept = await _counted(counts)
        lags, diary.lags_s = diary.lags_s, []
        points.append(
            {
                "at": (time.monotonic() - start) / 60,
                "memory": memory_mb(process),
                "threads": threads(process),
                "files": open_files(process),
                "sessions": kept[SESSION],
                "sound": sum(kept[name] for name in SOUND),
                "lag": statistics.median(lags) if lags else float("nan"),
            }
        )
        for visitor in visitors:
            if visitor.done():
                visitor.result()  # a mistake of the benchmark's own
    for visitor in visitors:
        visitor.cancel()
    await asyncio.gather(*visitors, return_exceptions=True)
    await asyncio.sleep(GONE_S)
    return points, dict(diary.events), dict(diary.problems), before, await _counted(counts)


async def _counted(counts: Path) -> dict[str, int]:
    """The next line that the server writes."""
    known = _lines(counts)
    while len(lines := _lines(counts)) <= len(known):
        await asyncio.sleep(0.2)
    return json.loads(lines[-1])


def _lines(file: Path) -> list[str]:
    text = file.read_text("utf-8") if file.exists() else ""
    return text[: text.rfind("\n") + 1].splitlines()


def errors(log: str) -> dict[str, int]:
    """How often each error stands in a log, by the line that ends its traceback."""
    tracebacks = log.split("Traceback (most recent call last):\n")[1:]
    ends = (re.search(r"^\S.*$", text, re.M) for text in tracebacks)
    return dict(Counter(end[0] if end else "cut off" for end in ends))


def growth(points: Sequence[Point], name: str) -> tuple[float, float, float]:
    """Medians of the first and the last third after the warm-up, and by what share they differ."""
    told = [p[name] for p in points if p[name] == p[name]]  # the lag is unknown at times
    told = told[round(WARM_UP * len(told)) :]
    third = max(len(told) // 3, 1)
    if not told:
        return float("nan"), float("nan"), float("nan")
    first, last = statistics.median(told[:third]), statistics.median(told[-third:])
    return first, last, last / first - 1 if first else float(last > 0)


def as_text(outcome: Outcome) -> str:
    """The table and what it means."""
    rows = [("figure", "after warm-up", "at the end", "growth", "")]
    for name, title in _TITLES.items():
        first, last, share = growth(outcome.points, name)
        flat = "flat" if share <= FLAT else "grows"
        rows.append((title, f"{first:.4g}", f"{last:.4g}", f"{100 * share:+.1f} %", flat))
    told = [f"{n} {what}" for what, n in sorted(outcome.events.items())]
    wrong = [f"{n} times: {what}" for what, n in sorted(outcome.problems.items())]
    left = ", ".join(f"{n} {name}" for name, n in outcome.left.items()) or "nothing"
    return "\n".join(
        [
            as_columns(rows),
            "",
            f"{_minutes(outcome):.0f} minutes: {', '.join(told)}.",
            *(wrong or ["Nothing went wrong for any visitor."]),
            f"{GONE_S:.0f} s after all had left, {left} held sound of theirs.",
            *(f"{n} times in the log: {what}" for what, n in outcome.tracebacks.items()),
            "Growth is that of the median of the last third over the first third after "
            f"{100 * WARM_UP:.0f} % of the time as warm-up; flat is at most {100 * FLAT:.0f} %. "
            f"Machine: {outcome.machine}.",
        ]
    )


def picture(outcome: Outcome) -> str:
    """All curves."""
    curves = []
    for name, title in _TITLES.items():
        # a clock that shows whole seconds may seem to be ahead
        points = [(p["at"], max(p[name], 0.0)) for p in outcome.points if p[name] == p[name]]
        curves.append(Curve(title, points, f"{100 * growth(outcome.points, name)[2]:+.1f} %"))
    minutes = _minutes(outcome)
    about = f"The app under visitors who come and go for {minutes:.0f} minutes"
    return svg(curves, about, WARM_UP * minutes)


def _minutes(outcome: Outcome) -> float:
    return outcome.points[-1]["at"] if outcome.points else 0.0


if __name__ == "__main__":
    sys.exit(main())

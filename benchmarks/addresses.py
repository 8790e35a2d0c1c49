"""What pages make of odd addresses and values: `python -m benchmarks.addresses --pages 5000`.

A page is opened at an address that nobody has made, then told values of its widgets that nobody has
chosen; so two tries a page. A seed repeats a try.
"""

import argparse
import multiprocessing
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass

from tqdm import tqdm

from benchmarks.arguments import positive, show
from tests.addresses import problems

_BATCH = 20


@dataclass(frozen=True)
class Report:
    """What became of all pages.

    Attributes:
        pages: how many were opened.
        tracebacks: what failed in a page, with its seed.
    """

    pages: int
    tracebacks: list[str]

    def __str__(self) -> str:
        kinds = Counter(found.partition(": ")[2] for found in self.tracebacks)
        first = {kind: next(t for t in self.tracebacks if t.endswith(kind)) for kind in kinds}
        told = f"{self.pages} odd addresses and as many times odd values of widgets: "
        lines = [f"- {n} times, as in {first[kind]}" for kind, n in kinds.most_common(20)]
        return "\n".join([f"{told}{len(self.tracebacks)} tracebacks.", *lines])


def main(arguments: list[str] | None = None) -> int:
    """Try pages, and show what became of them; the exit status is 1 if one failed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.addresses", description=__doc__)
    parser.add_argument("--pages", type=positive, default=5_000)
    parser.add_argument("--seed", type=int, default=0, help="of the first page")
    parser.add_argument("--jobs", type=positive, default=multiprocessing.cpu_count())
    options = parser.parse_args(arguments)
    report = Report(options.pages, [])

    def measured() -> Report:
        report.tracebacks.extend(tried(options.pages, options.seed, options.jobs))
        return report

    return show(measured) or int(bool(report.tracebacks))


def tried(pages: int, seed: int, jobs: int) -> list[str]:
    """Tracebacks of as many pages.

    Args:
        pages: how many.
        seed: of the first; each page has its own.
        jobs: processes.
    """
    batches = [range(s, min(s + _BATCH, seed + pages)) for s in range(seed, seed + pages, _BATCH)]
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn")) as pool:
        running = [pool.submit(problems, batch) for batch in batches]
        done = tqdm(as_completed(running), total=len(running), unit="batch")
        return sorted(found for batch in done for found in batch.result())


if __name__ == "__main__":
    sys.exit(main())

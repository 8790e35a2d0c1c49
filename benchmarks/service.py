"""Many clients of the service at once: `python -m benchmarks.service --clients 50 --seconds 120`.

Each client sends one clip of a corpus after another to a server of its own machine, for as long as
told. A 503 is waited out as Retry-After says; every other error counts against the service.
"""

import argparse
import asyncio
import json
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from benchmarks.arguments import positive, show
from benchmarks.page import BenchmarkError
from benchmarks.process import memory_mb
from ser_core.corpora.index.reading import clip_path, find_root, load_index
from train.protocol.evaluate import machine
from train.publish.tables import as_columns

_TIMEOUT_S = 120.0
_WARM_UP = 20
_CLIPS = 200
_NOTE = (
    "{clients} clients for {seconds} s, each with one clip of {corpus} after another; they ran on "
    "the same machine. Times are of requests that were answered. Machine: {machine}."
)
Report = dict[str, Any]


def main(arguments: list[str] | None = None) -> int:
    """Measure, and show a table or one JSON object; the exit status is 1 if that failed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.service", description=__doc__)
    parser.add_argument("--clients", type=positive, default=50)
    parser.add_argument("--seconds", type=positive, default=120)
    parser.add_argument("--queue", type=positive, default=32, help="of the server")
    parser.add_argument("--corpus", default="ravdess")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    return show(lambda: benchmark(options), json.dumps if options.json else _text)


def benchmark(options: argparse.Namespace) -> Report:
    """Answers a second, errors, times and memory.

    Raises:
        BenchmarkError: if an answer was an error other than 503.
    """
    clips = _clips(options.corpus)
    with _served(options.queue) as (url, process):
        start_mb = memory_mb(process)
        asyncio.run(_warmed(url, clips))
        warm_mb = memory_mb(process)
        statuses, times_s, peak_mb = asyncio.run(_asked(url, process, clips, options))
        end_mb = memory_mb(process)
    if wrong := {status for status in statuses if status not in ("200", "503")}:
        raise BenchmarkError(f"Errors other than 503: {', '.join(sorted(wrong))}: {statuses}")
    p50, p95 = np.percentile(times_s, [50, 95])
    return {
        "corpus": options.corpus,
        "clients": options.clients,
        "seconds": options.seconds,
        "answers_per_s": round(statuses["200"] / options.seconds, 1),
        "statuses": dict(statuses),
        "p50_s": round(float(p50), 3),
        "p95_s": round(float(p95), 3),
        "start_mb": start_mb,
        "warm_mb": warm_mb,
        "peak_mb": peak_mb,
        "end_mb": end_mb,
    }


def _clips(corpus: str) -> list[bytes]:
    root = find_root(corpus)
    if root is None:
        raise BenchmarkError(f"No recordings of '{corpus}': set SER_DATA_DIR.")
    names = random.Random(0).sample([*load_index(corpus)["clip"]], _CLIPS)
    files = (clip_path(corpus, name, root) for name in names)
    return [file.read_bytes() for file in files if file]


@contextmanager
def _served(queue: int) -> Iterator[tuple[str, int]]:
    """A server as it is typed, on a free port; its address and process."""
    command = [sys.executable, "-m", "ser_core", "serve", "--port", "0", "--queue", str(queue)]
    root = Path(__file__).parents[1]
    with (
        tempfile.NamedTemporaryFile() as log,
        subprocess.Popen(command, stderr=log, cwd=root) as server,
    ):
        try:
            while not (found := re.search(r"running on (\S+)", Path(log.name).read_text("utf-8"))):
                if server.poll() is not None:
                    raise BenchmarkError("The service did not start.")
                time.sleep(0.1)
            yield found[1], server.pid
        finally:
            server.terminate()


async def _warmed(url: str, clips: list[bytes]) -> None:
    async with httpx.AsyncClient(base_url=url, timeout=_TIMEOUT_S) as http:
        while (await http.get("/ready")).status_code != 200:
            await asyncio.sleep(0.1)
        for clip in clips[:_WARM_UP]:
            (await http.post("/v1/analyze", files={"files": clip})).raise_for_status()


async def _asked(
    url: str, process: int, clips: list[bytes], options: argparse.Namespace
) -> tuple[Counter[str], list[float], float]:
    """Statuses of all answers, seconds of those with sound, and the server's most memory."""
    statuses, times_s, until_s = Counter[str](), list[float](), time.monotonic() + options.seconds
    peak_mb = 0.0

    async def client(seed: int) -> None:
        rng = random.Random(seed)
        async with httpx.AsyncClient(base_url=url, timeout=_TIMEOUT_S) as http:
            while time.monotonic() < until_s:
                began_s = time.monotonic()
                try:
                    answer = await http.post("/v1/analyze", files={"files": rng.choice(clips)})
                except httpx.HTTPError as error:
                    statuses[type(error).__name__] += 1
                    continue
                statuses[str(answer.status_code)] += 1
                if answer.status_code == 200:
                    times_s.append(time.monotonic() - began_s)
                elif answer.status_code == 503:
                    await asyncio.sleep(float(answer.headers["Retry-After"]))

    async def watch() -> None:
        nonlocal peak_mb
        while True:
            peak_mb = max(peak_mb, memory_mb(process))
            await asyncio.sleep(1)

    watching = asyncio.create_task(watch())
    await asyncio.gather(*(client(seed) for seed in range(options.clients)))
    watching.cancel()
    return statuses, times_s, peak_mb


def _text(report: Report) -> str:
    rows = [
        ("answers/s", f"{report['answers_per_s']:.1f}"),
        *((f"status {status}", str(n)) for status, n in sorted(report["statuses"].items())),
        ("median s", f"{report['p50_s']:.2f}"),
        ("95 % s", f"{report['p95_s']:.2f}"),
        ("MB at start", f"{report['start_mb']:.0f}"),
        ("MB warm", f"{report['warm_mb']:.0f}"),
        ("MB at most", f"{report['peak_mb']:.0f}"),
        ("MB at the end", f"{report['end_mb']:.0f}"),
    ]
    return f"{as_columns(rows)}\n\n{_NOTE.format(machine=machine(), **report)}"


if __name__ == "__main__":
    sys.exit(main())

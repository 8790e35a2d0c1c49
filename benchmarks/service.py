"""Many clients of the service at once: `python -m benchmarks.service --clients 50 --seconds 120`.

Each client sends one clip of a corpus after another to a server of its own machine, for as long as
told. A 503 is waited out as Retry-After says; every other error counts against the service. Before
that, alone, `--streams` send clips with pauses as a microphone would. An answer's delay counts from
the moment at which the sound that it rests on was there.
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
from numpy.typing import NDArray
from websockets.asyncio.client import connect

from benchmarks.arguments import positive, show
from benchmarks.page import BenchmarkError
from benchmarks.process import cpu_s, memory_mb
from ser_core.audio.clip import to_int16
from ser_core.corpora.index.reading import clip_path, find_root, load_index
from ser_core.decoding.sources import clip_of
from train.protocol.evaluate import machine
from train.publish.tables import as_columns

_TIMEOUT_S = 120.0
_WARM_UP = 20
_CLIPS = 200
_RATE_HZ, _MESSAGE_S, _SPEECH_S = 16_000, 0.1, 30.0
_NOTE = (
    "{clients} clients for {seconds} s, each with one clip of {corpus} after another; they ran on "
    "the same machine. Times are the median and 95 %. Machine: {machine}."
)
Report = dict[str, Any]


def main(arguments: list[str] | None = None) -> int:
    """Measure, and show a table or one JSON object; the exit status is 1 if that failed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.service", description=__doc__)
    parser.add_argument("--clients", type=positive, default=50)
    parser.add_argument("--seconds", type=positive, default=120)
    parser.add_argument("--queue", type=positive, default=32, help="of the server")
    parser.add_argument("--streams", type=int, default=8, help="that speak at once, before")
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
    with _served(options) as (url, process):
        start_mb = memory_mb(process)
        asyncio.run(_warmed(url, clips))
        warm_mb = memory_mb(process)
        delays_s = asyncio.run(_streamed(url, options)) if options.streams else []
        before_s = cpu_s(process)
        statuses, times_s, health_s, peak_mb = asyncio.run(_asked(url, process, clips, options))
        core_s = (cpu_s(process) - before_s) / max(statuses["200"], 1)
        end_mb = memory_mb(process)
    if wrong := {status for status in statuses if status not in ("200", "503")}:
        raise BenchmarkError(f"Errors other than 503: {', '.join(sorted(wrong))}: {statuses}")
    return {
        "corpus": options.corpus,
        "clients": options.clients,
        "seconds": options.seconds,
        "answers_per_s": round(statuses["200"] / options.seconds, 1),
        "core_s_an_answer": round(core_s, 4),
        "statuses": dict(statuses),
        "took_s": _spread(times_s),
        "health_s": _spread(health_s),
        "streams": options.streams,
        "delay_s": _spread(delays_s),
        "start_mb": start_mb,
        "warm_mb": warm_mb,
        "peak_mb": peak_mb,
        "end_mb": end_mb,
    }


def _spread(times_s: list[float]) -> list[float]:
    """Median and 95th percentile; nothing of nothing."""
    return np.percentile(times_s, [50, 95]).round(3).tolist() if times_s else []


def _clips(corpus: str) -> list[bytes]:
    root = find_root(corpus)
    if root is None:
        raise BenchmarkError(f"No recordings of '{corpus}': set SER_DATA_DIR.")
    names = random.Random(0).sample([*load_index(corpus)["clip"]], _CLIPS)
    files = (clip_path(corpus, name, root) for name in names)
    return [file.read_bytes() for file in files if file]


@contextmanager
def _served(options: argparse.Namespace) -> Iterator[tuple[str, int]]:
    """A server as it is typed, on a free port; its address and process."""
    command = [sys.executable, "-m", "ser_core", "serve", "--port", "0"]
    command += ["--queue", str(options.queue), "--streams", str(options.streams)]
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
) -> tuple[Counter[str], list[float], list[float], float]:
    """Statuses, seconds of answers and of /health meanwhile, and the server's most memory."""
    statuses, until_s = Counter[str](), time.monotonic() + options.seconds
    times_s, health_s, peak_mb = list[float](), list[float](), 0.0

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
        async with httpx.AsyncClient(base_url=url, timeout=_TIMEOUT_S) as http:
            while True:
                peak_mb = max(peak_mb, memory_mb(process))
                began_s = time.monotonic()
                (await http.get("/health")).raise_for_status()
                health_s.append(time.monotonic() - began_s)
                await asyncio.sleep(0.2)

    watching = asyncio.create_task(watch())
    await asyncio.gather(*(client(seed) for seed in range(options.clients)))
    watching.cancel()
    return statuses, times_s, health_s, peak_mb


async def _streamed(url: str, options: argparse.Namespace) -> list[float]:
    """Delays of the answers to streams that speak at once, each at another place of the sound."""
    sound = await asyncio.to_thread(_speech, options.corpus)
    step = round(_MESSAGE_S * _RATE_HZ)

    async def client(seed: int) -> list[float]:
        delays_s, turned = list[float](), np.roll(sound, seed * sound.size // options.streams)
        async with connect(f"{url.replace('http', 'ws')}/v1/stream?rate={_RATE_HZ}") as line:
            began_s = time.monotonic()

            async def hear() -> None:
                async for message in line:
                    told = json.loads(message)
                    if told.get("end_s"):
                        delays_s.append(time.monotonic() - began_s - told["at_s"])

            hearing = asyncio.create_task(hear())
            for nth in range(round(_SPEECH_S / _MESSAGE_S)):
                await asyncio.sleep(max(began_s + (nth + 1) * _MESSAGE_S - time.monotonic(), 0.0))
                await line.send(turned[nth * step : (nth + 1) * step].tobytes())
            hearing.cancel()
        return delays_s

    found = await asyncio.gather(*(client(seed) for seed in range(options.streams)))
    return [delay_s for delays_s in found for delay_s in delays_s]


def _speech(corpus: str) -> NDArray[np.int16]:
    """Clips with pauses between, 16 kHz."""
    pause, wanted = np.zeros(_RATE_HZ, np.int16), round(_SPEECH_S * _RATE_HZ)
    parts = [[to_int16(clip_of(clip).samples), pause] for clip in _clips(corpus)[:_WARM_UP]]
    return np.concatenate([part for both in parts for part in both])[:wanted]


def _both(spread: list[float]) -> str:
    return ", ".join(f"{time_s:.3f}" for time_s in spread)


def _text(report: Report) -> str:
    rows = [
        ("answers/s", f"{report['answers_per_s']:.1f}"),
        ("core-s an answer", f"{report['core_s_an_answer']:.3f}"),
        *((f"status {status}", str(n)) for status, n in sorted(report["statuses"].items())),
        ("answer, s", _both(report["took_s"])),
        ("/health, s", _both(report["health_s"])),
        ("streams before", str(report["streams"])),
        ("their delay, s", _both(report["delay_s"])),
        ("MB at start", f"{report['start_mb']:.0f}"),
        ("MB warm", f"{report['warm_mb']:.0f}"),
        ("MB at most", f"{report['peak_mb']:.0f}"),
        ("MB at the end", f"{report['end_mb']:.0f}"),
    ]
    return f"{as_columns(rows)}\n\n{_NOTE.format(machine=machine(), **report)}"


if __name__ == "__main__":
    sys.exit(main())

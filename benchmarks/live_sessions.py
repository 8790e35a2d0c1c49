"""How many live sessions the app carries: `python -m benchmarks.live_sessions --sessions 8`.

The app runs in a process of its own, so its processor time is the server's alone. The synthetic
visitors speak from this process, on the same machine, and read the page instead of a browser.
"""

import argparse
import asyncio
import math
import os
import statistics
import sys
import time
from collections.abc import Awaitable
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.arguments import positive, show
from benchmarks.live_client import FullError, Visitor
from benchmarks.live_voice import speech
from benchmarks.page import BenchmarkError
from benchmarks.process import cpu_s, memory_mb
from ser_core.bundles.card import ModelCard
from ser_core.bundles.store import models_dir
from ser_core.corpora.index.reading import find_root
from tests.app import started_app
from train.protocol.evaluate import machine
from train.publish.tables import as_columns

WARM_UP_S = 5.0  # after the last visitor has started
_MINUTE_S = 60.0
_HEADER = (
    "session",
    "sent s",
    "heard s",
    "missing s",
    "lag s",
    "max lag s",
    "updates/s",
    "update ms",
    "max ms",
    "answers",
)
_NOTE = (
    "{whole} of {count} sessions came from Start to the result, {refused} were told that it is "
    "full.\n"
    "Server: {server}.\n"
    "Visitors: {clients_cpu_percent:.0f} % of a core of the same machine, to encode and to read.\n"
    "Sent: sound handed to WebRTC until the visitor fell silent, a second before Stop. Heard: "
    "length of the recording in the result. Missing: the difference; 0.1 s of it is the end that "
    "stays in the receiver's buffer. Lag: from when a second was sent to when the clock showed "
    "it, which includes the pace of the page. Update: from a fragment's tick to the end of its "
    "run, or of the next one where Streamlit drops a tick. Lags, updates, answers and processor "
    "time are of the {seconds:.0f} s after {warm_up:.0f} s of warm-up. Sound: {sound}. "
    "Model: {model}. Machine: {machine}."
)


@dataclass(frozen=True)
class Session:
    """What one visitor met; times in seconds unless the name says otherwise.

    Attributes:
        whole: whether it came from Start to the result.
        refused: whether the app said that it is full.
        sent_s: sound that was sent.
        heard_s: length of the recording in the result.
        clock_s: the page's clock at the end.
        told_lost_s: sound that the page says was lost.
        lag_median_s: from sending a second of sound to the clock showing it.
        lag_max_s: the same, the longest.
        updates_per_s: finished runs of the page's fragments a second.
        update_median_ms: from a fragment's tick to the end of its run.
        update_max_ms: the same, the longest.
        answers: changes of the answer on the page.
        states: what the page said of the sound.
        problems: error messages on the page.
    """

    whole: bool
    refused: bool
    sent_s: float
    heard_s: float
    clock_s: int
    told_lost_s: float
    lag_median_s: float
    lag_max_s: float
    updates_per_s: float
    update_median_ms: float
    update_max_ms: float
    answers: int
    states: list[str]
    problems: list[str]


@dataclass(frozen=True)
class Outcome:
    """What a run of several sessions has shown.

    Attributes:
        sessions: one entry per visitor.
        seconds: how long all of them spoke together, after the warm-up.
        server_cpu_percent: of a core and per session; None where the server cannot be measured.
        clients_cpu_percent: of a core, all visitors together.
        memory_mb: resident memory of the server before the visitors, after a minute of speech or
            what there was of it, and after the last visitor has stopped; empty if not measured.
        sound: what was said.
        model: title of the model, or the page's own choice.
        machine: processor, cores, system and Python.
    """

    sessions: list[Session]
    seconds: float
    server_cpu_percent: float | None
    clients_cpu_percent: float
    memory_mb: list[float]
    sound: str
    model: str
    machine: str


def main(arguments: list[str] | None = None) -> int:
    """Measure and show a table or JSON; the exit status is 1 if that failed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.live_sessions", description=__doc__)
    parser.add_argument("--sessions", type=positive, default=8, help="how many visitors")
    parser.add_argument("--seconds", type=positive, default=120, help="how long all of them speak")
    parser.add_argument("--model", help="name of a bundle; the page's own choice by default")
    parser.add_argument("--clips", type=Path, help="folder of recordings; RAVDESS by default")
    parser.add_argument("--url", help="of an app that runs already; its process is not measured")
    parser.add_argument("--json", action="store_true", help="as one JSON object")
    options = parser.parse_args(arguments)
    return show(
        lambda: benchmark(
            options.sessions, options.seconds, options.model, options.clips, options.url
        ),
        as_text,
        options.json,
    )


def benchmark(
    sessions: int,
    seconds: float,
    model: str | None = None,
    clips: Path | None = None,
    url: str | None = None,
) -> Outcome:
    """Let visitors speak to the app.

    Args:
        sessions: how many.
        seconds: how long all of them speak, after the last one has started and a warm-up.
        model: name of a bundle; the page's own choice if None.
        clips: folder of recordings; RAVDESS if it is on this machine, else made-up voices.
        url: of an app that runs already; one is started if None.

    Raises:
        BenchmarkError: if the app does not do what a visitor expects.
        ModelError: if there is no such bundle.
    """
    title = ModelCard.load(models_dir() / model).title if model else None
    folder = clips or find_root("ravdess")
    voices = [speech(folder, number) for number in range(sessions)]
    with nullcontext((url.rstrip("/"), None)) if url else started_app() as (address, process):
        known = process if Path("/proc/self/stat").exists() else None
        measured = asyncio.run(_speak(address, voices, title, seconds, known))
    return Outcome(
        *measured,
        sound="recordings" if folder else "made-up voice",
        model=title or "the page's own choice",
        machine=f"{os.cpu_count()} cores, {machine()}",
    )


async def _speak(
    url: str,
    voices: list[NDArray[np.int16]],
    model: str | None,
    seconds: float,
    process: int | None,
) -> tuple[list[Session], float, float | None, float, list[float]]:
    """Let all speak together; returns the first fields of an `Outcome`."""
    visitors = [Visitor(url, samples, model) for samples in voices]
    memory = [memory_mb(process)]
    try:
        failed: dict[Visitor, BenchmarkError] = {}
        for visitor in visitors:
            await _tried(visitor.start(), visitor, failed)
        if len(failed) == len(visitors):
            raise failed[visitors[0]]
        await asyncio.sleep(WARM_UP_S)
        for visitor in visitors:
            visitor.forget_warm_up()
        start, server, clients = time.monotonic(), cpu_s(process), time.process_time()
        await asyncio.sleep(min(seconds, _MINUTE_S))
        memory.append(memory_mb(process))
        await asyncio.sleep(max(0.0, seconds - _MINUTE_S))
        spoken_s = time.monotonic() - start
        server, clients = cpu_s(process) - server, time.process_time() - clients
        met = [_during(visitor, spoken_s) for visitor in visitors]
        there = [visitor for visitor in visitors if visitor not in failed]
        await asyncio.gather(*(_tried(visitor.stop(), visitor, failed) for visitor in there))
        memory.append(memory_mb(process))
    finally:
        for visitor in visitors:
            await visitor.leave()
    sessions = [
        Session(v not in failed, isinstance(failed.get(v), FullError), **_in_all(v), **during)
        for v, during in zip(visitors, met, strict=True)
    ]
    share = 100 * server / spoken_s / len(visitors) if process else None
    return sessions, spoken_s, share, 100 * clients / spoken_s, memory if process else []


async def _tried(
    step: Awaitable[None], visitor: Visitor, failed: dict[Visitor, BenchmarkError]
) -> None:
    """Go a step with a visitor; an app that is too busy for that is a figure, too."""
    try:
        await step
    except BenchmarkError as error:
        failed[visitor] = error
        visitor.seen.problems.append(str(error))


def _during(visitor: Visitor, spoken_s: float) -> dict[str, Any]:
    """What a visitor met while everybody spoke."""
    turns_ms = [1000 * turn_s for turn_s in visitor.page.turns_s]
    # seconds that were sent and are not on the clock yet are late as well
    lags_s = [*visitor.seen.lags_s, visitor.voice.sent_s - (visitor.seen.clock_s + 1)]
    return {
        "lag_median_s": statistics.median(lags_s),
        "lag_max_s": max(lags_s),
        "updates_per_s": len(turns_ms) / spoken_s,
        "update_median_ms": statistics.median(turns_ms or [math.nan]),
        "update_max_ms": max(turns_ms, default=math.nan),
        "answers": len(visitor.seen.answers),
    }


def _in_all(visitor: Visitor) -> dict[str, Any]:
    """What a visitor met from Start to the result."""
    seen = visitor.seen
    return {
        "sent_s": visitor.sent_s,
        "heard_s": visitor.heard_s,
        "clock_s": seen.clock_s,
        "told_lost_s": seen.lost_s,
        "states": sorted(seen.states),
        "problems": seen.problems + visitor.page.failures,
    }


def as_text(outcome: Outcome) -> str:
    """The table and what it means."""
    rows = [_HEADER]
    for number, met in enumerate(outcome.sessions, 1):
        exact = (met.sent_s, met.heard_s, met.sent_s - met.heard_s, met.lag_median_s, met.lag_max_s)
        times = (met.update_median_ms, met.update_max_ms)
        cells = (f"{number}", *(f"{x:.2f}" for x in exact), f"{met.updates_per_s:.1f}")
        rows.append((*cells, *(f"{x:.0f}" for x in times), f"{met.answers}"))
    if outcome.server_cpu_percent is None:
        server = "not measured: it was not started here, or this is not Linux"
    else:
        share, (before, after, end) = outcome.server_cpu_percent, outcome.memory_mb
        server = (
            f"{share:.1f} % of a core per session, {share * len(outcome.sessions):.0f} % in all; "
            f"{before:.0f} MB before the visitors, {after:.0f} MB after "
            f"{min(outcome.seconds, _MINUTE_S):.0f} s of speech, {end:.0f} MB at the end"
        )
    problems = [
        f"Session {n}: {problem}"
        for n, met in enumerate(outcome.sessions, 1)
        for problem in (*met.problems, *_told(met))
    ]
    counts = {
        "whole": sum(met.whole for met in outcome.sessions),
        "refused": sum(met.refused for met in outcome.sessions),
        "count": len(outcome.sessions),
    }
    note = _NOTE.format(server=server, warm_up=WARM_UP_S, **counts, **asdict(outcome))
    return "\n".join([as_columns(rows), *problems, "", note])


def _told(met: Session) -> tuple[str, ...]:
    lost = f"the page says that {met.told_lost_s:g} s of sound were lost"
    return (lost,) if met.told_lost_s else ()


if __name__ == "__main__":
    sys.exit(main())

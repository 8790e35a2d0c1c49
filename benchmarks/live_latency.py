"""How long an answer takes: `python -m benchmarks.live_latency`, on a quiet machine.

A real Chromium hears phrases with pauses between them and shows the Speak tab. Timed is the end of
a phrase, as the browser captured it, until the page shows the answer for the whole of it.
"""

import argparse
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np
import soundfile as sf
import soxr
from numpy.typing import NDArray

from benchmarks.arguments import positive, show
from benchmarks.live_browser import Watched, speak
from benchmarks.page import BenchmarkError
from benchmarks.process import cpu_s
from ser_core.bundles.store import ModelStore
from ser_core.corpora.index.reading import find_root, recordings
from tests.app import started_app
from tests.voice import RATE_HZ as VOICE_RATE_HZ
from tests.voice import silence, voice
from train.protocol.evaluate import machine
from train.publish.tables import as_columns

RATE_HZ = 48_000
LEAD_S = 3.0  # the sound starts before the connection stands
PEAK = 0.5
SOUND = 0.01  # RMS amplitude, 34 dB below the peak: what is quieter is no part of a phrase
_APART_S = 1.0  # pauses within a phrase are shorter
_SAME_END_S = 0.2  # detected ends of speech differ by less from those of its sound
_MADE_UP_S = 3.0
_SEED = 0
_NOTE = (
    "Seconds from the end of a phrase, in the sound that the browser hands to the app, to the "
    "frame in which its page first shows the answer that stands when the next phrase begins; "
    "{phrases} phrases about 2 s apart, after one to warm up. The end is the last 21 ms "
    "above {quiet:.0f} dBFS, {below:.0f} dB below the phrase's peak. The browser runs "
    "on the same machine as the server. Sound: {sound}. Model: {model}. "
    "Machine: {machine}."
)


@dataclass(frozen=True)
class Outcome:
    """What a run has shown.

    Attributes:
        latencies_s: of each phrase, in order.
        median_s: of them.
        p90_s: 90th percentile of them.
        max_s: the longest.
        server_cpu_percent: of a core, while the phrases were spoken; None where it is not measured.
        sound: what was said.
        model: name of the model.
        machine: processor, cores, system and Python.
    """

    latencies_s: list[float]
    median_s: float
    p90_s: float
    max_s: float
    server_cpu_percent: float | None
    sound: str
    model: str
    machine: str


def main(arguments: list[str] | None = None) -> int:
    """Measure and show a table or JSON; the exit status is 1 if that failed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.live_latency", description=__doc__)
    parser.add_argument("--phrases", type=positive, default=20, help="how many to time")
    parser.add_argument("--json", action="store_true", help="as one JSON object")
    options = parser.parse_args(arguments)
    return show(lambda: benchmark(options.phrases), as_text, options.json)


def benchmark(phrases: int) -> Outcome:
    """Start the app and speak to it.

    Args:
        phrases: how many to time, recordings of RAVDESS if it is on this machine.

    Raises:
        BenchmarkError: if there is no model or no Chromium, or a phrase gets no answer.
    """
    models = ModelStore().names()
    if not models:
        raise BenchmarkError("No model is installed. Train one: python -m train fit mlp")
    root = find_root("ravdess")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "phrases.wav"
        length_s = write_phrases(file, phrases + 1, root)
        with started_app() as (url, process):
            known = process if Path("/proc/self/stat").exists() else None
            watched = speak(url, file, length_s, partial(cpu_s, known))
    latencies_s = latencies(watched, phrases + 1)[1:]
    return Outcome(
        latencies_s,
        statistics.median(latencies_s),
        float(np.percentile(latencies_s, 90)),
        max(latencies_s),
        100 * watched.server_cpu_s / watched.seconds if known else None,
        sound="RAVDESS" if root else "made-up voice",
        model=models[0],
        machine=f"{os.cpu_count()} cores, {machine()}",
    )


def latencies(watched: Watched, phrases: int) -> list[float]:
    """Seconds from the end of each phrase until the answer for the whole of it.

    While somebody speaks, answers for the last seconds come and go; the one that stands when the
    next phrase begins is the phrase's. It tells where in the sound it ends, which must be at the
    end of the phrase.

    Args:
        watched: what happened in the browser.
        phrases: how many were spoken.

    Raises:
        BenchmarkError: if the browser heard another number of phrases, or one has no answer.
    """
    found = _phrases(watched.heard)
    if len(found) != phrases:
        raise BenchmarkError(f"The browser heard {len(found)} of {phrases} phrases. Try again.")
    last = []
    ends = [*(onset for onset, _ in found[1:]), float("inf")]
    for number, ((onset, offset), until) in enumerate(zip(found, ends, strict=True), 1):
        told = [answer for answer in watched.answers if onset < answer[0] < until]
        if not told:
            raise BenchmarkError(f"Phrase {number} of {phrases} got no answer.")
        last.append((*told[-1], offset))
    # both clocks run alike: the server's begins with the first sound that reaches it
    ahead_s = statistics.median(offset - float(end) for _, end, offset in last)
    for number, (_, end, offset) in enumerate(last, 1):
        if abs(offset - float(end) - ahead_s) > _SAME_END_S:
            raise BenchmarkError(f"Phrase {number} of {phrases} got no answer for all of it.")
    return [at - offset for at, _, offset in last]


def as_text(outcome: Outcome) -> str:
    """The table and what it means."""
    header = ("phrases", "median s", "p90 s", "max s", "server CPU %")
    cpu = outcome.server_cpu_percent
    exact = (outcome.median_s, outcome.p90_s, outcome.max_s)
    row = (
        f"{len(outcome.latencies_s)}",
        *(f"{x:.2f}" for x in exact),
        "not measured" if cpu is None else f"{cpu:.0f}",
    )
    note = _NOTE.format(
        phrases=len(outcome.latencies_s),
        quiet=20 * np.log10(SOUND),
        below=20 * np.log10(PEAK / SOUND),
        **asdict(outcome),
    )
    each = " ".join(f"{wait:.2f}" for wait in outcome.latencies_s)
    return "\n".join([as_columns([header, row]), "", f"Each: {each}", "", note])


def _phrases(heard: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Times at which the phrases began and ended."""
    loud = [at for at, rms in heard if rms > SOUND]
    gaps = [(a, b) for a, b in pairwise(loud) if b - a > _APART_S]
    if not loud:
        return []
    return list(
        zip([loud[0], *(b for _, b in gaps)], [*(a for a, _ in gaps), loud[-1]], strict=True)
    )


def write_phrases(file: Path, count: int, root: Path | None) -> float:
    """Write phrases with their own silences, about 2 s between two, and the same peak for all.

    Args:
        file: WAV to write, 48 kHz.
        count: how many.
        root: folder of RAVDESS; made-up voices if None.

    Returns:
        Length in seconds.
    """
    spoken = _recorded(root, count) if root else _made_up(count)
    parts = [np.zeros(round(LEAD_S * RATE_HZ), np.float32)]
    parts += (PEAK * samples / np.abs(samples).max() for samples in spoken)
    sound = np.concatenate(parts)
    sf.write(file, sound, RATE_HZ, "PCM_16")
    return sound.size / RATE_HZ


def _recorded(root: Path, count: int) -> Iterator[NDArray[np.float32]]:
    files = np.array([*recordings("ravdess", root)], object)
    for file in np.random.default_rng(_SEED).choice(files, count):
        samples, rate_hz = sf.read(file, dtype="float32", always_2d=True)
        yield soxr.resample(samples.mean(axis=1), rate_hz, RATE_HZ)


def _made_up(count: int) -> Iterator[NDArray[np.float32]]:
    for number in range(count):
        spoken = voice(_MADE_UP_S, 100 + 10 * number % 130, seed=number)
        whole = np.concatenate([silence(1.0), spoken, silence(1.0)])
        yield soxr.resample(whole, VOICE_RATE_HZ, RATE_HZ)


if __name__ == "__main__":
    sys.exit(main())

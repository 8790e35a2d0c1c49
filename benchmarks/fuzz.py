"""What damaged files do to the decoder: `python -m benchmarks.fuzz --files 10000`."""

import argparse
import faulthandler
import multiprocessing
import resource
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from tqdm import tqdm

from benchmarks.arguments import positive, show
from benchmarks.process import peak_mb
from tests.fuzzing import attempt, bombs, mutated, recordings

_HANG_S = 30.0  # of one file; the slowest takes a few
_MEMORY = 3 * 2**30  # bytes of address space a process may ask for beyond what it starts with
_BATCH = 50


@dataclass(slots=True)
class Report:
    """What became of all files.

    Attributes:
        files: how many were tried.
        tracebacks: errors that a visitor would not understand, with the seeds that repeat them.
        hangs: files that took too long.
        silent: answers on less sound than FFmpeg reads, without a warning.
        peak_mb: most memory that a process took.
        slowest_s: seconds of the slowest file.
        slowest: its name.
    """

    files: int = 0
    tracebacks: list[str] = field(default_factory=list)
    hangs: list[str] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)
    peak_mb: float = 0.0
    slowest_s: float = 0.0
    slowest: str = ""

    def __str__(self) -> str:
        lines = [
            f"{self.files} files: {len(self.tracebacks)} tracebacks, {len(self.hangs)} hangs, "
            f"{len(self.silent)} answers on less sound than FFmpeg reads without a warning.",
            f"Peak memory {self.peak_mb:.0f} MB; slowest {self.slowest_s:.2f} s ({self.slowest}).",
        ]
        found = Counter(self.tracebacks + self.hangs + self.silent)
        return "\n".join([*lines, *(f"- {what}" for what, _ in found.most_common(20))])


def main(arguments: list[str] | None = None) -> int:
    """Try files, and show what became of them; the exit status is 1 if something went wrong."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fuzz", description=__doc__)
    parser.add_argument("--files", type=positive, default=10_000)
    parser.add_argument("--seed", type=int, default=0, help="of the first file")
    parser.add_argument("--jobs", type=positive, default=multiprocessing.cpu_count())
    parser.add_argument("--folder", type=Path, help="damage the files in there as well")
    options = parser.parse_args(arguments)
    report = Report()

    def measured() -> Report:
        return fuzz(options.files, options.seed, options.jobs, options.folder, report)

    status = show(measured)
    return status or int(bool(report.tracebacks or report.hangs or report.silent))


def fuzz(files: int, seed: int, jobs: int, folder: Path | None, report: Report) -> Report:
    """Try as many damaged files.

    Args:
        files: how many.
        seed: of the first; each file has its own.
        jobs: processes.
        folder: of further files to damage.
        report: filled in.
    """
    batches = [range(s, min(s + _BATCH, seed + files)) for s in range(seed, seed + files, _BATCH)]
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"), _limit) as pool:
        running = {pool.submit(_tried, batch, folder): batch for batch in batches}
        running[pool.submit(_tried, range(0), folder)] = range(0)
        for done in tqdm(as_completed(running), total=len(running), unit="batch"):
            try:
                _note(report, *done.result())
            except BrokenProcessPool:
                report.hangs.append(f"a process died or hung; one of seeds {running[done]}")
                break
    return report


def _limit() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY, hard))


def _tried(seeds: range, folder: Path | None) -> tuple[list[tuple[str, str, float]], float]:
    """Name, problem and seconds of each file; the bombs for no seeds at all."""
    originals = recordings()
    for file in sorted(folder.rglob("*")) if folder else ():
        if file.is_file():
            originals[file.name] = file.read_bytes()
    names, found = list(originals), []
    for name, content in bombs().items() if not seeds else ():
        found.append(_outcome(name, content))
    for seed in seeds:
        rng = np.random.default_rng(seed)
        name, other = (names[i] for i in rng.integers(len(names), size=2))
        found.append(
            _outcome(f"{name}, seed {seed}", mutated(originals[name], originals[other], rng))
        )
    return found, peak_mb()


def _outcome(name: str, content: bytes) -> tuple[str, str, float]:
    faulthandler.dump_traceback_later(_HANG_S, exit=True)
    outcome = attempt(content)
    faulthandler.cancel_dump_traceback_later()
    return name, outcome.problem, outcome.took_s


def _note(report: Report, found: list[tuple[str, str, float]], memory_mb: float) -> None:
    report.files += len(found)
    report.peak_mb = max(report.peak_mb, memory_mb)
    for name, problem, took_s in found:
        if problem:
            kind = report.silent if problem.endswith("without a word") else report.tracebacks
            kind.append(f"{name}: {problem}")
        if took_s > report.slowest_s:
            report.slowest_s, report.slowest = took_s, name


if __name__ == "__main__":
    sys.exit(main())

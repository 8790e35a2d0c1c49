"""Many files on all cores, killed and begun again: `python -m benchmarks.batch --files 20000`.

The files are links to the clips of a corpus, or recordings of several clips with pauses. Alone:
decoding and scoring in one process, without anything around it. One: the batch with one process.
All: the batch on all cores, killed with SIGKILL as often as told. Cluster: two Dask workers, of
which one is killed.

What `docs/scale.md` counts with is measured as well: processor time a file, for judging it and for
handing it out, the most memory that judging takes, and bytes a row.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import soundfile as sf

from benchmarks.arguments import positive, show
from benchmarks.page import BenchmarkError
from benchmarks.process import cpu_s, memory_mb, peak_mb
from ser_core.audio.clip import SAMPLE_RATE_HZ
from ser_core.batch.engine import local_pool
from ser_core.batch.work import Group, Order, judge
from ser_core.bundles.store import ModelStore
from ser_core.corpora.index.reading import clip_path, find_root, load_index
from ser_core.decoding.decode import decode
from ser_core.inputs import Input
from train.protocol.evaluate import machine
from train.publish.tables import as_columns

_POLL_S = 1.0
_WARM_UP = 3
_PAUSE_S = 1.0  # between clips in a file
_NOTE = (
    "{files} files from {corpus}, {mean_s:.1f} s in the mean; {sample} of them alone and "
    "with one process. Memory is that of the process that hands out the work, early and late. "
    "Judging took {core_s:.3f} s of a core a file: {real_time:.0f} s of sound a second, at most "
    "{worker_mb:.0f} MB of memory; handing it out took {hand_out_ms:.1f} ms, the start with it. "
    "A row has {row_bytes:.0f} bytes. Machine: {machine}."
)
Report = dict[str, Any]


def main(arguments: list[str] | None = None) -> int:
    """Measure, and show a table or one JSON object; the exit status is 1 if that failed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.batch", description=__doc__)
    parser.add_argument("--files", type=positive, default=20_000)
    parser.add_argument("--sample", type=positive, default=800, help="of them, for one process")
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--corpus", default="ravdess")
    parser.add_argument("--joined", type=positive, default=1, help="clips in a file")
    parser.add_argument("--cluster", action="store_true", help="try a Dask cluster as well")
    parser.add_argument("--seed", type=int, default=0, help="of the moments of the kills")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    return show(lambda: benchmark(options), json.dumps if options.json else _text)


def benchmark(options: argparse.Namespace) -> Report:
    """Rows, clips a second and memory of each way."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        files, mean_s = _files(folder / "in", options)
        few = folder / "few"
        few.mkdir()
        for file in files[: options.sample]:
            (few / file.name).symlink_to(file.resolve())
        report: Report = {
            "corpus": options.corpus,
            "files": options.files,
            "sample": options.sample,
            "mean_s": mean_s,
            "alone": _in_a_worker(files[: options.sample + _WARM_UP]),
            "one": _batch(few, folder / "one", ["--jobs", "1"]),
            "all": _killed(folder / "in", folder / "all", options),
            "row_bytes": _row_bytes(folder / "all"),
        }
        report["hand_out_ms"] = report["all"]["core_s"] / options.files * 1000
        report["core_s"] = report["alone"]["core_s"]
        report["worker_mb"] = report["alone"]["memory_mb"]
        report["real_time"] = mean_s / report["core_s"]
        if options.cluster:
            report["cluster"] = _clustered(folder / "in", folder / "cluster")
        return report


def _files(folder: Path, options: argparse.Namespace) -> tuple[list[Path], float]:
    """Links to clips, or recordings of several; and their seconds in the mean."""
    root = find_root(options.corpus)
    if root is None:
        raise BenchmarkError(f"No recordings of '{options.corpus}': set SER_DATA_DIR.")
    index = load_index(options.corpus)
    clips = cycle(clip_path(options.corpus, clip, root) for clip in index["clip"])
    mean_s = options.joined * float(index["duration_s"].mean()) + (options.joined - 1) * _PAUSE_S
    folder.mkdir()
    files = []
    for nth in range(options.files):
        first, *more = islice(clips, options.joined)
        files.append(folder / f"{nth:06d}-{first.name}")
        if more:
            _join([first, *more], files[-1])
        else:
            files[-1].symlink_to(first.resolve())
    return files, mean_s


def _join(clips: list[Path], file: Path) -> None:
    pause = np.zeros(round(_PAUSE_S * SAMPLE_RATE_HZ), np.float32)
    parts = [part for clip in clips for part in (pause, decode(clip).clip.samples)]
    sf.write(file, np.concatenate(parts[1:]), SAMPLE_RATE_HZ)


def _in_a_worker(files: list[Path]) -> Report:
    with local_pool(1) as pool:
        return pool.submit(_alone, files).result()


def _alone(files: list[Path]) -> Report:
    order = Order((ModelStore().names()[0],))
    for file in files[:_WARM_UP]:
        judge(order, Group((Input(file),)))
    began_s, began_core_s = time.monotonic(), time.process_time()
    for file in files[_WARM_UP:]:
        judge(order, Group((Input(file),)))
    count, core_s = len(files) - _WARM_UP, time.process_time() - began_core_s
    told = _told(count, time.monotonic() - began_s)
    return told | {"core_s": core_s / count, "memory_mb": peak_mb()}


def _told(rows: int, took_s: float) -> Report:
    return {"rows": rows, "took_s": round(took_s, 1), "per_s": round(rows / took_s, 1)}


@contextmanager
def _running(files: Path, out: Path, more: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "ser_core", "batch", str(files), "--out", str(out), *more]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, stdout=quiet, stderr=quiet) as process:
        yield process
    if process.returncode not in (0, -signal.SIGKILL):
        raise BenchmarkError(f"The batch ended with status {process.returncode}.")


def _batch(files: Path, out: Path, more: list[str]) -> Report:
    began_s = time.monotonic()
    with _running(files, out, more):
        pass
    return _told(len(_rows(out)), time.monotonic() - began_s)


def _killed(files: Path, out: Path, options: argparse.Namespace) -> Report:
    """The batch on all cores; each kill comes somewhere in an equal part of the work."""
    rng, began_s = random.Random(options.seed), time.monotonic()
    part = options.files / (options.kills + 1)
    for nth in range(options.kills):
        wanted = part * (nth + rng.random())
        with _running(files, out, []) as process:
            while process.poll() is None and len(_rows(out)) < wanted:
                time.sleep(_POLL_S)
            process.kill()
    memory: list[float] = []
    core_s = 0.0
    with _running(files, out, []) as process:
        while process.poll() is None:
            with suppress(ValueError, OSError):  # it may end just now
                memory.append(memory_mb(process.pid))
                core_s = cpu_s(process.pid)
            time.sleep(_POLL_S)
    found = _rows(out)
    told = _told(len(found), time.monotonic() - began_s)
    told |= {"distinct": int(found["file"].nunique()), "kills": options.kills}
    told |= {"early_mb": memory[len(memory) // 10], "late_mb": memory[-1]}
    return told | {"core_s": core_s}


def _clustered(files: Path, out: Path) -> Report:
    from dask.distributed import LocalCluster

    began_s = time.monotonic()
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        (first, *_) = cluster.workers.values()
        with _running(files, out, ["--scheduler", cluster.scheduler_address]) as process:
            while process.poll() is None and not len(_rows(out)):
                time.sleep(_POLL_S)
            os.kill(first.pid, signal.SIGKILL)
    found = _rows(out)
    told = _told(len(found), time.monotonic() - began_s)
    return told | {"distinct": int(found["file"].nunique()), "kills": 1}


def _row_bytes(out: Path) -> float:
    return sum(part.stat().st_size for part in out.glob("parts/*.parquet")) / len(_rows(out))


def _rows(out: Path) -> pd.DataFrame:
    if not any(out.glob("parts/*.parquet")):
        return pd.DataFrame({"file": []})
    return pd.read_parquet(out / "parts", columns=["file"])


def _text(report: Report) -> str:
    ways = {"alone": "alone", "one": "one process", "all": "all cores", "cluster": "cluster"}
    header = ("way", "rows", "distinct", "kills", "seconds", "clips/s", "memory MB")
    rows = [header]
    for way, name in ways.items():
        if told := report.get(way):
            memory = f"{told['early_mb']:.0f}, {told['late_mb']:.0f}" if "late_mb" in told else ""
            rows.append(
                (
                    name,
                    str(told["rows"]),
                    str(told.get("distinct", "")),
                    str(told.get("kills", "")),
                    f"{told['took_s']:.0f}",
                    f"{told['per_s']:.1f}",
                    memory,
                )
            )
    return f"{as_columns(rows)}\n\n{_NOTE.format(machine=machine(), **report)}"


if __name__ == "__main__":
    sys.exit(main())

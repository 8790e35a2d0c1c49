"""What it takes to serve each model: `python -m benchmarks.inference`, on a quiet machine."""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

from benchmarks.arguments import positive, show
from ser_core.bundles.card import ModelCard
from ser_core.bundles.store import ModelStore, models_dir
from ser_core.errors import ModelError
from train.protocol.evaluate import machine
from train.publish.tables import Cells, as_columns, as_markdown

_ROOT = Path(__file__).parents[1]
_HEADER = (
    "model",
    "load s",
    "window ms",
    "p95 ms",
    "features ms",
    "network ms",
    "real-time factor",
    "memory MB",
    "Keras predict() ms",
)
_DASH = "–"
_NOTE = (
    "One window of made-up voice at a time, {window_s:g} s, {windows} windows, one thread: median "
    "and 95th percentile of features and network together, then the median of each alone. The "
    "real-time factor is computing time per time of sound. Memory is the peak of a fresh process "
    "that loads the model and judges, with Python and its libraries. Keras: predict() of the same "
    "network with made-up weights, features not included; a dash where there is no such network or "
    "its encoder is not on this machine. Machine: {machine}."
)
_ONE_THREAD = dict.fromkeys(
    (
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "NUMBA_NUM_THREADS",
        "TF_NUM_INTRAOP_THREADS",
        "TF_NUM_INTEROP_THREADS",
    ),
    "1",
)
# no graphics card, no messages, and no download in the middle of a measurement
_QUIET = {"CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3", "HF_HUB_OFFLINE": "1"}


def main(arguments: list[str] | None = None) -> int:
    """Measure all bundles of a folder and show a table; the exit status is 1 if that failed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.inference", description=__doc__)
    parser.add_argument("--models", type=Path, default=models_dir(), help="folder of the bundles")
    parser.add_argument("--windows", type=positive, default=200, help="how many to time")
    parser.add_argument("--markdown", action="store_true", help="as a Markdown table")
    options = parser.parse_args(arguments)
    return show(lambda: benchmark(options.models, options.windows, options.markdown))


def benchmark(models_dir: Path, windows: int, markdown: bool = False) -> str:
    """The table and what it means, as text.

    Args:
        models_dir: folder of the bundles.
        windows: how many to time.
        markdown: as a Markdown table, not as aligned columns.

    Raises:
        ModelError: if there is no bundle, or one cannot be measured.
    """
    folders = [(models_dir / name).resolve() for name in ModelStore(models_dir).names()]
    if not folders:
        raise ModelError(f"No bundles in {models_dir}. Train one: python -m train fit cnn")
    seconds = max(ModelCard.load(folder).window_s for folder in folders)
    rows = [_HEADER, *(_row(folder, windows) for folder in folders)]
    table = (as_markdown if markdown else as_columns)(rows)
    return f"{table}\n\n{_NOTE.format(window_s=seconds, windows=windows, machine=machine())}"


def _row(folder: Path, windows: int) -> Cells:
    m = _measured("served", folder, windows)
    keras = _measured("keras", folder, windows)
    return (
        folder.name,
        f"{m['load_s']:.3f}",
        *(f"{m[name]:.2f}" for name in ("median_ms", "p95_ms", "features_ms", "network_ms")),
        f"{m['real_time']:.4f}",
        f"{m['memory_mb']:.0f}",
        f"{keras['median_ms']:.1f}" if keras else _DASH,
    )


def _measured(what: str, folder: Path, windows: int) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.measure", what, str(folder), str(windows)]
    environment = os.environ | _ONE_THREAD | _QUIET
    done = subprocess.run(command, cwd=_ROOT, env=environment, capture_output=True, text=True)
    if done.returncode:
        cause = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise ModelError(
            f"Measuring '{folder.name}' failed: {cause} "
            f"See all of it: {' '.join(['python', *command[1:]])}"
        )
    return json.loads(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    sys.exit(main())

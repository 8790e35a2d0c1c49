"""`batch`: folders, patterns and lists of files into a folder of results."""

import argparse
import glob
import json
import os
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from tqdm import tqdm

from ser_core import __version__
from ser_core.analysis.analyser import Adapt
from ser_core.batch.engine import Pool, judged, local_pool, workers_of
from ser_core.batch.results import Results
from ser_core.batch.work import Group, Order
from ser_core.bundles.card import ModelCard
from ser_core.bundles.store import ModelStore
from ser_core.corpora.folder.sheets import sheet_of
from ser_core.corpora.folder.tables import read_table
from ser_core.errors import SerError
from ser_core.inputs import Input, inputs_of, speakers_of
from ser_core.remote import is_address

_TABLES = (".csv", ".tsv", ".xlsx")
_EXAMPLES = """examples:
  speech-emotion batch recordings/ --out results/
  speech-emotion batch 'calls/2026-*/*.wav' more.csv --out results/ --jobs 8
  speech-emotion batch recordings/ --out results/ --scheduler tcp://10.0.0.5:8786
  speech-emotion batch s3://bucket/calls/ --out results/

Stopped or killed, the same command goes on where it was. Read the rows with
pandas.read_parquet("results/parts").
"""


def add_to(commands: Any) -> None:
    """Make the command known to a parser of commands."""
    batch = commands.add_parser(
        "batch",
        help="judge many files on all cores or a cluster, into a folder of Parquet parts",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    batch.add_argument(
        "files",
        nargs="+",
        metavar="IN",
        help="sound files, folders, quoted patterns, tables with a column file, or addresses",
    )
    batch.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="of the results")
    batch.add_argument("--model", metavar="NAME", help="a model, or 'all'; default: the best")
    batch.add_argument(
        "--adapt",
        choices=(Adapt.FILE, Adapt.NONE),
        default=Adapt.FILE,
        help="hear utterances against others of their file (the default), or by themselves",
    )
    batch.add_argument(
        "--speakers",
        type=Path,
        metavar="TABLE",
        help="a table with the columns file and speaker: each speaker's files are one session, "
        "done again as a whole if one of them is new",
    )
    batch.add_argument("--track", type=int, metavar="N", help="of files with several sound tracks")
    batch.add_argument(
        "--channels", choices=("mix", "each"), default="mix", help="one row, or one a channel"
    )
    batch.add_argument(
        "--jobs",
        type=_count,
        default=os.cpu_count() or 1,
        metavar="N",
        help="processes; default: one a core",
    )
    batch.add_argument("--scheduler", metavar="ADDRESS", help="of a Dask cluster: tcp://host:8786")
    batch.add_argument("--retry", action="store_true", help="judge what failed before once more")
    batch.set_defaults(run=run)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("a number of at least 1")
    return int(text)


def run(options: argparse.Namespace) -> int:
    """Judge what is not judged yet; the exit status is 1 if a file failed."""
    inputs = [*{each.path: each for name in options.files for each in listed(name)}.values()]
    speakers = speakers_of(options.speakers, inputs)
    folders = _folders(options.model)
    names = tuple(folder.name for folder in folders)
    order = Order(names, options.adapt, options.track, options.channels == "each")
    pool, workers = _workers(options)
    results = Results(options.out, _asked(order, folders, bool(speakers)))
    try:
        groups = grouped(inputs, speakers, results.done(inputs, options.retry))
        again = {each.name for group in groups for each in group.inputs}
        results.forget(again)
        rest = len(again)
        with tqdm(total=len(inputs), initial=len(inputs) - rest, unit="file") as progress:
            for group, records in judged(order, groups, pool, workers):
                results.add(records)
                progress.update(len(group.inputs))
    finally:
        summary = results.close()
    sys.stdout.write(json.dumps(summary, indent=2) + "\n")
    return int(summary["failed"] > 0)


def _folders(model: str | None) -> list[Path]:
    store = ModelStore()
    if model == "all":
        return [store.folder / name for name in store.names()]
    return [store.load(model).folder]


def _workers(options: argparse.Namespace) -> tuple[Pool, int]:
    if options.scheduler:
        return workers_of(options.scheduler)
    return partial(local_pool, options.jobs), options.jobs


def _asked(order: Order, folders: Sequence[Path], speakers: bool) -> dict[str, Any]:
    return {
        "version": __version__,
        "models": {folder.name: ModelCard.load(folder).onnx_sha256 for folder in folders},
        "adapt": order.adapt,
        "track": order.track,
        "channels": "each" if order.each_channel else "mix",
        "speakers": speakers,
    }


def listed(name: str) -> list[Input]:
    """What a name stands for: a file, a folder, a pattern, an address, or a table of files.

    Raises:
        SerError: if a pattern fits nothing, or a table cannot be read or has no column for files.
    """
    if is_address(name):
        return inputs_of(name)
    path = Path(name)
    if path.suffix.lower() in _TABLES and path.is_file():
        return [each for file in _tabled(path) for each in inputs_of(file)]
    if glob.has_magic(name) and not path.exists():
        found = sorted(glob.glob(name, recursive=True))
        if not found:
            raise SerError(f"No file fits {name}.")
        return [each for file in found for each in inputs_of(file)]
    return inputs_of(name)


def _tabled(path: Path) -> list[str]:
    sheet = sheet_of(read_table(path.name, path.read_bytes()))
    if lacking := sheet.lacking("file"):
        raise SerError(f"{path} has {lacking}. Its column file holds the paths.")
    names = [sheet.cell(row, "file") for row in sheet.table.rows]
    return [name if is_address(name) else str(path.parent / name) for name in names if name]


def grouped(inputs: Sequence[Input], speakers: dict[str, str], done: set[str]) -> list[Group]:
    """What is to be judged: a file alone, or all files of a speaker of whom one is missing."""
    groups: list[Group] = []
    together: dict[str, list[Input]] = {}
    for each in inputs:
        if speaker := speakers.get(each.path.as_posix(), ""):
            together.setdefault(speaker, []).append(each)
        elif each.name not in done:
            groups.append(Group((each,)))
    for speaker, files in together.items():
        if any(each.name not in done for each in files):
            groups.append(Group(tuple(files), speaker))
    return groups

"""The command line: score files and folders, list the models."""

import argparse
import csv
import io
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any

from tqdm import tqdm

from ser_core.analysis.analyser import Adapt, analyse
from ser_core.analysis.voice import Voice
from ser_core.bundles import selftest
from ser_core.bundles.model import EmotionModel
from ser_core.bundles.store import Bundle, ModelStore
from ser_core.decoding.decode import Decoded, decode
from ser_core.decoding.formats import READABLE
from ser_core.errors import AudioError, ModelError, SerError
from ser_core.protocols import Protocol
from ser_core.reports.records import (
    Record,
    failed_record,
    safe_cell,
    segment_rows,
    summary_rows,
    to_record,
)

EXIT_OK, EXIT_SOME_FAILED, EXIT_USAGE = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns:
        0 if every file was scored, 1 if some were not, 2 for wrong usage.
    """
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except SerError as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_USAGE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ser_core", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    predict = commands.add_parser("predict", help="score sound files")
    predict.add_argument("files", nargs="+", metavar="FILE", help="sound files, or folders of them")
    predict.add_argument("--model", metavar="NAME", help="a model, or 'all'; default: the best")
    predict.add_argument("--timeline", action="store_true", help="a row per segment, not per file")
    predict.add_argument("--format", choices=("table", "json", "csv"), default="table")
    predict.add_argument("--out", type=Path, metavar="FILE", help="write there, not to the screen")
    predict.add_argument(
        "--adapt",
        choices=[*Adapt],
        default=Adapt.FILE,
        help="hear utterances against others of their voice, in their file (the default) or in all "
        "files before (session: one voice, in order), or by themselves",
    )
    predict.add_argument(
        "--speakers",
        type=Path,
        metavar="TABLE",
        help="CSV with the columns file and speaker: each speaker's files are one session",
    )
    predict.add_argument(
        "--track", type=int, metavar="N", help="the sound track of files that have several"
    )
    predict.add_argument(
        "--channels",
        choices=("mix", "each"),
        default="mix",
        help="judge the voice of all channels together (the default), or a row per channel, as for "
        "recorded calls with one speaker on each",
    )
    predict.set_defaults(run=_predict)

    models = commands.add_parser("models", help="list the installed models")
    models.add_argument("--format", choices=("table", "json", "csv"), default="table")
    models.add_argument("--out", type=Path, metavar="FILE", help="write there, not to the screen")
    models.add_argument("--check", action="store_true", help="run the self-test of each")
    models.set_defaults(run=_models)
    return parser


def _predict(options: argparse.Namespace) -> int:
    if options.out and not options.out.parent.is_dir():
        raise SerError(f"{options.out} cannot be written: its folder does not exist. Make it.")
    models = _load_models(options.model)
    files = [file for name in options.files for file in _expand(Path(name))]
    if not files:
        raise AudioError("The folder holds no sound files. Give a folder or files with sound.")
    voices = _Voices(options.adapt, _speakers(options.speakers))
    quiet = not sys.stderr.isatty() or len(files) == 1
    records = [
        record
        for file in tqdm(files, unit="file", disable=quiet, file=sys.stderr)
        for record in _score(file, models, voices, options)
    ]
    rows = segment_rows(records) if options.timeline else summary_rows(records)
    _write(records, rows, options)
    return EXIT_SOME_FAILED if any(record["error"] for record in records) else EXIT_OK


def _load_models(name: str | None) -> list[EmotionModel]:
    store = ModelStore()
    names = store.names() if name == "all" else [name]
    return [store.load(each) for each in names or [None]]


def _expand(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    return sorted(f for f in path.rglob("*") if f.suffix.lower().lstrip(".") in READABLE)


class _Voices:
    """Who speaks in which file; every model knows a voice in its own way."""

    def __init__(self, adapt: Adapt, speakers: Mapping[str, str]) -> None:
        self._adapt = Adapt.FILE if speakers else adapt
        self._speakers = speakers
        self._known: dict[tuple[str, str, int], Voice] = {}

    def of(self, file: Path, channel: int, model: str) -> tuple[Adapt, Voice | None]:
        """How to adapt in a file, and what is known of its speaker; one a channel."""
        speaker = self._speakers.get(str(file)) or self._speakers.get(file.name, "")
        if self._adapt != Adapt.SESSION and not speaker:
            return self._adapt, None
        return Adapt.SESSION, self._known.setdefault((model, speaker, channel), Voice())


def _speakers(table: Path | None) -> dict[str, str]:
    """Speaker per file name or path.

    Raises:
        SerError: if the table cannot be read or lacks a column.
    """
    if table is None:
        return {}
    try:
        with table.open(newline="", encoding="utf-8-sig") as lines:
            return {row["file"]: row["speaker"] for row in csv.DictReader(lines)}
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SerError(f"{table} cannot be read ({error}). Give a CSV file in UTF-8.") from error
    except KeyError as error:
        raise SerError(
            f"{table} has no column {error}. It needs two: file (name or path) and speaker."
        ) from error


def _score(
    file: Path, models: Sequence[EmotionModel], voices: _Voices, options: argparse.Namespace
) -> Iterator[Record]:
    try:
        sounds = list(_sounds(file, options.track, options.channels == "each"))
    except SerError as error:
        for model in models:
            yield failed_record(str(file), model.card.name, str(error))
        return
    for decoded, model in product(sounds, models):
        adapt, voice = voices.of(file, decoded.channel or 0, model.card.name)
        timeline = analyse(decoded.clip, model, adapt=adapt, voice=voice)
        warnings = (*decoded.warnings, *timeline.cautions)
        track = decoded.track if decoded.tracks > 1 else None
        yield to_record(timeline, str(file), warnings, track=track, channel=decoded.channel)


def _sounds(file: Path, track: int | None, each: bool) -> Iterator[Decoded]:
    """A file's sound, or that of each of its channels."""
    whole = decode(file, track=track)
    if not each or whole.channels == 1:
        yield whole
        return
    for channel in range(1, whole.channels + 1):
        yield decode(file, track=track, channel=channel)


def _models(options: argparse.Namespace) -> int:
    store = ModelStore()
    rows = [_model_row(store.bundle(name)) for name in store.names()]
    if options.check:
        rows = [row | _checked(store.folder / row["model"]) for row in rows]
    _write(rows, rows, options)
    return EXIT_SOME_FAILED if options.check and any(row["error"] for row in rows) else EXIT_OK


def _model_row(bundle: Bundle) -> Record:
    card, scores = bundle.card, bundle.scores(Protocol.SPEAKER_INDEPENDENT)
    return {
        "model": bundle.name,
        "title": card and card.title,
        "unseen_speakers_ua": scores and scores.ua,
        "parameters": card and card.parameters,
        "labels": card and [label.value for label in card.labels],
        "error": " ".join(bundle.problems) or (None if scores else "Not scored on speakers."),
    }


def _checked(folder: Path) -> Record:
    try:
        selftest.verify(folder)
    except ModelError as error:
        return {"error": str(error), "selftest": "failed"}
    return {"selftest": "passed"}


def _write(records: Sequence[Record], rows: Sequence[Record], options: argparse.Namespace) -> None:
    if options.format == "json":
        text = json.dumps(records, indent=2, ensure_ascii=False) + "\n"
    elif options.format == "csv":
        text = _csv(rows)
    else:
        text = _table(rows)
    if options.out is None:
        sys.stdout.write(text)
        return
    try:
        options.out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise SerError(f"{options.out} cannot be written ({error.strerror}).") from error


def _csv(rows: Sequence[Record]) -> str:
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, rows[0].keys() if rows else [], lineterminator="\n")
    writer.writeheader()
    writer.writerows({key: safe_cell(value) for key, value in row.items()} for row in rows)
    return buffer.getvalue()


def _table(rows: Sequence[Record]) -> str:
    """Columns for reading: no probabilities but the one that counts, no empty columns."""
    shown = [{k: _cell(v) for k, v in row.items() if not k.startswith("p_")} for row in rows]
    columns = [key for key in (shown[0] if shown else {}) if any(row[key] for row in shown)]
    lines = [columns, *([row[key] for key in columns] for row in shown)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(columns))]
    return "".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        + "\n"
        for line in lines
    )


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.2f}"
    return " ".join(value) if isinstance(value, list) else str(value)

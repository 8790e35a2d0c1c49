"""Where answers go: to the screen, a file or a folder."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from ser_core.errors import SerError
from ser_core.remote import is_address, name_at
from ser_core.reports.annotations import Format, annotated
from ser_core.reports.records import Record
from ser_core.reports.tables import as_csv, as_table
from ser_core.scoring import Scored


def write(records: Sequence[Record], rows: Sequence[Record], form: str, out: Path | None) -> None:
    """Write records as JSON, or their rows as CSV or as columns for reading.

    Args:
        records: all that is known.
        rows: the same, flat.
        form: "json", "csv" or "table".
        out: a file; None for the screen.
    """
    if form == "json":
        text = json.dumps(records, indent=2, ensure_ascii=False) + "\n"
    elif form == "csv":
        text = as_csv(rows)
    else:
        text = as_table(rows)
    _put(text, out)


def write_annotations(found: Sequence[Scored], form: Format, out: Path | None) -> None:
    """Write subtitles or annotations: one file to the screen or a file, many to a folder."""
    for each in found:
        if each.record["error"]:
            sys.stderr.write(f"{each.record['error']}\n")
    judged = [each for each in found if each.timeline]
    into_folder = out is not None and out.is_dir()
    if len(judged) > 1 and not into_folder:
        raise SerError("Several sounds make several files. Name a folder for them: --out FOLDER")
    taken: set[str] = set()
    for each in judged:
        file = each.record["file"]
        name = Path(name_at(file) if is_address(file) else file).stem
        number = sum(other == name or other.startswith(f"{name}-") for other in taken)
        taken.add(unique := f"{name}-{number + 1}" if number else name)
        if each.timeline:
            text = annotated(each.timeline, form, name, each.diarisation, each.words)
            _put(text, out / f"{unique}{form.ending}" if out and into_folder else out)


def _put(text: str, out: Path | None) -> None:
    if out is None:
        encoding = sys.stdout.encoding or "utf-8"  # of a terminal that may lack some letters
        sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise SerError(f"{out} cannot be written ({error.strerror}).") from error

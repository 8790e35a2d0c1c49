"""Rows as text: CSV for programs, columns for people."""

import csv
import io
from collections.abc import Sequence
from typing import Any

from ser_core.reports.records import Record, safe_cell


def as_csv(rows: Sequence[Record]) -> str:
    """A CSV file that people may open in a spreadsheet."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, rows[0].keys() if rows else [], lineterminator="\n")
    writer.writeheader()
    writer.writerows({key: safe_cell(value) for key, value in row.items()} for row in rows)
    return buffer.getvalue()


def as_table(rows: Sequence[Record]) -> str:
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

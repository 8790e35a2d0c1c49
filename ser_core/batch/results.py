"""The folder of results: Parquet parts that are whole or absent, whenever a batch is stopped."""

import json
import os
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from filelock import FileLock, Timeout

from ser_core.batch.work import Stamp, stamp_of
from ser_core.emotions import Emotion
from ser_core.errors import SerError
from ser_core.inputs import Input
from ser_core.reports.records import LEFT_OUT, Record, summary_rows

_PART_ROWS = 1000
_PART_S = 30.0
_TEXT, _REAL = pa.string(), pa.float64()
_SHARES = [(f"p_{emotion.value}", pa.float32()) for emotion in Emotion]
_SEGMENT = [("start_s", _REAL), ("end_s", _REAL), ("emotion", _TEXT), *_SHARES]
_STAMP = [("sha256", _TEXT), ("bytes", pa.int64()), ("changed_ns", pa.int64())]
SCHEMA = pa.schema(
    [
        ("file", _TEXT),
        ("track", pa.int32()),
        ("channel", pa.int32()),
        ("model", _TEXT),
        ("duration_s", _REAL),
        ("speech_s", _REAL),
        ("answer", _TEXT),
        ("emotion", _TEXT),
        ("confidence", _REAL),
        *_SHARES,
        ("adapted_to_utterances", pa.int32()),
        ("unlike_training", pa.bool_()),
        ("warnings", _TEXT),
        ("error", _TEXT),
        *_STAMP,
        ("took_s", _REAL),
        ("segments", pa.list_(pa.struct(_SEGMENT))),
    ]
)


class Results:
    """What a batch has found so far, in a folder.

    `parts` holds the rows, `order.json` what was asked, `summary.json` the sums. A part is written
    beside its name and then renamed: a kill leaves it whole or not there at all.
    """

    def __init__(self, folder: Path, asked: dict[str, Any]) -> None:
        """Open the folder, or make it.

        Args:
            folder: of the results.
            asked: models and settings; the folder holds answers to one order alone.

        Raises:
            SerError: if another batch writes there, or it holds answers to something else.
        """
        self._folder, self._parts = folder, folder / "parts"
        try:
            self._parts.mkdir(parents=True, exist_ok=True)
            self._lock = FileLock(folder / "lock", timeout=0)
            self._lock.acquire()
        except Timeout as error:
            raise SerError(f"Another batch writes to {folder}. Wait, or choose another.") from error
        except OSError as error:
            raise SerError(f"{folder} cannot be written ({error.strerror}).") from error
        self._check(asked)
        for left in self._parts.glob("*.new"):
            left.unlink()
        self._rows: list[Record] = []
        self._flushed_s = time.monotonic()

    def _check(self, asked: dict[str, Any]) -> None:
        file = self._folder / "order.json"
        text = json.dumps(asked, indent=2) + "\n"
        if not file.exists():
            _put(file, text.encode())
        elif file.read_text(encoding="utf-8") != text:
            raise SerError(
                f"{self._folder} holds answers of another model or to other settings (order.json). "
                "Give the same, or another --out."
            )

    def done(self, inputs: Sequence[Input], retry: bool) -> set[str]:
        """Names of the files that have answers and have not changed since.

        Args:
            inputs: all files of the batch.
            retry: whether files that failed are to be judged again.
        """
        now = {each.name: each for each in inputs}
        done: set[str] = set()
        for part in self._files():
            table = pq.read_table(part, columns=["file", "error", *Stamp.__slots__])
            for row in table.to_pylist():
                name = row["file"]
                if name in now and not (retry and row["error"]):
                    done |= set() if _has_changed(now[name], row) else {name}
        return done

    def forget(self, names: set[str]) -> None:
        """Take out the rows of files that are judged again."""
        for part in self._files():
            table = pq.read_table(part)
            stale = pc.is_in(table["file"], pa.array(sorted(names), _TEXT))
            kept = table.filter(pc.invert(stale))
            if not len(kept):
                part.unlink()
            elif len(kept) < len(table):
                _write(part, kept)

    def add(self, records: Sequence[Record]) -> None:
        """Keep records; they are safe once a part is full or half a minute old."""
        for record, row in zip(records, summary_rows(records), strict=True):
            more = {name: record.get(name) for name in (*Stamp.__slots__, "took_s")}
            segments = [
                {k: s[k] for k in ("start_s", "end_s", "emotion")}
                | {f"p_{name}": share for name, share in s["probabilities"].items()}
                for s in record["segments"]
            ]
            self._rows.append(row | more | {"segments": segments})
        if len(self._rows) >= _PART_ROWS or time.monotonic() - self._flushed_s > _PART_S:
            self.flush()

    def flush(self) -> None:
        """Write what is kept into a part of its own."""
        if self._rows:
            last = max((int(file.stem) for file in self._files()), default=0)
            _write(
                self._parts / f"{last + 1:06d}.parquet", pa.Table.from_pylist(self._rows, SCHEMA)
            )
            self._rows = []
        self._flushed_s = time.monotonic()

    def close(self) -> dict[str, Any]:
        """Write the rest and the summary, which is returned, and leave the folder to others."""
        self.flush()
        answers: Counter[str] = Counter()
        told = {"rows": 0, "failed": 0, "left_out": 0, "hours": 0.0}
        for part in self._files():
            columns = ["answer", "emotion", "error", "duration_s"]
            for row in pq.read_table(part, columns=columns).to_pylist():
                told["rows"] += 1
                told["failed"] += row["error"] is not None
                told["left_out"] += row["answer"] == LEFT_OUT
                told["hours"] += (row["duration_s"] or 0.0) / 3600
                if row["error"] is None and row["answer"] != LEFT_OUT:
                    answers[row["emotion"] or row["answer"]] += 1
        summary = told | {"hours": round(told["hours"], 4), "answers": dict(answers.most_common())}
        _put(self._folder / "summary.json", json.dumps(summary, indent=2).encode() + b"\n")
        self._lock.release()
        return summary

    def _files(self) -> Iterator[Path]:
        return iter(sorted(self._parts.glob("*.parquet")))


def _has_changed(given: Input, row: Record) -> bool:
    """Whether a file is another than it was; its content is read only where its date is new.

    What lies behind an address is taken to be what it was.
    """
    if given.address:
        return False
    try:
        told = given.path.stat()
    except OSError:
        return row["sha256"] is not None
    if (told.st_size, told.st_mtime_ns) == (row["bytes"], row["changed_ns"]):
        return False
    return stamp_of(given).sha256 != row["sha256"]


def _write(file: Path, table: pa.Table) -> None:
    beside = file.with_suffix(".new")
    pq.write_table(table, beside, compression="zstd")
    os.replace(beside, file)


def _put(file: Path, content: bytes) -> None:
    beside = file.with_suffix(".new")
    beside.write_bytes(content)
    os.replace(beside, file)

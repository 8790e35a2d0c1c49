"""What a visitor may take home: the sound, the stretches as a table, everything as JSON."""

import json
from collections.abc import Sequence
from pathlib import PurePath

import pandas as pd
import streamlit as st

from ser_core.judging import Judged
from ser_core.report import Record, failed_record, segment_rows, summary_rows, to_record


def of_result(judged: Judged, key: str) -> None:
    """Buttons for one recording."""
    stem = PurePath(judged.name).stem or "recording"
    records = [_record(judged)]
    _button("Sound, WAV", judged.wav, f"{stem}.wav", "audio/wav", key)
    _button("Stretches, CSV", _csv(segment_rows(records)), f"{stem}.csv", "text/csv", key)
    _button("Result, JSON", _json(records), f"{stem}.json", "application/json", key)


def of_all(results: Sequence[tuple[str, Judged | str]], model: str, key: str) -> None:
    """Buttons for several files; a file that failed stays in the list with its message.

    Args:
        results: file name, and its result or message.
        model: name of the model.
        key: prefix of the buttons' keys.
    """
    records = [
        failed_record(name, model, found) if isinstance(found, str) else _record(found)
        for name, found in results
    ]
    _button("All files, CSV", _csv(summary_rows(records)), "files.csv", "text/csv", key)
    _button("All files, JSON", _json(records), "files.json", "application/json", key)


def _record(judged: Judged) -> Record:
    return to_record(judged.timeline, judged.name, judged.warnings)


def _csv(rows: Sequence[Record]) -> str:
    return pd.DataFrame(rows).to_csv(index=False)


def _json(records: Sequence[Record]) -> str:
    return json.dumps(records, indent=2, ensure_ascii=False) + "\n"


def _button(label: str, data: str | bytes, name: str, mime: str, key: str) -> None:
    st.download_button(
        label, data, name, mime, key=f"{key}-{label}", on_click="ignore", width="stretch"
    )

"""Whether the scores and predictions of a bundle have the form that the pages rely on."""

import sys
from typing import Any

import numpy as np
import pandas as pd

from ser_core.emotions import Emotion

_SHARES = [f"p_{e.value}" for e in Emotion]
_FACTS = ("clip", "protocol", "fold", "speaker", "sex", "intensity", "statement")
_COLUMNS = (*_FACTS, "emotion", "predicted", *_SHARES)
_SCORES = ("ua", "wa", "macro_f1", "train_wa", "unvoiced_fallback", "clips")


def is_number(value: object) -> bool:
    """Whether a value from a JSON file is a finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) <= sys.float_info.max  # false for NaN too


def check_metrics(metrics: dict[str, Any]) -> None:
    """Look at every entry that is shown; any but UA may be absent, as in older files.

    Args:
        metrics: content of metrics.json.

    Raises:
        ValueError: names the entry that is of another form.
    """
    _numbers(metrics, ("parameters", "size_bytes"))
    _numbers(_part(metrics, "latency_ms"), ("median",))
    _numbers(_part(metrics, "calibration"), ("temperature", "ece_before", "ece_after"))
    _part(metrics, "robustness")  # an odd condition counts as not measured
    protocols = _part(metrics, "protocols")
    for protocol in protocols:
        scores = _part(protocols, protocol)
        if "ua" not in scores:
            raise ValueError(f"'{protocol}' has no 'ua'")
        _numbers(scores, _SCORES)
        for name, ends in _part(scores, "ci95").items():
            if not (isinstance(ends, list) and len(ends) == 2 and all(map(is_number, ends))):
                raise ValueError(f"the interval of '{name}' is not a pair of numbers")


def _part(of: dict[str, Any], name: str) -> dict[str, Any]:
    found = of.get(name, {})
    if not isinstance(found, dict):
        raise ValueError(f"'{name}' is not an object")
    return found


def _numbers(of: dict[str, Any], names: tuple[str, ...]) -> None:
    for name in names:
        if name in of and not is_number(of[name]):
            raise ValueError(f"'{name}' is not a number")


def check_predictions(table: pd.DataFrame) -> None:
    """Look at the columns and at what may stand in them.

    Args:
        table: content of predictions.parquet.

    Raises:
        ValueError: says what does not fit.
    """
    if missing := sorted({*_COLUMNS} - {*table.columns}):
        raise ValueError(f"they lack {', '.join(missing)}")
    if table.empty:
        raise ValueError("the table is empty")
    for column in ("emotion", "predicted"):
        if not table[column].astype(str).isin([e.value for e in Emotion]).all():
            raise ValueError(f"'{column}' holds what is not an emotion")
    if table[["clip", "protocol"]].astype(str).duplicated().any():
        raise ValueError("a clip occurs twice under a protocol")
    shares = table[_SHARES]
    numeric = all(map(pd.api.types.is_numeric_dtype, shares.dtypes))
    if not numeric or not np.isfinite(shares.to_numpy(np.float64)).all():
        raise ValueError("a probability is not a number")
    if not table["speaker"].astype(str).str.fullmatch(".*/[0-9]+").all():
        raise ValueError("the name of a speaker does not end in a number")

"""What each clip was heard as when it was tested: `predictions.parquet` of a bundle."""

from pathlib import Path

import numpy as np
import pandas as pd

from ser_core.emotions import Emotion
from ser_core.errors import ModelError

FILE = "predictions.parquet"
_SHARES = [f"p_{e.value}" for e in Emotion]
_FACTS = ("clip", "protocol", "fold", "speaker", "sex", "intensity", "statement")
_COLUMNS = (*_FACTS, "emotion", "predicted", *_SHARES)


def load_predictions(folder: Path) -> pd.DataFrame:
    """One row per clip and protocol: clip facts, fold, true and predicted emotion, p_<emotion>.

    Raises:
        ModelError: if the table is missing, unreadable or holds what does not fit.
    """
    command = f"python -m train fit {folder.name}"
    try:
        table = pd.read_parquet(folder / FILE)
        _check(table)
    except FileNotFoundError as error:
        raise ModelError(f"There is no {FILE} in '{folder.name}'. Make it: {command}") from error
    except (OSError, ValueError) as error:
        raise ModelError(
            f"The {FILE} of '{folder.name}' does not fit: {error}. Make it again: {command}"
        ) from error
    return table


def _check(table: pd.DataFrame) -> None:
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

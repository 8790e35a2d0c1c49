"""What the comparison of models rests on: the clips behind a confusion, and floors for scores."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from ser_core.emotions import Emotion

ShareOf = Literal["recall", "precision", "counts"]

CHANCE = 1 / len(Emotion)
# share of clips that listeners named rightly, sound only: Livingstone and Russo (2018)
PEOPLE = 0.67


def majority_share(truth: ArrayLike) -> float:
    """WA of always naming the most frequent emotion."""
    _, counts = np.unique(np.asarray(truth), return_counts=True)
    return float(counts.max() / counts.sum())


def filtered(predictions: pd.DataFrame, **wanted: str | None) -> pd.DataFrame:
    """The rows whose columns have the wanted values, such as sex="female"; None means any."""
    keep = pd.Series(True, index=predictions.index)
    for column, value in wanted.items():
        if value is not None:
            keep &= predictions[column] == value
    return predictions[keep]


def clips_of_cell(
    predictions: pd.DataFrame, acted: Emotion | str, heard: Emotion | str
) -> pd.DataFrame:
    """The clips acted as one emotion and heard as another, most certain first."""
    cell = (predictions["emotion"] == acted) & (predictions["predicted"] == heard)
    return predictions[cell].sort_values([f"p_{heard}", "clip"], ascending=[False, True])


def probabilities_of(row: Mapping[str, Any]) -> dict[Emotion, float]:
    """The probabilities in one row of predictions, in display order."""
    return {e: float(row[f"p_{e}"]) for e in Emotion if f"p_{e}" in row}


def cell_shares(counts: NDArray[np.int64], of: ShareOf) -> NDArray[np.float64]:
    """Cells of a confusion matrix as shares.

    Args:
        counts: shape (k, k); rows are acted, columns heard.
        of: "recall" divides by the row's sum, "precision" by the column's, "counts" by the largest
            cell.

    Returns:
        Shape (k, k), in [0, 1]; NaN where there is nothing to divide by.
    """
    whole = {
        "recall": counts.sum(axis=1, keepdims=True),
        "precision": counts.sum(axis=0, keepdims=True),
        "counts": counts.max(keepdims=True),
    }[of]
    with np.errstate(invalid="ignore"):
        return counts / whole


def worst_mistake(counts: NDArray[np.int64]) -> tuple[Emotion, Emotion, int] | None:
    """Acted, heard and number of clips of the most frequent mistake; None without a mistake."""
    mistakes = counts.copy()
    np.fill_diagonal(mistakes, 0)
    if not mistakes.any():
        return None
    row, column = np.unravel_index(mistakes.argmax(), mistakes.shape)
    emotions = list(Emotion)
    return emotions[row], emotions[column], int(mistakes[row, column])


def figures_table(
    models: Sequence[tuple[str, Mapping[str, Any]]], protocol: str, majority: float | None = None
) -> pd.DataFrame:
    """Every figure of every model under one protocol, and the floors.

    Args:
        models: title and content of metrics.json; those that lack the protocol are left out.
        protocol: "speaker_independent" or "random_split".
        majority: WA of always naming the most frequent emotion, if known.

    Returns:
        One row per model in the given order, then the floors. Shares are percent, size is bytes,
        latency is the median in ms; what is not known is missing.
    """
    rows = []
    for title, metrics in models:
        scores = metrics.get("protocols", {}).get(protocol)
        if scores is None:
            continue
        row: dict[str, Any] = {"model": title}
        for name in ("ua", "wa", "macro_f1"):
            row[name] = _percent(scores.get(name))
            low, high = scores.get("ci95", {}).get(name, (None, None))
            row[f"{name}_low"], row[f"{name}_high"] = _percent(low), _percent(high)
        row["train_wa"] = _percent(scores.get("train_wa"))
        row["gap"] = _difference(row["train_wa"], row["wa"])
        row["parameters"] = metrics.get("parameters")
        row["size_bytes"] = metrics.get("size_bytes")
        row["latency_ms"] = metrics.get("latency_ms", {}).get("median")
        rows.append(row)
    floors = [
        {"model": "People", "wa": 100 * PEOPLE},
        {"model": "Majority class", "ua": 100 * CHANCE, "wa": _percent(majority)},
        {"model": "Chance", "ua": 100 * CHANCE, "wa": 100 * CHANCE},
    ]
    return pd.DataFrame(rows + floors) if rows else pd.DataFrame()


def _percent(fraction: float | None) -> float | None:
    return None if fraction is None else 100 * fraction


def _difference(a: float | None, b: float | None) -> float | None:
    return None if a is None or b is None else a - b

"""What the comparison of models rests on: the clips behind a confusion, and floors for scores."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from ser_core.bundles.metrics import Metrics
from ser_core.emotions import Emotion
from ser_core.evaluation.intervals import Estimate, estimates
from ser_core.evaluation.label_sets import EMOTIONS, GROUPINGS
from ser_core.evaluation.predictions import Predictions
from ser_core.evaluation.scores import SCORES

ShareOf = Literal["recall", "precision", "counts"]

CHANCE = 1 / len(Emotion)
# Listeners who heard the sound alone: share of single ratings, ten of each of the 1440 clips, that
# named the actor's emotion among eight and "none of these"; 58.0 % at normal, 67.4 % at strong
# intensity. Neutral and calm were accepted for each other, so a model stands beside them with the
# two counted as one. Livingstone and Russo (2018), PLoS ONE 13(5): e0196391, supporting tables.
PEOPLE = 0.624
PEOPLE_CLASSES = GROUPINGS["quiet"]
_HEARD_BY_PEOPLE = "ravdess/"  # how the names of the speakers begin


_COLUMNS = (
    "model",
    *(f"{name}{end}" for name in SCORES for end in ("", "_low", "_high")),
    *("train_wa", "gap", "parameters", "size_bytes", "latency_ms"),
)
# accuracies that the bootcamp project behind this app published. It split clips at random, after
# oversampling: the test part held speakers and copies of clips that were trained on
PUBLISHED = MappingProxyType({"MLP": 0.47, "LSTM": 0.51, "CNN": 0.60})


@dataclass(frozen=True, slots=True)
class Entry:
    """A model as the table of all figures takes it.

    Attributes:
        title: for people.
        scores: UA, WA and macro F1 by their names in `ser_core.evaluation.predictions.SCORES`.
        train_wa: WA on what it was trained on, if known.
        metrics: for its size and speed.
    """

    title: str
    scores: Mapping[str, Estimate]
    train_wa: float | None
    metrics: Metrics | None


def beside_people(rows: pd.DataFrame) -> Estimate | None:
    """The accuracy of a model counted like that of people, with its interval over speakers.

    Args:
        rows: with the columns of predictions.parquet.

    Returns:
        None where these are not clips that the listeners heard.
    """
    if rows.empty or not rows["speaker"].str.startswith(_HEARD_BY_PEOPLE).all():
        return None
    return estimates(Predictions.of(rows, PEOPLE_CLASSES))["wa"]


def majority(truth: ArrayLike) -> dict[str, float]:
    """Scores of always naming the most frequent class.

    Args:
        truth: class of each clip, shape (n,), n > 0.

    Returns:
        Per name in `ser_core.evaluation.predictions.SCORES`.
    """
    _, counts = np.unique(np.asarray(truth), return_counts=True)
    share = float(counts.max() / counts.sum())
    return {"ua": 1 / counts.size, "wa": share, "macro_f1": 2 * share / (1 + share) / counts.size}


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


def worst_mistake(
    counts: NDArray[np.int64], labels: Sequence[str] = EMOTIONS.labels
) -> tuple[str, str, int] | None:
    """Acted, heard and number of clips of the most frequent mistake; None without a mistake."""
    mistakes = counts.copy()
    np.fill_diagonal(mistakes, 0)
    if not mistakes.any():
        return None
    row, column = divmod(int(mistakes.argmax()), len(labels))
    return labels[row], labels[column], int(mistakes[row, column])


def figures_table(
    entries: Sequence[Entry],
    floors: Mapping[str, Mapping[str, float]],
) -> pd.DataFrame:
    """Every figure of every model, then what they are to be compared with.

    Args:
        entries: in the order of rows.
        floors: scores by name of whoever else is scored, such as chance; partly, where not known.

    Returns:
        Shares are percent, size is bytes, latency is the median in ms; what is not known is
        missing.
    """
    rows = []
    for entry in entries:
        row: dict[str, Any] = {"model": entry.title}
        for name, score in entry.scores.items():
            row[name] = _percent(score.value)
            row[f"{name}_low"], row[f"{name}_high"] = _percent(score.low), _percent(score.high)
        row["train_wa"] = _percent(entry.train_wa)
        known = entry.train_wa is not None and "wa" in row
        row["gap"] = row["train_wa"] - row["wa"] if known else None
        if entry.metrics:
            row["parameters"] = entry.metrics.parameters
            row["size_bytes"] = entry.metrics.size_bytes
            row["latency_ms"] = entry.metrics.latency_ms.median
        rows.append(row)
    for title, scores in floors.items():
        rows.append({"model": title} | {name: _percent(value) for name, value in scores.items()})
    return pd.DataFrame(rows, columns=_COLUMNS)


def _percent(fraction: float | None) -> float | None:
    return None if fraction is None else 100 * fraction

"""Which clips of a corpus lie near each other, and what sets a group of them apart."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from ser_core.acoustics.descriptors import catalogue
from ser_core.emotions import Emotion

SOUND_AXES, HEARD_AXES = ("map_x", "map_y"), ("heard_x", "heard_y")
_ORDER = {emotion.value: place for place, emotion in enumerate(Emotion)}


def has_map(index: pd.DataFrame, axes: Sequence[str]) -> bool:
    """Whether any clip of an index has a place on these axes."""
    return {*axes} <= {*index.columns} and bool(index[list(axes)].notna().all(axis=1).any())


def nearest(
    vectors: NDArray[np.floating], at: int, count: int = 5
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """The nearest rows to one of them by Euclidean distance.

    Args:
        vectors: shape (n, d); a row with a NaN is near to nothing.
        at: the row whose neighbours are wanted.
        count: how many at most.

    Returns:
        Rows and their distances, nearest first, each of shape (at most count,).
    """
    vectors = vectors.astype(np.float64)
    distances = np.linalg.norm(vectors - vectors[at], axis=1)
    distances[at] = np.nan
    order = np.argsort(distances, kind="stable")[:count]  # NaN comes last
    order = order[np.isfinite(distances[order])]
    return order, distances[order]


def neighbours_alike(
    clips: pd.DataFrame,
    label: str,
    axes: Sequence[str] = SOUND_AXES,
    across: str | None = None,
) -> float:
    """Share of clips whose nearest neighbour on a map has the same label, in [0, 1].

    Args:
        clips: rows of a corpus index; those without a place on the map do not count.
        label: one of its columns.
        axes: columns of the map.
        across: a column in which the neighbour must differ, such as "speaker".

    Returns:
        NaN where nobody has a neighbour.
    """
    clips = clips.dropna(subset=list(axes))
    places, labels = clips[list(axes)].to_numpy(), clips[label].to_numpy()
    if across is None:
        other = _others(places)
    else:
        other = _across(places, clips[across].to_numpy())
    return float((labels == labels[other]).mean()) if other.size else float("nan")


def _others(places: NDArray[np.floating]) -> NDArray[np.intp]:
    """The nearest other row of each; none at all where there is only one."""
    if len(places) < 2:
        return np.empty(0, np.intp)
    first, second = cKDTree(places).query(places, k=2)[1].T
    # a twin at the same place may come before the row itself
    return np.where(first == np.arange(len(places)), second, first)


def _across(places: NDArray[np.floating], groups: NDArray[Any]) -> NDArray[np.intp]:
    """The nearest row of another group for each; none at all where there is only one group."""
    names = np.unique(groups)
    if len(names) < 2:
        return np.empty(0, np.intp)
    other = np.empty(len(places), np.intp)
    for name in names:
        own = groups == name
        rows = np.flatnonzero(~own)
        other[own] = rows[cKDTree(places[rows]).query(places[own])[1]]
    return other


def label_shares(group: pd.DataFrame, rest: pd.DataFrame, labels: Sequence[str]) -> pd.DataFrame:
    """How often each label occurs in a group of clips and in the others.

    Args:
        group: rows of a corpus index, at least one.
        rest: other rows of it; may be empty.
        labels: columns whose values are counted.

    Returns:
        One row per value that occurs in either, emotions in display order: "label", "value" (str),
        "clips" of the group, "share" of the group and "rest_share" in [0, 1], which is NaN without
        a rest.
    """
    tables = []
    for label in labels:
        clips, others = group[label].value_counts(), rest[label].value_counts()
        values = sorted({*clips.index, *others.index})
        if label == "emotion":
            values.sort(key=_ORDER.__getitem__)
        clips = clips.reindex(values, fill_value=0)
        others = others.reindex(values, fill_value=0) / (len(rest) or np.nan)
        columns = {"clips": clips, "share": clips / len(group), "rest_share": others}
        table = pd.DataFrame(columns).reset_index(drop=True)
        table.insert(0, "value", [str(value) for value in values])
        table.insert(0, "label", label)
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def medians(group: pd.DataFrame, rest: pd.DataFrame) -> pd.DataFrame:
    """Median of every descriptor in a group of clips and in the others.

    Args:
        group: rows of a corpus index.
        rest: other rows of it; may be empty.

    Returns:
        One row per descriptor that the index has, float64: "descriptor" (name and unit), "group",
        "rest", and "difference_sd", group minus rest in standard deviations of all these clips.
        NaN where there is nothing to take a median of, or no spread.
    """
    descriptors = catalogue(group.columns)
    columns = [descriptor.column for descriptor in descriptors]
    own, others = group[columns].astype(np.float64), rest[columns].astype(np.float64)
    spread = pd.concat([own, others]).std()
    table = pd.DataFrame({"group": own.median(), "rest": others.median()})
    table["difference_sd"] = (table["group"] - table["rest"]) / spread.where(spread > 0)
    table.insert(0, "descriptor", [descriptor.title for descriptor in descriptors])
    return table.reset_index(drop=True)

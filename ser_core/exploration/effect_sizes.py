"""How strongly numbers of clips differ between groups: emotions or speakers.

Every function leaves out what is NaN, column by column, and answers NaN where a question has no
answer: a single group, a group of one clip, numbers that are all the same.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

_LEAST = 2  # numbers in a group; one alone has no spread
# of the range: a spread below it is what rounding leaves of none (sums of squares keep 16 digits,
# their roots 8)
_ROUNDING = 1e-6


def summary(values: pd.Series, labels: pd.Series, order: Sequence[str]) -> pd.DataFrame:
    """Place and spread of the values of each group.

    Args:
        values: one number per clip; NaN is left out.
        labels: group of each clip.
        order: groups in display order.

    Returns:
        One row per group with a number, in that order; columns clips (int), median, low and high
        (first and third quartile, interpolated), mean (float).
    """
    groups = values.astype(float).dropna().groupby(labels)
    table = pd.DataFrame(
        {
            "clips": groups.size(),
            "median": groups.median(),
            "low": groups.quantile(0.25),
            "high": groups.quantile(0.75),
            "mean": groups.mean(),
        }
    )
    return table.loc[[label for label in order if label in table.index]]


def cohens_d(values: ArrayLike, labels: ArrayLike, order: Sequence[str]) -> NDArray[np.float64]:
    """How far each group's mean lies from that of all other clips, in standard deviations.

    Cohen's d (Cohen 1988, Statistical Power Analysis for the Behavioral Sciences, section 2.5): the
    difference of the two means by the pooled standard deviation,
    sqrt((SS_1 + SS_2) / (n_1 + n_2 - 2)), where SS are sums of squares around the own mean. By his
    reading .2 is small, .5 medium, .8 large.

    Args:
        values: shape (clips, columns).
        labels: group of each clip, shape (clips,).
        order: the groups asked for.

    Returns:
        Shape (groups, columns); positive where the group lies above the others.
    """
    values, member = _prepared(values), _membership(labels, order)
    n, total, squares = _sums(values, member)
    whole_n, whole_total, whole_squares = _sums(values, np.ones((len(values), 1)))
    others_n, others_total = whole_n - n, whole_total - total
    enough = (n >= _LEAST) & (others_n >= _LEAST)
    n, others_n = np.where(enough, n, np.nan), np.where(enough, others_n, np.nan)
    within = (
        squares - total**2 / n + (whole_squares - squares) - others_total**2 / others_n
    )  # sums of squares around the two means
    spread = np.sqrt(np.maximum(within, 0) / (n + others_n - 2))
    spread = np.where(spread > _ROUNDING * _ranges(values), spread, np.nan)
    return (total / n - others_total / others_n) / spread


def eta_squared(values: ArrayLike, labels: ArrayLike) -> NDArray[np.float64]:
    """Share of each column's variance that lies between the groups, in [0, 1].

    Sum of squares between the groups by the total one (Cohen 1973, Eta-squared and partial
    eta-squared in fixed factor ANOVA designs, Educational and Psychological Measurement 33).

    Args:
        values: shape (clips, columns).
        labels: group of each clip, shape (clips,).

    Returns:
        Shape (columns,); NaN where there are not two groups, or no group with two numbers.
    """
    values = _prepared(values)
    n, total, squares = _sums(values, _membership(labels, np.unique(labels)))
    groups, count = (n > 0).sum(axis=0), n.sum(axis=0)
    between = (np.square(total) / np.maximum(n, 1)).sum(axis=0)
    all_squares = squares.sum(axis=0)  # the mean of each column is zero
    ranges = _ranges(values)
    answered = (groups >= 2) & (count > groups) & (ranges > 0)
    return np.where(answered, between, np.nan) / np.where(answered, all_squares, 1)


def by_chance(clips: int, groups: int) -> float:
    """Eta squared to expect of labels that mean nothing: (groups - 1) / (clips - 1)."""
    return (groups - 1) / (clips - 1) if clips > 1 else float("nan")


def within_speakers(values: ArrayLike, speakers: ArrayLike) -> NDArray[np.float64]:
    """Each value in standard deviations of its speaker, from that speaker's mean (z-scores).

    Args:
        values: shape (clips, columns).
        speakers: of each clip, shape (clips,).

    Returns:
        Shape (clips, columns); NaN for speakers whose numbers are all the same.
    """
    frame = pd.DataFrame(_prepared(values))
    own = frame.groupby(np.asarray(speakers))
    spread = own.transform("std", ddof=0)
    spread = spread.where(spread > _ROUNDING * _ranges(frame))
    return ((frame - own.transform("mean")) / spread).to_numpy()


def _prepared(values: ArrayLike) -> NDArray[np.float64]:
    """Columns around zero: sums of squares of large numbers lose their last digits."""
    frame = pd.DataFrame(np.asarray(values, np.float64))
    return (frame - frame.mean()).to_numpy()


def _membership(labels: ArrayLike, order: ArrayLike) -> NDArray[np.float64]:
    """1 where a clip belongs to a group, else 0; shape (clips, groups)."""
    return (np.asarray(labels)[:, None] == np.asarray(order)[None, :]).astype(np.float64)


def _sums(
    values: NDArray[np.float64], member: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Per group and column: how many numbers, their sum, the sum of their squares."""
    present = ~np.isnan(values)
    filled = np.where(present, values, 0)
    return member.T @ present, member.T @ filled, member.T @ np.square(filled)


def _ranges(values: ArrayLike) -> NDArray[np.float64]:
    """Largest minus smallest number of each column; 0 where there is none."""
    frame = pd.DataFrame(values)
    return (frame.max() - frame.min()).fillna(0).to_numpy()

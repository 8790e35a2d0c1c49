"""Stacked probabilities over time: the arithmetic and the traces that the time charts share."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ser_core.analysis.timeline import Probabilities, Timeline
from ser_core.emotions import Emotion
from ser_core.plots.theme import Theme

_MOST_STEPS = 8  # points between two knots of a short chart
_ENOUGH_POINTS = 240  # a chart with more knots is smooth without points in between
_LABEL_PEAK, _LABEL_STRETCH = 36.0, 32.0  # percent
_LABEL_WIDTH, LETTER_WIDTH = 0.03, 0.022  # shares of the axis on a phone

# a label under the right end of the axis needs room, or Plotly leaves it out
LAST_TICK_MARGIN = {"l": 8, "r": 24, "t": 8, "b": 36}

Knots = Sequence[tuple[float, Probabilities]]


@dataclass(frozen=True, slots=True, eq=False)
class Stack:
    """Shares over time.

    Attributes:
        time: shape (n,), seconds.
        shares: per emotion of the model, in display order, shape (n,), percent; 0 in pauses.
    """

    time: NDArray[np.float64]
    shares: dict[Emotion, NDArray[np.float64]]


def knots(timeline: Timeline) -> list[Knots]:
    """Per utterance: the windows at their middles, held to the utterance's ends.

    Where both sides of a call speak at once, an utterance begins where the one before it ends.
    """
    groups: list[Knots] = []
    middles = sorted(
        (((w.start_s + w.end_s) / 2, w.probabilities) for w in timeline.windows),
        key=lambda knot: knot[0],
    )
    free_s = 0.0
    for onset_s, offset_s in timeline.utterances:
        start_s = max(onset_s, free_s)
        inside = [knot for knot in middles if start_s <= knot[0] <= offset_s]
        if inside:
            groups.append([(start_s, inside[0][1]), *inside, (offset_s, inside[-1][1])])
            free_s = offset_s
    return groups


def stack(groups: Sequence[Knots]) -> Stack:
    """Smooth curves through the knots of each group, and nothing between the groups.

    Between two knots the probabilities blend along a cosine, so they never overshoot and still
    sum to 100 %.

    Args:
        groups: one sequence of (time in seconds, probabilities) per stretch of speech, by time.
    """
    groups = [group for group in groups if group]
    if not groups:
        return Stack(np.zeros(0), {})
    emotions = [e for e in Emotion if e in groups[0][0][1]]
    steps = min(max(_ENOUGH_POINTS // sum(map(len, groups)), 1), _MOST_STEPS)
    times, rows = [], []
    for group in groups:
        time, shares = _blend(group, emotions, steps)
        nothing = np.zeros((1, len(emotions)))
        times += [time[:1], time, time[-1:]]
        rows += [nothing, shares, nothing]
    all_rows = np.concatenate(rows)
    return Stack(np.concatenate(times), dict(zip(emotions, all_rows.T, strict=True)))


def _blend(
    group: Knots, emotions: Sequence[Emotion], steps: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    time = np.array([t for t, _ in group])
    shares = np.array([[100 * p[e] for e in emotions] for _, p in group])
    if len(group) == 1 or steps == 1:
        return time, shares
    at = np.arange((len(group) - 1) * steps + 1) / steps
    left = np.minimum(at.astype(int), len(group) - 2)
    position = at - left
    weight = (0.5 - 0.5 * np.cos(np.pi * position))[:, None]
    dense = shares[left] * (1 - weight) + shares[left + 1] * weight
    return time[left] + position * (time[left + 1] - time[left]), dense


def stack_traces(drawn: Stack, theme: Theme, time_unit: str) -> list[dict[str, object]]:
    """One filled area per emotion, neutral at the bottom, as Plotly traces.

    They are plain: a figure checks its traces anyway, and a live chart is drawn every second.

    Args:
        drawn: the shares.
        theme: colours.
        time_unit: Plotly template for the time in the hover text, such as "%{x:.1f} s".
    """
    return [
        {
            "type": "scatter",
            "x": drawn.time,
            "y": shares,
            "name": emotion.value,
            "mode": "lines",
            "stackgroup": "shares",
            "fillcolor": theme.colour(emotion),
            "line": {"width": 0.8, "color": theme.background},
            "hoveron": "points",
            "hovertemplate": f"{emotion} %{{y:.0f}}\N{NO-BREAK SPACE}%, {time_unit}<extra></extra>",
        }
        for emotion, shares in drawn.shares.items()
    ]


def area_labels(drawn: Stack, span_s: float, theme: Theme) -> list[dict[str, object]]:
    """Plotly annotations: the name of each emotion inside its area, where there is room for it.

    Args:
        drawn: the shares.
        span_s: seconds that the axis shows.
        theme: colours.
    """
    labels: list[dict[str, object]] = []
    below = np.zeros(drawn.time.size)
    for emotion, shares in drawn.shares.items():
        peak = int(np.argmax(shares))
        if shares[peak] >= _LABEL_PEAK:
            start, end = _stretch_around(peak, shares >= _LABEL_STRETCH)
            width = (drawn.time[end] - drawn.time[start]) / span_s
            if width >= _LABEL_WIDTH + LETTER_WIDTH * len(emotion.value):
                labels.append(_label(emotion, drawn, below, (start + end) // 2, theme))
        below = below + shares
    return labels


def _stretch_around(peak: int, high: NDArray[np.bool_]) -> tuple[int, int]:
    """First and last index of the run of True that holds the peak."""
    breaks = np.flatnonzero(~high)
    before, after = breaks[breaks < peak], breaks[breaks > peak]
    start = int(before[-1]) + 1 if before.size else 0
    end = int(after[0]) - 1 if after.size else high.size - 1
    return start, end


def _label(
    emotion: Emotion, drawn: Stack, below: NDArray[np.float64], at: int, theme: Theme
) -> dict[str, object]:
    return {
        "x": float(drawn.time[at]),
        "y": float(below[at] + drawn.shares[emotion][at] / 2),
        "text": f"<b>{emotion}</b>",
        "font": {"size": 13, "color": theme.text_on(theme.colour(emotion))},
        "showarrow": False,
    }

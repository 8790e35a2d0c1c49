"""How right a model is over how sure, over how much it answers, and class by class.

The first of two models is a solid line and a dot, the second a dashed line and a ring.
"""

from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from ser_core.emotions import Emotion
from ser_core.evaluation.curves import Coverage, Reliability, Roc
from ser_core.evaluation.label_sets import Grouping
from ser_core.formatting import NBSP, count_word, figure
from ser_core.plots.comparison.score_rows import class_colours, ring
from ser_core.plots.theme import Theme, base_layout, share_ticks, symbol

HEIGHT = 360
_MARGIN = {"l": 8, "r": 26, "t": 12, "b": 44}
_LEAST_PX, _MOST_PX = 6, 20  # dots of one clip and of all clips
_GROUP_DASHES = ("solid", "dash", "dot")

Shares = NDArray[np.float64]


def reliability_plot(models: Sequence[tuple[str, Reliability]], theme: Theme) -> go.Figure:
    """How often right over how sure, with the dotted line of a model that means what it says.

    Args:
        models: title and bins of one or two models.
        theme: light or dark.
    """
    traces = [_diagonal(theme)]
    for index, (title, part) in enumerate(models):
        size = _LEAST_PX + (_MOST_PX - _LEAST_PX) * np.sqrt(part.clips / max(part.clips.sum(), 1))
        traces.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "x": 100 * part.confidence,
                "y": 100 * part.accuracy,
                "name": title,
                "line": _line(index, theme),
                "marker": _dot(index, theme) | {"size": size, "opacity": 1},
                "cliponaxis": False,
                "customdata": [count_word(n, "clip") for n in part.clips.tolist()],
                "hovertemplate": f"{escape(title)}, %{{customdata}}: %{{x:.0f}}{NBSP}% sure, "
                f"right in %{{y:.0f}}{NBSP}%<extra></extra>",
            }
        )
    return go.Figure(traces, _square("how sure", "how often right", theme))


def coverage_plot(
    models: Sequence[tuple[str, Coverage, tuple[float, float]]], theme: Theme
) -> go.Figure:
    """Accuracy over the share of clips answered, and where a threshold puts each model.

    Args:
        models: of one or two models: title, curve, and share answered and accuracy at the
            threshold, NaN where nothing is answered.
        theme: light or dark.
    """
    traces, marks = [], []
    for index, (title, curve, (answered, accuracy)) in enumerate(models):
        says = (
            f"{escape(title)}: answers %{{x:.0f}}{NBSP}% of the clips, right in "
            f"%{{y:.0f}}{NBSP}%<extra></extra>"
        )
        traces.append(
            {
                "type": "scatter",
                "mode": "lines",
                "x": 100 * curve.answered,
                "y": 100 * curve.accuracy,
                "name": title,
                "line": _line(index, theme),
                "customdata": 100 * curve.confidence,
                "hovertemplate": f"at least %{{customdata:.0f}}{NBSP}% sure, {says}",
            }
        )
        marks.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": [100 * answered],
                "y": [100 * accuracy],
                "name": f"{title}, threshold",
                "marker": _dot(index, theme) | {"size": 13},
                "cliponaxis": False,
                "hovertemplate": says,
            }
        )
    return go.Figure(traces + marks, _square("clips answered", "right, of those answered", theme))


def roc_plot(curves: Sequence[Roc | None], grouping: Grouping, theme: Theme) -> go.Figure:
    """Each class against the rest, its symbol where both kinds of mistake are about as frequent.

    Args:
        curves: one per class; None is left out.
        grouping: the classes; those of several emotions differ by the dash of their line.
        theme: light or dark.
    """
    traces, marks = [_diagonal(theme)], []
    colours, dashes = class_colours(grouping, theme), group_dashes(grouping)
    for label, colour, curve in zip(grouping.labels, colours, curves, strict=True):
        if curve is None:
            continue
        x, y = 100 * curve.false_alarms, 100 * curve.found
        says = f"<extra></extra>{label} (AUC {figure(curve.area)})"
        traces.append(
            {
                "type": "scatter",
                "mode": "lines",
                "x": x,
                "y": y,
                "name": label,
                "line": {"color": colour, "width": 1.8, "dash": dashes.get(label, "solid")},
                "hovertemplate": f"{says}: %{{y:.0f}}{NBSP}% of it found with %{{x:.0f}}{NBSP}% "
                "false alarms",
            }
        )
        emotion = grouping.emotion(label)
        if emotion is not None:
            marks.append(_symbol_on(x, y, emotion, theme))
    return go.Figure(traces + marks, _square("false alarms", "clips of it found", theme))


def group_dashes(grouping: Grouping) -> dict[str, str]:
    """Dash of the line of each class of several emotions."""
    groups = [label for label in grouping.labels if grouping.emotion(label) is None]
    return dict(zip(groups, _GROUP_DASHES, strict=False))


def _dot(index: int, theme: Theme) -> dict[str, Any]:
    return ring(theme) if index else {"color": theme.ink, "line": {"width": 0}}


def _line(index: int, theme: Theme) -> dict[str, Any]:
    return {"width": 1.8, "color": theme.ink, "dash": "dash" if index else "solid"}


def _diagonal(theme: Theme) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [0, 100],
        "y": [0, 100],
        "line": {"width": 1, "dash": "dot", "color": theme.faint},
        "hoverinfo": "skip",
    }


def _symbol_on(x: Shares, y: Shares, emotion: Emotion, theme: Theme) -> dict[str, Any]:
    at = int(np.abs(100 - x - y).argmin())
    edge = {"width": 1, "color": theme.background}
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [x[at]],
        "y": [y[at]],
        "marker": {
            "symbol": symbol(emotion),
            "size": 11,
            "color": theme.colour(emotion),
            "line": edge,
        },
        "hoverinfo": "skip",
    }


def _square(x: str, y: str, theme: Theme) -> dict[str, Any]:
    axis = {"range": [0, 100], **share_ticks()}
    return {
        **base_layout(theme, HEIGHT, margin=_MARGIN),
        "hovermode": "closest",
        "xaxis": {**axis, "title": {"text": x}},
        "yaxis": {**axis, "showgrid": True, "title": {"text": y}},
    }

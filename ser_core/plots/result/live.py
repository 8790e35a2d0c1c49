"""The live view: the last half minute, and where the voice lies between feelings."""

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import pandas as pd
import plotly.graph_objects as go

from ser_core.analysis.timeline import Probabilities, Window
from ser_core.emotions import Emotion
from ser_core.formatting import NBSP
from ser_core.plots.result.stack import LAST_TICK_MARGIN, Knots, area_labels, stack, stack_traces
from ser_core.plots.theme import NOTE_SIZE, Theme, base_layout, share_ticks, symbol

RECENT_HEIGHT, PLANE_HEIGHT = 240, 300
SPAN_S = 30.0
TRAIL_S = 4.0

_JOIN_S = 1.0  # running answers come every half second; a longer gap is a pause
_PLANE_X, _PLANE_Y = 1.0, 0.9

# Valence and arousal in [-1, 1]: mean pleasure and arousal of the words in Russell & Mehrabian,
# "Evidence for a three-factor theory of emotions", J. Research in Personality 11 (1977), 273-294.
# Calm is not among them: it stands at its angle in Russell, "A circumplex model of affect",
# J. Personality and Social Psychology 39 (1980), 316 degrees, at the others' mean distance, 0.8.
# Neutral is the origin by definition.
VALENCE_AROUSAL: Mapping[Emotion, tuple[float, float]] = MappingProxyType(
    {
        Emotion.NEUTRAL: (0.0, 0.0),
        Emotion.CALM: (0.58, -0.56),
        Emotion.HAPPY: (0.81, 0.51),
        Emotion.SAD: (-0.63, -0.27),
        Emotion.ANGRY: (-0.51, 0.59),
        Emotion.FEARFUL: (-0.64, 0.60),
        Emotion.DISGUST: (-0.60, 0.35),
        Emotion.SURPRISED: (0.40, 0.67),
    }
)
_NAME_LEFT = frozenset({Emotion.FEARFUL, Emotion.HAPPY})


def valence_arousal(probabilities: Probabilities) -> tuple[float, float]:
    """Mean place of the emotions, weighted by their probabilities."""
    places = [(VALENCE_AROUSAL[e], p) for e, p in probabilities.items()]
    return (
        math.fsum(x * p for (x, _), p in places),
        math.fsum(y * p for (_, y), p in places),
    )


def recent_figure(windows: Sequence[Window], now_s: float, theme: Theme) -> go.Figure:
    """Stacked probabilities of the last 30 seconds.

    Args:
        windows: answers by time, each for the sound up to its end.
        now_s: the time that stands at the right edge.
        theme: colours.
    """
    drawn = stack(_stretches(windows, now_s))
    layout = {
        **base_layout(theme, RECENT_HEIGHT, margin=LAST_TICK_MARGIN),
        "uirevision": "keep",
        "hovermode": "closest",
        "annotations": area_labels(drawn, SPAN_S, theme),
        "xaxis": {
            "range": [-SPAN_S, 0],
            "tickvals": [-30, -20, -10, 0],
            "ticktext": ["30", "20", "10", "now"],
            "title": {"text": "seconds ago"},
        },
        "yaxis": {"range": [0, 100], **share_ticks()},
    }
    return go.Figure(stack_traces(drawn, theme, f"%{{x:.1f}}{NBSP}s"), layout)


def recent_alt(windows: Sequence[Window]) -> str:
    """The finding of the recent figure in words."""
    if not windows:
        return "No speech in the last 30 seconds."
    tops = [w.top for w in windows]
    mostly = max(set(tops), key=tops.count)
    return f"The last 30 seconds sound mostly {mostly}; they end {tops[-1]}."


def recent_table(windows: Sequence[Window]) -> pd.DataFrame:
    """The numbers behind the recent figure: probabilities as fractions, times in seconds."""
    rows = [
        {"start_s": w.start_s, "end_s": w.end_s}
        | {e.value: w.probabilities[e] for e in Emotion if e in w.probabilities}
        for w in windows
    ]
    return pd.DataFrame(rows).round(4)


def plane_figure(windows: Sequence[Window], theme: Theme) -> go.Figure:
    """The valence-arousal plane: the emotions, the voice as a dot, its last 4 seconds as a trail.

    Args:
        windows: answers by time; the last one is the dot. No dot without any.
        theme: colours.
    """
    axis = {"visible": False, "fixedrange": True}
    layout = {
        **base_layout(theme, PLANE_HEIGHT, margin={"l": 8, "r": 8, "t": 8, "b": 8}),
        "uirevision": "keep",
        "xaxis": {**axis, "range": [-_PLANE_X - 0.12, _PLANE_X + 0.12]},
        "yaxis": {**axis, "range": [-_PLANE_Y - 0.16, _PLANE_Y + 0.16]},
        "shapes": _cross(theme),
        "annotations": _directions(theme),
    }
    return go.Figure([_places(theme), *_voice(windows, theme)], layout)


def plane_alt(windows: Sequence[Window]) -> str:
    """The finding of the plane in words."""
    if not windows:
        return "No speech yet, so no place between pleasant and unpleasant, quiet and excited."
    x, y = valence_arousal(windows[-1].probabilities)
    pleasure = "pleasant" if x > 0.1 else "unpleasant" if x < -0.1 else "neither pleasant nor not"
    arousal = "excited" if y > 0.1 else "quiet" if y < -0.1 else "neither excited nor quiet"
    return f"The voice lies on the {pleasure} and {arousal} side."


def _voice(windows: Sequence[Window], theme: Theme) -> list[dict[str, object]]:
    """The dot and the trail that leads to it; nothing without windows."""
    if not windows:
        return []
    x, y = zip(*(valence_arousal(w.probabilities) for w in _trail(windows)), strict=True)
    trail: dict[str, object] = {
        "type": "scatter",
        "x": x,
        "y": y,
        "mode": "lines",
        "line": {"color": theme.faint, "width": 2, "shape": "spline"},
        "hoverinfo": "skip",
        "name": "trail",
    }
    dot: dict[str, object] = {
        "type": "scatter",
        "x": x[-1:],
        "y": y[-1:],
        "mode": "markers",
        "marker": {"size": 15, "color": theme.ink},
        "hovertemplate": "pleasant %{x:.2f}, excited %{y:.2f}<extra></extra>",
        "name": "voice",
    }
    return [trail, dot]


def _trail(windows: Sequence[Window]) -> list[Window]:
    """The last answers of the present stretch of speech."""
    recent = [windows[-1]]
    for window in reversed(windows[:-1]):
        joined = recent[0].end_s - window.end_s <= _JOIN_S
        if not joined or window.end_s < windows[-1].end_s - TRAIL_S:
            break
        recent.insert(0, window)
    return recent


def _stretches(windows: Sequence[Window], now_s: float) -> Sequence[Knots]:
    """Answers placed at their ends; the first of a stretch also covers its own sound."""
    groups: list[list[tuple[float, Probabilities]]] = []
    last_end_s = -math.inf
    for window in windows:
        if window.end_s - last_end_s > _JOIN_S:
            start_s = max(window.start_s, last_end_s)
            groups.append([(max(start_s - now_s, -SPAN_S), window.probabilities)])
        groups[-1].append((window.end_s - now_s, window.probabilities))
        last_end_s = window.end_s
    return groups


def _places(theme: Theme) -> dict[str, object]:
    x, y = zip(*VALENCE_AROUSAL.values(), strict=True)
    sides = ["middle left" if e in _NAME_LEFT else "middle right" for e in VALENCE_AROUSAL]
    return {
        "type": "scatter",
        "x": x,
        "y": y,
        "name": "emotions",
        "mode": "markers+text",
        "text": [f"{NBSP}{NBSP}{e}{NBSP}{NBSP}" for e in VALENCE_AROUSAL],
        "textposition": sides,
        "textfont": {"size": NOTE_SIZE, "color": theme.muted},
        "marker": {
            "size": 10,
            "symbol": [symbol(e) for e in VALENCE_AROUSAL],
            "color": [theme.colour(e) for e in VALENCE_AROUSAL],
        },
        "hoverinfo": "skip",
        "cliponaxis": False,
    }


def _cross(theme: Theme) -> list[dict[str, object]]:
    line = {"color": theme.line, "width": 1}
    return [
        {"type": "line", "x0": -_PLANE_X, "x1": _PLANE_X, "y0": 0, "y1": 0, "line": line},
        {"type": "line", "x0": 0, "x1": 0, "y0": -_PLANE_Y, "y1": _PLANE_Y, "line": line},
    ]


def _directions(theme: Theme) -> list[dict[str, object]]:
    font = {"size": NOTE_SIZE, "color": theme.muted}
    places = (
        ("unpleasant", -_PLANE_X, -0.09, "left"),
        ("pleasant", _PLANE_X, -0.09, "right"),
        ("excited", 0, _PLANE_Y + 0.1, "center"),
        ("quiet", 0, -_PLANE_Y - 0.1, "center"),
    )
    return [
        {"x": x, "y": y, "text": text, "xanchor": anchor, "font": font, "showarrow": False}
        for text, x, y, anchor in places
    ]

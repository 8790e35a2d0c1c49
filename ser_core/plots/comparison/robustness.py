"""How scores hold where the sound is disturbed, and for whom."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import numpy as np
import plotly.graph_objects as go

from ser_core.evaluation.intervals import Estimate
from ser_core.formatting import NBSP, figure, percent, signed
from ser_core.plots.comparison.marks import Model, marker, row_line, rows_layout
from ser_core.plots.theme import LABEL_SIZE, Theme, base_layout, share_ticks

CURVES_HEIGHT = 340
_TOP_PX, _BOTTOM_PX = 12, 44
_NAME_PX, _LETTER_PX, _AWAY_PX = 17, 7.2, 22  # of the names at the ends of lines
_ROW_PX, _SEX_ROW_PX = 34, 50
_SEXES = ("female", "male")


def noise_curves(
    curves: Sequence[tuple[Model, Sequence[float]]], places: Sequence[str], theme: Theme
) -> go.Figure:
    """A line per model from clean to loud noise, with its name at the end.

    Args:
        curves: of each model a score in [0, 1] per place.
        places: names along the axis.
        theme: light or dark.
    """
    # what is compared lies on top
    drawn = sorted(curves, key=lambda item: ("other", "b", "a").index(item[0].part))
    ends = [100 * values[-1] for _, values in curves]
    scale = (CURVES_HEIGHT - _TOP_PX - _BOTTOM_PX) / 100  # px per point
    names = [
        _name(model, end, len(places) - 1, (end - spot) * scale, theme)
        for (model, _), end, spot in zip(curves, ends, spread(ends, _NAME_PX / scale), strict=True)
    ]
    longest = max(len(model.title) for model, _ in curves)
    margin = {
        "l": 8,
        "r": round(_AWAY_PX + 16 + _LETTER_PX * (longest + 3)),
        "t": _TOP_PX,
        "b": _BOTTOM_PX,
    }
    return go.Figure(
        [_curve(model, values, places, theme) for model, values in drawn],
        base_layout(theme, CURVES_HEIGHT, margin=margin)
        | {
            "hovermode": "closest",
            "xaxis": {
                "range": [-0.08, len(places) - 0.97],
                "tickvals": list(range(len(places))),
                "ticktext": list(places),
                "title": {"text": "noise level (0 dB: as loud as the voice)"},
            },
            "yaxis": {"range": [0, 100], "showgrid": True, **share_ticks()},
            "annotations": names,
        },
    )


def spread(wanted: Sequence[float], gap: float, low: float = 0, high: float = 100) -> list[float]:
    """Places near the wanted ones, in their order, at least a gap apart and between two limits.

    Args:
        wanted: where each would like to be.
        gap: least distance.
        low: lower limit.
        high: upper limit; it is kept where all fit.
    """
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    places = [0.0] * len(wanted)
    floor = low
    for i in order:
        places[i] = floor = max(wanted[i], floor)
        floor += gap
    ceiling = high
    for i in reversed(order):
        places[i] = ceiling = min(places[i], ceiling)
        ceiling -= gap
    return places


def change_dots(
    changes: Sequence[tuple[Model, Mapping[str, float]]], names: Mapping[str, str], theme: Theme
) -> go.Figure:
    """Change against clean sound, a row per condition: dot, ring and faint dots.

    Args:
        changes: of each model a difference of fractions per condition.
        names: conditions from top to bottom, and what they are called.
        theme: light or dark.
    """
    rows = list(range(len(names)))
    drawn = sorted(changes, key=lambda item: ("other", "b", "a").index(item[0].part))
    traces = [
        {
            "type": "scatter",
            "mode": "markers",
            "x": [100 * values[name] for name in names],
            "y": rows,
            "marker": marker(model.part, theme),
            "name": model.title,
            "text": [
                f"{words}, {escape(model.title)}: {signed(100 * values[name], 1)}{NBSP}points"
                for name, words in names.items()
            ],
            "hovertemplate": "%{text}<extra></extra>",
        }
        for model, values in drawn
    ]
    every = [100 * v for _, values in changes for v in values.values()]
    low, high = 5 * np.floor(min([*every, -5]) / 5), 5 * np.ceil(max([*every, 0]) / 5)
    pair = sorted(((m, v) for m, v in changes if m.part != "other"), key=lambda item: item[0].part)
    texts = [_figures([100 * values[name] for _, values in pair]) for name in names]
    return go.Figure(
        traces,
        rows_layout(list(names.values()), texts, _ROW_PX, 13, theme)
        | {
            "xaxis": {
                "range": [low - 1.5, high + 1.5],
                "tickvals": _steps(low, high),
                "ticktext": ["clean" if t == 0 else f"{signed(t)}" for t in _steps(low, high)],
                "title": {"text": "points against clean sound"},
            },
            "shapes": [row_line(r, low - 1.5, high + 1.5, theme) for r in rows]
            + [
                {
                    "type": "line",
                    "x0": 0,
                    "x1": 0,
                    "y0": 0,
                    "y1": 1,
                    "yref": "y domain",
                    "line": {"width": 1, "dash": "dot", "color": theme.faint},
                }
            ],
        },
    )


def sex_rows(models: Sequence[tuple[Model, Mapping[str, Estimate]]], theme: Theme) -> go.Figure:
    """A row per model: a circle for female speakers above a square for male ones.

    Args:
        models: of each a score per sex, "female" and "male".
        theme: light or dark.
    """
    traces = []
    for sex, lift, shape in zip(_SEXES, (-0.17, 0.17), ("circle", "square"), strict=True):
        for at, (model, scores) in enumerate(models):
            traces += _estimate(model, scores[sex], sex, at + lift, shape, theme)
    titles = [escape(model.title) for model, _ in models]
    gaps = [100 * (scores["female"].value - scores["male"].value) for _, scores in models]
    return go.Figure(
        traces,
        rows_layout(
            titles, [signed(gap, 1) for gap in gaps], _SEX_ROW_PX, LABEL_SIZE, theme, "points"
        )
        | {
            "xaxis": {"range": [0, 100], **share_ticks()},
            "shapes": [row_line(r, 0, 100, theme) for r in range(len(models))],
        },
    )


def _curve(
    model: Model, values: Sequence[float], places: Sequence[str], theme: Theme
) -> dict[str, Any]:
    other = model.part == "other"
    line = {"width": 1.4 if other else 2.4, "color": theme.faint if other else theme.ink}
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "x": list(range(len(places))),
        "y": [100 * value for value in values],
        "line": line | ({"dash": "dash"} if model.part == "b" else {}),
        "marker": marker(model.part, theme, 5),
        "name": model.title,
        "text": [
            f"{place}, {escape(model.title)}: {percent(value)}"
            for place, value in zip(places, values, strict=True)
        ],
        "hovertemplate": "%{text}<extra></extra>",
        "cliponaxis": False,
    }


def _name(model: Model, end: float, x: int, shift_px: float, theme: Theme) -> dict[str, Any]:
    """Name and last score beside the end of a line, tied to it by a thin one."""
    other = model.part == "other"
    text = f"{escape(model.title)}{NBSP}{figure(end / 100, 0)}"
    return {
        "x": x,
        "y": end,
        "ax": _AWAY_PX,
        "ay": shift_px,
        "xanchor": "left",
        "showarrow": True,
        "arrowhead": 0,
        "arrowwidth": 1,
        "arrowcolor": theme.faint,
        "standoff": 7,
        "text": text if other else f"<b>{text}</b>",
        "font": {"size": 13, "color": theme.muted if other else theme.text},
    }


def _estimate(
    model: Model, score: Estimate, sex: str, y: float, shape: str, theme: Theme
) -> list[dict[str, Any]]:
    colour = theme.faint if model.part == "other" else theme.ink
    dot = {
        "type": "scatter",
        "mode": "markers",
        "x": [100 * score.value],
        "y": [y],
        "marker": marker(model.part, theme, 10) | {"symbol": shape},
        "name": f"{model.title}, {sex}",
        "hovertemplate": f"{escape(model.title)}, {sex}: {percent(score.value, 1)}<extra></extra>",
    }
    if score.low is None or score.high is None:
        return [dot]
    bar = {
        "type": "scatter",
        "mode": "lines",
        "x": [100 * score.low, 100 * score.high],
        "y": [y, y],
        "line": {"width": 4, "color": colour},
        "opacity": 0.4,
        "hoverinfo": "skip",
    }
    return [bar, dot]


def _figures(values: Sequence[float]) -> str:
    first, *others = (signed(value) for value in values) if values else ("",)
    return f"<b>{first}</b>" + "".join(f"{NBSP} {other}" for other in others)


def _steps(low: float, high: float) -> list[float]:
    """Ticks through zero, five at most."""
    step = 5 * np.ceil((high - low) / 20)
    return [float(t) for t in np.arange(step * np.ceil(low / step), high + 1, step)]

"""A map of the voices of a corpus."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from html import escape
from typing import Any, Literal

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from scipy.spatial import cKDTree

from ser_core.emotions import Emotion
from ser_core.exploration.neighbours import SOUND_AXES
from ser_core.plots.theme import (
    LABEL_SIZE,
    NOTE_SIZE,
    Theme,
    base_layout,
    symbol,
    with_opacity,
)

MapColour = Literal["emotion", "sex", "intensity", "actor"]

_MAP_HEIGHT = 372
_REACH_PX = 20  # of a click or a finger
_POINT = {"size": 6, "opacity": 0.62}
_LEFT_OUT = 0.12  # opacity of what a drawn group does not hold
_FILLED = ("male", "strong")
_OPEN = ("female", "normal")
_AROUND = 25  # clips
_LINE = 0.055  # height of a label as a share of the map's
_FEWEST_LABELLED = 240  # clips
_LABEL_WIDTH = {"actor": 0.06}  # share of the map's width; the others are words
_WORD_WIDTH = 0.15


def voice_map(
    clips: pd.DataFrame,
    corpus: pd.DataFrame,
    colour_by: MapColour,
    theme: Theme,
    chosen: str | None = None,
    *,
    axes: Sequence[str] = SOUND_AXES,
    near: Sequence[str] = (),
    lasso: bool = False,
    picked: Collection[str] | None = None,
    speakers: Mapping[int, str] | None = None,
) -> go.Figure:
    """Scatter of the clips on a map of the index; near means similar sound.

    Every point carries its clip's name as `customdata`. Colour means emotion and nothing else: sex
    and intensity are drawn as filled and open points, one speaker as dark points among light ones.

    Args:
        clips: rows of a corpus index: the points. Those without a place are left out.
        corpus: the whole index, which fixes the axes whatever is filtered.
        colour_by: what tells the points apart.
        theme: colours.
        chosen: clip with a ring around its point; by "actor" its speaker's points stand out.
        axes: the two columns of the map.
        near: clips with a small ring that is tied to the chosen one.
        lasso: lets a group be drawn instead of a point be clicked.
        picked: clips of a drawn group, the others fade; None where none is drawn.
        speakers: names of the speakers, where they have any beside their numbers.
    """
    clips = clips.dropna(subset=list(axes))
    told = _told(clips, corpus["intensity"].nunique() > 1, speakers or {})
    clips = clips.assign(x=clips[axes[0]], y=clips[axes[1]], told=told)
    faded = _LEFT_OUT if lasso else None
    points = [
        _points(part, name, look, faded, picked)
        for part, name, look in _parts(clips, colour_by, theme, chosen)
        if len(part)
    ]
    ring = clips[clips["clip"] == chosen]
    spans = [_extent(corpus[axis]) for axis in axes]
    mode = {"dragmode": "lasso"} if lasso else {"clickmode": "event+select"}
    layout = base_layout(
        theme, _MAP_HEIGHT, hovermode="closest", hoverdistance=_REACH_PX, **mode
    ) | {
        "xaxis": {"visible": False, "range": spans[0]},
        "yaxis": {"visible": False, "range": spans[1]},
        "annotations": _labels(clips, colour_by, theme, spans, speakers or {}),
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "newselection": {"line": {"color": theme.ink, "width": 1.5, "dash": "solid"}},
    }
    ties, rings = _near(ring, clips[clips["clip"].isin(list(near))], theme)
    return go.Figure([*ties, *points, *rings, *_ring(ring, theme)], layout)


def _parts(
    clips: pd.DataFrame, colour_by: MapColour, theme: Theme, chosen: str | None
) -> Iterator[tuple[pd.DataFrame, str, dict[str, Any]]]:
    """Points that look the same: their clips, name and marker."""
    if colour_by == "emotion":
        for emotion in Emotion:
            look = {"color": theme.colour(emotion), "symbol": symbol(emotion)}
            yield clips[clips["emotion"] == emotion], emotion.value, look
    elif colour_by == "actor":
        own = clips["actor"].isin(clips.loc[clips["clip"] == chosen, "actor"])
        yield clips[~own], "others", {"color": theme.faint, "opacity": 0.45}
        yield clips[own], "same speaker", {"color": theme.ink, "opacity": 0.9, "size": 7}
    else:
        levels = clips[colour_by].unique()
        for level in sorted(levels, key=lambda level: (level not in _FILLED, level)):
            mark = "circle" if level in _FILLED else "circle-open"
            mark = mark if level in (*_FILLED, *_OPEN) else "diamond-open"
            yield clips[clips[colour_by] == level], level, {"color": theme.ink, "symbol": mark}


def _points(
    clips: pd.DataFrame,
    name: str,
    look: dict[str, Any],
    faded: float | None,
    picked: Collection[str] | None,
) -> dict[str, Any]:
    marker = {**_POINT, **look}
    trace = {
        "type": "scatter",
        "x": clips["x"].to_numpy(),
        "y": clips["y"].to_numpy(),
        "mode": "markers",
        "name": name,
        "marker": marker,
        "selected": {"marker": {"opacity": marker["opacity"]}},
        # a click must not fade the other points: the ring tells which one is open
        "unselected": {"marker": {"opacity": marker["opacity"] if faded is None else faded}},
        "customdata": clips["clip"].tolist(),
        "text": clips["told"].tolist(),
        "hovertemplate": "%{text}<extra></extra>",
    }
    if picked is not None:
        trace["selectedpoints"] = np.flatnonzero(clips["clip"].isin(list(picked))).tolist()
    return trace


def _near(
    ring: pd.DataFrame, near: pd.DataFrame, theme: Theme
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Lines from the chosen clip to its neighbours, below the points, and rings above them."""
    if ring.empty or near.empty:
        return [], []
    x, y = (
        [place for end in near[axis] for place in (float(ring[axis].iloc[0]), float(end), None)]
        for axis in ("x", "y")
    )
    line = {"width": 1, "color": theme.muted}
    ties = {
        "type": "scatter",
        "x": x,
        "y": y,
        "mode": "lines",
        "line": line,
        "hoverinfo": "skip",
        "name": "ties",
    }
    return [ties], [_rings(near, "near", 11, 1.5, theme)]


def _ring(ring: pd.DataFrame, theme: Theme) -> list[dict[str, Any]]:
    return [] if ring.empty else [_rings(ring, "chosen", 17, 2.5, theme)]


def _rings(clips: pd.DataFrame, name: str, size: int, width: float, theme: Theme) -> dict[str, Any]:
    return {
        "type": "scatter",
        "x": clips["x"].to_numpy(),
        "y": clips["y"].to_numpy(),
        "mode": "markers",
        "name": name,
        "marker": {
            "symbol": "circle-open",
            "size": size,
            "color": theme.ink,
            "line": {"width": width, "color": theme.ink},
        },
        "unselected": {"marker": {"opacity": 1}},
        "hoverinfo": "skip",
    }


def _told(clips: pd.DataFrame, intensity_tells: bool, speakers: Mapping[int, str]) -> pd.Series:
    acted = clips["emotion"] + ", " + clips["intensity"] if intensity_tells else clips["emotion"]
    who = {
        number: f", speaker {escape(speakers[number])}"
        if number in speakers
        else f", speaker {number}"
        for number in clips["actor"].unique()
    }
    return acted + clips["actor"].map(who)


def _labels(
    clips: pd.DataFrame,
    colour_by: MapColour,
    theme: Theme,
    spans: list[list[float]],
    speakers: Mapping[int, str],
) -> list[dict[str, Any]]:
    """A label where a group is most among its own, moved up or down where two would overlap."""
    if colour_by == "emotion" and len(clips) < _FEWEST_LABELLED:
        return []  # they would cover what they name; the marks are told below
    middles = _strongholds(clips, colour_by)
    width, height = (high - low for low, high in spans)
    heights = _spread(
        middles["y"].tolist(),
        middles["x"].tolist(),
        _LINE * height,
        _LABEL_WIDTH.get(colour_by, _WORD_WIDTH) * width,
    )
    prefix = "speaker " if colour_by == "actor" and len(middles) == 1 and not speakers else ""
    names = speakers if colour_by == "actor" else {}
    return [
        {
            "x": x,
            "y": y,
            "text": f"{prefix}{escape(str(names.get(group, group)))}",
            "showarrow": False,
            "font": {
                "size": NOTE_SIZE if colour_by == "actor" else LABEL_SIZE,
                "color": theme.text,
                "weight": 600,
            },
            "bgcolor": with_opacity(theme.background, 0.78),
            "borderpad": 1,
        }
        for group, x, y in zip(middles.index, middles["x"], heights, strict=True)
    ]


def _strongholds(clips: pd.DataFrame, label: str) -> pd.DataFrame:
    """Of each group the point with the most of its kind around it: "x" and "y" by group.

    A median would lie between the clusters of a group.
    """
    if clips.empty:
        return clips.set_index(label)[["x", "y"]]
    places, kinds = clips[["x", "y"]].to_numpy(), clips[label].to_numpy()
    far, near = cKDTree(places).query(places, k=[*range(1, min(_AROUND, len(clips)) + 1)])
    own = (kinds[near] == kinds[:, None]).mean(axis=1)
    densest = own - 1e-3 * far[:, -1]  # among equals
    rows = pd.Series(densest, clips.index).groupby(clips[label]).idxmax()
    return clips.loc[rows].set_index(label)[["x", "y"]]


def _spread(y: list[float], x: list[float], line: float, width: float) -> list[float]:
    """Heights with at least a line between any two labels nearer than `width` in x."""
    heights = list(y)
    for _ in range(60):
        moved = False
        for a in range(len(heights)):
            for b in range(a):
                gap = heights[a] - heights[b]
                if abs(x[a] - x[b]) < width and abs(gap) < line:
                    push = (line - abs(gap)) / 2 + 1e-6
                    sign = 1.0 if gap >= 0 else -1.0
                    heights[a] += sign * push
                    heights[b] -= sign * push
                    moved = True
        if not moved:
            break
    return heights


def _extent(values: pd.Series) -> list[float]:
    """Ends of an axis that holds all values; around a single one there is room too."""
    low, high = float(values.min()), float(values.max())
    margin = 0.05 * (high - low) or 1.0
    return [low - margin, high + margin]

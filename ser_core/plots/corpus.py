"""A map of the voices of a corpus."""

from typing import Any, Literal

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from ser_core.emotions import Emotion
from ser_core.plots.theme import (
    LABEL_SIZE,
    NOTE_SIZE,
    Theme,
    base_layout,
    symbol,
    with_opacity,
)

MapColour = Literal["emotion", "sex", "actor"]

_MAP_HEIGHT = 372
_POINT = {"size": 6, "opacity": 0.62}
_LABEL_GAP = 0.075  # in map units, one line of labels


def voice_map(
    clips: pd.DataFrame,
    corpus: pd.DataFrame,
    colour_by: MapColour,
    theme: Theme,
    chosen: str | None = None,
) -> go.Figure:
    """Scatter of the clips on the two axes of the index's map; near means similar sound.

    Every point carries its clip's name as `customdata`. Colour means emotion and nothing else: sex
    is drawn as filled and open points, one actor as dark points among light ones.

    Args:
        clips: rows of a corpus index: the points.
        corpus: the whole index, which fixes the axes whatever is filtered.
        colour_by: what tells the points apart.
        theme: colours.
        chosen: clip with a ring around its point; by "actor" its actor's points stand out.
    """
    fig = go.Figure()
    clips = clips.assign(told=_told(clips, corpus["intensity"].nunique() > 1))
    ring = clips[clips["clip"] == chosen]
    if colour_by == "emotion":
        present = [e for e in Emotion if (clips["emotion"] == e).any()]
        for emotion in present:
            look = {"color": theme.colour(emotion), "symbol": symbol(emotion)}
            _points(fig, clips[clips["emotion"] == emotion], emotion.value, look)
    elif colour_by == "sex":
        for sex, mark in (("male", "circle"), ("female", "circle-open")):
            _points(fig, clips[clips["sex"] == sex], sex, {"color": theme.ink, "symbol": mark})
    else:
        own = clips["actor"].isin(ring["actor"])
        _points(fig, clips[~own], "others", {"color": theme.faint, "opacity": 0.45})
        _points(fig, clips[own], "same actor", {"color": theme.ink, "opacity": 0.9, "size": 7})
    if not ring.empty:
        fig.add_scatter(
            x=ring["map_x"],
            y=ring["map_y"],
            mode="markers",
            marker={
                "symbol": "circle-open",
                "size": 17,
                "color": theme.ink,
                "line": {"width": 2.5, "color": theme.ink},
            },
            unselected={"marker": {"opacity": 1}},
            hoverinfo="skip",
            name="chosen",
        )
    fig.update_layout(
        base_layout(theme, _MAP_HEIGHT, hovermode="closest", clickmode="event+select"),
        hoverdistance=12,
        xaxis={"visible": False, "range": _extent(corpus["map_x"])},
        yaxis={"visible": False, "range": _extent(corpus["map_y"])},
        annotations=_labels(clips, colour_by, theme),
        margin_b=8,
    )
    return fig


def _points(fig: go.Figure, clips: pd.DataFrame, name: str, look: dict[str, Any]) -> None:
    marker = {**_POINT, **look}
    fig.add_scatter(
        x=clips["map_x"],
        y=clips["map_y"],
        mode="markers",
        name=name,
        marker=marker,
        # a click must not fade the other points: the ring tells which one is open
        selected={"marker": {"opacity": marker["opacity"]}},
        unselected={"marker": {"opacity": marker["opacity"]}},
        customdata=clips["clip"].tolist(),
        text=clips["told"].tolist(),
        hovertemplate="%{text}<extra></extra>",
    )


def _told(clips: pd.DataFrame, intensity_tells: bool) -> pd.Series:
    acted = clips["emotion"] + ", " + clips["intensity"] if intensity_tells else clips["emotion"]
    return acted + ", actor " + clips["actor"].astype(str)


def _labels(clips: pd.DataFrame, colour_by: MapColour, theme: Theme) -> list[dict[str, Any]]:
    """A label at the median of each group, moved up or down where two would overlap."""
    middles = clips.groupby(colour_by)[["map_x", "map_y"]].median()
    heights = _spread(middles["map_y"], middles["map_x"], 0.12 if colour_by == "actor" else 0.3)
    prefix = "actor " if colour_by == "actor" and len(middles) == 1 else ""
    return [
        {
            "x": middles["map_x"][group],
            "y": height,
            "text": f"{prefix}{group}",
            "showarrow": False,
            "font": {
                "size": NOTE_SIZE if colour_by == "actor" else LABEL_SIZE,
                "color": theme.text,
                "weight": 600,
            },
            "bgcolor": with_opacity(theme.background, 0.78),
            "borderpad": 1,
        }
        for group, height in zip(middles.index, heights, strict=True)
    ]


def _spread(y: pd.Series, x: pd.Series, width: float) -> np.ndarray:
    """Heights with at least one line between any two labels nearer than `width` in x."""
    heights = y.to_numpy(dtype=float)
    across = x.to_numpy(dtype=float)
    for _ in range(60):
        moved = False
        for a in range(len(heights)):
            for b in range(a):
                gap = heights[a] - heights[b]
                if abs(across[a] - across[b]) < width and abs(gap) < _LABEL_GAP:
                    push = (_LABEL_GAP - abs(gap)) / 2 + 1e-6
                    sign = 1.0 if gap >= 0 else -1.0
                    heights[a] += sign * push
                    heights[b] -= sign * push
                    moved = True
        if not moved:
            break
    return heights


def _extent(values: pd.Series) -> list[float]:
    low, high = float(values.min()), float(values.max())
    margin = 0.05 * (high - low)
    return [low - margin, high + margin]

"""What a corpus holds: its clips per emotion, and a map of its voices."""

from collections.abc import Iterable, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from ser_core.corpora.selection import balanced, counts
from ser_core.emotions import Emotion
from ser_core.plots.theme import (
    LABEL_SIZE,
    NOTE_SIZE,
    TINT_OPACITY,
    Theme,
    base_layout,
    symbol,
    with_opacity,
)

MapColour = Literal["emotion", "sex", "actor"]
LEVELS = {"intensity": ("normal", "strong"), "sex": ("female", "male")}

_COUNTS_HEIGHT = _MAP_HEIGHT = 372
_POINT = {"size": 6, "opacity": 0.62}
_LABEL_GAP = 0.075  # in map units, one line of labels


def clips_per_emotion(
    clips: pd.DataFrame,
    by: Literal["intensity", "sex"],
    theme: Theme,
    classes: Sequence[Emotion] = tuple(Emotion),
) -> go.Figure:
    """Horizontal bars of clips per emotion, each split in two by another label.

    An emotion that has fewer clips than the most frequent one ends in a dotted box: what random
    oversampling adds in training. A class without clips keeps its place and shows nothing.

    Args:
        clips: rows of a corpus index.
        by: label that splits each bar.
        theme: colours.
        classes: emotions of the corpus, each with a place for its bar.
    """
    table = counts(clips, by).reindex(columns=list(LEVELS[by]), fill_value=0)
    total = table.sum(axis=1)
    rows = {e: place for place, e in enumerate(classes) if total[str(e)] > 0}
    fig = go.Figure()
    for level, opacity in zip(LEVELS[by], (1.0, TINT_OPACITY), strict=True):
        numbers = table.loc[[str(e) for e in rows], level]
        fig.add_bar(
            orientation="h",
            name=level,
            y=list(rows.values()),
            x=numbers,
            marker_color=[with_opacity(theme.colour(e), opacity) for e in rows],
            marker_line_width=0,
            customdata=[e.value for e in rows],
            hovertemplate=f"%{{customdata}}, {level}: %{{x}} clips<extra></extra>",
        )
    longest = int(total.max()) if rows else 0
    full = balanced(clips)
    for emotion, place in rows.items():
        _end_of_row(fig, place, int(total[emotion]), int(full[emotion]), theme)
    if rows:
        scarcest = min(rows, key=lambda emotion: total[emotion])
        _box_words(fig, rows[scarcest], int(total[scarcest]), longest, theme)
        _level_names(fig, table.loc[total.idxmax()], theme)
    fig.update_layout(
        base_layout(theme, _COUNTS_HEIGHT, barmode="stack", bargap=0.36),
        xaxis={"visible": False, "range": [0, max(longest, 1) * 1.12]},
        yaxis={
            "tickvals": list(rows.values()),
            "ticktext": [e.value for e in rows],
            "tickfont": {"size": 13, "color": theme.text},
            "range": [len(classes) - 0.4, -1],
        },
        margin_b=8,
    )
    return fig


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


def _end_of_row(fig: go.Figure, place: int, own: int, full: int, theme: Theme) -> None:
    """The number at a bar's end and, where oversampling adds clips, the dotted box before it."""
    fig.add_annotation(
        x=full, y=place, text=str(own), xanchor="left", xshift=4,
        showarrow=False, font={"size": 13, "color": theme.text},
    )  # fmt: skip
    if full == own:
        return
    fig.add_shape(
        type="rect", x0=own, x1=full, y0=place - 0.32, y1=place + 0.32,
        line={"color": theme.faint, "width": 1, "dash": "dot"},
    )  # fmt: skip


def _box_words(fig: go.Figure, place: int, own: int, full: int, theme: Theme) -> None:
    """What the dotted boxes mean, in the widest one."""
    if full - own >= 0.4 * full:  # narrower boxes leave no room for the words
        fig.add_annotation(
            x=(own + full) / 2, y=place, text="oversampled in training",
            showarrow=False, font={"size": NOTE_SIZE, "color": theme.muted},
        )  # fmt: skip


def _level_names(fig: go.Figure, longest: Iterable[int], theme: Theme) -> None:
    """Names of the two levels over the middles of the longest bar's parts."""
    start = 0
    for level, number in longest.items():
        if number:
            fig.add_annotation(
                x=start + number / 2, y=-0.75, text=level,
                showarrow=False, font={"size": NOTE_SIZE, "color": theme.muted},
            )  # fmt: skip
        start += number

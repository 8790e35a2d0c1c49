"""How many clips of each emotion a corpus holds."""

from collections.abc import Iterable, Sequence
from typing import Literal

import pandas as pd
import plotly.graph_objects as go

from ser_core.corpora.selection import balanced, counts
from ser_core.emotions import Emotion
from ser_core.plots.theme import NOTE_SIZE, TINT_OPACITY, Theme, base_layout, with_opacity

LEVELS = {"intensity": ("normal", "strong"), "sex": ("female", "male")}
_HEIGHT = 372


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
        base_layout(theme, _HEIGHT, barmode="stack", bargap=0.36),
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

"""How models look beside each other: the first of two, the second, the others; rows of figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ser_core.plots.comparison.score_rows import ring
from ser_core.plots.theme import NOTE_SIZE, Theme, base_layout

Part = Literal["a", "b", "other"]


@dataclass(frozen=True, slots=True)
class Model:
    """A model in a figure.

    Attributes:
        title: for people.
        part: the first of the two that are compared, the second, or none of them.
    """

    title: str
    part: Part


def marker(part: Part, theme: Theme, faint_px: int = 8) -> dict[str, Any]:
    """Marker of a point: solid ink, a ring of ink, or faint."""
    if part == "a":
        return {"size": 10, "color": theme.ink, "opacity": 1}
    if part == "b":
        return ring(theme, 11) | {"opacity": 1}
    return {"size": faint_px, "color": theme.faint, "opacity": 1}


def row_line(at: int, left: float, right: float, theme: Theme) -> dict[str, Any]:
    """Shape that leads from a row's name to its marks."""
    line = {"width": 1, "color": theme.grid}
    return {"type": "line", "x0": left, "x1": right, "y0": at, "y1": at, "line": line}


def rows_layout(
    names: Sequence[str],
    texts: Sequence[str],
    row_px: int,
    size: int,
    theme: Theme,
    head: str = "",
) -> dict[str, Any]:
    """Rows from top to bottom with names at the left and figures at the right.

    Args:
        names: of the rows; in Plotly's HTML.
        texts: what stands at the right end of each.
        row_px: height of a row.
        size: of the names, px.
        theme: light or dark.
        head: what stands above the figures.
    """
    top = 24 if head else 8
    note = {"x": 1, "xref": "paper", "xanchor": "left", "xshift": 12, "showarrow": False}
    notes = [
        note | {"y": row, "text": text, "font": {"size": 13, "color": theme.text}}
        for row, text in enumerate(texts)
    ]
    if head:
        above = {"y": 1, "yref": "paper", "yanchor": "bottom", "text": head}
        notes.append(note | above | {"font": {"size": NOTE_SIZE, "color": theme.muted}})
    return {
        **base_layout(
            theme, row_px * len(names) + top + 46, margin={"l": 8, "r": 68, "t": top, "b": 46}
        ),
        "hovermode": "closest",
        "yaxis": {
            "range": [len(names) - 0.5, -0.5],
            "tickvals": list(range(len(names))),
            "ticktext": list(names),
            "tickfont": {"size": size, "color": theme.text},
        },
        "annotations": notes,
    }

"""Colours, symbols and the Plotly templates of the light and the dark theme."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import plotly.graph_objects as go
import plotly.io as pio

from ser_core.emotions import Emotion

ThemeName = Literal["light", "dark"]
ColourScale = tuple[tuple[float, str], ...]

# Streamlit ships the first family; a chart measures its text with the same one
FONT = (
    "'Source Sans', system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, "
    "sans-serif"
)
PALETTE: dict[str, Any] = json.loads(
    Path(__file__).with_name("palette.json").read_text(encoding="utf-8")
)
TINT_OPACITY = 0.55  # second level of one emotion (strong intensity)
NOTE_SIZE, LABEL_SIZE = 12, 14  # px
READABLE = 4.5  # contrast that WCAG 2 asks of text of this size


@dataclass(frozen=True, slots=True)
class Theme:
    """One of the two looks. Colours are hex strings such as "#1E252D".

    Attributes:
        name: "light" or "dark".
        background: of the page.
        surface: of cards and fields.
        text: for reading.
        muted: for notes and axes.
        faint: for shapes and lines that step back; not for text.
        line: borders.
        grid: grid lines.
        ink: everything that is chosen or leads.
        track: empty part of a bar.
        emotions: colour of each emotion.
        not_sure: colour of "not sure".
        sequential: scale from nothing (the page) to all.
        diverging: scale from -1 through 0 (the page) to +1.
    """

    name: ThemeName
    background: str
    surface: str
    text: str
    muted: str
    faint: str
    line: str
    grid: str
    ink: str
    track: str
    emotions: Mapping[Emotion, str]
    not_sure: str
    sequential: ColourScale
    diverging: ColourScale

    @property
    def template(self) -> str:
        """Name of the Plotly template."""
        return f"ser_{self.name}"

    def colour(self, emotion: Emotion | str | None) -> str:
        """Colour of an emotion; None means "not sure"."""
        return self.not_sure if emotion is None else self.emotions[Emotion(emotion)]

    def text_colour(self, emotion: Emotion | str | None) -> str:
        """Colour of an emotion's name beside its mark; neutral and "not sure" are muted."""
        return self.muted if emotion in (None, Emotion.NEUTRAL) else self.colour(emotion)

    def text_on(self, colour: str) -> str:
        """Text or background colour, whichever stands out more from `colour`.

        On a middle tone neither can be read: there it is black or white.
        """
        own = max((self.text, self.background), key=lambda c: contrast(c, colour))
        if contrast(own, colour) >= READABLE:
            return own
        return max(("#000000", "#FFFFFF"), key=lambda c: contrast(c, colour))


def _theme(name: ThemeName) -> Theme:
    part = PALETTE[name]
    return Theme(
        name=name,
        **part["ui"],
        emotions={e: part["emotions"][e.value] for e in Emotion},
        not_sure=part["not_sure"],
        sequential=tuple((at, colour) for at, colour in part["sequential"]),
        diverging=tuple((at, colour) for at, colour in part["diverging"]),
    )


LIGHT, DARK = _theme("light"), _theme("dark")
THEMES: Mapping[str, Theme] = {"light": LIGHT, "dark": DARK}


def symbol(emotion: Emotion | str) -> str:
    """Plotly marker symbol: the second cue beside the colour of a point."""
    return PALETTE["symbol"][Emotion(emotion).value]


def pattern(emotion: Emotion | str, theme: Theme) -> dict[str, Any]:
    """Plotly bar pattern: the second cue beside the colour of a stacked bar."""
    style = PALETTE["pattern_style"] | {"fgcolor": theme.background}
    return {"shape": PALETTE["pattern"][Emotion(emotion).value], **style}


def contrast(a: str, b: str) -> float:
    """WCAG contrast ratio of two hex colours, from 1 to 21."""
    low, high = sorted((_luminance(a), _luminance(b)))
    return (high + 0.05) / (low + 0.05)


def colour_at(scale: ColourScale, position: float) -> str:
    """Colour of a scale at a position in [0, 1], interpolated in sRGB as Plotly does."""
    position = min(max(position, 0.0), 1.0)
    for (left, a), (right, b) in pairwise(scale):
        if position <= right:
            share = (position - left) / (right - left)
            mixed = (x + (y - x) * share for x, y in zip(_rgb(a), _rgb(b), strict=True))
            return "#" + "".join(f"{round(255 * channel):02X}" for channel in mixed)
    return scale[-1][1]


def with_opacity(colour: str, opacity: float) -> str:
    """The hex colour as an rgba() string; opacity in [0, 1]."""
    red, green, blue = (round(255 * channel) for channel in _rgb(colour))
    return f"rgba({red},{green},{blue},{opacity:g})"


def base_layout(theme: Theme, height: int, **changes: Any) -> dict[str, Any]:
    """Layout arguments that every figure starts from; height in px."""
    return {"template": theme.template, "height": height, "autosize": True, **changes}


def share_ticks(values: Sequence[int] = (0, 50, 100)) -> dict[str, list[Any]]:
    """Axis arguments for shares in percent: the unit on the last tick only."""
    texts = [str(v) for v in values[:-1]] + [f"{values[-1]}\N{NO-BREAK SPACE}%"]
    return {"tickvals": list(values), "ticktext": texts}


def _rgb(colour: str) -> tuple[float, float, float]:
    return tuple(int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))  # type: ignore[return-value]


def _luminance(colour: str) -> float:
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in _rgb(colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _template(theme: Theme) -> go.layout.Template:
    axis = {
        "showline": False,
        "zeroline": False,
        "fixedrange": True,
        "automargin": True,
        "tickfont": {"size": NOTE_SIZE, "color": theme.muted},
        "title": {"font": {"size": NOTE_SIZE, "color": theme.muted}, "standoff": 6},
    }
    layout = go.Layout(
        font={"family": FONT, "size": 13, "color": theme.muted},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        colorway=list(theme.emotions.values()),
        showlegend=False,
        dragmode=False,
        margin={"l": 8, "r": 8, "t": 8, "b": 36},
        xaxis={**axis, "showgrid": False},
        # invisible ticks keep the labels off the shapes
        yaxis={
            **axis,
            "showgrid": False,
            "gridcolor": theme.grid,
            "gridwidth": 1,
            "ticks": "outside",
            "ticklen": 7,
            "tickcolor": "rgba(0,0,0,0)",
        },
        hoverlabel={
            "bgcolor": theme.surface,
            "bordercolor": theme.line,
            "font": {"family": FONT, "size": 13, "color": theme.text},
        },
        shapedefaults={"layer": "below"},
        transition={"duration": 0},
    )
    return go.layout.Template(layout=layout)


for _each in THEMES.values():
    pio.templates[_each.template] = _template(_each)

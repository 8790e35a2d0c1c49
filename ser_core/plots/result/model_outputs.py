"""What each model says of one segment: a stacked, patterned bar per model."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import pandas as pd
import plotly.graph_objects as go

from ser_core.analysis.timeline import Probabilities
from ser_core.emotions import Emotion
from ser_core.formatting import NBSP, percent
from ser_core.plots.result.stack import LAST_TICK_MARGIN
from ser_core.plots.theme import LABEL_SIZE, Theme, base_layout, pattern, share_ticks

ROW_HEIGHT, _FRAME_HEIGHT = 54, 52
_BAR = 0.36  # share of a row; the sentence stands in the rest


@dataclass(frozen=True, slots=True)
class Opinion:
    """One model's answer.

    Attributes:
        title: name of the model for people.
        sentence: what it says, such as "sounds angry, 64 %".
        probabilities: of the segment.
    """

    title: str
    sentence: str
    probabilities: Probabilities


def opinions_figure(opinions: Sequence[Opinion], theme: Theme) -> go.Figure:
    """One bar per model, the first on top, its sentence above it.

    Args:
        opinions: the models' answers.
        theme: colours.
    """
    rows = list(range(len(opinions)))
    figure = go.Figure(
        [
            go.Bar(
                x=[100 * o.probabilities.get(emotion, 0.0) for o in opinions],
                y=rows,
                customdata=[escape(o.title) for o in opinions],
                name=emotion.value,
                orientation="h",
                width=_BAR,
                marker={
                    "color": theme.colour(emotion),
                    "pattern": pattern(emotion, theme),
                    "line": {"width": 0.8, "color": theme.background},
                },
                hovertemplate=f"%{{customdata}}: {emotion} %{{x:.0f}}{NBSP}%<extra></extra>",
            )
            for emotion in Emotion
        ]
    )
    figure.update_layout(
        **base_layout(theme, ROW_HEIGHT * len(opinions) + _FRAME_HEIGHT, margin=LAST_TICK_MARGIN),
        uirevision="keep",
        barmode="stack",
        xaxis={"range": [0, 100], **share_ticks()},
        yaxis={"range": [len(opinions) - 0.6, -0.8], "visible": False},
        annotations=[
            {
                "x": 0,
                "y": row - _BAR / 2,
                "xanchor": "left",
                "yanchor": "bottom",
                "text": f"<b>{escape(opinion.title)}</b>  {opinion.sentence}",
                "font": {"size": LABEL_SIZE, "color": theme.text},
                "showarrow": False,
            }
            for row, opinion in enumerate(opinions)
        ],
    )
    return figure


def opinions_alt(opinions: Sequence[Opinion]) -> str:
    """The finding in words."""
    return ". ".join(f"{o.title} {o.sentence}" for o in opinions) + "."


def opinions_table(opinions: Sequence[Opinion]) -> pd.DataFrame:
    """The numbers behind the bars: probabilities as fractions."""
    rows = [
        {"model": o.title, "says": o.sentence}
        | {e.value: o.probabilities[e] for e in Emotion if e in o.probabilities}
        for o in opinions
    ]
    return pd.DataFrame(rows).round(4)


def sentence(probabilities: Probabilities, threshold: float) -> str:
    """A model's answer on one line: "sounds angry, 64 %" or "not sure: happy or angry".

    Args:
        probabilities: of the segment.
        threshold: below this top probability the model is not sure.
    """
    first, second = sorted(probabilities, key=lambda e: -probabilities[e])[:2]
    if probabilities[first] >= threshold:
        return f"sounds {first}, {percent(probabilities[first])}"
    return f"not sure: {first} or {second}"

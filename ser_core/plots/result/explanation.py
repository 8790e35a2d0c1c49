"""Why an answer: how far the score falls without each piece, over what the piece looks like."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from ser_core.analysis.explanation import Explanation
from ser_core.formatting import NBSP, percent
from ser_core.plots.kit.spectrogram import mel_axis, mel_trace
from ser_core.plots.theme import Theme, base_layout, with_opacity

HEIGHT = 350
_DROP_DOMAIN, _MEL_DOMAIN = (0.71, 1.0), (0.0, 0.64)
_LEAST_RANGE = 10.0  # points: noise of a point or two shall look small
_SMALL = 1.0  # points


def why_figure(found: Explanation, mel_db: NDArray[np.float32], theme: Theme) -> go.Figure:
    """Drop of the score over the log-mel spectrogram, on one time axis.

    Args:
        found: the explanation.
        mel_db: of the explained window, shape (80, m), as
            `ser_core.acoustics.display.log_mel_db` gives it.
        theme: colours.
    """
    colour = theme.colour(found.emotion)
    figure = go.Figure()
    figure.add_scatter(
        # the first and the last piece reach to the ends of the window
        x=np.concatenate([[found.start_s], found.times_s, [found.end_s]]),
        y=np.concatenate([found.drops[:1], found.drops, found.drops[-1:]]),
        mode="lines",
        fill="tozeroy",
        fillcolor=with_opacity(colour, 0.16),
        line={"color": colour, "width": 2},
        name="drop",
        hovertemplate=f"without the sound around %{{x:.1f}}{NBSP}s: "
        f"%{{y:.0f}} points less<extra></extra>",
    )
    spectrogram = mel_trace(mel_db, found.start_s, theme)
    figure.add_trace({**spectrogram, "hovertemplate": None, "hoverinfo": "skip"})
    low, high = min(float(found.drops.min()), 0.0), max(float(found.drops.max()), _LEAST_RANGE)
    figure.update_layout(
        base_layout(theme, HEIGHT, margin={"l": 8, "r": 24, "t": 8, "b": 44}),
        uirevision="keep",
        hovermode="closest",
        hoverdistance=-1,
        xaxis={
            "title": "time, s",
            "range": [found.start_s, found.end_s],
            "anchor": "y2",
            "nticks": 8,
            "ticks": "",
        },
        yaxis={
            "domain": _DROP_DOMAIN,
            "range": [1.1 * low, 1.1 * high],
            "title": "drop, points",
            "showgrid": True,
            "zeroline": True,
            "zerolinecolor": theme.faint,
            "nticks": 4,
        },
        yaxis2=mel_axis(_MEL_DOMAIN),
    )
    return figure


def why_alt(found: Explanation) -> str:
    """The finding in words."""
    time_s, drop = found.peak
    score = f"The score for {found.emotion}, {percent(found.probability)},"
    if drop < _SMALL:
        return f"{score} does not hang on any single piece of {found.piece_s:.2f} seconds."
    return (
        f"{score} falls most, by {drop:.0f} points, when the sound around {time_s:.1f} seconds is "
        "silenced."
    )


def why_table(found: Explanation) -> pd.DataFrame:
    """The numbers behind the curve: one row per silenced piece; drops in percentage points."""
    half_s = found.piece_s / 2
    return pd.DataFrame(
        {
            "start_s": (found.times_s - half_s).round(3),
            "end_s": (found.times_s + half_s).round(3),
            "drop_points": found.drops.round(2),
        }
    )

"""Sound as a shape: peak envelopes of one clip or of several beside each other."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from ser_core.audio.levels import extremes
from ser_core.emotions import Emotion
from ser_core.formatting import seconds
from ser_core.plots.theme import LABEL_SIZE, Theme, base_layout

WAVE_HEIGHT = 96
_GAP_S = 0.28  # between waves in a row
_POINTS = 1000


@dataclass(frozen=True, slots=True, eq=False)
class Wave:
    """Outline of a sound.

    Attributes:
        low: shape (n,), lower edge.
        high: shape (n,), upper edge.
        duration_s: length in seconds.
        emotion: whose colour it takes.
    """

    low: NDArray[np.floating]
    high: NDArray[np.floating]
    duration_s: float
    emotion: Emotion

    @classmethod
    def of_samples(
        cls, samples: NDArray[np.float32], sample_rate_hz: int, emotion: Emotion
    ) -> "Wave":
        """Smallest and largest sample in each of about 1000 stretches; samples of shape (n,)."""
        low, high = extremes(samples, _POINTS)
        return cls(low, high, samples.size / sample_rate_hz, emotion)

    @classmethod
    def of_envelope(
        cls,
        envelope: Sequence[int],
        duration_s: float,
        emotion: Emotion,
        span_s: tuple[float, float] | None = None,
    ) -> "Wave":
        """From peaks 0 to 255 over the whole clip, cut to a span of seconds."""
        high = np.asarray(envelope, float) / 255
        if span_s is not None:
            first, last = (np.clip(t / duration_s, 0, 1) * high.size for t in span_s)
            high = high[int(first) : int(np.ceil(last)) or 1]
            duration_s = span_s[1] - span_s[0]
        return cls(-high, high, duration_s, emotion)


def waveform(wave: Wave, theme: Theme) -> go.Figure:
    """One sound over its time, in its emotion's colour, without axes."""
    figure = go.Figure()
    _add(figure, wave, 0.0, theme)
    limit = max(float(np.abs(wave.low).max()), float(np.abs(wave.high).max()), 1e-6)
    return figure.update_layout(
        **base_layout(theme, WAVE_HEIGHT, margin={"l": 0, "r": 0, "t": 4, "b": 4}),
        xaxis={"range": [0, wave.duration_s], "visible": False},
        yaxis={"range": [-limit, limit], "visible": False},
    )


def wave_row(waves: Sequence[Wave], theme: Theme, height: int = 230) -> go.Figure:
    """Several sounds beside each other on one time scale, each under its emotion's name."""
    figure = go.Figure()
    start = 0.0
    for wave in waves:
        _add(figure, wave, start, theme, scale=1 / max(float(wave.high.max()), 1e-6))
        figure.add_annotation(
            x=start + wave.duration_s / 2,
            y=1,
            yref="paper",
            yanchor="bottom",
            text=wave.emotion.value,
            showarrow=False,
            font={"size": LABEL_SIZE, "color": theme.text_colour(wave.emotion)},
        )
        start += wave.duration_s + _GAP_S
    return figure.update_layout(
        **base_layout(theme, height, margin={"l": 0, "r": 0, "t": 30, "b": 8}),
        xaxis={"range": [0, max(start - _GAP_S, 0.1)], "visible": False},
        yaxis={"range": [-1.05, 1.05], "visible": False},
    )


def _add(figure: go.Figure, wave: Wave, start_s: float, theme: Theme, scale: float = 1.0) -> None:
    time = start_s + np.linspace(0, wave.duration_s, wave.high.size)
    colour = theme.colour(wave.emotion)
    figure.add_scatter(
        x=np.concatenate([time, time[::-1]]),
        y=scale * np.concatenate([wave.high, wave.low[::-1]]),
        mode="lines",
        fill="toself",
        fillcolor=colour,
        line={"width": 0.6, "color": colour},
        name=f"{wave.emotion}, {seconds(wave.duration_s)}",
        hoverinfo="skip",
    )

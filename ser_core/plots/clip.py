"""One clip to look at: waveform, spectrogram and pitch on one time axis."""

from dataclasses import dataclass

import librosa
import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from ser_core import acoustics
from ser_core.audio import AudioClip
from ser_core.emotions import Emotion
from ser_core.plots.spectrogram import HIGHEST_HZ, mel_axis, mel_trace
from ser_core.plots.theme import Theme, base_layout

_HEIGHT = 470
_ENVELOPE_HEIGHT = 140
_POINTS = 1000  # of the waveform: about one a pixel


@dataclass(frozen=True, slots=True, eq=False)
class Views:
    """What there is to draw of a clip.

    Attributes:
        duration_s: its length in seconds.
        low: shape (n,), least sample of n equal parts.
        high: shape (n,), greatest sample of n equal parts.
        mel_db: shape (80, m), dB below the loudest point; frames 10 ms apart from 0 s on.
        times_s: shape (k,), middles of the pitch frames in seconds.
        f0_hz: shape (k,), pitch in Hz, NaN where there is none.
    """

    duration_s: float
    low: NDArray[np.float32]
    high: NDArray[np.float32]
    mel_db: NDArray[np.float32]
    times_s: NDArray[np.float64]
    f0_hz: NDArray[np.float64]

    @classmethod
    def of(cls, clip: AudioClip) -> "Views":
        """Compute the views of a 16 kHz clip."""
        times_s, f0_hz = acoustics.pitch(clip.samples)
        mel_db = acoustics.log_mel_db(clip.samples)
        low, high = extremes(clip.samples, _POINTS)
        return cls(clip.duration_s, low, high, mel_db, times_s, acoustics.steady(f0_hz))

    def table(self) -> pd.DataFrame:
        """The numbers of spectrogram and pitch.

        Returns:
            One row per 10 ms: time_s, pitch_hz (NaN where there is none), and one column of dB per
            mel band, named after its middle frequency.
        """
        times_s = np.arange(self.mel_db.shape[1]) * acoustics.HOP_S
        pitch_hz = np.full(times_s.size, np.nan)
        rows = np.rint(self.times_s / acoustics.HOP_S).astype(int)
        inside = rows < times_s.size
        pitch_hz[rows[inside]] = self.f0_hz[inside]
        bands = librosa.mel_frequencies(acoustics.N_MELS, fmin=0, fmax=HIGHEST_HZ)
        table = pd.DataFrame({"time_s": times_s.round(3), "pitch_hz": pitch_hz.round(1)})
        spectrum = pd.DataFrame(
            self.mel_db.T.round(1), columns=[f"db_{band:.0f}_hz" for band in bands]
        )
        return pd.concat([table, spectrum], axis=1)


def clip_views(views: Views, emotion: Emotion | str, theme: Theme) -> go.Figure:
    """Waveform, log-mel spectrogram and pitch of a clip, one above the other.

    Args:
        views: of the clip.
        emotion: gives the waveform its colour.
        theme: colours.
    """
    fig = go.Figure()
    _add_waveform(fig, views.low, views.high, views.duration_s, theme.colour(emotion))
    fig.add_trace(mel_trace(views.mel_db, 0.0, theme))
    fig.add_scatter(
        x=views.times_s,
        y=views.f0_hz,
        yaxis="y3",
        mode="lines+markers",
        line={"color": theme.ink, "width": 1.5},
        marker={"color": theme.ink, "size": 3},
        name="pitch",
        hovertemplate="%{x:.2f} s, %{y:.0f} Hz<extra></extra>",
    )
    fig.update_layout(
        base_layout(theme, _HEIGHT, margin={"l": 8, "r": 8, "t": 8, "b": 44}),
        xaxis={**_time_axis(views.duration_s), "anchor": "y3"},
        yaxis={**_amplitude_axis(views.low, views.high), "domain": [0.80, 1]},
        yaxis2=mel_axis((0.31, 0.75)),
        yaxis3={
            "domain": [0, 0.23],
            "title": "pitch, Hz",
            "showgrid": True,
            "range": _pitch_range(views.f0_hz),
            "dtick": 100,
        },
    )
    return fig


def clip_envelope(
    envelope: NDArray[np.uint8], duration_s: float, emotion: Emotion | str, theme: Theme
) -> go.Figure:
    """Outline of a clip's loudness, for clips whose sound is not on this machine.

    Args:
        envelope: shape (n,), peaks of n equal parts of the clip; only their ratios count.
        duration_s: length of the clip in seconds.
        emotion: gives the outline its colour.
        theme: colours.
    """
    peaks = np.asarray(envelope, dtype=np.float32)
    peaks = peaks / max(float(peaks.max(initial=0)), 1.0)
    fig = go.Figure()
    _add_waveform(fig, -peaks, peaks, duration_s, theme.colour(emotion))
    fig.update_layout(
        base_layout(theme, _ENVELOPE_HEIGHT, margin={"l": 8, "r": 8, "t": 8, "b": 44}),
        xaxis=_time_axis(duration_s),
        yaxis=_amplitude_axis(-peaks, peaks),
    )
    return fig


def envelope_table(envelope: NDArray[np.uint8], duration_s: float) -> pd.DataFrame:
    """The numbers behind `clip_envelope`: time_s of each part's middle, and its peak."""
    peaks = np.asarray(envelope)
    times_s = (np.arange(peaks.size) + 0.5) * duration_s / max(peaks.size, 1)
    return pd.DataFrame({"time_s": times_s.round(3), "peak": peaks})


def extremes(
    samples: NDArray[np.float32], n: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Least and greatest sample in each of at most n equal parts.

    Args:
        samples: shape (m,), float32.
        n: parts.

    Returns:
        low, high: shape (min(n, m),), float32.
    """
    starts = np.unique(np.linspace(0, samples.size, n, endpoint=False).astype(int))
    if not samples.size:
        return samples, samples
    return np.minimum.reduceat(samples, starts), np.maximum.reduceat(samples, starts)


def _add_waveform(
    fig: go.Figure,
    low: NDArray[np.float32],
    high: NDArray[np.float32],
    duration_s: float,
    colour: str,
) -> None:
    middles = (np.arange(low.size) + 0.5) * duration_s / max(low.size, 1)
    fig.add_scatter(
        x=np.concatenate([middles, middles[::-1]]),
        y=np.concatenate([high, low[::-1]]),
        mode="lines",
        fill="toself",
        fillcolor=colour,
        line={"width": 0.6, "color": colour},
        hoverinfo="skip",
        name="waveform",
    )


def _time_axis(duration_s: float) -> dict[str, object]:
    return {"title": "time, s", "range": [0, duration_s], "ticks": "", "nticks": 10}


def _amplitude_axis(low: NDArray[np.float32], high: NDArray[np.float32]) -> dict[str, object]:
    peak = max(float(high.max(initial=0)), -float(low.min(initial=0)), 1e-3)
    return {"title": "amplitude", "showticklabels": False, "range": [-1.05 * peak, 1.05 * peak]}


def _pitch_range(f0_hz: NDArray[np.float64]) -> list[float]:
    voiced = f0_hz[np.isfinite(f0_hz)]
    high = float(voiced.max()) if voiced.size else 0.0
    return [60.0, max(400.0, 1.08 * high)]

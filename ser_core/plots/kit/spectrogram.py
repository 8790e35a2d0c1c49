"""The log-mel spectrogram, as the figures of clips and of explanations draw it."""

import numpy as np
from numpy.typing import NDArray

from ser_core.acoustics.display import N_MELS
from ser_core.features.pitch import HOP_S
from ser_core.features.spectra import to_mel
from ser_core.plots.theme import Theme

HIGHEST_HZ = 8000.0
_LOWEST_HZ = 70.0  # mains hum lies below
FLOOR_DB = -65.0  # quieter is drawn as silence
FREQUENCIES = {200: "200", 1000: "1 k", 4000: "4 k"}  # Hz


def mel_trace(mel_db: NDArray[np.float32], start_s: float, theme: Theme) -> dict[str, object]:
    """Plotly trace of a spectrogram on the second y axis, which `mel_axis` describes.

    Args:
        mel_db: shape (80, m), as `ser_core.acoustics.display.log_mel_db` gives it.
        start_s: time of its first frame in seconds.
        theme: colours.
    """
    return {
        "type": "heatmap",
        "x0": start_s,
        "dx": HOP_S,
        "y": np.linspace(0, to_mel(HIGHEST_HZ), N_MELS),
        "z": np.round(mel_db).astype(np.int8),  # a quarter of the bytes, and nobody sees 1 dB
        "zmin": FLOOR_DB,
        "zmax": 0,
        "zsmooth": "fast",
        "colorscale": [list(step) for step in theme.sequential],
        "showscale": False,
        "yaxis": "y2",
        "name": "spectrogram",
        "hovertemplate": "%{x:.2f} s, %{z} dB<extra></extra>",
    }


def mel_axis(domain: tuple[float, float]) -> dict[str, object]:
    """Arguments of the frequency axis, in mel with ticks in Hz."""
    return {
        "domain": domain,
        "range": [to_mel(_LOWEST_HZ), to_mel(HIGHEST_HZ)],
        "title": "frequency, Hz",
        "tickvals": [to_mel(hz) for hz in FREQUENCIES],
        "ticktext": list(FREQUENCIES.values()),
    }

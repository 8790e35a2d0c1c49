"""What a click in the timeline chart hits: unseen points along every segment."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from ser_core.analysis.timeline import Segment
from ser_core.formatting import seconds

UNSEEN = {"size": 12, "color": "rgba(0,0,0,0)", "line": {"width": 0}}
_STEPS = 150  # over the axis: two or three pixels apart on a phone


def segment_targets(segments: Sequence[Segment], span_s: float, yaxis: str) -> go.Scatter:
    """Transparent markers in the middle of an axis, at least one in every segment.

    Args:
        segments: the segments.
        span_s: seconds that the time axis shows.
        yaxis: Plotly's name of the axis, whose middle is 0.
    """
    times, texts = [], []
    for segment in segments:
        count = max(round(segment.duration_s / span_s * _STEPS), 1)
        parts = (np.arange(count) + 0.5) / count  # inside: a boundary belongs to two segments
        times += (segment.start_s + segment.duration_s * parts).tolist()
        name = segment.emotion.value if segment.emotion else "not sure"
        texts += [f"{name}, {seconds(segment.start_s)} to {seconds(segment.end_s)}"] * count
    return go.Scatter(
        x=times,
        y=[0.0] * len(times),
        yaxis=yaxis,
        name="segments",
        mode="markers",
        marker=UNSEEN,
        text=texts,
        hovertemplate="%{text}; click to hear it<extra></extra>",
    )


def segment_at(point: dict[str, Any], segments: Sequence[Segment]) -> int | None:
    """Index of the segment at a clicked point's time, or of the nearest; None without either."""
    time_s = point.get("x")
    if not segments or not isinstance(time_s, int | float):
        return None
    away_s = [max(s.start_s - time_s, time_s - s.end_s, 0.0) for s in segments]
    return away_s.index(min(away_s))

"""A whole recording: its waveform coloured by segment over the probabilities, on one time axis."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from ser_core.analysis.timeline import Probabilities, Segment, Timeline, Window, pooled
from ser_core.audio.levels import Envelope
from ser_core.emotions import Emotion
from ser_core.formatting import NBSP, quantity, seconds
from ser_core.plots.result.stack import (
    LAST_TICK_MARGIN,
    LETTER_WIDTH,
    area_labels,
    knots,
    stack,
    stack_traces,
)
from ser_core.plots.theme import LABEL_SIZE, Theme, base_layout, share_ticks

HEIGHT = 400
NOT_SURE = "not sure"

_STACK_DOMAIN, _WAVE_DOMAIN = (0.0, 0.62), (0.68, 0.93)
_MOST_DIVIDERS = 24  # more lines than that hide what they divide
_MINUTES_FROM_S = 120.0
_COARSE_FROM_S, _COARSE_PARTS = 300.0, 180  # beyond, single segments are thinner than a pixel
_TICK_STEPS_S = (30, 60, 120, 300, 600)


def timeline_figure(envelope: Envelope, timeline: Timeline, theme: Theme) -> go.Figure:
    """Waveform and stacked probabilities of a recording, to be looked at in a report.

    Args:
        envelope: of the recording.
        timeline: its result.
        theme: colours.
    """
    span_s = max(timeline.duration_s, 1e-3)
    part_s = span_s / _COARSE_PARTS if span_s > _COARSE_FROM_S else None
    shown = _coarse(timeline, part_s) if part_s else timeline
    drawn = stack(knots(shown))
    areas = stack_traces(drawn, theme, f"%{{x:.1f}}{NBSP}s")
    figure = go.Figure([*areas, *_wave_traces(envelope, shown.segments, theme)])
    figure.update_layout(
        **base_layout(theme, HEIGHT, margin=LAST_TICK_MARGIN),
        hovermode="closest",
        hoverdistance=-1,  # from anywhere to the nearest point
        annotations=area_labels(drawn, span_s, theme) + _wave_labels(shown, theme),
        shapes=[] if part_s else _dividers(timeline, theme),
        xaxis={"range": [0, span_s], **_time_axis(span_s, part_s)},
        yaxis={"range": [0, 100], "domain": _STACK_DOMAIN, **share_ticks()},
        yaxis2={"range": [-1, 1], "domain": _WAVE_DOMAIN, "visible": False, "fixedrange": True},
    )
    return figure


def timeline_alt(timeline: Timeline) -> str:
    """The finding in words, for those who do not see the chart."""
    if not timeline.segments:
        return "The recording holds no speech, so the chart is empty."
    parts = [
        f"{emotion or NOT_SURE} for {seconds(duration)}"
        for emotion, duration in timeline.seconds_per_answer().items()
    ]
    ends = timeline.segments[-1].emotion or NOT_SURE
    return (
        f"Of {seconds(timeline.speech_s)} of speech, {', '.join(parts)}. The recording ends {ends}."
    )


def timeline_table(timeline: Timeline) -> pd.DataFrame:
    """The numbers behind the chart: one row per window, probabilities as fractions."""
    columns = {"start_s": [w.start_s for w in timeline.windows]}
    columns["end_s"] = [w.end_s for w in timeline.windows]
    for emotion in Emotion:
        if timeline.windows and emotion in timeline.windows[0].probabilities:
            columns[emotion.value] = [w.probabilities[emotion] for w in timeline.windows]
    return pd.DataFrame(columns).round(4)


def _coarse(timeline: Timeline, part_s: float) -> Timeline:
    """A long timeline with one averaged window per part; neighbours with the same answer join.

    Parts without speech stay empty. The answer of a part is that of most of its speech.
    """
    speech: dict[int, list[tuple[Probabilities, float]]] = {}
    answers: dict[int, dict[Emotion | None, float]] = {}
    for segment in timeline.segments:
        for part in range(int(segment.start_s / part_s), int(segment.end_s / part_s) + 1):
            inside = min(segment.end_s, (part + 1) * part_s) - max(segment.start_s, part * part_s)
            if inside > 0:
                speech.setdefault(part, []).append((segment.probabilities, inside))
                seconds = answers.setdefault(part, {})
                seconds[segment.emotion] = seconds.get(segment.emotion, 0.0) + inside
    windows: list[Window] = []
    segments: list[Segment] = []
    spoken: list[tuple[float, float]] = []
    for part in sorted(speech):
        start_s, end_s = part * part_s, min((part + 1) * part_s, timeline.duration_s)
        mean = pooled(speech[part], timeline.temperature)
        answer = max(answers[part], key=answers[part].__getitem__)
        windows.append(Window(start_s, end_s, mean))
        joined = bool(spoken) and spoken[-1][1] == start_s
        if joined and segments[-1].emotion == answer:
            segments[-1] = replace(segments[-1], end_s=end_s)
        else:
            segments.append(Segment(start_s, end_s, answer, mean))
        if joined:
            spoken[-1] = (spoken[-1][0], end_s)
        else:
            spoken.append((start_s, end_s))
    return replace(
        timeline,
        utterances=tuple(spoken),
        windows=tuple(windows),
        segments=tuple(segments),
    )


def _wave_traces(envelope: Envelope, segments: Sequence[Segment], theme: Theme) -> list[go.Scatter]:
    """The pauses, then one trace per answer that holds all its segments."""
    time = envelope.time
    answer_at = np.full(time.size, -1)
    answers: list[Emotion | None] = list(dict.fromkeys(s.emotion for s in segments))
    for segment in segments:
        inside = (time >= segment.start_s) & (time < segment.end_s)
        if time.size and not inside.any():  # shorter than a pixel, but not nothing
            inside[min(int(np.searchsorted(time, segment.start_s)), time.size - 1)] = True
        answer_at[inside] = answers.index(segment.emotion)
    traces = [_wave(envelope, answer_at == -1, theme.faint, "pause", 0.55)]
    for index, answer in enumerate(answers):
        name = answer.value if answer else NOT_SURE
        traces.append(_wave(envelope, answer_at == index, theme.colour(answer), name, 1.0))
    return traces


def _wave(
    envelope: Envelope,
    chosen: NDArray[np.bool_],
    colour: str,
    name: str,
    opacity: float,
) -> go.Scatter:
    """Closed outlines around every run of chosen bins, as one trace."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], chosen, [False]]).astype(int)))
    x: list[Any] = []
    y: list[Any] = []
    for start, end in edges.reshape(-1, 2):
        run = slice(start, min(end + 1, chosen.size))  # up to the next run, so that no gap shows
        time = envelope.time[run]
        x += [time, time[::-1], [np.nan]]
        y += [envelope.high[run], envelope.low[run][::-1], [np.nan]]
    return go.Scatter(
        x=np.concatenate(x) if x else [],
        y=np.concatenate(y) if y else [],
        name=name,
        yaxis="y2",
        mode="lines",
        fill="toself",
        fillcolor=colour,
        opacity=opacity,
        line={"width": 0.6, "color": colour},
        hoverinfo="skip",
    )


def _wave_labels(timeline: Timeline, theme: Theme) -> list[dict[str, object]]:
    """Names above the segments, where they fit on a phone without meeting a neighbour's."""
    segments, labels = timeline.segments, []
    gaps = [(a.end_s + b.start_s) / 2 for a, b in pairwise(segments)]
    rooms = pairwise([0.0, *gaps, timeline.duration_s])
    for segment, (room_start, room_end) in zip(segments, rooms, strict=False):
        name = segment.emotion.value if segment.emotion else NOT_SURE
        middle = (segment.start_s + segment.end_s) / 2
        room = 2 * min(middle - room_start, room_end - middle) / timeline.duration_s
        if room >= LETTER_WIDTH * len(name):
            labels.append(
                {
                    "x": middle,
                    "y": 1.0,
                    "yref": "paper",
                    "yanchor": "top",
                    "text": name,
                    "font": {"size": LABEL_SIZE, "color": theme.text_colour(segment.emotion)},
                    "showarrow": False,
                }
            )
    return labels


def _dividers(timeline: Timeline, theme: Theme) -> list[dict[str, object]]:
    """Dashed lines where one utterance follows another."""
    starts = [s.start_s for s in timeline.segments[1:]]
    if len(starts) > _MOST_DIVIDERS:
        return []
    line = {"width": 1, "dash": "dot", "color": theme.faint}
    common = {"type": "line", "yref": "paper", "y0": 0, "y1": 1, "line": line, "layer": "above"}
    return [{**common, "x0": at, "x1": at} for at in starts]


def _time_axis(span_s: float, part_s: float | None) -> dict[str, object]:
    if span_s < _MINUTES_FROM_S:
        return {"title": {"text": "time, s"}}
    title = "time, min:s"
    if part_s:
        title += f"; averages over {quantity(part_s, 's')}"
    step = next((s for s in _TICK_STEPS_S if span_s / s <= 6), _TICK_STEPS_S[-1])
    at = np.arange(0, span_s + 1, step)
    texts = [f"{int(t) // 60}:{int(t) % 60:02d}" for t in at]
    return {"title": {"text": title}, "tickvals": at.tolist(), "ticktext": texts}

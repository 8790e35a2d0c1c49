"""What the face looks like, in a band between the waveform and the probabilities of a voice."""

import plotly.graph_objects as go

from ser_core.emotions import Emotion
from ser_core.faces.track import NOT_CLEAR, FaceTrack
from ser_core.formatting import from_to
from ser_core.plots.theme import Theme, pattern

BAND_DOMAIN = (0.642, 0.68)  # share of the chart's height


def add_face(figure: go.Figure, track: FaceTrack, theme: Theme) -> None:
    """Draw the band into the chart of a recording, on its axis of time.

    Args:
        figure: made by `ser_core.plots.result.timeline.timeline_figure`.
        track: of the same recording.
        theme: colours.
    """
    for emotion in (*Emotion, None):
        spans = [span for span in track.spans if span.emotion == emotion]
        if not spans:
            continue
        name = emotion.value if emotion else NOT_CLEAR
        figure.add_bar(
            x=[span.end_s - span.start_s for span in spans],
            base=[span.start_s for span in spans],
            y=["face"] * len(spans),
            orientation="h",
            yaxis="y3",
            width=1.0,
            name=f"face, {name}",
            hovertext=[f"{from_to(span.start_s, span.end_s)}: face, {name}" for span in spans],
            hoverinfo="text",
            marker={
                "color": theme.colour(emotion),
                "line": {"width": 0},
                **({"pattern": pattern(emotion, theme)} if emotion else {}),
            },
        )
    figure.update_layout(
        barmode="overlay",
        yaxis3={
            "domain": BAND_DOMAIN,
            "range": [-0.5, 0.5],
            "fixedrange": True,
            "showgrid": False,
            "ticks": "",
            "showline": False,
            "tickfont": {"color": theme.muted},
        },
    )

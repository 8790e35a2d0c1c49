"""The result of one recording as a single HTML page that works without a network."""

import base64
from collections.abc import Mapping, Sequence
from html import escape

from plotly.offline import get_plotlyjs

from ser_core.analysis.conversation import Conversation
from ser_core.analysis.result import Result
from ser_core.analysis.seen import Seen, seen_in
from ser_core.analysis.timeline import Segment, Timeline
from ser_core.audio.levels import FLOOR_DBFS
from ser_core.audio.quality import Quality
from ser_core.emotions import Emotion
from ser_core.faces.track import NOT_CLEAR, UNTESTED, FaceTrack
from ser_core.formatting import clock, part_s, percent, quantity, seconds
from ser_core.plots.result.face import add_face
from ser_core.plots.result.timeline import NOT_SURE, timeline_alt, timeline_figure
from ser_core.plots.theme import FONT, LIGHT
from ser_core.reports.faces import amounts_of, disagreements
from ser_core.words.transcript import Word, text_of

MOST_SOUND_BYTES = 10_000_000
_MOST_LISTED = 3
_STYLE = f"""
:root {{ color-scheme: light; }}
body {{ margin: 0 auto; max-width: 62rem; padding: 1.5rem clamp(1rem, 4vw, 3rem); line-height: 1.45;
  font-family: {FONT};
  color: {LIGHT.text}; background: {LIGHT.background}; }}
h1 {{ font-size: 2.5rem; letter-spacing: -.02em; line-height: 1.1; margin: 1.25rem 0 .5rem; }}
h2 {{ font-size: 1.25rem; margin: 2rem 0 .5rem; }}
p, dd {{ overflow-wrap: anywhere; }}
.muted, dt, th {{ color: {LIGHT.muted}; font-weight: 400; }}
.caution {{ border: 1px solid {LIGHT.line}; border-radius: 10px; padding: .6rem 1rem; }}
.swatch {{ display: inline-block; width: .7em; height: .7em; margin-right: .5em; }}
.key {{ display: flex; flex-wrap: wrap; gap: .15rem 1.1rem; font-size: .875rem;
  color: {LIGHT.muted}; }}
.scroll {{ overflow-x: auto; }}
table {{ border-collapse: collapse; font-variant-numeric: tabular-nums; }}
th, td {{ text-align: left; padding: .4rem 1rem .4rem 0; border-bottom: 1px solid {LIGHT.line};
  white-space: nowrap; vertical-align: top; }}
td:last-child {{ white-space: normal; }}
td.number, th.number {{ text-align: right; }}
dl {{ display: grid; grid-template-columns: minmax(5.5rem, max-content) 1fr; gap: .35rem 1.5rem; }}
dd {{ margin: 0; }}
audio {{ width: 100%; }}
"""


def html_report(
    result: Result,
    headline: str,
    detail: str,
    about: Mapping[str, str],
    made: str,
    words: Sequence[Sequence[Word]] = (),
    face: FaceTrack | None = None,
) -> str:
    """A page that needs nothing else: style, chart code and sound are inside it.

    Args:
        result: the recording and its result.
        headline: the answer, such as "Sounds angry".
        detail: the line below it.
        about: what is to be said of the model, by name.
        made: when the report was made, in words.
        words: of each segment, where they were written down.
        face: what the face looks like, where it was looked at.

    Returns:
        HTML text of about 5 MB, and the sound on top of it.
    """
    title = f"{result.name}: {headline}"
    seen = seen_in(result.timeline, face) if face else []
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>{escape(title)}</title>
<style>{_STYLE}</style>
</head>
<body>
<p class="muted"><b>{escape(result.name)}</b>, {seconds(result.timeline.duration_s)}</p>
<h1>{escape(headline)}</h1>
<p>{escape(detail)}</p>
{"".join(f'<p class="caution">{escape(warning)}</p>' for warning in result.warnings)}
{_sound(result)}
{_voices(result.conversation)}
{_chart(result, face)}
{_face(face, seen)}
{_segments(result.timeline.segments, words, seen)}
<h2>Recording quality</h2>
<p>{escape(result.quality.verdict)}</p>
{_facts(dict(quality_figures(result.quality)))}
<h2>Model</h2>
{_facts(about)}
<p class="muted">Made on {escape(made)}.</p>
</body>
</html>
"""


def quality_figures(found: Quality) -> tuple[tuple[str, str], ...]:
    """Names and values of the four figures about a recording."""
    return (
        ("loudness", _level(found.loudness_dbfs)),
        ("peak", _level(found.peak_dbfs)),
        ("clipped samples", percent(found.clipped_share, 2)),
        ("speech", part_s(found.speech_s, found.duration_s)),
    )


def _level(dbfs: float) -> str:
    if dbfs <= FLOOR_DBFS:
        return "silent"
    return quantity(dbfs, "dBFS", 1)


def _facts(pairs: Mapping[str, str]) -> str:
    rows = "".join(f"<dt>{escape(k)}</dt><dd>{escape(v)}</dd>" for k, v in pairs.items())
    return f"<dl>{rows}</dl>"


def _sound(result: Result) -> str:
    if len(wav := result.wav()) > MOST_SOUND_BYTES:
        return '<p class="muted">The sound is too long to be part of this page.</p>'
    data = base64.b64encode(wav).decode("ascii")
    return f'<audio controls src="data:audio/wav;base64,{data}"></audio>'


def _chart(result: Result, face: FaceTrack | None) -> str:
    timeline = result.timeline
    if not timeline.segments:
        return ""
    figure = timeline_figure(result.envelope, timeline, LIGHT)
    if face and face.seen:
        add_face(figure, face, LIGHT)
    div = figure.to_html(
        full_html=False,
        include_plotlyjs=False,
        config={"displayModeBar": False, "responsive": True},
        div_id="timeline",
    )
    emotions = [e for e in Emotion if e in timeline.segments[0].probabilities]
    return (
        f"<h2>Over time</h2>\n<script>{get_plotlyjs()}</script>\n"
        f'<div role="figure" aria-label="{escape(timeline_alt(timeline))}">{div}</div>\n'
        f'<div class="key">{"".join(f"<span>{_swatch(e)}{e}</span>" for e in emotions)}</div>'
    )


def _swatch(emotion: Emotion | None) -> str:
    return f'<span class="swatch" style="background:{LIGHT.colour(emotion)}"></span>'


def _voices(conversation: Conversation | None) -> str:
    """How much each voice speaks, and how it sounds."""
    if conversation is None:
        return ""
    speech_s = max(conversation.timeline.speech_s, 1e-3)
    rows = "".join(
        f'<tr><td>{escape(name)}</td><td class="number">{seconds(timeline.speech_s)}</td>'
        f'<td class="number">{percent(timeline.speech_s / speech_s)}</td>'
        f"<td>{_amounts(timeline)}</td></tr>\n"
        for name, timeline in conversation.timelines.items()
    )
    once = ", ".join(f"{clock(a)} to {clock(b)}" for a, b in conversation.diarisation.overlaps)
    judged = "" if conversation.apart else "; not judged"
    return (
        '<h2>Voices</h2>\n<div class="scroll"><table>\n<thead><tr><th>voice</th>'
        '<th class="number">speaks</th><th class="number">share</th><th>sounds</th></tr></thead>\n'
        f"<tbody>\n{rows}</tbody></table></div>"
        + (f'\n<p class="muted">Several at once{judged}: {once}.</p>' if once else "")
    )


def _amounts(timeline: Timeline) -> str:
    return ", ".join(
        f"{emotion or NOT_SURE} {seconds(duration_s)}"
        for emotion, duration_s in timeline.seconds_per_answer().items()
    )


def _face(track: FaceTrack | None, seen: Sequence[Seen]) -> str:
    """What the face looks like, in words; the chart shows when."""
    if track is None:
        return ""
    told = (amounts_of(track), *disagreements(seen))
    paragraphs = "".join(f"<p>{escape(text)}</p>\n" for text in told)
    return f'<h2>Face</h2>\n{paragraphs}<p class="muted">{escape(UNTESTED)}</p>'


def _segments(
    segments: Sequence[Segment], words: Sequence[Sequence[Word]], seen: Sequence[Seen]
) -> str:
    if not segments:
        return ""
    told_apart = any(s.voice for s in segments)
    spoken = words or [()] * len(segments)
    faces: Sequence[Seen | None] = seen or [None] * len(segments)
    rows = "".join(
        "<tr>"
        + (f"<td>{escape(s.voice or '')}</td>" if told_apart else "")
        + f"<td>{_swatch(s.emotion)}{s.emotion or NOT_SURE}</td>"
        f'<td class="number">{clock(s.start_s)}</td><td class="number">{clock(s.end_s)}</td>'
        + (f"<td>{_looks(face)}</td>" if face else "")
        + f"<td>{_likeliest(s)}</td>{f'<td>{escape(text_of(said))}</td>' if words else ''}</tr>\n"
        for s, said, face in zip(segments, spoken, faces, strict=True)
    )
    return (
        '<h2>Segments</h2>\n<div class="scroll"><table>\n<thead><tr>'
        f"{'<th>voice</th>' if told_apart else ''}<th>sounds</th>"
        '<th class="number">from</th><th class="number">to</th>'
        f"{'<th>face looks</th>' if seen else ''}<th>likeliest</th>"
        f"{'<th>says</th>' if words else ''}</tr></thead>\n<tbody>\n{rows}</tbody></table></div>"
    )


def _looks(seen: Seen) -> str:
    """What the face looks like during a segment; nothing where hardly any is seen."""
    if not seen.probabilities:
        return ""
    return f"{_swatch(seen.emotion)}{seen.emotion or NOT_CLEAR}"


def _likeliest(segment: Segment) -> str:
    ranked = sorted(segment.probabilities.items(), key=lambda item: -item[1])
    return ", ".join(f"{emotion} {percent(share)}" for emotion, share in ranked[:_MOST_LISTED])

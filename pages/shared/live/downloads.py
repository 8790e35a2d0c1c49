"""What a visitor may take home: the sound, the segments as a table, everything as JSON."""

import json
import weakref
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import PurePath

import pandas as pd
import streamlit as st

from pages.shared.live import face_panel, voice_words, words_panel
from pages.shared.live.tasks import Failed
from pages.shared.ui import cache, components, wording
from ser_core.analysis.result import Result
from ser_core.evaluation.baselines import CHANCE
from ser_core.faces.track import FaceTrack
from ser_core.formatting import NBSP, interval, percent, seconds
from ser_core.plots.result.timeline import NOT_SURE
from ser_core.protocols import Protocol
from ser_core.reports.annotations import Format, annotated
from ser_core.reports.faces import look_rows
from ser_core.reports.html import html_report
from ser_core.reports.records import (
    Record,
    conversation_record,
    failed_record,
    safe_cell,
    segment_rows,
    summary_rows,
    to_record,
    voice_rows,
)
from ser_core.words.transcript import Word

_ANNOTATIONS = {
    Format.SRT: "Subtitles, SRT",
    Format.VTT: "Subtitles, WebVTT",
    Format.TEXTGRID: "Praat, TextGrid",
    Format.EAF: "ELAN, EAF",
    Format.AUDACITY: "Audacity, labels",
    Format.RTTM: "Who spoke when, RTTM",
}


def share(result: Result, key: str) -> None:
    """A button for a page that whoever has it can open anywhere."""
    st.download_button(
        "Share",
        report_of(result, words_panel.words_of(result, key), face_panel.track_of(key)),
        f"{_stem(result)}.html",
        "text/html",
        key=f"{key}-share",
        icon=":material/share:",
        on_click="ignore",
        help="One page with the answer, the chart and the sound, to keep or to send.",
    )


def of_result(result: Result, key: str) -> None:
    """Buttons for one recording."""
    stem, words = _stem(result), words_panel.words_of(result, key)
    record = face_panel.recorded(record_of(result), result, key)
    records = [words_panel.recorded(record, result, key)]
    _button("Sound, WAV", result.wav, f"{stem}.wav", "audio/wav", key)
    _button("Segments, CSV", csv_text(segment_rows(records)), f"{stem}.csv", "text/csv", key)
    _button("Result, JSON", json_text(records), f"{stem}.json", "application/json", key)
    if track := face_panel.track_of(key):
        _button("Face, CSV", csv_text(look_rows(track)), f"{stem}.face.csv", "text/csv", key)
    components.note("Subtitles and annotations")
    for form, label in _ANNOTATIONS.items():
        _button(label, annotation(result, form, words), f"{stem}{form.ending}", "text/plain", key)


def annotation(result: Result, form: Format, words: Sequence[Sequence[Word]] = ()) -> str:
    """Who spoke when, what, and how it sounded, as a file for another program."""
    found = result.conversation.diarisation if result.conversation else None
    return annotated(result.timeline, form, _stem(result), found, words)


def of_all(results: Sequence[Result | Failed], model: str, key: str) -> None:
    """Buttons for several files; a file that failed stays in the list with its message.

    Args:
        results: of all files.
        model: name of the model.
        key: prefix of the buttons' keys.
    """
    records = [
        failed_record(found.name, model, found.message)
        if isinstance(found, Failed)
        else record_of(found)
        for found in results
    ]
    rows = voice_rows if any("voices" in record for record in records) else summary_rows
    _button("All files, CSV", csv_text(rows(records)), "files.csv", "text/csv", key)
    _button("All files, JSON", json_text(records), "files.json", "application/json", key)


def whose(result: Result) -> str:
    """Which model has judged, adapted or not, and what was told before."""
    timeline, live = result.timeline, result.live
    titles = cache.titles()
    title = titles.get(timeline.model, timeline.model)
    voices = len(result.conversation.timelines) if result.conversation else 1
    judged = wording.judged_by(title, timeline.adapted_to, live is not None, voices)
    if live is None:
        return judged
    return f"{judged} {wording.told_live(live, timeline.verdict.emotion, titles)}"


def _stem(result: Result) -> str:
    return PurePath(result.name).stem or "recording"


def record_of(result: Result) -> Record:
    """The JSON object of a result."""
    track = result.track if result.tracks > 1 else None
    record = to_record(
        result.timeline,
        result.name,
        result.warnings,
        track=track,
        channel=result.channel,
        live=result.live,
    )
    return conversation_record(result.conversation, record) if result.conversation else record


def report_of(
    result: Result, spoken: Sequence[Sequence[Word]] = (), face: FaceTrack | None = None
) -> Callable[[], str]:
    """What makes the HTML report; it takes a moment, so only who wants the report waits for it.

    Args:
        result: a recording.
        spoken: words of each segment, where they were written down.
        face: what the face looks like, where it was looked at.
    """
    timeline = result.timeline
    words = voice_words.of_result(result)
    detail = words.detail
    if timeline.verdict.kind == "mixed" and not voice_words.several(result):
        listed = timeline.seconds_per_answer().items()
        amounts = ", ".join(f"{e or NOT_SURE} {seconds(duration)}" for e, duration in listed)
        detail = f"{detail} {amounts.capitalize()}."
    about = _about(timeline.model) | {"answer": whose(result)}
    made = f"{datetime.now(UTC):%d %B %Y, %H:%M} UTC".removeprefix("0")
    kept = weakref.ref(result)  # Streamlit may hold on to what makes a download, not to the sound

    def make() -> str:
        alive = kept()
        if alive is None:
            return ""
        return html_report(alive, words.headline, detail, about, made, spoken, face)

    return make


def _about(model: str) -> dict[str, str]:
    """What is to be said of a model beside its answers."""
    bundle = cache.bundle(model)
    if bundle.card is None:
        return {"name": model}
    about = {"name": f"{bundle.title} ({bundle.card.family})"}
    scores = bundle.scores(Protocol.SPEAKER_INDEPENDENT)
    if scores:
        about["score"] = (
            f"{percent(scores.ua, 1)} balanced recall on clips of speakers it never heard "
            f"(95{NBSP}% interval {interval(*scores.ci95['ua'])}); chance is {percent(CHANCE, 1)}."
        )
    return about | {
        "intended use": bundle.card.intended_use,
        "limits": bundle.card.limits,
        "law": wording.LAW,
    }


def csv_text(rows: Sequence[Record]) -> str:
    """Rows as a table that a spreadsheet may open."""
    safe = [{key: safe_cell(value) for key, value in row.items()} for row in rows]
    return pd.DataFrame(safe).to_csv(index=False)


def json_text(records: Sequence[Record]) -> str:
    """Records as the command line prints them."""
    return json.dumps(records, indent=2, ensure_ascii=False) + "\n"


def _button(
    label: str, data: str | Callable[[], str | bytes], name: str, mime: str, key: str
) -> None:
    st.download_button(
        label, data, name, mime, key=f"{key}-{label}", on_click="ignore", width="stretch"
    )

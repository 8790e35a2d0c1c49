"""The face in a film, looked at where the visitor asks for it, beside the voice."""

from collections.abc import Callable

import streamlit as st

from pages.shared.live.voice_words import called
from pages.shared.ui import background, components, player, wording
from pages.shared.ui.background import Job, Report, Turns
from ser_core.analysis.result import Result
from ser_core.analysis.seen import seen_in
from ser_core.faces.track import NOT_CLEAR, UNTESTED, FaceTrack, look
from ser_core.formatting import from_to, percent
from ser_core.reports.faces import amounts_of, disagreements, face_record
from ser_core.reports.records import Record

_FAILED = "The face could not be looked at, for a reason that nobody foresaw. Try again."
_DIFFER = "The voice sounds one way, the face looks another"
_AGREE = "Nowhere does the voice clearly sound one way and the face look another."
_BESIDE = "The face never changes what the voice is said to sound like."
_SERVER = Turns(1)

Film = Callable[[], bytes]


def control(result: Result, film: Film, key: str) -> None:
    """A button that opens all about the face; it is looked at only if the visitor wants it.

    Args:
        result: a recording with speech.
        film: gives the file with its pictures.
        key: prefix of the keys of its widgets, and of what is kept.
    """
    popover = st.popover(
        "Face", type="tertiary", icon=":material/face:", key=f"{key}-face", on_change="rerun"
    )
    if not popover.open:
        return
    with popover:
        if track := track_of(key):
            _seen(result, track)
        else:
            _offer(result.name, film, key)
        components.note(f"{_BESIDE} {UNTESTED}")
        components.note(wording.FACE_LAW)


def track_of(key: str) -> FaceTrack | None:
    """What was seen; None where it was not looked at."""
    kept = background.outcome(_kept(key))
    return kept if isinstance(kept, FaceTrack) else None


def recorded(record: Record, result: Result, key: str) -> Record:
    """The record of a result, with the face where it was looked at."""
    track = track_of(key)
    return face_record(record, track, seen_in(result.timeline, track)) if track else record


def rows(result: Result, key: str) -> list[player.Row]:
    """A row of the player with what the face looks like, as long as the sound goes on."""
    track = track_of(key)
    if track is None or not track.seen:
        return []
    pieces = [
        player.Piece(
            span.start_s,
            min(span.end_s, result.timeline.duration_s),
            span.emotion or NOT_CLEAR,
            span.emotion,
            words=f"{from_to(span.start_s, span.end_s)}, face, {span.emotion or NOT_CLEAR}",
        )
        for span in track.spans
        if span.start_s < result.timeline.duration_s
    ]
    return [player.Row("Face", pieces, bars=True)]


def _kept(key: str) -> str:
    return f"{key}-looked"


def _offer(name: str, film: Film, key: str) -> None:
    if background.under_way(_kept(key), f"{key}-looking"):
        return
    if st.button("Look at the face as well", icon=":material/visibility:", key=f"{key}-look"):
        background.begin(Job("faces", _work(name, film), _FAILED), _kept(key))
    components.note("Every half second, on this server.")


def _work(name: str, film: Film) -> Callable[[Report], FaceTrack]:
    def work(report: Report) -> FaceTrack:
        report(0.0, "Waiting")
        with _SERVER.turn():
            return look(film(), name, lambda share: report(share, f"Looking, {percent(share)}"))

    return work


def _seen(result: Result, track: FaceTrack) -> None:
    """What the face looks like, and where the voice sounds otherwise."""
    components.note(amounts_of(track))
    if not track.seen:
        return
    found = disagreements(seen_in(result.timeline, track), called)
    if not found:
        components.note(_AGREE)
        return
    components.heading(_DIFFER, level=3)
    for sentence in found:
        components.note(sentence)

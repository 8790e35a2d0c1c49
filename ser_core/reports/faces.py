"""What a face looks like beside a voice, as plain data."""

from collections.abc import Callable, Sequence
from typing import Any

from ser_core.analysis.seen import Seen
from ser_core.emotions import Emotion
from ser_core.faces.film import STEP_S
from ser_core.faces.track import NOT_CLEAR, FaceTrack, Look, clear, mean_of
from ser_core.formatting import from_to, percent, seconds
from ser_core.reports.records import Record, rounded


def face_record(record: Record, track: FaceTrack | None, seen: Sequence[Seen] = ()) -> Record:
    """The JSON object of a film whose faces were looked at.

    Args:
        record: what it is without them.
        track: what was seen; None of a file without moving pictures.
        seen: its segments with the face. The face stands beside the voice and changes no answer.
    """
    if track is None:
        return record | {"face": None}
    segments = [
        {**segment, "face": _answer(each), "voice_and_face_disagree": each.disagrees}
        for segment, each in zip(record["segments"], seen, strict=True)
    ]
    together = mean_of(track.seen)
    face = {
        "emotion": clear(together),
        "probabilities": rounded(together),
        "seen_share": round(track.seen_share, 4),
        "step_s": STEP_S,
        "looks": [_look(each) for each in track.looks],
    }
    return record | {"face": face, "segments": segments}


def look_rows(track: FaceTrack) -> list[Record]:
    """One flat row per moment, probabilities as p_<emotion>."""
    return [
        {
            "start_s": look.start_s,
            "end_s": look.end_s,
            "faces": look.faces,
            "looks": look.emotion,
            **{
                f"p_{e.value}": round(look.probabilities[e], 4) if look.face else None
                for e in Emotion
                if e != Emotion.CALM
            },
        }
        for look in track.looks
    ]


def amounts_of(track: FaceTrack) -> str:
    """For how long the face looks like what, in a sentence."""
    if not track.seen:
        return "No face was seen."
    lasting: dict[Emotion | None, float] = {}
    for span in track.spans:
        lasting[span.emotion] = lasting.get(span.emotion, 0.0) + span.end_s - span.start_s
    unclear_s = lasting.pop(None, 0.0)
    longest = sorted(lasting.items(), key=lambda item: -item[1])
    looks = ", ".join(f"{emotion} for {seconds(amount_s)}" for emotion, amount_s in longest)
    told = [f"looks {looks}"] if looks else []
    told += [f"is {NOT_CLEAR} for {seconds(unclear_s)}"] if unclear_s else []
    return f"A face is seen {percent(track.seen_share)} of the time. It {' and '.join(told)}."


def disagreements(seen: Sequence[Seen], called: Callable[[str], str] = str) -> list[str]:
    """A sentence for each segment where the voice sounds one way and the face looks another.

    Args:
        seen: the segments.
        called: what people read for a voice.
    """
    return [_sentence(each, called) for each in seen if each.disagrees]


def _sentence(seen: Seen, called: Callable[[str], str]) -> str:
    segment = seen.segment
    who = f"{called(segment.voice)}, " if segment.voice else ""
    sure = percent(segment.confidence)
    when = from_to(segment.start_s, segment.end_s)
    return (
        f"{who}{when}: the voice sounds {segment.emotion} ({sure}), the face looks {seen.emotion}."
    )


def _answer(seen: Seen) -> dict[str, Any] | None:
    if not seen.probabilities:
        return None
    return {"emotion": seen.emotion, "probabilities": rounded(seen.probabilities)}


def _look(look: Look) -> Record:
    return {
        "start_s": look.start_s,
        "faces": look.faces,
        "emotion": look.emotion,
        "probabilities": rounded(look.probabilities),
    }

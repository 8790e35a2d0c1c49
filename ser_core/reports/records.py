"""A timeline as plain data: JSON objects and table rows for the command line and downloads."""

from collections.abc import Sequence
from typing import Any

from ser_core.analysis.conversation import Conversation
from ser_core.analysis.result import Live
from ser_core.analysis.said import Said
from ser_core.analysis.timeline import Probabilities, Timeline
from ser_core.bundles.store import Bundle
from ser_core.emotions import Emotion
from ser_core.protocols import Protocol
from ser_core.words.transcript import Transcript, Word, text_of

Record = dict[str, Any]
_SOURCE = ("file", "track", "channel", "model")
_OF_VOICE = ("speech_s", "answer", "emotion", "confidence", "probabilities")
LEFT_OUT = "left_out"
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def safe_cell(value: Any) -> Any:
    """A value for a CSV file that people open in a spreadsheet.

    A file may be called "=1+1.wav": text that a spreadsheet would take for a formula gets a leading
    apostrophe. Everything else comes back as it is.
    """
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return f"'{value}"
    return value


def to_record(
    timeline: Timeline,
    file: str,
    warnings: Sequence[str] = (),
    *,
    track: int | None = None,
    channel: int | None = None,
    live: Live | None = None,
) -> Record:
    """The JSON object of one sound and one model; times in seconds.

    Args:
        timeline: what the model heard.
        file: its name.
        warnings: what is doubtful about it.
        track: which of several sound tracks it was.
        channel: which of several channels, where they were judged one by one.
        live: what was told while somebody spoke, before the whole was judged.
    """
    verdict = timeline.verdict
    return {
        "file": file,
        "track": track,
        "channel": channel,
        "model": timeline.model,
        "duration_s": round(timeline.duration_s, 3),
        "speech_s": round(timeline.speech_s, 3),
        "answer": verdict.kind,
        "emotion": verdict.emotion,
        "confidence": None if verdict.confidence is None else round(verdict.confidence, 4),
        "probabilities": rounded(verdict.probabilities),
        "adapted_to_utterances": timeline.adapted_to,
        "unlike_training": timeline.unlike,
        "live": None if live is None else _live(live),
        "segments": [
            {
                "start_s": round(segment.start_s, 3),
                "end_s": round(segment.end_s, 3),
                "emotion": segment.emotion,
                "probabilities": rounded(segment.probabilities),
            }
            for segment in timeline.segments
        ],
        "warnings": list(warnings),
        "error": None,
    }


def conversation_record(conversation: Conversation, record: Record) -> Record:
    """The JSON object of a sound whose voices were told apart.

    Args:
        conversation: who spoke when, and how.
        record: what `to_record` makes of its timeline.
    """
    speech_s = sum(timeline.speech_s for timeline in conversation.timelines.values())
    voices = [
        {
            "voice": name,
            **{key: of_voice[key] for key in _OF_VOICE},
            "share": round(timeline.speech_s / speech_s, 4) if speech_s else 0.0,
        }
        for name, timeline in conversation.timelines.items()
        for of_voice in [to_record(timeline, record["file"])]
    ]
    segments = [
        {"voice": segment.voice, **plain}
        for segment, plain in zip(conversation.timeline.segments, record["segments"], strict=True)
    ]
    overlaps = [
        {"start_s": round(start_s, 3), "end_s": round(end_s, 3)}
        for start_s, end_s in conversation.diarisation.overlaps
    ]
    return record | {"voices": voices, "segments": segments, "overlaps": overlaps}


def words_record(
    record: Record,
    transcript: Transcript,
    words: Sequence[Sequence[Word]],
    said: Sequence[Said],
) -> Record:
    """The JSON object of a sound whose words were written down.

    Args:
        record: what it is without them.
        transcript: what was said.
        words: of each segment.
        said: its utterances. The valence of words stands beside the voice and changes no answer.
    """
    segments = [
        {**segment, "text": text_of(spoken), "words": [_word(each) for each in spoken]}
        for segment, spoken in zip(record["segments"], words, strict=True)
    ]
    utterances = [
        {
            **({"voice": each.voice} if each.voice else {}),
            "start_s": round(each.start_s, 3),
            "end_s": round(each.end_s, 3),
            "text": each.text,
            "words_valence": None if each.valence is None else round(each.valence, 4),
            "emotion": each.emotion,
            "words_and_voice_disagree": each.disagrees,
        }
        for each in said
    ]
    language = {"language": transcript.language, "language_probability": transcript.probability}
    return record | language | {"segments": segments, "utterances": utterances}


def _word(word: Word) -> Record:
    return {
        "text": word.text,
        "start_s": round(word.start_s, 3),
        "end_s": round(word.end_s, 3),
        "probability": round(word.probability, 4),
    }


def failed_record(file: str, model: str, message: str) -> Record:
    """The JSON object of a file that could not be scored: the same keys, and why."""
    return {
        "file": file,
        "track": None,
        "channel": None,
        "model": model,
        "duration_s": None,
        "speech_s": None,
        "answer": None,
        "emotion": None,
        "confidence": None,
        "probabilities": {},
        "adapted_to_utterances": None,
        "unlike_training": None,
        "live": None,
        "segments": [],
        "warnings": [],
        "error": message,
    }


def left_out_record(file: str, why: str) -> Record:
    """The JSON object of a file that no model was asked about: no failure, and why."""
    record = failed_record(file, "", "")
    return record | {"answer": LEFT_OUT, "warnings": [f"Left out: {why}."], "error": None}


def model_record(bundle: Bundle) -> Record:
    """The JSON object of an installed model."""
    card, scores = bundle.card, bundle.scores(Protocol.SPEAKER_INDEPENDENT)
    return {
        "model": bundle.name,
        "title": card and card.title,
        "unseen_speakers_ua": scores and scores.ua,
        "parameters": card and card.parameters,
        "labels": card and [label.value for label in card.labels],
        "error": " ".join(bundle.problems) or (None if scores else "Not scored on speakers."),
    }


def voice_rows(records: Sequence[Record]) -> list[Record]:
    """One flat row per voice; a record without voices keeps one row, so no file disappears."""
    nobody = [{"voice": None, "share": None}]
    voices = [(voice, record) for record in records for voice in record.get("voices") or nobody]
    rows = []
    for (voice, _), row in zip(voices, summary_rows([_of(*each) for each in voices]), strict=True):
        source = {key: row.pop(key) for key in _SOURCE}
        rows.append({**source, "voice": voice["voice"], "share": voice["share"], **row})
    return rows


def _of(voice: Record, record: Record) -> Record:
    """A record of one voice alone."""
    segments = [s for s in record["segments"] if s.get("voice") == voice["voice"]]
    answers = {key: voice.get(key, record[key]) for key in _OF_VOICE}
    return record | answers | {"segments": segments}


def summary_rows(records: Sequence[Record]) -> list[Record]:
    """One flat row per record, probabilities as p_<emotion>."""
    plain = (*_SOURCE, "duration_s", "speech_s", "answer", "emotion", "confidence")
    known = ("adapted_to_utterances", "unlike_training")
    written = any("language" in record for record in records)
    looked = any("face" in record for record in records)
    return [
        {
            **{key: record[key] for key in plain},
            **_columns(record["probabilities"]),
            **{key: record[key] for key in known},
            "live_emotion": (record["live"] or {}).get("emotion"),
            "live_confidence": (record["live"] or {}).get("confidence"),
            **(_text(record) if written else {}),
            **(_face(record) if looked else {}),
            "warnings": " ".join(record["warnings"]),
            "error": record["error"],
        }
        for record in records
    ]


def segment_rows(records: Sequence[Record]) -> list[Record]:
    """One flat row per segment; a record without segments keeps one row, so no file disappears."""
    rows = []
    told_apart = any("voices" in record for record in records)
    written = any("language" in record for record in records)
    keys = (*(("voice",) if told_apart else ()), "start_s", "end_s", "emotion")
    keys += ("text",) if written else ()
    looked = any("face" in record for record in records)
    for record in records:
        common = {key: record[key] for key in _SOURCE}
        for segment in record["segments"] or [{"probabilities": {}}]:
            times = {key: segment.get(key) for key in keys}
            probabilities = _columns(segment["probabilities"])
            row = {**common, **times, **probabilities}
            if looked:
                row |= _face_beside(segment)
            rows.append({**row, "error": record["error"]})
    return rows


def _text(record: Record) -> dict[str, str | None]:
    texts = [segment.get("text", "") for segment in record["segments"]]
    return {"language": record.get("language"), "text": " ".join(filter(None, texts))}


def _face(record: Record) -> Record:
    face = record.get("face") or {}
    return {"face_emotion": face.get("emotion"), "face_seen_share": face.get("seen_share")}


def _face_beside(segment: Record) -> Record:
    """The face during a segment; its probabilities as p_face_<emotion>."""
    face = segment.get("face") or {}
    known = face.get("probabilities", {})
    return {
        "face_emotion": face.get("emotion"),
        **{f"p_face_{e.value}": known.get(e.value) for e in Emotion if e != Emotion.CALM},
        "voice_and_face_disagree": segment.get("voice_and_face_disagree"),
    }


def _live(live: Live) -> Record:
    return {
        "emotion": live.emotion,
        "confidence": round(live.confidence, 4),
        "heard_s": round(live.heard_s, 3),
        "models": [{"from_s": round(since_s, 3), "model": name} for since_s, name in live.models],
    }


def rounded(probabilities: Probabilities) -> dict[str, float]:
    """Probabilities as JSON has them."""
    return {e.value: round(probabilities[e], 4) for e in Emotion if e in probabilities}


def _columns(probabilities: dict[str, float]) -> dict[str, float | None]:
    return {f"p_{e.value}": probabilities.get(e.value) for e in Emotion}

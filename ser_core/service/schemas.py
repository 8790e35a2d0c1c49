"""What goes in and out, as OpenAPI tells it, with examples."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ser_core.analysis.analyser import Adapt
from ser_core.errors import ModelError
from ser_core.inputs import Voices
from ser_core.scoring import Wanted
from ser_core.service.problems import MEDIA_TYPE, ProblemError
from ser_core.service.service import Shelf
from ser_core.speakers.clustering import MOST_VOICES

_EVEN = {"neutral": 0.9, "calm": 0.04, "happy": 0.01, "sad": 0.01}
_RECORD: dict[str, Any] = {
    "file": "talk.m4a",
    "track": None,
    "channel": None,
    "model": "transformer",
    "duration_s": 3.5,
    "speech_s": 2.9,
    "answer": "sounds",
    "emotion": "neutral",
    "confidence": 0.9,
    "probabilities": _EVEN,
    "adapted_to_utterances": 0,
    "unlike_training": False,
    "live": None,
    "segments": [{"start_s": 0.4, "end_s": 3.3, "emotion": "neutral", "probabilities": _EVEN}],
    "warnings": [],
    "error": None,
}
_FACE = {"emotion": "happy", "probabilities": {"happy": 0.8, "neutral": 0.2}}
_WORD = {"text": "Fine.", "start_s": 0.5, "end_s": 0.9, "probability": 0.97}
_SAID = {"text": "Fine.", "words": [_WORD]}
_BESIDE = _RECORD | {
    "file": "film.mp4",
    "segments": [
        each | _SAID | {"face": _FACE, "voice_and_face_disagree": False}
        for each in _RECORD["segments"]
    ],
    "language": "en",
    "language_probability": 0.99,
    "utterances": [
        {
            "start_s": 0.4,
            "end_s": 3.3,
            "text": "Fine.",
            "words_valence": 0.2023,
            "emotion": "neutral",
            "words_and_voice_disagree": False,
        }
    ],
    "face": {
        **_FACE,
        "seen_share": 1.0,
        "step_s": 0.5,
        "looks": [{"start_s": 0.0, "faces": 1, **_FACE}],
    },
}
_JOB: dict[str, Any] = {
    "id": "kX3…",
    "state": "running",
    "progress": 0.42,
    "results": None,
    "error": None,
}


class Asked(BaseModel):
    """Options of a request: those of `predict`."""

    model_config = ConfigDict(extra="forbid")

    model: str | None = Field(
        None, description="a model of /v1/models, or 'all'; default: the best"
    )
    adapt: Adapt = Field(
        Adapt.FILE,
        description="against what an utterance is heard: others of its file, those before it in "
        "all files of the request (session: one voice, in order), or nothing",
    )
    voices: Annotated[int, Field(ge=1, le=MOST_VOICES)] | Literal["auto"] | None = Field(
        None, description="tell voices apart: how many there are, or 'auto' to find out"
    )
    channels: Literal["mix", "each"] = Field("mix", description="one answer, or one a channel")
    track: Annotated[int, Field(ge=1)] | None = Field(None, description="of several sound tracks")
    timeline: bool = Field(True, description="false leaves the segments out")
    words: str | None = Field(
        None,
        min_length=1,
        description="write down what is said: a language such as en, or 'auto' to find it; where "
        "/v1/extras has it, about two seconds of a processor's time an utterance",
    )
    face: bool = Field(
        False,
        description="look at the face in films as well, every half second; it changes no answer",
    )

    def wanted(self, shelf: Shelf, most_s: float) -> Wanted:
        """What is asked of every file; models and Whisper come later, where loading blocks nobody.

        Raises:
            ProblemError: 422 if there is no such model, or the options do not go together.
        """
        if self.voices is not None and self.adapt == Adapt.SESSION:
            raise ProblemError(
                422, "voices tells voices apart in each file: leave out adapt=session."
            )
        check(shelf, self.model)
        apart = 0 if self.voices == "auto" else self.voices
        return Wanted(
            (),
            Voices(self.adapt, {}),
            self.track,
            self.channels == "each",
            apart,
            language=None if self.words == "auto" else self.words,
            most_s=most_s,
            face=self.face,
        )


def check(shelf: Shelf, model: str | None) -> None:
    """See whether there is such a model.

    Raises:
        ProblemError: 422 if there is none.
    """
    try:
        shelf.check(model)
    except ModelError as error:
        raise ProblemError(422, str(error)) from error


class Segment(BaseModel):
    """A part of an utterance with one answer; null: not sure.

    With words it has text and words, with a face what that looks like.
    """

    model_config = ConfigDict(extra="allow")

    start_s: float
    end_s: float
    emotion: str | None
    probabilities: dict[str, float]


class Answer(BaseModel):
    """What a model says of a file, as `predict --format json` writes it.

    With words there are language, language_probability and utterances besides; with a face, face.
    """

    model_config = ConfigDict(extra="allow")

    file: str
    track: int | None
    channel: int | None
    model: str
    duration_s: float | None
    speech_s: float | None
    answer: Literal["sounds", "mixed", "not_sure", "no_speech"] | None
    emotion: str | None
    confidence: float | None
    probabilities: dict[str, float]
    adapted_to_utterances: int | None
    unlike_training: bool | None
    live: dict[str, Any] | None
    segments: list[Segment]
    warnings: list[str]
    error: str | None


class Installed(BaseModel):
    """A model, as `models --format json` writes it."""

    model: str
    title: str | None
    unseen_speakers_ua: float | None
    parameters: int | None
    labels: list[str] | None
    error: str | None


class Extra(BaseModel):
    """An option that not every service has; error: how to get it, null where it works."""

    option: Literal["words", "face"]
    error: str | None


class Known(BaseModel):
    """A job: waiting, running, done (with its results) or failed (with an error)."""

    id: str
    state: Literal["waiting", "running", "done", "failed"]
    progress: float
    results: list[Answer] | None
    error: str | None


class Told(BaseModel):
    """An error, RFC 9457."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str


_WHEN = {
    401: "No key, or a wrong one",
    403: "A page of an origin that may not use the service",
    404: "No such job, or no longer",
    408: "The body came too slowly",
    413: "The body is too large",
    415: "The body is no multipart/form-data",
    422: "Wrong options, no file, or the only file cannot be judged",
    429: "Too many requests of one client at once",
    500: "A fault of the service",
    501: "The service cannot write words down; the sentence says how to make it",
    503: "All are busy and the queue is full; Retry-After says when to come again",
}
_ALWAYS = (401, 403, 429, 500)


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What OpenAPI tells of the errors of a route."""
    return {
        status: {
            "description": _WHEN[status],
            "content": {
                MEDIA_TYPE: {
                    "schema": {"$ref": "#/components/schemas/Told"},
                    "example": {
                        "type": "about:blank",
                        "title": _WHEN[status],
                        "status": status,
                        "detail": f"{_WHEN[status]}.",
                    },
                }
            },
        }
        for status in sorted({*_ALWAYS, *statuses})
    }


EXAMPLES = {"Answer": [_RECORD, _BESIDE], "Known": [_JOB]}
FILES: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["files"],
                    "properties": {
                        "files": {"type": "array", "items": {"type": "string", "format": "binary"}}
                    },
                }
            }
        },
    }
}

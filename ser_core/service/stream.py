"""A live stream: samples in, answers out as they ripen, by the engine of the page."""

import asyncio
from collections.abc import Iterator
from typing import Annotated, Any, Literal

import numpy as np
from fastapi import APIRouter, Query
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field
from starlette.websockets import WebSocket, WebSocketDisconnect

from ser_core.analysis.analyser import Adapt
from ser_core.audio.clip import SAMPLE_RATE_HZ, MonoStream
from ser_core.bundles.model import Model
from ser_core.decoding.packets import OPUS_RATE_HZ, Opus, Packets, Pcm16
from ser_core.errors import AudioError, ModelError
from ser_core.live.listener import Listener
from ser_core.reports.records import Record, rounded, to_record
from ser_core.service.problems import ProblemError, unforeseen
from ser_core.service.routes import Here
from ser_core.service.schemas import check
from ser_core.service.service import ALL, Service

router = APIRouter()

END = "end"
_PIECE_S = 0.5  # of sound, after which there may be an answer
_RETRY_S, _CLOSING_S = 10, 1.0
_NORMAL, _UNSUPPORTED, _INVALID, _POLICY, _FAULT = 1000, 1003, 1007, 1008, 1011


class Heard(BaseModel):
    """Options of a stream."""

    model_config = ConfigDict(extra="forbid")

    format: Literal["pcm16", "opus"] = "pcm16"
    rate: Annotated[int, Field(ge=8000, le=192_000)] = SAMPLE_RATE_HZ  # of PCM16; Opus has its own
    model: str | None = None
    adapt: Adapt = Adapt.FILE


class Ear:
    """One stream's sound and what is made of it. One thread at a time."""

    def __init__(self, model: Model, asked: Heard) -> None:
        self._listener = Listener(model)
        self._listener.adapt(asked.adapt != Adapt.NONE)
        opus = asked.format == "opus"
        self._packets: Packets = Opus() if opus else Pcm16()
        self._rate_hz = OPUS_RATE_HZ if opus else asked.rate
        self._folding = MonoStream(self._rate_hz)
        self._told: tuple[Any, ...] = ()

    @property
    def duration_s(self) -> float:
        """Seconds of sound so far."""
        return self._folding.frames / self._rate_hz

    def hear(self, message: bytes) -> list[Record]:
        """What there is to tell after some more sound.

        Raises:
            AudioError: if it is none.
        """
        samples = self._packets.samples(message)
        step = round(_PIECE_S * self._rate_hz)
        pieces = (samples[start : start + step] for start in range(0, samples.size, step))
        return [told for piece in pieces for told in self._after(piece)]

    def end(self) -> list[Record]:
        """The last answers, and the record of the whole."""
        told = [*self._after(np.zeros(0, np.float32), last=True)]
        clip, timeline = self._listener.finish()
        record = to_record(timeline, "stream", timeline.cautions, live=self._listener.told)
        from_s = round(self._listener.duration_s - clip.duration_s, 3)
        return [*told, {"type": "result", "from_s": from_s, "record": record}]

    def _after(self, samples: NDArray[np.float32], last: bool = False) -> Iterator[Record]:
        listener = self._listener
        listener.push(self._folding.push(samples[:, None], last))
        state, answer, live = listener.state.name.lower(), listener.answer, listener.told
        if (state, answer) == self._told:
            return
        self._told = (state, answer)
        yield {
            "type": "answer",
            "at_s": round(listener.duration_s, 3),
            "state": state,
            "start_s": answer and round(answer.start_s, 3),
            "end_s": answer and round(answer.end_s, 3),
            "emotion": live and live.emotion,
            "confidence": live and round(live.confidence, 4),
            "probabilities": rounded(answer.probabilities) if answer else {},
        }


@router.websocket("/v1/stream")
async def stream(socket: WebSocket, service: Here, asked: Annotated[Heard, Query()]) -> None:
    """Binary messages are sound, the text "end" asks for the result."""
    if asked.model == ALL or asked.adapt == Adapt.SESSION:
        raise ProblemError(422, "A stream has one model, and adapt is file or none.")
    check(service.shelf, asked.model)
    if service.streams >= service.settings.streams:
        told = "As many streams as can be heard in time are open. Come again later."
        raise ProblemError(503, told, retry_s=_RETRY_S)
    service.streams += 1
    try:
        await _served(socket, service, asked)
    finally:
        service.streams -= 1


async def _served(socket: WebSocket, service: Service, asked: Heard) -> None:
    try:
        (model,) = await service.in_thread(service.shelf.models, asked.model)
    except ModelError as error:
        raise unforeseen(error) from error
    await socket.accept()
    try:
        await _heard(socket, service, Ear(model, asked))
        await _close(socket, _NORMAL)
    except WebSocketDisconnect:
        pass
    except TimeoutError:
        await _close(socket, _POLICY, "nothing came, or nothing was taken, for too long")
    except AudioError as error:
        await _close(socket, _INVALID, str(error))
    except _TextError:
        await _close(socket, _UNSUPPORTED, f"the only text is: {END}")
    except Exception as error:
        unforeseen(error)
        await _close(socket, _FAULT, "a fault of the service")


class _TextError(Exception):
    """A text that means nothing here."""


async def _heard(socket: WebSocket, service: Service, ear: Ear) -> None:
    """Follow a stream to its end, and tell the result.

    What is not heard yet stays on the line: who sends faster than the service hears has to wait.
    """
    patience_s = service.settings.patience_s
    while ear.duration_s < service.settings.stream_s:
        message = await asyncio.wait_for(socket.receive(), patience_s)
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", _NORMAL))
        if (text := message.get("text")) is not None:
            if text != END:
                raise _TextError
            break
        await _tell(socket, await service.in_thread(ear.hear, message["bytes"]), patience_s)
    told = await service.in_thread(ear.end)
    service.metrics.sound_s.inc(ear.duration_s)
    await _tell(socket, told, patience_s)


async def _tell(socket: WebSocket, messages: list[Record], patience_s: float) -> None:
    for each in messages:
        await asyncio.wait_for(socket.send_json(each), patience_s)


async def _close(socket: WebSocket, code: int, reason: str = "") -> None:
    try:
        await asyncio.wait_for(socket.close(code, reason), _CLOSING_S)
    except (RuntimeError, WebSocketDisconnect, TimeoutError):  # it is closed, or takes nothing
        pass

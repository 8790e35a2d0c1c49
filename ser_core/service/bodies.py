"""Uploaded files, in memory alone, and no more of them than the limits allow."""

import asyncio
import time
from collections.abc import AsyncGenerator
from pathlib import Path

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from ser_core.formatting import megabytes
from ser_core.inputs import Input
from ser_core.service.problems import ProblemError
from ser_core.service.settings import Settings

_LEAST_BYTES_PER_S = 4_000  # in the mean: a body that trickles in for ever holds a place
_RETRY_S = 5


class _InMemory(MultiPartParser):
    spool_max_size = 0  # no file is ever rolled over to a disk


class Bodies:
    """Counts the bytes of all bodies that are in memory.

    Attributes:
        held: bytes, from the first one of a body until its sound is judged.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.held = 0

    def reserve(self) -> "Reserved":
        """Room for one body, to be filled while it comes."""
        return Reserved(self)

    def hold(self, count: int) -> None:
        """Take room.

        Raises:
            ProblemError: 503 if all bodies together would be too large.
        """
        if self.held + count > self._settings.held_bytes:
            told = "Too much sound waits in memory. Come again after Retry-After seconds."
            raise ProblemError(503, told, retry_s=_RETRY_S)
        self.held += count

    async def files(self, request: Request, reserved: "Reserved") -> list[Input]:
        """The files of a request.

        Raises:
            ProblemError: 413, 415, 422, 408 or 503, told as soon as it is known.
        """
        declared = request.headers.get("content-length", "")
        if declared.isdecimal():
            self._check(int(declared))
        if not request.headers.get("content-type", "").startswith("multipart/form-data"):
            raise ProblemError(
                415, "Send the files as multipart/form-data: curl -F files=@talk.m4a"
            )
        parser = _InMemory(
            request.headers, self._stream(request, reserved), max_files=self._settings.most_files
        )
        try:
            form = await parser.parse()
        except MultiPartException as error:
            raise ProblemError(422, f"The body cannot be read: {error.message}") from error
        files = [each for _, each in form.multi_items() if isinstance(each, UploadFile)]
        if not files:
            raise ProblemError(422, "The request holds no file. Send some: curl -F files=@talk.m4a")
        return [
            Input(Path(each.filename or "recording"), content=await _read(each)) for each in files
        ]

    def _check(self, count: int) -> None:
        most = self._settings.most_bytes
        if count > most:
            raise ProblemError(
                413, f"A request has at most {megabytes(most)}. Send fewer or shorter."
            )

    async def _stream(self, request: Request, reserved: "Reserved") -> AsyncGenerator[bytes, None]:
        """The body as it comes, counted, from a sender who does not dawdle."""
        chunks, began_s = request.stream(), time.monotonic()
        patience_s = self._settings.patience_s
        while True:
            late_s = began_s + patience_s + reserved.count / _LEAST_BYTES_PER_S - time.monotonic()
            try:
                chunk = await asyncio.wait_for(anext(chunks), min(patience_s, max(late_s, 0.0)))
            except StopAsyncIteration:
                return
            except TimeoutError as error:
                raise ProblemError(408, "The body came too slowly. Send it again.") from error
            self._check(reserved.count + len(chunk))
            reserved.more(len(chunk))
            yield chunk


class Reserved:
    """The room that one body takes, until it is given back.

    Attributes:
        count: bytes so far.
    """

    def __init__(self, bodies: Bodies) -> None:
        self._bodies = bodies
        self.count = 0

    def more(self, count: int) -> None:
        """Take more."""
        self._bodies.hold(count)
        self.count += count

    def free(self) -> None:
        """Give all of it back."""
        self._bodies.held -= self.count
        self.count = 0


async def _read(file: UploadFile) -> bytes:
    content = await file.read()
    await file.close()  # so that no more than one file is there twice
    return content

"""What stands before every route: keys, origins, a client's share, faults, log and counts."""

import asyncio
import hmac
import time
from collections import Counter
from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ser_core.service.logs import event
from ser_core.service.metrics import Metrics
from ser_core.service.problems import ProblemError, unforeseen
from ser_core.service.settings import KEYS, Settings

_OPEN = ("/health", "/ready", "/openapi.json")
_METHODS = ("GET", "POST", "DELETE", "HEAD", "OPTIONS")
_SHORT_REST, _REST_S = 1_000_000, 2.0
_GONE = 499  # the client closed the line before it had an answer
_STARTS = ("http.response.start", "websocket.http.response.start", "websocket.accept")


class _Body:
    """What a request's body is received by.

    Attributes:
        ended: whether all of it was read.
    """

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self._receive = receive
        headers = Headers(scope=scope)
        self._waits_for_leave = "expect" in headers
        self.ended = not {"content-length", "transfer-encoding"} & {*headers}

    async def __call__(self) -> Message:
        message = await self._receive()
        self.ended = self.ended or not message.get("more_body", False)
        return message

    async def pass_over(self) -> None:
        """Read a short rest, so that whoever is still sending gets to read why it is refused."""
        rest = _SHORT_REST
        try:
            async with asyncio.timeout(_REST_S):
                while rest > 0 and not self.ended and not self._waits_for_leave:
                    rest -= len((await self()).get("body", b""))
        except TimeoutError:
            pass


class Guard:
    """Middleware for requests and streams."""

    def __init__(self, app: ASGIApp, settings: Settings, metrics: Metrics) -> None:
        self._app, self._settings, self._metrics = app, settings, metrics
        self._keys = [key.encode() for key in settings.keys]
        self._busy: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or refuse it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        began_s, status, body = time.monotonic(), 0, _Body(scope, receive)

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] in _STARTS:
                status = message.get("status", 101)
            if message["type"] == _STARTS[0] and not body.ended:
                # else what is left of it would be read, and thrown away, to the end
                message["headers"] = [*message["headers"], (b"connection", b"close")]
            await send(message)

        try:
            await self._passed(scope, body, sent)
        except ProblemError as problem:
            if problem.status != HTTPStatus.REQUEST_TIMEOUT:
                await body.pass_over()
            await problem.response()(scope, receive, sent)
        except ClientDisconnect:
            status = _GONE
        except Exception as error:
            told = unforeseen(error)
            if not status:
                await told.response()(scope, receive, sent)
        finally:
            self._told(scope, status or _GONE, time.monotonic() - began_s)

    async def _passed(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        self._check_origin(headers)
        client = self._client(scope, headers)
        if scope["path"] in _OPEN:
            await self._app(scope, receive, send)
            return
        if 0 < self._settings.per_client <= self._busy[client]:
            told = "You have too many requests under way. Wait for their answers."
            raise ProblemError(429, told, retry_s=1)
        self._busy[client] += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._busy[client] -= 1
            if not self._busy[client]:
                del self._busy[client]

    def _check_origin(self, headers: Headers) -> None:
        """A page of another site must not use a service that only this machine can reach."""
        origin = headers.get("origin")
        if origin is None or origin in self._settings.origins:
            return
        if urlsplit(origin).netloc != headers.get("host"):
            raise ProblemError(
                403, "Pages of this origin may not use the service (--origin allows one)."
            )

    def _client(self, scope: Scope, headers: Headers) -> str:
        """Who asks: the number of the key, else the address."""
        if not self._keys or scope["path"] in _OPEN:
            return scope["client"][0] if scope.get("client") else ""
        scheme, _, given = headers.get("authorization", "").partition(" ")
        key = given if scheme.lower() == "bearer" else headers.get("x-api-key", "")
        # all are compared, each in constant time: how long it takes tells nothing about a key
        fits = [hmac.compare_digest(key.strip().encode(), each) for each in self._keys]
        if not any(fits):
            raise ProblemError(
                401, f"Give a key: 'Authorization: Bearer KEY' or 'X-API-Key: KEY' (one of {KEYS})."
            )
        return f"key {fits.index(True)}"

    def _told(self, scope: Scope, status: int, took_s: float) -> None:
        # the template of a route, not the address: that may hold anything
        route = getattr(scope.get("route"), "path", "other")
        method = scope.get("method", "WEBSOCKET")
        method = method if method in (*_METHODS, "WEBSOCKET") else "other"
        self._metrics.requests.labels(route, method, str(status)).inc()
        if method != "WEBSOCKET":
            self._metrics.took_s.labels(route).observe(took_s)
        kind = "stream" if method == "WEBSOCKET" else "request"
        event(kind, method=method, route=route, status=status, took_s=round(took_s, 3))

"""Errors as RFC 9457 has them: application/problem+json, with the cause in a sentence."""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, WebSocket
from fastapi.exceptions import RequestValidationError, WebSocketRequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from ser_core.errors import ModelError
from ser_core.service.logs import fault

MEDIA_TYPE = "application/problem+json"
_SENTENCES = {
    404: "There is nothing at this address. GET /openapi.json lists all that there is.",
    405: "This address does not take this method. See the header Allow.",
}


class ProblemError(Exception):
    """A refusal.

    Args:
        status: of HTTP.
        detail: cause and remedy, a sentence each.
        retry_s: after how long the same request may be taken.
        more: further members, as RFC 9457 allows.
    """

    def __init__(self, status: int, detail: str, retry_s: int | None = None, **more: Any) -> None:
        super().__init__(detail)
        self.status, self.detail, self.more = status, detail, more
        self.headers = {} if retry_s is None else {"Retry-After": str(retry_s)}
        if status == HTTPStatus.UNAUTHORIZED:
            self.headers["WWW-Authenticate"] = "Bearer"

    def response(self) -> JSONResponse:
        """What goes over the line."""
        status = HTTPStatus(self.status)
        about = {"type": "about:blank", "title": status.phrase, "status": self.status}
        content = {**about, "detail": self.detail, **self.more}
        return JSONResponse(content, self.status, self.headers, MEDIA_TYPE)


def unforeseen(error: Exception) -> ProblemError:
    """A fault of the service's own: the log says where, the answer does not."""
    fault(error)
    if isinstance(error, ModelError):
        return ProblemError(500, str(error))
    return ProblemError(500, "The service failed, for a reason that nobody foresaw. Report it.")


def add_to(app: FastAPI) -> None:
    """Let errors of the framework be told in this form, too; the guard tells a `ProblemError`."""

    @app.exception_handler(HTTPException)
    async def of_http(request: Request, error: HTTPException) -> JSONResponse:
        problem = ProblemError(
            error.status_code, _SENTENCES.get(error.status_code, str(error.detail))
        )
        problem.headers |= error.headers or {}
        return problem.response()

    @app.exception_handler(RequestValidationError)
    async def of_query(request: Request, error: RequestValidationError) -> JSONResponse:
        return _of_query(error).response()

    @app.exception_handler(WebSocketRequestValidationError)
    async def of_stream(socket: WebSocket, error: WebSocketRequestValidationError) -> None:
        await socket.send_denial_response(_of_query(error).response())


def _of_query(error: RequestValidationError | WebSocketRequestValidationError) -> ProblemError:
    wrong = [{"name": str(each["loc"][1]), "why": each["msg"]} for each in error.errors()]
    names = ", ".join(sorted({each["name"] for each in wrong}))
    return ProblemError(422, f"Wrong in the query: {names}. See errors.", errors=wrong)

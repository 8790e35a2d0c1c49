"""The service as an ASGI application."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from ser_core import __version__
from ser_core.service import problems, routes, stream
from ser_core.service.guard import Guard
from ser_core.service.schemas import EXAMPLES, Told
from ser_core.service.service import Service, Shelf
from ser_core.service.settings import Settings
from ser_core.warmup import warm_up

_MESSAGE_BYTES = 1_000_000  # of a stream: half a minute at 16 kHz
_STOP_S = 10
_ABOUT = (
    "What a voice sounds like, over time: eight emotions, when, and how sure the model is. Files "
    "by POST /v1/analyze, long ones as jobs, live sound by the websocket /v1/stream?rate=16000 "
    '(PCM16 or Opus in, the text "end" asks for the result). Nothing is stored.'
)


def build(settings: Settings, shelf: Shelf) -> FastAPI:
    """Make an application.

    Args:
        settings: limits, and who may use it.
        shelf: the models.
    """
    service = Service(settings, shelf)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async def warm() -> None:
            await service.in_thread(warm_up)
            service.ready = True

        warming = asyncio.create_task(warm())
        yield
        service.ready = False
        warming.cancel()
        await service.close()

    # no pages of documentation: they load scripts from other servers
    app = FastAPI(
        title="Speech Emotion",
        version=__version__,
        description=_ABOUT,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    app.state.service = service
    app.include_router(routes.router)
    app.include_router(stream.router)
    problems.add_to(app)
    _describe(app)
    app.add_middleware(Guard, settings=settings, metrics=service.metrics)
    if settings.origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.origins,
            allow_methods=("GET", "POST", "DELETE"),
            allow_headers=("Authorization", "X-API-Key"),
            expose_headers=("Location", "Retry-After"),
        )
    return app


def server_of(app: FastAPI, host: str, port: int) -> uvicorn.Server:
    """What serves an application at a port; 0: a free one."""
    config = uvicorn.Config(
        app,
        host,
        port,
        log_config=None,
        access_log=False,
        server_header=False,
        ws_max_size=_MESSAGE_BYTES,
        timeout_graceful_shutdown=_STOP_S,
    )
    return uvicorn.Server(config)


def _describe(app: FastAPI) -> None:
    """Add to OpenAPI what the routes cannot tell: the form of errors, and keys."""
    plain = app.openapi

    def openapi() -> dict[str, object]:
        if not app.openapi_schema:
            parts = plain().setdefault("components", {})
            parts["schemas"]["Told"] = Told.model_json_schema()
            for name, examples in EXAMPLES.items():  # whole: FastAPI takes what is null out of them
                parts["schemas"][name]["examples"] = examples
            parts["securitySchemes"] = {
                "bearer": {"type": "http", "scheme": "bearer"},
                "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
            }
        return app.openapi_schema or {}

    app.openapi = openapi  # type: ignore[method-assign]

"""A real server on a free port, in a thread of the test, so that its parts can be looked at."""

import io
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
import numpy as np
import soundfile as sf

from ser_core.cli import main
from ser_core.service.app import build, server_of
from ser_core.service.service import Service, Shelf
from ser_core.service.settings import Settings
from tests.voice import RATE_HZ, silence, voice

PATIENCE_S = 20.0


@dataclass
class Running:
    """A server that runs: its address, its inside, and a client of it."""

    url: str
    service: Service
    http: httpx.Client

    @property
    def address(self) -> tuple[str, int]:
        url = httpx.URL(self.url)
        return url.host, url.port or 0

    @property
    def stream(self) -> str:
        return f"{self.url.replace('http', 'ws')}/v1/stream"

    def analyze(self, *files: tuple[str, bytes], **asked: object) -> httpx.Response:
        parts = [("files", file) for file in files]
        return self.http.post("/v1/analyze", files=parts, params=asked)

    def job(self, *files: tuple[str, bytes], **asked: object) -> httpx.Response:
        return self.http.post("/v1/jobs", files=[("files", f) for f in files], params=asked)


@contextmanager
def serving(headers: dict[str, str] | None = None, **settings: object) -> Iterator[Running]:
    """Serve with these settings, warm."""
    app = build(Settings(**{"workers": 1, **settings}), Shelf())
    server = server_of(app, "127.0.0.1", 0)
    thread = threading.Thread(target=server.run)
    thread.start()
    until(lambda: server.started and app.state.service.ready)
    port = server.servers[0].sockets[0].getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    try:
        with httpx.Client(base_url=url, headers=headers, timeout=PATIENCE_S) as http:
            yield Running(url, app.state.service, http)
    finally:
        server.should_exit = True
        thread.join()


def until(true: Callable[[], object]) -> None:
    """Wait for something; TimeoutError if it does not come."""
    end = time.monotonic() + PATIENCE_S
    while not true():
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.01)


def wav(samples: np.ndarray, rate_hz: int = RATE_HZ) -> bytes:
    content = io.BytesIO()
    sf.write(content, samples, rate_hz, format="WAV", subtype="PCM_16")
    return content.getvalue()


def talk(seed: int = 0, duration_s: float = 1.5) -> bytes:
    """A file with a made-up voice."""
    return wav(np.concatenate([silence(0.3), voice(duration_s, seed=seed), silence(0.3)]))


def predicted(capsys, *arguments: object) -> list[dict]:
    """What the command line says."""
    capsys.readouterr()
    main(["predict", *map(str, arguments), "--format", "json"])
    return json.loads(capsys.readouterr().out)


class Gate:
    """Holds the judging of files up until it is opened; who is cancelled gets out."""

    def __init__(self, monkeypatch) -> None:
        from ser_core.service import service

        self._open, self.inside, plain = threading.Event(), 0, service.scored

        def held(given, wanted):
            self.inside += 1
            try:
                while not self._open.wait(0.01):
                    wanted.told(0.0)
            finally:
                self.inside -= 1
            yield from plain(given, wanted)

        monkeypatch.setattr(service, "scored", held)

    def open(self) -> None:
        self._open.set()

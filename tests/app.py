"""The app, served by a process of its own."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path

ROOT = Path(__file__).parents[1]
START_S = 60.0


@contextmanager
def started_app(
    program: Sequence[str] = ("-m", "streamlit"),
    log: Path | None = None,
    port: int = 0,
    **environment: str,
) -> Iterator[tuple[str, int]]:
    """Serve the app with this interpreter; yield its address and process id; stop it afterwards.

    Args:
        program: what the interpreter runs instead of Streamlit, with its arguments.
        log: where what the app says goes.
        port: to serve at; a free one if 0.
        environment: variables of the process.
    """
    with socket.socket() as free:
        free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        free.bind(("127.0.0.1", port))
        port = free.getsockname()[1]
    command = [sys.executable, *program, "run", "app.py", "--server.headless=true"]
    command += [
        f"--server.port={port}",
        "--server.address=127.0.0.1",
        "--server.fileWatcherType=none",
    ]
    with log.open("wb") if log else nullcontext(subprocess.DEVNULL) as output:
        app = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        url = f"http://127.0.0.1:{port}"
        until_healthy(app, url)
        yield url, app.pid
    finally:
        app.terminate()
        try:
            app.wait(10)
        except subprocess.TimeoutExpired:
            app.kill()
            app.wait()


@contextmanager
def running_app(**environment: str) -> Iterator[str]:
    """Serve the app and yield its address; stop it afterwards."""
    with started_app(**environment) as (url, _):
        yield url


def until_healthy(app: subprocess.Popen, url: str) -> None:
    """Wait for the app to serve; RuntimeError if it ends or takes too long."""
    end = time.monotonic() + START_S
    while time.monotonic() < end:
        if app.poll() is not None:
            raise RuntimeError(f"The app ended with status {app.returncode} before it served.")
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=2):
                return
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            time.sleep(0.2)
    raise TimeoutError(f"The app did not answer within {START_S:.0f} s.")

"""A running app and an installed Chromium."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
START_S = 60.0
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@contextmanager
def running_app(**environment: str) -> Iterator[str]:
    """Serve the app with this interpreter and yield its address; stop it afterwards."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true"]
    command += [
        f"--server.port={port}",
        "--server.address=127.0.0.1",
        "--server.fileWatcherType=none",
    ]
    app = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_until_healthy(app, url)
        yield url
    finally:
        app.terminate()
        try:
            app.wait(10)
        except subprocess.TimeoutExpired:
            app.kill()
            app.wait()


def _wait_until_healthy(app: subprocess.Popen[bytes], url: str) -> None:
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


@pytest.fixture(scope="session")
def app_url() -> Iterator[str]:
    """Address of the app with the models that are installed."""
    with running_app() as url:
        yield url


def _chromium(playwright: Any) -> str:
    """$CHROMIUM, a Chromium of the system, or the one that Playwright has downloaded."""
    for path in (os.environ.get("CHROMIUM"), *map(shutil.which, _NAMES)):
        if path:
            return path
    path = playwright.chromium.executable_path
    if not Path(path).exists():
        pytest.skip("no Chromium found; tests/browser/ensure_chromium.sh installs one")
    return path


@pytest.fixture(scope="session")
def launch_chromium() -> Iterator[Callable[..., Any]]:
    """Start the installed Chromium with further flags: `launch_chromium("--flag", ...)`."""
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        path = _chromium(playwright)

        def launch(*flags: str) -> Any:
            return playwright.chromium.launch(
                executable_path=path, headless=True, args=[*CHROMIUM_FLAGS, *flags]
            )

        yield launch


@pytest.fixture(scope="session")
def chromium(launch_chromium: Callable[..., Any]) -> Iterator[Any]:
    """The installed Chromium, started once."""
    browser = launch_chromium()
    yield browser
    browser.close()

"""A running app and an installed Chromium."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.app import ROOT as ROOT
from tests.app import running_app

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

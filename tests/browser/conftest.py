"""A running app and an installed Chromium."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile as sf

from ser_core.bundles.store import ModelStore
from ser_core.corpora.index.reading import clip_path
from ser_core.decoding.decode import decode
from tests.app import ROOT as ROOT
from tests.app import running_app
from tests.chromium import ALLOWED, MICROPHONE, installed, launch
from tests.corpus import require_ravdess

WAIT_MS = 60_000
CLIPS = ("03-01-05-02-01-01-05", "03-01-04-02-02-01-06", "03-01-05-02-02-02-12")


@pytest.fixture(scope="package")
def app_url() -> Iterator[str]:
    """Address of the app with the models that are installed."""
    with running_app() as url:
        yield url


@pytest.fixture(scope="package")
def launch_chromium() -> Iterator[Callable[..., Any]]:
    """Start the installed Chromium with further flags: `launch_chromium("--flag", ...)`."""
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        path = installed(playwright)
        if path is None:
            pytest.skip("no Chromium found; tests/browser/ensure_chromium.sh installs one")
        yield partial(launch, playwright, path)


@pytest.fixture(scope="package")
def chromium(launch_chromium: Callable[..., Any]) -> Iterator[Any]:
    """The installed Chromium, started once."""
    browser = launch_chromium()
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def speaking(launch_chromium: Callable[..., Any]) -> Iterator[Any]:
    """A Chromium whose microphone beeps."""
    if not ModelStore().names():
        pytest.skip("needs a model: python -m train fit mlp")
    browser = launch_chromium(ALLOWED, MICROPHONE)
    yield browser
    browser.close()


@pytest.fixture(scope="package")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three clips of three actors in one file."""
    if not ModelStore().names():
        pytest.skip("needs a model: python -m train fit mlp")
    root = require_ravdess()
    clips = [decode(clip_path("ravdess", clip, root)).clip.samples for clip in CLIPS]
    file = tmp_path_factory.mktemp("sound") / "talk & more.wav"
    sf.write(file, np.concatenate(clips), 16_000, "PCM_16")
    return file


@pytest.fixture(scope="package")
def device(chromium: Any) -> Callable[..., Any]:
    """Kinds of device: `device(has_touch=True)`. What is fetched for one page is there for all."""
    kinds: dict[str, Any] = {}

    def kind(**options: Any) -> Any:
        if repr(options) not in kinds:
            kinds[repr(options)] = chromium.new_context(**options)
        return kinds[repr(options)]

    return kind


@pytest.fixture
def window(device: Callable[..., Any]) -> Iterator[Callable[..., Any]]:
    """Open an empty page of a new visitor: `window(360, 740, has_touch=True)`."""
    opened = []

    def open_window(width: int = 1400, height: int = 2400, **options: Any) -> Any:
        opened.append(new_page(device(**options), width, height))
        return opened[-1]

    yield open_window
    for page in opened:
        forget(page)


@pytest.fixture
def page(window: Callable[..., Any]) -> Any:
    """A window that is tall enough for most of the app's pages."""
    return window()


def new_page(device: Any, width: int, height: int) -> Any:
    page = device.new_page()
    page.set_viewport_size({"width": width, "height": height})
    page.set_default_timeout(WAIT_MS)
    return page


def forget(page: Any) -> None:
    """Close a page, and leave nothing of its visitor to the next one on the device."""
    page.context.set_offline(False)
    page.context.clear_cookies()
    if page.url.startswith("http"):
        page.evaluate("localStorage.clear()")
    page.close()

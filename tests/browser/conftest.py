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


@pytest.fixture
def page(chromium: Any, app_url: str) -> Iterator[Any]:
    """An empty page of a visitor of its own, tall enough for most of the app's pages."""
    context = chromium.new_context(viewport={"width": 1400, "height": 2400})
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    yield page
    context.close()

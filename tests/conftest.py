"""Fixtures that every test folder uses."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pylibsrtp  # noqa: F401  # crashes where TensorFlow was loaded before it, so it comes first
import pytest

from ser_core.audio.clip import AudioClip
from ser_core.bundles.model import EmotionModel
from ser_core.corpora.index.reading import load_index
from tests.bundles import make_bundle
from tests.scored import make_scored_bundle
from tests.voice import silence, voice

LONGEST = ("tests/browser/", "tests/train/", "tests/pages/", "")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Deal out whole files, whose tests share fixtures, in the order of collection.

    `--dist loadgroup` should do so, but sets an attribute that pytest 9.2 no longer reads.
    """
    from xdist.scheduler import LoadScopeScheduling

    config.option.loadscopereorder = False
    scheduler = LoadScopeScheduling(config, log)
    scheduler._split_scope = lambda nodeid: nodeid.partition("::")[0]
    return scheduler


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest comes first, so that no worker is left alone with it in the end."""
    items.sort(key=lambda item: next(i for i, part in enumerate(LONGEST) if part in item.nodeid))


@pytest.fixture(autouse=True)
def _main_module(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that a test ran stays the main module, with which later processes would begin."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture(scope="session")
def two_utterances() -> AudioClip:
    """0.7 s silence, 2 s voice, 1 s silence, 4.5 s voice, 0.5 s silence."""
    parts = [silence(0.7), voice(2.0), silence(1.0), voice(4.5, seed=5), silence(0.5)]
    return AudioClip(np.concatenate(parts))


@pytest.fixture(scope="session")
def index() -> pd.DataFrame:
    """The index of RAVDESS; copy it before changing anything in it."""
    return load_index("ravdess")


@pytest.fixture(scope="session")
def scored_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of two bundles with made-up scores; copy it before changing anything in it."""
    folder = tmp_path_factory.mktemp("scored")
    make_scored_bundle(folder, "good", skill=2.2, seed=1)
    make_scored_bundle(folder, "poor", skill=1.2, seed=2)
    return folder


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> EmotionModel:
    """A model that answers at once and differently for different sounds."""
    return EmotionModel(make_bundle(tmp_path_factory.mktemp("models")))

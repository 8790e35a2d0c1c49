"""Fixtures that every test folder uses."""

from pathlib import Path

import numpy as np
import pylibsrtp  # noqa: F401  # crashes where TensorFlow was loaded before it, so it comes first
import pytest

from ser_core.audio.clip import AudioClip
from ser_core.bundles.model import EmotionModel
from tests.bundles import make_bundle
from tests.scored import make_scored_bundle
from tests.voice import silence, voice


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A file's tests share its fixtures, so one worker runs them; one server and one browser do."""
    for item in items:
        part = Path(item.path).relative_to(Path(__file__).parent).parts
        item.add_marker(
            pytest.mark.xdist_group(part[0] if part[0] == "browser" else "/".join(part))
        )


@pytest.fixture(scope="session")
def two_utterances() -> AudioClip:
    """0.7 s silence, 2 s voice, 1 s silence, 4.5 s voice, 0.5 s silence."""
    parts = [silence(0.7), voice(2.0), silence(1.0), voice(4.5, seed=5), silence(0.5)]
    return AudioClip(np.concatenate(parts))


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

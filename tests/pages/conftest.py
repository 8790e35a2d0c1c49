import shutil
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
import streamlit as st
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.scriptrunner import script_runner
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import ElementTree

from pages.shared.live import microphone
from ser_core.corpora import published
from ser_core.emotions import Emotion
from tests.bundles import make_bundle
from tests.pages.demo import Browser


@pytest.fixture(autouse=True, scope="package")
def lean_runs() -> Iterator[None]:
    """A run costs what its page does.

    Else every test looks through all that is installed for components, and every run resets Keras
    where a test of the training has loaded it: a third of a second, each time.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", list)
        patch.setattr(script_runner, "_clean_problem_modules", lambda: None)
        yield


@pytest.fixture(autouse=True)
def fresh_caches():
    st.cache_data.clear()
    st.cache_resource.clear()


@pytest.fixture(autouse=True)
def no_traceback(monkeypatch):
    """No run of a page, the first or a later one, ends in an exception."""
    run = ElementTree.run

    def checked(tree: ElementTree, **options: float | None) -> AppTest:
        at = run(tree, **options)
        assert not at.exception
        return at

    monkeypatch.setattr(ElementTree, "run", checked)


@pytest.fixture
def folder(monkeypatch, tmp_path) -> Path:
    """Where the recordings of RAVDESS would lie; there are none of any corpus."""
    monkeypatch.setenv("SER_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data" / "ravdess"


@pytest.fixture
def no_models(monkeypatch, tmp_path) -> Path:
    """Where models would lie; they do not."""
    monkeypatch.setenv("SER_MODELS_DIR", str(tmp_path / "models"))
    return tmp_path / "models"


@pytest.fixture
def browser(monkeypatch) -> Browser:
    made = Browser()
    monkeypatch.setattr(microphone, "create_audio_sink_track", made.sink)
    monkeypatch.setattr(microphone, "webrtc_streamer", made.streamer)
    return made


@pytest.fixture
def two_models(monkeypatch, tmp_path) -> Path:
    """Folder of the installed models: one that always hears anger, one that hears sadness."""
    make_bundle(tmp_path, "angry", favourite=Emotion.ANGRY, title="Angry one")
    make_bundle(tmp_path, "sad", favourite=Emotion.SAD, title="Sad one")
    monkeypatch.setenv("SER_MODELS_DIR", str(tmp_path))
    return tmp_path


@pytest.fixture
def models(scored_models, monkeypatch, tmp_path) -> Path:
    """Folder of the installed models: a copy of the two scored ones that a test may damage."""
    folder = tmp_path / "models"
    shutil.copytree(scored_models, folder)
    monkeypatch.setenv("SER_MODELS_DIR", str(folder))
    return folder


@pytest.fixture
def part_of_index(monkeypatch, tmp_path):
    """Serve some rows of the index as if they were all of it."""

    def serve(rows: pd.DataFrame) -> None:
        rows.reset_index(drop=True).to_parquet(tmp_path / "ravdess.parquet")
        monkeypatch.setattr(published, "INDEXES_DIR", tmp_path)

    return serve

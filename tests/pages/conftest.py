import shutil
from pathlib import Path

import pytest
import streamlit as st

from pages.shared import microphone
from ser_core import bundle
from ser_core.emotions import Emotion
from tests.bundles import make_bundle
from tests.pages.demo import Browser


@pytest.fixture
def fresh_caches():
    st.cache_data.clear()
    st.cache_resource.clear()


@pytest.fixture
def browser(monkeypatch) -> Browser:
    made = Browser()
    monkeypatch.setattr(microphone, "create_audio_sink_track", made.sink)
    monkeypatch.setattr(microphone, "webrtc_streamer", made.streamer)
    return made


@pytest.fixture
def two_models(fresh_caches, monkeypatch, tmp_path) -> Path:
    """Folder of the installed models: one that always hears anger, one that hears sadness."""
    make_bundle(tmp_path, "angry", favourite=Emotion.ANGRY, title="Angry one")
    make_bundle(tmp_path, "sad", favourite=Emotion.SAD, title="Sad one")
    monkeypatch.setattr(bundle, "MODELS_DIR", tmp_path)
    return tmp_path


@pytest.fixture
def models(fresh_caches, scored_models, monkeypatch, tmp_path) -> Path:
    """Folder of the installed models: a copy of the two scored ones that a test may damage."""
    folder = tmp_path / "models"
    shutil.copytree(scored_models, folder)
    monkeypatch.setattr(bundle, "MODELS_DIR", folder)
    return folder

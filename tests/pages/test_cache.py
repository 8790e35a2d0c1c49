import shutil

import pytest

from pages.shared.ui import cache
from ser_core.bundles import store
from ser_core.bundles.adaptation import load_voice


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An installed model that may be changed."""
    shutil.copytree(store.MODELS_DIR / "cnn", tmp_path / "cnn")
    monkeypatch.setattr(store, "MODELS_DIR", tmp_path)
    return tmp_path / "cnn"


def test_the_calibration_is_read_anew_when_its_file_changes(folder):
    known = load_voice(folder)
    assert cache.voice("cnn") == known
    text = (folder / "voice.json").read_text("utf-8")
    (folder / "voice.json").write_text(text.replace('"offered": true', '"offered": false'))
    assert not cache.voice("cnn").offered


def test_a_model_without_calibration_or_with_a_broken_one_offers_none(folder):
    (folder / "voice.json").write_text("{")
    assert cache.voice("cnn") is None
    (folder / "voice.json").unlink()
    assert cache.voice("cnn") is None

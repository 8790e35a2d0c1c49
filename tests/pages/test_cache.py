import shutil

import pytest

from pages.shared.ui import cache
from ser_core.bundles.adaptation import VoiceAdaptation
from ser_core.bundles.store import models_dir


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An installed model that may be changed."""
    shutil.copytree(models_dir() / "cnn", tmp_path / "cnn")
    monkeypatch.setenv("SER_MODELS_DIR", str(tmp_path))
    return tmp_path / "cnn"


def test_the_adaptation_is_read_anew_when_its_file_changes(folder):
    known = VoiceAdaptation.load(folder)
    assert cache.bundle("cnn").adaptation == known
    text = (folder / "voice.json").read_text("utf-8")
    (folder / "voice.json").write_text(text.replace('"offered": true', '"offered": false'))
    assert not cache.bundle("cnn").adaptation.offered


def test_a_model_without_adaptation_or_with_a_broken_one_offers_none(folder):
    (folder / "voice.json").write_text("{")
    assert cache.bundle("cnn").adaptation is None
    (folder / "voice.json").unlink()
    assert cache.bundle("cnn").adaptation is None

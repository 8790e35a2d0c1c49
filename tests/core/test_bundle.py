"""A bundle is refused as soon as anything in it does not fit."""

import hashlib
import json
import shutil

import numpy as np
import pytest

from ser_core.bundles.card import ModelCard
from ser_core.bundles.model import EmotionModel
from ser_core.bundles.store import ModelStore
from ser_core.emotions import Emotion
from ser_core.errors import ModelError
from ser_core.speech import detector
from tests.bundles import LABELS, make_bundle
from tests.voice import voice


@pytest.fixture
def folder(tmp_path):
    return make_bundle(tmp_path)


def edit_card(folder, **changes):
    path = folder / "card.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def test_a_card_survives_saving_and_loading(folder):
    card = ModelCard.load(folder)
    card.save(folder)
    assert ModelCard.load(folder) == card
    assert card.labels == LABELS


def test_altered_weights_are_refused(folder):
    content = bytearray((folder / "model.onnx").read_bytes())
    content[-20] ^= 1
    (folder / "model.onnx").write_bytes(content)
    with pytest.raises(ModelError, match=r"was altered.*python -m train fit tiny"):
        EmotionModel(folder)


def test_missing_weights_are_refused(folder):
    (folder / "model.onnx").unlink()
    with pytest.raises(ModelError, match=r"no model\.onnx"):
        EmotionModel(folder)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"schema": 99}, r"Invalid value 99 - at `\$.schema`"),
        ({"colour": "red"}, "unknown field `colour`"),
        ({"labels": ["joyful"]}, "Invalid enum value 'joyful'"),
        ({"labels": [*LABELS[1:], LABELS[1]]}, "not the eight emotions, each once"),
        ({"temperature": 0}, "> 0"),
        ({"feature_fingerprint": "0" * 12}, "were edited"),
    ],
)
def test_a_card_that_does_not_fit_is_refused(folder, changes, message):
    edit_card(folder, **changes)
    with pytest.raises(ModelError, match=rf"{message}.*python -m train fit tiny"):
        ModelCard.load(folder)


def test_other_feature_code_is_refused(folder):
    features = json.loads((folder / "card.json").read_text())["features"]
    edit_card(folder, features=features | {"version": 99})
    with pytest.raises(ModelError, match="needs feature code 99"):
        ModelCard.load(folder)


def test_a_missing_or_garbled_card_is_refused(folder, tmp_path):
    with pytest.raises(ModelError, match=r"no card\.json in 'nobody'"):
        ModelCard.load(tmp_path / "nobody")
    (folder / "card.json").write_text("{")
    with pytest.raises(ModelError, match="does not fit"):
        ModelCard.load(folder)


def test_the_best_model_comes_first(scored_models, tmp_path):
    shutil.copytree(scored_models, tmp_path, dirs_exist_ok=True)
    make_bundle(tmp_path, ".a.new")  # a bundle that training is still writing
    make_bundle(tmp_path, "a_unscored")
    store = ModelStore(tmp_path)
    assert store.names() == ["good", "poor", "a_unscored"]
    assert store.load().card.name == "good"


def test_the_installed_models_are_looked_up_when_asked_for(tmp_path, monkeypatch):
    make_bundle(tmp_path)
    monkeypatch.setenv("SER_MODELS_DIR", str(tmp_path))
    assert ModelStore().names() == ["tiny"]
    assert ModelStore().load().card.name == "tiny"


def test_unknown_and_absent_models_are_named(tmp_path):
    with pytest.raises(ModelError, match="No model is installed"):
        ModelStore(tmp_path).load()
    make_bundle(tmp_path)
    with pytest.raises(ModelError, match=r"no model 'huge'. Choose from: tiny"):
        ModelStore(tmp_path).load("huge")


def test_columns_follow_the_card_not_the_display_order(tmp_path):
    model = EmotionModel(make_bundle(tmp_path, favourite=Emotion.SAD))
    row = model.probabilities(voice(1.0))
    assert LABELS[row.argmax()] is Emotion.SAD
    assert tuple(Emotion)[row.argmax()] is not Emotion.SAD


@pytest.mark.parametrize("kind", ["series", "statistics"])
def test_temperature_divides_the_logits(tmp_path, kind):
    plain = EmotionModel(make_bundle(tmp_path, "plain", kind=kind)).probabilities(voice(1.0))
    mild = EmotionModel(make_bundle(tmp_path, "mild", kind=kind, temperature=2.0))
    logits = np.log(plain) / 2.0
    want = np.exp(logits) / np.exp(logits).sum()
    np.testing.assert_allclose(mild.probabilities(voice(1.0)), want, atol=1e-6)


def test_the_detector_is_the_file_that_the_notice_names():
    content = (detector.Path(detector.__file__).parent / "silero_vad.onnx").read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    notice = (detector.Path(detector.__file__).parent / "NOTICE.md").read_text()
    assert digest in notice

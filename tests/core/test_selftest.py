"""A bundle vouches for itself: changed features, weights or answers are noticed."""

import json
import shutil

import numpy as np
import pytest

from ser_core import cli
from ser_core.bundles import selftest
from ser_core.bundles.model import EmotionModel
from ser_core.bundles.store import ModelStore, models_dir
from ser_core.errors import ModelError
from ser_core.features import extraction, functionals, pitch
from ser_core.features.config import FEATURE_CODE_VERSION
from tests.bundles import make_bundle
from tests.golden.features import FILE, values

INSTALLED = ModelStore().names()


def test_features_are_what_they_were():
    """A change needs a higher FEATURE_CODE_VERSION, new bundles and `python -m tests.golden`."""
    golden = json.loads(FILE.read_text(encoding="utf-8"))
    assert golden["version"] == FEATURE_CODE_VERSION
    found = values()
    assert golden["values"].keys() == found.keys()
    for kind, row in found.items():
        # rounding to four decimals, and another processor's order of summation
        np.testing.assert_allclose(row, golden["values"][kind], atol=2e-3, err_msg=kind)


@pytest.mark.parametrize("name", INSTALLED)
def test_installed_bundles_answer_as_they_did_when_they_were_exported(name):
    selftest.verify(models_dir() / name)


@pytest.fixture
def sealed(tmp_path):
    folder = make_bundle(tmp_path)
    selftest.write(folder, selftest.ATOL)
    selftest.verify(folder)
    return folder


@pytest.mark.parametrize(
    ("name", "module", "constant", "value"),
    [
        ("transformer", extraction, "WHISPER_LEVEL_DB", -24.0),
        ("svm", functionals, "_FLOOR_DB", -63.0),
        ("svm", pitch, "_VOICED", 0.5),
        ("svm", pitch, "_HOP", 176),
    ],
)
def test_a_changed_constant_of_the_features_is_noticed(name, module, constant, value, monkeypatch):
    monkeypatch.setattr(module, constant, value)
    with pytest.raises(ModelError, match="hears otherwise"):
        selftest.verify(models_dir() / name)


def test_other_answers_are_noticed(sealed, tmp_path):
    other = make_bundle(tmp_path / "other", temperature=1.5)
    shutil.copy(sealed / selftest.FILE, other)
    with pytest.raises(ModelError, match="answers otherwise"):
        selftest.verify(other)


@pytest.mark.parametrize("content", [None, b"no archive", b"", b"PK\x03\x04 cut"])
def test_a_bundle_without_a_self_test_still_answers_but_says_so(sealed, content):
    (sealed / selftest.FILE).unlink()
    if content is not None:
        (sealed / selftest.FILE).write_bytes(content)
    assert EmotionModel(sealed).probabilities(selftest.sounds()[0]).sum() == pytest.approx(1)
    with pytest.raises(ModelError, match=r"has no self-test.*train seal tiny"):
        selftest.verify(sealed)


def test_a_self_test_of_other_features_is_none(sealed, tmp_path):
    other = make_bundle(tmp_path / "other", kind="statistics")
    shutil.copy(sealed / selftest.FILE, other)
    with pytest.raises(ModelError, match="hears otherwise"):
        selftest.verify(other)


def test_the_command_line_checks_every_model(sealed, monkeypatch, capsys):
    monkeypatch.setenv("SER_MODELS_DIR", str(sealed.parent))
    # it was never scored, which is told, but is no fault of its answers
    assert cli.main(["models", "--format", "json"]) == 0
    make_bundle(sealed.parent, "second")
    assert cli.main(["models", "--check", "--format", "json"]) == 1
    rows = {row["model"]: row for row in json.loads(capsys.readouterr().out.partition("]\n")[2])}
    assert rows["tiny"]["selftest"] == "passed"
    assert "has no self-test" in rows["second"]["error"]

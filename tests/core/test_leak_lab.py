import json

import pytest

from ser_core.bundles.leak_lab import FILE, Cell, LeakLab, ModelLeak, Score, load_leak_lab
from ser_core.bundles.store import available
from ser_core.errors import ModelError
from tests.bundles import make_bundle


@pytest.fixture
def lab():
    cells = tuple(
        Cell(protocol, order, Score(0.6, 0.61, 307), Score(0.5, 0.51, 288), 20)
        for protocol in ("random_split", "speaker_independent")
        for order in ("before", "after")
    )
    return LeakLab("ravdess", "As is.", {"mlp": ModelLeak("run it", {"seed": 42}, cells)})


def without_a_cell(model):
    return model | {"cells": model["cells"][1:]}


def test_what_was_saved_is_loaded(lab, tmp_path):
    assert lab.save(tmp_path / "models").name == FILE
    loaded = load_leak_lab(tmp_path / "models")
    assert loaded == lab
    cell = loaded.models["mlp"].cell("speaker_independent", "after")
    assert (cell.protocol, cell.oversampled) == ("speaker_independent", "after")
    assert cell.originals.rows == 288


def test_the_file_is_no_model(lab, tmp_path):
    make_bundle(tmp_path)
    lab.save(tmp_path)
    assert available(tmp_path) == ["tiny"]


def test_a_missing_lab_says_how_to_run_it(tmp_path):
    with pytest.raises(ModelError, match="python -m train leaklab"):
        load_leak_lab(tmp_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c | {"schema": 2}, "unknown form"),
        (lambda c: [c], "unknown form"),
        (lambda c: c | {"models": None}, "incomplete"),
        (lambda c: c | {"models": {"mlp": {}}}, "incomplete"),
        (lambda c: c | {"models": {}}, "incomplete"),
        (lambda c: c | {"models": {"mlp": without_a_cell(c["models"]["mlp"])}}, "incomplete"),
        (lambda c: c | {"models": {"mlp": c["models"]["mlp"] | {"cells": [{}]}}}, "incomplete"),
    ],
)
def test_another_form_is_refused(lab, tmp_path, change, message):
    file = lab.save(tmp_path)
    file.write_text(json.dumps(change(json.loads(file.read_text()))))
    with pytest.raises(ModelError, match=message) as caught:
        load_leak_lab(tmp_path)
    assert "python -m train leaklab" in str(caught.value)


def test_a_damaged_file_is_refused(tmp_path):
    (tmp_path / FILE).write_text("{")
    with pytest.raises(ModelError, match="cannot be read"):
        load_leak_lab(tmp_path)


@pytest.mark.parametrize(
    ("part", "entry", "value"),
    [
        *(("score", "wa", value) for value in (None, "0.6", True, float("nan"), float("inf"))),
        *(("score", "rows", value) for value in (None, "307", 30.5, True, 0)),
        ("score", "ua", None),
        ("originals", "ua", [0.5]),
        ("originals", "wa", float("nan")),
        ("originals", "rows", None),
        (None, "heard", None),
        (None, "heard", 2.5),
        (None, "heard", "20"),
    ],
)
def test_a_cell_without_numbers_is_refused(lab, tmp_path, part, entry, value):
    file = lab.save(tmp_path)
    content = json.loads(file.read_text())
    cell = content["models"]["mlp"]["cells"][2]
    (cell[part] if part else cell)[entry] = value
    file.write_text(json.dumps(content))
    with pytest.raises(ModelError, match=r"is incomplete.*python -m train leaklab"):
        load_leak_lab(tmp_path)

import json

import pytest

from ser_core.bundles.leak_lab import Cell, LeakLab, ModelLeak, Score
from ser_core.bundles.store import ModelStore
from ser_core.errors import ModelError
from ser_core.protocols import Protocol
from tests.bundles import make_bundle


@pytest.fixture
def lab():
    cells = tuple(
        Cell(protocol, order, Score(0.6, 0.61, 307), Score(0.5, 0.51, 288), 20)
        for protocol in Protocol
        for order in ("before", "after")
    )
    return LeakLab("ravdess", "As is.", {"mlp": ModelLeak("run it", {"seed": 42}, cells)})


def test_what_was_saved_is_loaded(lab, tmp_path):
    assert lab.save(tmp_path / "models").name == "leak_lab.json"
    loaded = LeakLab.load(tmp_path / "models")
    assert loaded == lab
    cell = loaded.models["mlp"].cell(Protocol.SPEAKER_INDEPENDENT, "after")
    assert (cell.protocol, cell.oversampled) == (Protocol.SPEAKER_INDEPENDENT, "after")
    assert cell.originals.rows == 288


def test_the_file_is_no_model(lab, tmp_path):
    make_bundle(tmp_path)
    lab.save(tmp_path)
    assert ModelStore(tmp_path).names() == ["tiny"]


def test_a_missing_lab_says_how_to_run_it(tmp_path):
    with pytest.raises(ModelError, match="python -m train leaklab"):
        LeakLab.load(tmp_path)


def test_a_lab_without_one_of_the_four_ways_is_refused(lab, tmp_path):
    file = lab.save(tmp_path)
    content = json.loads(file.read_text())
    content["models"]["mlp"]["cells"].pop()
    file.write_text(json.dumps(content))
    with pytest.raises(ModelError, match=r"is missing.*python -m train leaklab"):
        LeakLab.load(tmp_path)

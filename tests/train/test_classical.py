"""Classifiers on a toy problem: three separable classes of eight, two of them rare."""

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("sklearn")

import onnx

from ser_core.errors import ModelError
from ser_core.runtime import one_thread_session
from train.config import BUNDLED, TrainConfig
from train.learners import classical
from train.learners.classical import CLASSIFIERS, fit_classical
from train.learners.types import Part

WIDTH = 12
SEEN = (1, 4, 6)


def toy(rows_of_each: tuple[int, ...] = (40, 40, 40), seed: int = 0, apart: float = 3.0) -> Part:
    rng = np.random.default_rng(seed)
    truth = np.repeat(SEEN, rows_of_each)
    x = rng.normal(0, 1, (truth.size, WIDTH)) + apart * np.eye(WIDTH)[truth]
    x = (100 * x - 20).astype(np.float32)
    copies = {"plain": list(x), "d0": list(x + rng.normal(0, 20, x.shape).astype(np.float32))}
    return Part(copies, truth)


@pytest.fixture(scope="module", params=CLASSIFIERS)
def fitted(request):
    cfg = TrainConfig(model=request.param)
    return cfg, fit_classical(cfg, toy(), toy(seed=1))


def test_separable_classes_are_told_apart(fitted):
    _, run = fitted
    (row,) = run.history
    assert row["train_accuracy"] > 0.95
    assert row["val_accuracy"] > 0.9
    assert row["val_loss"] < np.log(3)
    assert run.best_epoch == row["epoch"] == 1
    assert run.parameters > 0


def test_classes_that_were_not_learned_are_never_the_answer(fitted):
    _, run = fitted
    unseen = np.setdiff1d(np.arange(8), SEEN)
    assert run.predict(toy(seed=2).plain)[:, unseen].max() < 1e-6


@pytest.fixture(scope="module", params=[kind for kind in CLASSIFIERS if kind in BUNDLED])
def exported(request):
    return fit_classical(TrainConfig(model=request.param), toy())


def test_what_has_no_file_says_so():
    run = fit_classical(TrainConfig(model="boosting"), toy())
    with pytest.raises(ModelError, match="are not exported"):
        run.to_onnx({}, toy().plain)


def test_the_exported_file_answers_like_the_classifier(exported):
    run = exported
    rows = toy(seed=3).plain
    content = run.to_onnx({"labels": "[]"}, rows)
    session = one_thread_session(content)
    (x,), (_,) = session.get_inputs(), session.get_outputs()
    assert (x.name, x.type, x.shape[1]) == ("x", "tensor(float)", WIDTH)
    got = np.concatenate([session.run(None, {"x": row[None]})[0] for row in rows])
    np.testing.assert_allclose(got, run.predict(rows), atol=1e-4)
    np.testing.assert_allclose(got.sum(axis=1), 1, atol=1e-5)
    assert session.get_modelmeta().custom_metadata_map == {"labels": "[]"}
    opsets = {entry.domain: entry.version for entry in onnx.load_from_string(content).opset_import}
    assert opsets[""] == 17


def test_a_file_that_differs_is_refused(exported, monkeypatch):
    run = exported
    monkeypatch.setattr(type(run.classifier), "predict", lambda self, x: np.full((len(x), 8), 0.1))
    with pytest.raises(ModelError, match="differs from the fitted one"):
        run.to_onnx({}, toy().plain)


def test_the_same_seed_gives_the_same_classifier(fitted):
    cfg, run = fitted
    again = fit_classical(cfg, toy())
    np.testing.assert_array_equal(again.predict(toy().plain), run.predict(toy().plain))
    assert "val_loss" not in again.history[0]


def test_a_rare_class_is_not_given_up(fitted):
    """Ten times rarer and close by: without balance its recall would be far below the others'."""
    cfg, _ = fitted
    run = fit_classical(cfg, toy((150, 150, 15), apart=2.0))
    tested = toy((100, 100, 100), seed=5, apart=2.0)
    recall = np.mean(run.predict(tested.plain)[tested.truth == 6].argmax(axis=1) == 6)
    assert recall > 0.5


@pytest.mark.parametrize("kind", CLASSIFIERS)
def test_rows_of_another_corpus_count_by_their_weight(kind):
    cfg, tested = TrainConfig(model=kind), toy(seed=3)
    wrong = replace(toy(seed=7), truth=np.roll(tested.truth, 40))

    def accuracy(weight: float) -> float:
        extra = replace(wrong, weight=np.full(120, weight, np.float32))
        p = fit_classical(cfg, toy(), extra=extra).predict(tested.plain)
        return float(np.mean(p.argmax(axis=1) == tested.truth))

    assert accuracy(0.01) > 0.6
    assert accuracy(100.0) < 0.3


def test_what_differs_by_rounding_alone_is_left_out():
    rounding = np.array([0.0, 2e-6, -2e-6, 0.0])
    scaler = classical.Scaler.of(np.stack([[0.0, 1.0, 2.0, 3.0], rounding], axis=1))
    scaled = scaler(np.array([[0.0, 1e-6], [3.0, -1.0]]))
    assert scaled[0, 0] < 0 < scaled[1, 0]
    np.testing.assert_array_equal(scaled[:, 1], 0)


def test_what_lies_far_out_is_clipped():
    scaler = classical.Scaler.of(np.array([[0.0], [2.0]]))
    np.testing.assert_allclose(scaler(np.array([[1.0], [2.0], [1e6]])), [[0], [1], [5]])

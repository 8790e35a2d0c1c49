from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("tensorflow")

import keras

from ser_core.errors import ModelError
from ser_core.runtime import one_thread_session
from train.config import NETWORKS, configure
from train.learners.augment import Augmenter
from train.learners.export import PARITY_ATOL, check_parity, to_onnx
from train.learners.keras_run import predict, train_network
from train.learners.networks import build
from train.learners.types import Part

LENGTHS = (16, 57, 96, 150, 301)


def rows_of(model: str, lengths=LENGTHS) -> list[np.ndarray]:
    """Random features with the offset and spread of MFCC."""
    rng = np.random.default_rng(2)
    width = configure(model).features.width
    shape = (lambda n: (width,)) if model == "mlp" else (lambda n: (n, width))
    return [rng.normal(-20, 40, shape(n)).astype(np.float32) for n in lengths]


def layers_of(model: keras.Model, kind: type) -> int:
    return sum(isinstance(layer, kind) for layer in model.layers)


@pytest.fixture(scope="module", params=NETWORKS)
def exported(request):
    model = build(configure(request.param), rows_of(request.param), 8)
    return request.param, model, to_onnx(model, {"labels": "[]"})


def test_the_exported_file_answers_like_the_network_at_any_length(exported):
    name, model, content = exported
    assert check_parity(model, content, rows_of(name)) < PARITY_ATOL
    session = one_thread_session(content)
    batch = np.stack(rows_of(name, (40, 40, 40)))
    got = session.run(None, {session.get_inputs()[0].name: batch})[0]
    np.testing.assert_allclose(got, model(batch), atol=PARITY_ATOL)
    np.testing.assert_allclose(got.sum(axis=1), 1, atol=1e-5)
    assert session.get_modelmeta().custom_metadata_map == {"labels": "[]"}


def test_an_altered_network_is_not_exported(exported):
    name, model, content = exported
    other = keras.models.clone_model(model)
    weights = model.get_weights()
    weights[-1] = weights[-1] + np.linspace(0, 0.01, 8, dtype=np.float32)
    other.set_weights(weights)
    with pytest.raises(ModelError, match="differs from the trained one"):
        check_parity(other, content, rows_of(name))


def test_slow_loops_are_not_in_the_graph(exported):
    import onnx

    _, _, content = exported
    kinds = {node.op_type for node in onnx.load_from_string(content).graph.node}
    assert not kinds & {"Loop", "Scan", "If"}


def test_the_architectures_are_the_agreed_ones():
    cnn = build(configure("cnn"), rows_of("cnn"), 8)
    assert [layers_of(cnn, k) for k in (keras.layers.Conv1D, keras.layers.Dense)] == [2, 2]
    (dropout,) = [layer for layer in cnn.layers if isinstance(layer, keras.layers.Dropout)]
    assert dropout.rate == pytest.approx(0.1)
    lstm = build(configure("lstm"), rows_of("lstm"), 8)
    assert [layers_of(lstm, k) for k in (keras.layers.LSTM, keras.layers.Dense)] == [2, 1]


def test_normalisation_knows_the_training_rows_alone():
    rows = rows_of("cnn")
    model = build(configure("cnn"), rows, 8)
    (layer,) = [x for x in model.layers if isinstance(x, keras.layers.Normalization)]
    frames = np.concatenate(rows)
    np.testing.assert_allclose(np.ravel(layer.mean), frames.mean(axis=0), rtol=1e-4)
    np.testing.assert_allclose(np.ravel(layer.variance), frames.var(axis=0), rtol=1e-3)


def test_augmentation_leaves_its_rows_alone_and_repeats_with_its_seed():
    cfg = replace(configure("cnn"), crop_frames=48, mixup=0.4)
    rows = rows_of("cnn", (20, 48, 90))
    before = [row.copy() for row in rows]
    a, b = (Augmenter(Part({"plain": rows}, np.array([0, 1, 2])), cfg).epoch() for _ in range(2))
    np.testing.assert_array_equal(a[0], b[0])
    assert a[0].shape == (3, 48, cfg.features.width)
    np.testing.assert_allclose(a[1].sum(axis=1), 1, atol=1e-6)
    for row, kept in zip(rows, before, strict=True):
        np.testing.assert_array_equal(row, kept)


def test_the_best_epoch_is_kept_and_the_seed_repeats_it():
    """Two classes apart by their mean, so that a short run learns something."""
    small = {
        "width": 8,
        "crop_frames": 16,
        "copies": ("plain",),
        "batch_size": 4,
        "learning_rate": 0.01,
    }
    cfg = replace(configure("cnn"), max_epochs=6, **small)
    rng = np.random.default_rng(4)
    truth = np.arange(48) % 2
    rows = [rng.normal(3 * t, 1, (20, cfg.features.width)).astype(np.float32) for t in truth]
    part = Part({"plain": rows}, truth)
    first, second = (train_network(cfg, part, part) for _ in range(2))
    losses = [row["val_loss"] for row in first.history]
    assert first.best_epoch == int(np.argmin(losses)) + 1
    p = predict(first.model, rows)
    assert np.mean(p.argmax(axis=1) == truth) > 0.9
    np.testing.assert_allclose(p, predict(second.model, rows), atol=1e-4)


@pytest.mark.parametrize("name", NETWORKS)
def test_the_blog_recipe_learns_from_the_recordings_and_their_classes_alone(name):
    cfg = configure(name, "blog")
    assert cfg.copies == ("plain",)
    assert not cfg.extra_corpora
    assert not any((cfg.distil, cfg.noise, cfg.shift, cfg.mask_share, cfg.mixup, cfg.averaging))
    rows = rows_of(name, (170, 170))
    x, targets = Augmenter(Part({"plain": rows}, np.array([5, 1])), cfg).epoch()
    assert all(any(np.isin(frame, row).all() for row in rows) for frame in x)
    np.testing.assert_array_equal(targets, np.eye(8)[[5, 1]])

"""The encoder against an independent one in numpy, and the graph that is exported."""

import numpy as np
import pytest

pytest.importorskip("tensorflow")

import keras
from scipy.special import erf, softmax

from ser_core.corpora.splits import folds
from ser_core.errors import SerError
from ser_core.features.config import FUNCTIONAL_ROWS, FUNCTIONALS, WHISPER
from ser_core.features.extraction import extract
from ser_core.runtime import one_thread_session
from tests.corpus import require_encoder, require_ravdess
from tests.voice import voice
from train.config import configure
from train.data.rows import labels_of, load_rows
from train.learners import whisper
from train.learners.export import PARITY_ATOL, check_parity, quantised, to_onnx
from train.learners.transformer import pooled_encoder, train_head, whole_network
from train.learners.types import Part

WIDTH, HEADS, HIDDEN = 512, 8, 2048


# of blocks 1 and 2, at frames 0, 700, 1499 and units 0, 100, 511
TRANSFORMERS = ((0.45826, 0.57522, 0.17269), (0.38718, 0.63799, 0.28220))


def made_up_tensors(blocks: int) -> whisper.Tensors:
    """Random weights, small enough to keep activations in the range of a trained encoder's."""
    rng = np.random.default_rng(5)
    shapes = {"conv1.weight": (WIDTH, 80, 3), "conv2.weight": (WIDTH, WIDTH, 3)}
    shapes |= {"conv1.bias": (WIDTH,), "conv2.bias": (WIDTH,)}
    for i in range(blocks):
        for name in ("q_proj", "k_proj", "v_proj", "out_proj"):
            shapes[f"layers.{i}.self_attn.{name}.weight"] = (WIDTH, WIDTH)
            if name != "k_proj":
                shapes[f"layers.{i}.self_attn.{name}.bias"] = (WIDTH,)
        for name, shape in {"fc1": (HIDDEN, WIDTH), "fc2": (WIDTH, HIDDEN)}.items():
            shapes[f"layers.{i}.{name}.weight"] = shape
            shapes[f"layers.{i}.{name}.bias"] = shape[:1]
        for name in ("self_attn_layer_norm", "final_layer_norm"):
            shapes[f"layers.{i}.{name}.weight"] = (WIDTH,)
            shapes[f"layers.{i}.{name}.bias"] = (WIDTH,)
    return {k: rng.normal(0, 0.04, s).astype(np.float32) for k, s in shapes.items()}


def gelu(x):
    return x * (1 + erf(x / np.sqrt(2))) / 2


def convolve(x, weight, bias, stride):
    padded = np.pad(x, ((1, 1), (0, 0)))
    frames = range(0, len(x), stride)
    return np.stack([np.einsum("ock,kc->o", weight, padded[t : t + 3]) for t in frames]) + bias


def normalise(x, t, name):
    centred = x - x.mean(1, keepdims=True)
    scaled = centred / np.sqrt(x.var(1, keepdims=True) + 1e-5)
    return scaled * t[f"{name}.weight"] + t[f"{name}.bias"]


def attend(x, t, name):
    def of(projection):
        return x @ t[f"{name}.{projection}.weight"].T + t.get(f"{name}.{projection}.bias", 0)

    q, k, v = of("q_proj"), of("k_proj"), of("v_proj")
    mixed = []
    for part in np.split(np.arange(WIDTH), HEADS):
        weights = softmax(q[:, part] @ k[:, part].T / np.sqrt(WIDTH // HEADS), axis=1)
        mixed.append(weights @ v[:, part])
    return np.hstack(mixed) @ t[f"{name}.out_proj.weight"].T + t[f"{name}.out_proj.bias"]


def reference(t, x, blocks):
    """Whisper's encoder as Radford et al. (2022) describe it, one utterance, float64."""
    t = {name: value.astype(np.float64) for name, value in t.items()}
    x = gelu(convolve(x, t["conv1.weight"], t["conv1.bias"], 1))
    x = gelu(convolve(x, t["conv2.weight"], t["conv2.bias"], 2))
    rates = 10_000.0 ** (-np.arange(WIDTH // 2) / (WIDTH // 2 - 1))
    angles = np.arange(len(x))[:, None] * rates
    x = x + np.hstack([np.sin(angles), np.cos(angles)])
    outputs = []
    for i in range(blocks):
        name = f"layers.{i}"
        attended = normalise(x, t, f"{name}.self_attn_layer_norm")
        x = x + attend(attended, t, f"{name}.self_attn")
        h = normalise(x, t, f"{name}.final_layer_norm")
        h = gelu(h @ t[f"{name}.fc1.weight"].T + t[f"{name}.fc1.bias"])
        x = x + h @ t[f"{name}.fc2.weight"].T + t[f"{name}.fc2.bias"]
        outputs.append(x)
    return outputs


@pytest.fixture(scope="module")
def tensors():
    return made_up_tensors(2)


@pytest.fixture(scope="module")
def whole(tensors) -> keras.Model:
    """Encoder, pooling and a random head."""
    frozen = pooled_encoder(tensors, (1, 2), 64)
    part = toy_part(FUNCTIONALS.width + 4 * WIDTH)
    return whole_network(frozen, train_head(configure("transformer"), part).head)


def toy_part(width: int) -> Part:
    """Seven of the eight classes, apart by their mean; two copies."""
    rng = np.random.default_rng(7)
    truth = np.arange(70) % 7
    rows = list((rng.normal(0, 1, (70, width)) + truth[:, None]).astype(np.float32))
    return Part({"plain": rows, "d0": [row + 0.1 for row in rows]}, truth)


def served(lengths=(16, 33, 100)):
    rng = np.random.default_rng(8)
    top = rng.normal(0, 1, (FUNCTIONAL_ROWS, 80)).astype(np.float32)
    return [np.concatenate([top, frames]) for frames in log_mels(lengths)]


def log_mels(lengths=(16, 33, 100)):
    rng = np.random.default_rng(6)
    return [rng.normal(0, 0.5, (n, 80)).astype(np.float32) for n in lengths]


@pytest.mark.parametrize("frames", [16, 33])
def test_the_encoder_is_the_published_one(tensors, frames):
    x = log_mels((frames,))[0]
    got = whisper.encoder(tensors, 2, 64)(x[None])
    for output, want in zip(got, reference(tensors, x, 2), strict=True):
        assert output.shape[1] == (frames + 1) // 2
        np.testing.assert_allclose(output[0], want, atol=1e-3)


def test_the_pooled_vector_is_mean_and_deviation_of_each_block(tensors):
    x = log_mels((40,))[0]
    got = np.asarray(pooled_encoder(tensors, (1, 2), 64)(x[None]))[0]
    want = [f(block, axis=0) for block in reference(tensors, x, 2) for f in (np.mean, np.std)]
    np.testing.assert_allclose(got, np.concatenate(want), atol=1e-3)


def test_the_exported_graph_answers_like_keras_at_any_length(whole):
    assert check_parity(whole, to_onnx(whole, {}), served()) < PARITY_ATOL


def test_the_graph_takes_its_input_apart_as_the_features_put_it_together(whole, tensors):
    samples = voice(1.0)
    x = extract(samples, configure("transformer").features)
    pooled = np.asarray(pooled_encoder(tensors, (1, 2), 64)(extract(samples, WHISPER)[None]))[0]
    vector = np.concatenate([extract(samples, FUNCTIONALS), pooled])
    head = whole.get_layer("head")
    np.testing.assert_allclose(whole(x[None]), head(vector[None]), atol=1e-5)


def test_the_head_is_the_fitted_regression():
    part = toy_part(FUNCTIONALS.width + 5)
    run = train_head(configure("transformer"), part, part)
    p = run.predict(part.plain)
    assert np.mean(p.argmax(axis=1) == part.truth) > 0.9
    assert p[:, 7].max() < 1e-6  # a class it never saw
    assert run.history[0]["val_accuracy"] == pytest.approx(np.mean(p.argmax(1) == part.truth))
    again = train_head(configure("transformer"), part).predict(part.plain)
    np.testing.assert_allclose(again, p, atol=1e-6)


def test_eight_bit_weights_take_a_quarter_and_change_little(whole):
    exact = to_onnx(whole, {"labels": "[]"})
    small = quantised(exact)
    assert len(small) < 0.45 * len(exact)  # convolutions stay as they are
    sessions = [one_thread_session(content) for content in (exact, small)]
    assert sessions[1].get_modelmeta().custom_metadata_map["labels"] == "[]"
    for x in served():
        a, b = (s.run(None, {"x": x[None]})[0] for s in sessions)
        assert np.abs(a - b).max() < 0.05
        assert np.abs(a - b).max() > 0


def test_a_foreign_checkpoint_is_refused(tmp_path):
    from safetensors.numpy import save_file

    file = tmp_path / "model.safetensors"
    save_file({"model.encoder.conv1.weight": np.zeros((4, 4, 3), np.float32)}, file)
    with pytest.raises(SerError, match="openai/whisper-base"):
        whisper.load_tensors(file)


def test_a_missing_checkpoint_says_where_it_was_looked_for(tmp_path, monkeypatch):
    monkeypatch.setenv("SER_PRETRAINED_DIR", str(tmp_path))
    with pytest.raises(SerError, match=r"whisper-base-encoder.*is missing"):
        whisper.checkpoint()


def test_the_pretrained_encoder_gives_what_transformers_gives():
    """Figures of `transformers` 4 (WhisperEncoder, float32) for the same input."""
    tensors = whisper.load_tensors(require_encoder())
    x = np.random.default_rng(0).normal(0, 0.5, (1, 3000, 80)).astype(np.float32)
    outputs = whisper.encoder(tensors, 2, 1500)(x)
    at = ([0, 700, 1499], [0, 100, 511])
    for output, want in zip(outputs, TRANSFORMERS, strict=True):
        np.testing.assert_allclose(np.asarray(output)[0][at], want, rtol=2e-2, atol=2e-3)


@pytest.mark.slow
def test_keras_and_onnx_agree_on_the_clips_of_a_fold():
    """The float32 file in every top class; the 8-bit one, which serves, in nearly all."""
    frozen = pooled_encoder(whisper.load_tensors(require_encoder()), (2, 3, 4), 256)
    served_as = configure("transformer").features
    rows = load_rows("ravdess", require_ravdess())
    tested = folds("ravdess")[0].test
    # export compares more of them; Keras takes a quarter of a second for each
    clips = [row.features(served_as) for row in rows if row.record.speaker in tested][::24]
    learnt = [row for row in rows if row.record.speaker == "ravdess/24"][::4]
    pooled = one_thread_session(to_onnx(frozen, {}))
    vectors = []
    for row in learnt:
        x = row.features(served_as)
        (vector,) = pooled.run(None, {"x": x[None, FUNCTIONAL_ROWS:]})[0]
        vectors.append(np.concatenate([x[:FUNCTIONAL_ROWS].ravel()[: FUNCTIONALS.width], vector]))
    head = train_head(configure("transformer"), Part({"plain": vectors}, labels_of(learnt))).head
    whole = whole_network(frozen, head)
    exact = to_onnx(whole, {})
    sessions = [one_thread_session(content) for content in (exact, quantised(exact))]
    tops = [[s.run(None, {"x": x[None]})[0].argmax() for x in clips] for s in sessions]
    kept = [int(np.argmax(whole(x[None], training=False))) for x in clips]
    assert len(clips) == 10
    assert tops[0] == kept
    assert np.mean(np.array(tops[1]) == kept) > 0.75

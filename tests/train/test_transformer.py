"""The encoder against an independent one in numpy, and the graph that is exported."""

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("tensorflow")

from scipy.special import erf, softmax

from ser_core.analysis.voice import baseline_of
from ser_core.errors import SerError
from ser_core.runtime import one_thread_session
from tests.corpus import require_encoder, require_ravdess
from train.config import configure
from train.data.rows import load_rows
from train.learners import whisper
from train.learners.export import PARITY_ATOL, quantised, to_onnx
from train.learners.heads import fit_head, session
from train.learners.onnx_graph import with_head
from train.learners.trainers import load_part
from train.learners.transformer import pooled_encoder, train_head
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
def encoder(tensors) -> bytes:
    return to_onnx(pooled_encoder(tensors, (1, 2), 64), {})


def toy_part(width: int) -> Part:
    """Seven of the eight classes, apart by their mean; two copies, five speakers."""
    rng = np.random.default_rng(7)
    truth = np.arange(70) % 7
    rows = list((rng.normal(0, 1, (70, width)) + truth[:, None]).astype(np.float32))
    features = {"plain": rows, "d0": [row + 0.1 for row in rows]}
    speakers, seconds = np.array([f"s{i // 14}" for i in range(70)]), np.full(70, 2.0, np.float32)
    return Part(features, truth, speakers=speakers, speech_s=seconds)


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


def test_the_pooled_vector_is_the_mean_of_each_block(tensors):
    x = log_mels((40,))[0]
    got = np.asarray(pooled_encoder(tensors, (1, 2), 64)(x[None]))[0]
    want = [block.mean(axis=0) for block in reference(tensors, x, 2)]
    np.testing.assert_allclose(got, np.concatenate(want), atol=1e-3)


def test_the_exported_graph_is_encoder_and_head_at_any_length(tensors, encoder):
    head = fit_head(toy_part(2 * WIDTH), 0.01, 32, 1)
    whole = one_thread_session(with_head(encoder, head, {"labels": "[]"}))
    assert whole.get_modelmeta().custom_metadata_map["labels"] == "[]"
    network = pooled_encoder(tensors, (1, 2), 64)
    baseline = np.random.default_rng(2).normal(0, 0.5, (1, 2 * WIDTH)).astype(np.float32)
    for x in log_mels():
        vector = np.asarray(network(x[None]))
        alone, standard = whole.run(None, {"x": x[None]})
        np.testing.assert_allclose(alone, head.predict(vector), atol=PARITY_ATOL)
        np.testing.assert_allclose(standard, head.standard(vector), atol=1e-3)
        (heard,) = whole.run(["probabilities"], {"x": x[None], "baseline": baseline})
        np.testing.assert_allclose(heard, head.predict(vector, baseline), atol=PARITY_ATOL)
        given = {"x": x[None], "baseline": baseline, "vectors": standard}
        both = whole.run(["probabilities"], given)[0]
        np.testing.assert_allclose(both, np.repeat(heard, 2, axis=0), atol=1e-6)


def test_the_head_tells_apart_what_it_learned_and_names_no_other_class():
    part = toy_part(90)
    run = train_head(configure("transformer"), part, part)
    p = run.predict(part.plain)
    assert np.mean(p.argmax(axis=1) == part.truth) > 0.9
    assert p[:, 7].max() < 1e-6  # a class it never saw
    assert run.history[0]["val_accuracy"] == pytest.approx(np.mean(p.argmax(1) == part.truth))
    again = train_head(configure("transformer"), part).predict(part.plain)
    np.testing.assert_allclose(again, p, atol=1e-6)
    everything = np.concatenate([np.stack(rows) for rows in part.features.values()])
    squares = np.mean(np.square(run.head.standard(everything)), axis=1)
    assert np.mean(squares > run.unlike_above) == pytest.approx(0.05, abs=0.01)


def test_a_head_learns_to_do_without_what_a_speaker_adds():
    """Speakers differ more than emotions do: a session tells them apart."""
    rng = np.random.default_rng(3)
    truth, speakers = np.tile([0, 1], 240), np.repeat([f"s{i}" for i in range(24)], 20)
    own = np.repeat(rng.normal(0, 2, (24, 6)), 20, axis=0)
    vectors = (own + rng.normal(0, 0.5, (480, 6)) + truth[:, None]).astype(np.float32)
    seconds = np.full(480, 2.0, np.float32)
    part = Part({"plain": list(vectors)}, truth, speakers=speakers, speech_s=seconds)
    known, new = part.take(np.arange(320)), np.arange(320, 480)
    head = fit_head(known, 1.0, 6, 1)
    standard = head.standard(vectors[new])
    baselines = np.stack(
        [baseline_of(standard[speakers[new] == s], [6.0] * 20) for s in speakers[new]]
    )
    alone, heard = (
        np.mean(head.predict(vectors[new], b).argmax(axis=1) == truth[new])
        for b in (0.0, baselines)
    )
    assert heard > alone + 0.1


def test_a_session_holds_others_alone_in_the_asked_shares():
    truth = np.array([0, 0, 1, 1, 2])
    rng = np.random.default_rng(0)
    chosen = session(truth, np.array([1, 2, 3]), np.array([0.25, 0.75]), 4000, rng)
    assert set(chosen) == {1, 2, 3}
    assert np.mean(truth[chosen]) == pytest.approx(0.75, abs=0.03)


def test_eight_bit_weights_take_a_quarter_and_change_little(encoder):
    small = quantised(encoder)
    assert len(small) < 0.45 * len(encoder)  # convolutions stay as they are
    sessions = [one_thread_session(content) for content in (encoder, small)]
    for x in log_mels():
        a, b = (s.run(None, {"x": x[None]})[0] for s in sessions)
        assert 0 < np.abs(a - b).max() < 0.5
        assert np.corrcoef(a, b)[0, 1] > 0.999


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
def test_the_served_file_answers_like_encoder_and_head_on_clips():
    require_encoder()
    rows = load_rows("ravdess", require_ravdess())
    clips = [row for row in rows if row.record.speaker in ("ravdess/01", "ravdess/24")][::4]
    cfg = replace(configure("transformer"), copies=("plain",))
    run = train_head(cfg, load_part(cfg, clips))
    probe = [row.features(cfg.features) for row in clips]
    served = one_thread_session(run.to_onnx({}, probe))
    got = [served.run(None, {"x": x[None]})[0][0] for x in probe]
    vectors = [run.encoder.vector(row, "plain") for row in clips]
    np.testing.assert_allclose(got, run.predict(vectors), atol=PARITY_ATOL)

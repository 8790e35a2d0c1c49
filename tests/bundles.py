"""Tiny model bundles for tests: real ONNX files that answer in a known way, built in a moment."""

import hashlib
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from ser_core.bundles.card import ModelCard
from ser_core.emotions import Emotion
from ser_core.features.config import WHISPER, FeatureConfig
from train.learners.heads import Head
from train.learners.onnx_graph import with_head

LABELS = tuple(sorted(Emotion))  # alphabetical on purpose: not the display order


def make_bundle(
    folder: Path,
    name: str = "tiny",
    *,
    favourite: Emotion | None = None,
    kind: str = "series",
    **card: object,
) -> Path:
    """Write model.onnx and card.json under folder/name and return that path.

    The network is softmax(mean over time(x) @ W + b) with fixed random weights; `favourite` gets a
    bias that makes it win always.
    """
    features = FeatureConfig(kind=kind)
    rng = np.random.default_rng(7)
    weights = rng.normal(0, 0.02, (features.width, len(LABELS))).astype(np.float32)
    bias = np.zeros(len(LABELS), np.float32)
    if favourite is not None:
        weights *= 0
        bias[LABELS.index(favourite)] = 3.0
    content = _network(weights, bias, series=kind == "series").SerializeToString()
    return _write(folder / name, content, features, **{"parameters": weights.size + 8, **card})


def make_adapting_bundle(folder: Path, name: str = "adapting", **card: object) -> Path:
    """A bundle whose head hears the mean of log-mel frames against a baseline."""
    n_mels = WHISPER.n_mels
    weights = np.random.default_rng(11).normal(0, 0.2, (n_mels, len(LABELS))).astype(np.float32)
    one, zero = np.ones(n_mels, np.float32), np.zeros(len(LABELS), np.float32)
    head = Head(-0.6 * one, 0.3 * one, one, weights, zero, 2.0)
    inputs, pooled = (
        helper.make_tensor_value_info(label, TensorProto.FLOAT, shape)
        for label, shape in (("x", ["batch", "time", n_mels]), ("pooled", ["batch", n_mels]))
    )
    mean = helper.make_node("ReduceMean", ["x"], ["pooled"], axes=[1], keepdims=0)
    graph = helper.make_graph([mean], "adapting", [inputs], [pooled])
    encoder = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    content = with_head(encoder.SerializeToString(), head, {})
    return _write(folder / name, content, WHISPER, parameters=weights.size, **card)


def _write(target: Path, content: bytes, features: FeatureConfig, **card: object) -> Path:
    target.mkdir(parents=True, exist_ok=True)
    (target / "model.onnx").write_bytes(content)
    settings = {"title": target.name.upper(), "family": "test", "intended_use": "tests", **card}
    ModelCard(
        name=target.name,
        labels=LABELS,
        features=features,
        feature_fingerprint=features.fingerprint(),
        onnx_sha256=hashlib.sha256(content).hexdigest(),
        **settings,
    ).save(target)
    return target


def _network(weights: np.ndarray, bias: np.ndarray, series: bool) -> onnx.ModelProto:
    shape = ["batch", "time", len(weights)] if series else ["batch", len(weights)]
    nodes = [
        helper.make_node("ReduceMean", ["x"], ["m"], axes=[1], keepdims=0)
        if series
        else helper.make_node("Identity", ["x"], ["m"]),
        helper.make_node("Gemm", ["m", "w", "b"], ["z"]),
        helper.make_node("Softmax", ["z"], ["p"], axis=-1),
    ]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("p", TensorProto.FLOAT, ["batch", len(LABELS)])],
        [numpy_helper.from_array(weights, "w"), numpy_helper.from_array(bias, "b")],
    )
    opset = [helper.make_opsetid("", 17)]
    return helper.make_model(graph, opset_imports=opset, ir_version=9)

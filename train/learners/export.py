"""Keras to ONNX, behind a gate that refuses a file which answers differently."""

import json
import tempfile
from pathlib import Path

import keras
import numpy as np
import onnx
import onnxruntime as ort
import tensorflow as tf
import tf2onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import quantize_dynamic

from ser_core.bundles.model import EMBEDDING
from ser_core.emotions import Emotion
from ser_core.errors import ModelError
from ser_core.features.config import FUNCTIONALS, Kind
from ser_core.runtime import one_thread_session
from train.learners.onnx_graph import CLASSICAL_GRAPH

OPSET = 17
PARITY_ATOL = 1e-4  # of probabilities; differences measured on these networks are below 1e-6


def to_onnx(model: keras.Model, metadata: dict[str, str]) -> bytes:
    """Convert a network; batch and time stay variable.

    Args:
        model: input (batch, ...), output probabilities.
        metadata: texts that travel inside the file.

    Returns:
        The ONNX file.
    """
    spec = [tf.TensorSpec([None, *model.input_shape[1:]], tf.float32, name="x")]
    proto, _ = tf2onnx.convert.from_keras(model, input_signature=spec, opset=OPSET)
    onnx.helper.set_model_props(proto, metadata)
    return proto.SerializeToString()


def quantised(content: bytes) -> bytes:
    """The file with the weights of its matrix products as 8-bit integers, one scale per column.

    Inputs of those products are rounded at run time, each by its own range; the rest stays float32.
    """
    with tempfile.TemporaryDirectory(prefix="ser-int8-") as folder:
        exact, rounded = Path(folder) / "exact.onnx", Path(folder) / "rounded.onnx"
        exact.write_bytes(content)
        quantize_dynamic(exact, rounded, op_types_to_quantize=["MatMul"], per_channel=True)
        return rounded.read_bytes()


def metadata_of(
    labels: tuple[Emotion, ...], features: dict[str, object], fingerprint: str
) -> dict[str, str]:
    """What a reader of the ONNX file alone needs to know."""
    return {
        "labels": json.dumps(labels),
        "features": json.dumps(features, sort_keys=True),
        "feature_fingerprint": fingerprint,
    }


def check_parity(model: keras.Model, content: bytes, rows: list[NDArray[np.float32]]) -> float:
    """Compare an exported file with its network, row by row.

    Args:
        model: the network.
        content: the ONNX file.
        rows: real feature rows, (F,) or (T, F) of several lengths.

    Returns:
        The greatest difference of a probability.

    Raises:
        ModelError: if a probability differs by more than PARITY_ATOL or a top class differs.
    """
    session: ort.InferenceSession = one_thread_session(content)
    worst = 0.0
    for row in rows:
        kept = np.asarray(model(row[None], training=False))[0]
        exported = session.run(None, {session.get_inputs()[0].name: row[None]})[0][0]
        worst = max(worst, float(np.abs(kept - exported).max()))
        if not worst <= PARITY_ATOL or kept.argmax() != exported.argmax():
            raise ModelError(
                f"The exported model differs from the trained one by {worst:.1e} (at most "
                f"{PARITY_ATOL:.0e}), so it was not written. Check train/networks.py."
            )
    return worst


def with_embedding(content: bytes, kind: Kind) -> bytes:
    """The file with a second output, named "embedding": what its last layer decides from.

    A transformer's are the pooled frames of its encoder, without the functionals beside them; a
    machine's with support vectors the components that its kernel measures distances in.

    Args:
        content: an ONNX file as it is exported here.
        kind: of its features.
    """
    network = onnx.load_model_from_string(content)
    graph = network.graph
    if EMBEDDING in [output.name for output in graph.output]:
        return content
    joints = [node.output[0] for node in graph.node if node.op_type == "Concat"]
    products = [node for node in graph.node if node.op_type in ("MatMul", "Gemm")]
    if graph.name == CLASSICAL_GRAPH:
        first = products[0]
        source = first.output[0] if first.op_type == "MatMul" else first.input[0]
        graph.node.append(helper.make_node("Cast", [source], [EMBEDDING], to=TensorProto.FLOAT))
    elif kind == "log_mel_functionals":
        for name, value in (("starts", FUNCTIONALS.width), ("ends", 2**31 - 1), ("axes", 1)):
            graph.initializer.append(
                numpy_helper.from_array(np.array([value], np.int64), f"{EMBEDDING}_{name}")
            )
        ends = [f"{EMBEDDING}_{name}" for name in ("starts", "ends", "axes")]
        graph.node.append(helper.make_node("Slice", [joints[-1], *ends], [EMBEDDING]))
    else:
        graph.node.append(helper.make_node("Identity", [products[-1].input[0]], [EMBEDDING]))
    graph.output.append(
        helper.make_tensor_value_info(EMBEDDING, TensorProto.FLOAT, ["batch", "dimension"])
    )
    return network.SerializeToString()


def is_rounded(content: bytes) -> bool:
    """Whether a file computes with 8-bit integers."""
    nodes = onnx.load_model_from_string(content).graph.node
    return any(node.op_type == "DynamicQuantizeLinear" for node in nodes)

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
from onnxruntime.quantization import quantize_dynamic

from ser_core.emotions import Emotion
from ser_core.errors import ModelError
from ser_core.runtime import one_thread_session

OPSET = 17
SAME_TOP_CLASS = 0.9  # 0.976 was measured on all clips
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


def metadata_of(labels: tuple[Emotion, ...], features: dict, fingerprint: str) -> dict[str, str]:
    """What a reader of the ONNX file alone needs to know."""
    return {
        "labels": json.dumps(labels),
        "features": json.dumps(features, sort_keys=True),
        "feature_fingerprint": fingerprint,
    }


def check_rounding(exact: bytes, rounded: bytes, rows: list[NDArray[np.float32]]) -> float:
    """Compare a file of rounded weights with the one before.

    Args:
        exact: the ONNX file before.
        rounded: the one that serves.
        rows: real feature rows of several lengths.

    Returns:
        Share of rows with the same top class.

    Raises:
        ModelError: if that is below SAME_TOP_CLASS.
    """
    sessions = [one_thread_session(content) for content in (exact, rounded)]
    tops = [[s.run(None, {"x": row[None]})[0].argmax() for row in rows] for s in sessions]
    same = float(np.mean(np.equal(*tops)))
    if same < SAME_TOP_CLASS:
        raise ModelError(
            f"Rounding the weights changed {1 - same:.0%} of the answers (at most "
            f"{1 - SAME_TOP_CLASS:.0%}), so the model was not written. Export it in float32."
        )
    return same


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

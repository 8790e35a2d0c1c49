"""ONNX files written operator by operator, for models and parts that no converter knows."""

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from ser_core.bundles.model import BASELINE, EMBEDDING, VECTORS
from train.learners.heads import LIMIT, Head

CLASSICAL_GRAPH = "classical"  # name of the graphs that are written here
_OPSET = 17
_IR_VERSION = 8  # of that opset

Constant = NDArray[np.floating]


class Graph:
    """ONNX operators in a row, from the input "x", shape (batch, F)."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []

    def then(self, kind: str, *inputs: str | Constant, **settings: int | list[int]) -> str:
        """Append an operator; arrays become float32 constants. Returns the name of its output."""
        name = f"{kind.lower()}_{len(self._nodes)}"
        names = [self._constant(x) if isinstance(x, np.ndarray) else x for x in inputs]
        self._nodes.append(helper.make_node(kind, names, [name], **settings))
        return name

    def double(self, x: str | Constant) -> str:
        """Append a cast to float64, in which what follows is computed; constants stay small."""
        return self.then("Cast", x, to=TensorProto.DOUBLE)

    def single(self, x: str) -> str:
        """Append a cast back to float32."""
        return self.then("Cast", x, to=TensorProto.FLOAT)

    def to_onnx(self, output: str, width: int, classes: int, metadata: dict[str, str]) -> bytes:
        """The file that makes (batch, classes) of (batch, width)."""
        ends = [("x", width), (output, classes)]
        x, y = (
            helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", n]) for name, n in ends
        )
        graph = helper.make_graph(self._nodes, CLASSICAL_GRAPH, [x], [y], self._constants)
        opsets = [helper.make_opsetid("", _OPSET)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=_IR_VERSION)
        helper.set_model_props(model, metadata)
        onnx.checker.check_model(model)
        return model.SerializeToString()

    def _constant(self, array: Constant) -> str:
        name = f"constant_{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.asarray(array, np.float32), name))
        return name


def with_head(encoder: bytes, head: Head, metadata: dict[str, str]) -> bytes:
    """The file that serves: features and what is known of the voice in, probabilities out.

    Its inputs beside "x" may be left out: "baseline" (1 or batch, d), by default of all voices, and
    "vectors" (known, d), which are answered after the rows of x, by default none. Its outputs are
    the probabilities of all rows, and those of "embedding", the standardised vectors.

    Args:
        encoder: ONNX file from log-mel "x" to vectors.
        head: what follows.
        metadata: texts that travel inside the file.
    """
    network = onnx.load_model_from_string(encoder)
    graph = network.graph
    pooled = graph.output.pop().name
    constants = {
        "mean": head.mean,
        "deviation": head.deviation,
        "scale": head.scale,
        "least": np.float32(-LIMIT),
        "most": np.float32(LIMIT),
        "weights": head.weights,
        "bias": head.bias,
        BASELINE: np.zeros((1, head.mean.size), np.float32),
        VECTORS: np.zeros((0, head.mean.size), np.float32),
    }
    steps = [
        ("Sub", [pooled, "mean"], "centred"),
        ("Div", ["centred", "deviation"], "standard"),
        ("Concat", ["standard", VECTORS], EMBEDDING),
        ("Sub", [EMBEDDING, BASELINE], "relative"),
        ("Div", ["relative", "scale"], "scaled"),
        ("Clip", ["scaled", "least", "most"], "clipped"),
        ("Gemm", ["clipped", "weights", "bias"], "scores"),
        ("Softmax", ["scores"], "probabilities"),
    ]
    graph.initializer.extend(numpy_helper.from_array(v, name) for name, v in constants.items())
    graph.node.extend(
        helper.make_node(kind, inputs, [output], **({"axis": 0} if kind == "Concat" else {}))
        for kind, inputs, output in steps
    )
    graph.input.extend(_tensor(name, head.mean.size) for name in (BASELINE, VECTORS))
    graph.output.extend(
        [_tensor("probabilities", head.bias.size), _tensor(EMBEDDING, head.mean.size)]
    )
    helper.set_model_props(network, metadata)
    onnx.checker.check_model(network)
    return network.SerializeToString()


def _tensor(name: str, width: int) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, [f"{name}_rows", width])

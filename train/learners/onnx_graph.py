"""ONNX files written operator by operator, for models that no converter knows."""

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

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

"""A model that adapts, as two networks: one that hears a window, one that answers.

In the app it is one network with inputs that may be left out, which onnxruntime-web does not know.
"""

from collections.abc import MutableSequence, Sequence
from pathlib import Path

import onnx
from onnx import TensorProto, helper

from ser_core.bundles.model import BASELINE, EMBEDDING, VECTORS

HEARD, ANSWER = "heard", "answer"  # names of outputs


def halves(model: Path) -> tuple[bytes, bytes]:
    """The encoder, from "x" to "heard", and the head, from "vectors" and "baseline" to "answer".

    Args:
        model: ONNX file of a model that adapts.
    """
    graph = onnx.load(model).graph
    (joined,) = (node for node in graph.node if EMBEDDING in node.output)
    (vector,) = (name for name in joined.input if name != VECTORS)
    width = next(each.dims[1] for each in graph.initializer if each.name == BASELINE)
    (x,) = (each for each in graph.input if each.name not in (BASELINE, VECTORS))
    answer = graph.output[0]

    def rows(name: str) -> onnx.ValueInfoProto:
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["rows", width])

    baseline = helper.make_tensor_value_info(BASELINE, TensorProto.FLOAT, [1, width])
    encoder = _part(graph, [x], vector, HEARD, rows(HEARD))
    head = _part(graph, [rows(EMBEDDING), baseline], answer.name, ANSWER, answer)
    for node in head.graph.node:
        _rename(node.input, EMBEDDING, VECTORS)
    head.graph.input[0].name = VECTORS
    return encoder.SerializeToString(), head.SerializeToString()


def _part(
    graph: onnx.GraphProto,
    inputs: Sequence[onnx.ValueInfoProto],
    end: str,
    called: str,
    output: onnx.ValueInfoProto,
) -> onnx.ModelProto:
    """What leads from the inputs to a value, which gets another name."""
    wanted, given = {end}, {each.name for each in inputs}
    nodes: list[onnx.NodeProto] = []
    for node in reversed(graph.node):  # they are in the order in which they run
        if wanted & set(node.output) - given:
            nodes.insert(0, onnx.NodeProto.FromString(node.SerializeToString()))
            wanted |= set(node.input)
    _rename(nodes[-1].output, end, called)
    output = onnx.ValueInfoProto.FromString(output.SerializeToString())
    output.name = called
    weights = [each for each in graph.initializer if each.name in wanted - given]
    part = helper.make_graph(nodes, called, list(inputs), [output], weights)
    return helper.make_model(part, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def _rename(names: MutableSequence[str], old: str, new: str) -> None:
    for at, name in enumerate(names):
        if name == old:
            names[at] = new

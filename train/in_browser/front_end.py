"""The features of a model as a network, so that whatever runs the model can compute them.

What it computes is `ser_core.features.extraction.extract` of the kind "log_mel", with the Fourier
transform as a convolution.
"""

from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from ser_core.errors import ModelError
from ser_core.features.config import FeatureConfig
from ser_core.features.extraction import MIN_FRAMES, SILENCE_POWER, WHISPER_LEVEL_DB
from ser_core.features.spectra import SMALLEST_POWER, hann, mel_basis

_OPSET, _IR_VERSION = 17, 8
_DB = 10 / np.log(10)


def front_end(cfg: FeatureConfig) -> bytes:
    """An ONNX network from samples, shape (n,), to features, shape (1, 1 + n // hop, n_mels).

    Raises:
        ModelError: if the features are of another kind.
    """
    if cfg.kind != "log_mel":
        raise ModelError(f"Features of the kind '{cfg.kind}' have no network. Take another model.")
    values = _values(cfg)
    nodes = [
        *_unit_power(),
        ("Unsqueeze", ["unit", "first_two"], "signal", {}),
        ("Conv", ["signal", "waves"], "spectra", {"strides": [cfg.hop_samples]}),
        ("Mul", ["spectra", "spectra"], "squares", {}),
        ("MatMul", ["bands", "squares"], "power", {}),
        ("Max", ["power", "smallest"], "audible", {}),
        ("Log", ["audible"], "logarithm", {}),
        ("Mul", ["logarithm", "db"], "level", {}),
        ("ReduceMax", ["level"], "highest", {"keepdims": 1}),
        ("Sub", ["highest", "top_db"], "lowest", {}),
        ("Max", ["level", "lowest"], "within", {}),
        ("Mul", ["within", "whisper_scale"], "scaled", {}),
        ("Add", ["scaled", "whisper_offset"], "as_whisper", {}),
        ("Transpose", ["as_whisper"], "x", {"perm": [0, 2, 1]}),
    ]
    graph = helper.make_graph(
        [helper.make_node(kind, names, [out], **more) for kind, names, out, more in nodes],
        "features",
        [helper.make_tensor_value_info("samples", TensorProto.FLOAT, ["n"])],
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, "frames", cfg.n_mels])],
        [numpy_helper.from_array(value, name) for name, value in values.items()],
    )
    opset = [helper.make_opsetid("", _OPSET)]
    network = helper.make_model(graph, opset_imports=opset, ir_version=_IR_VERSION)
    onnx.checker.check_model(network)
    return network.SerializeToString()


def _unit_power() -> list[tuple[str, list[str], str, dict[str, Any]]]:
    """Pad what is too short with silence, bring it to unit power, and pad it for the first frame.

    Silence itself stays as it is: its power counts as 1.
    """
    return [
        ("Shape", ["samples"], "size", {}),
        ("Sub", ["least", "size"], "short", {}),
        ("Max", ["short", "none"], "missing", {}),
        ("Concat", ["none", "missing"], "tail", {"axis": 0}),
        ("Pad", ["samples", "tail"], "long_enough", {}),
        ("Mul", ["long_enough", "long_enough"], "square", {}),
        ("ReduceMean", ["square"], "mean", {"keepdims": 1}),
        ("Less", ["mean", "silence"], "silent", {}),
        ("Where", ["silent", "one", "mean"], "counted", {}),
        ("Sqrt", ["counted"], "rms", {}),
        ("Div", ["long_enough", "rms"], "even", {}),
        ("Pad", ["even", "around"], "unit", {}),
    ]


def _values(cfg: FeatureConfig) -> dict[str, np.ndarray]:
    half, bins = cfg.n_fft // 2, cfg.n_fft // 2 + 1
    angle = 2 * np.pi * np.outer(np.arange(bins), np.arange(cfg.n_fft)) / cfg.n_fft
    waves = np.concatenate([np.cos(angle), np.sin(angle)]) * hann(cfg.n_fft)
    bands = mel_basis(cfg.sample_rate_hz, cfg.n_fft, cfg.n_mels)
    numbers = {
        "silence": SILENCE_POWER,
        "one": 1.0,
        "smallest": SMALLEST_POWER,
        "db": _DB,
        "top_db": cfg.top_db,
        "whisper_scale": 1 / 40,
        "whisper_offset": (WHISPER_LEVEL_DB / 10 + 4) / 4,
    }
    whole = {
        "least": [MIN_FRAMES * cfg.hop_samples],
        "none": [0],
        "around": [half, half],
        "first_two": [0, 1],
    }
    return (
        {name: np.array([value], np.float32) for name, value in numbers.items()}
        | {name: np.array(value, np.int64) for name, value in whole.items()}
        | {
            "waves": waves[:, None].astype(np.float32),
            "bands": np.concatenate([bands, bands], axis=1),  # of the cosines and the sines
        }
    )

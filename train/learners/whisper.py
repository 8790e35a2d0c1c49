"""The encoder of Whisper base as a Keras network, for its inner representations of a voice.

Radford et al. (2022), "Robust Speech Recognition via Large-Scale Weak Supervision",
https://arxiv.org/abs/2212.04356; weights `openai/whisper-base`, MIT licence, (c) 2022 OpenAI.
"""

import os
from pathlib import Path
from typing import TypeAlias

import keras
import numpy as np
from keras import layers, ops
from numpy.typing import NDArray
from safetensors.numpy import load_file

from ser_core.errors import SerError

WIDTH, HEADS, HIDDEN = 512, 8, 2048
N_MELS = 80
REPOSITORY = "openai/whisper-base"
FILE = "model.safetensors"
_PREFIX = "model.encoder."
_EPSILON = 1e-5

Tensors = dict[str, NDArray[np.float32]]
Tensor: TypeAlias = keras.KerasTensor


def checkpoint() -> Path:
    """The checkpoint's file: in $SER_PRETRAINED_DIR where that is set, else downloaded once.

    Raises:
        SerError: if it is neither there nor to be had.
    """
    folder = os.environ.get("SER_PRETRAINED_DIR")
    if folder:
        file = Path(folder) / "whisper-base-encoder" / FILE
        if not file.is_file():
            raise SerError(f"{file} is missing. Unset SER_PRETRAINED_DIR to download it.")
        return file
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import HfHubHTTPError

    try:
        return Path(hf_hub_download(REPOSITORY, FILE))
    except (HfHubHTTPError, OSError) as error:
        raise SerError(
            f"{REPOSITORY} could not be downloaded ({error}). Check the connection, or put "
            f"whisper-base-encoder/{FILE} into a folder and name that as SER_PRETRAINED_DIR."
        ) from error


def load_tensors(file: Path) -> Tensors:
    """The encoder's tensors by their names in the checkpoint, without the common prefix.

    Raises:
        SerError: if the file is not such a checkpoint.
    """
    tensors = {
        name.removeprefix(_PREFIX): value.astype(np.float32)
        for name, value in load_file(file).items()
        if name.startswith(_PREFIX)
    }
    if tensors.get("conv1.weight", np.zeros(0)).shape != (WIDTH, N_MELS, 3):
        raise SerError(f"{file} is not the checkpoint of {REPOSITORY}. Download that one.")
    return tensors


@keras.saving.register_keras_serializable(package="ser")
class Positions(layers.Layer):
    """Adds the sinusoid of each frame's position; a constant, cut to the frames at hand."""

    def __init__(self, max_frames: int, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.max_frames = max_frames
        self._table = sinusoids(max_frames, WIDTH)

    def call(self, x: Tensor) -> Tensor:
        """Input and output of shape (batch, frames, 512)."""
        return x + ops.convert_to_tensor(self._table)[None, : ops.shape(x)[1]]

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """The input's own."""
        return input_shape

    def get_config(self) -> dict[str, object]:
        """Settings of the layer."""
        return {**super().get_config(), "max_frames": self.max_frames}


def sinusoids(frames: int, width: int) -> NDArray[np.float32]:
    """Whisper's position table: sines in the first half of the width, cosines in the second."""
    rates = np.exp(-np.log(10_000.0) / (width // 2 - 1) * np.arange(width // 2))
    angles = np.arange(frames)[:, None] * rates
    return np.concatenate([np.sin(angles), np.cos(angles)], axis=1).astype(np.float32)


def encoder(tensors: Tensors, blocks: int, max_frames: int) -> keras.Model:
    """The stem and the first blocks of the encoder.

    Args:
        tensors: from `load_tensors`.
        blocks: transformer blocks to keep.
        max_frames: longest input in output frames (50 a second).

    Returns:
        A network from log-mel (batch, T, 80), 100 frames a second, to the list of the outputs of
        every block, each (batch, ceil(T / 2), 512).
    """
    inputs = keras.Input((None, N_MELS), name="x")
    x = _conv(tensors, "conv1", 1)(inputs)
    # "same" would pad an even length on one side only
    x = _conv(tensors, "conv2", 2)(x)
    x = Positions(max_frames, name="positions")(x)
    outputs = []
    for index in range(blocks):
        x = _block(tensors, f"layers.{index}", x)
        outputs.append(x)
    return keras.Model(inputs, outputs, name="whisper_encoder")


def _conv(tensors: Tensors, name: str, stride: int) -> keras.Sequential:
    kernel = tensors[f"{name}.weight"].transpose(2, 1, 0)
    conv = layers.Conv1D(WIDTH, 3, strides=stride, name=f"{name}_conv")
    block = keras.Sequential(
        [
            keras.Input((None, kernel.shape[1])),
            layers.ZeroPadding1D(1),
            conv,
            layers.Activation(_gelu),
        ],
        name=name,
    )
    conv.set_weights([kernel, tensors[f"{name}.bias"]])
    return block


def _block(tensors: Tensors, name: str, x: Tensor) -> Tensor:
    attended = _norm(tensors, f"{name}.self_attn_layer_norm", x)
    x = x + _attention(tensors, f"{name}.self_attn", attended)
    hidden = _norm(tensors, f"{name}.final_layer_norm", x)
    hidden = layers.Activation(_gelu)(_dense(tensors, f"{name}.fc1", hidden))
    return x + _dense(tensors, f"{name}.fc2", hidden)


def _attention(tensors: Tensors, name: str, x: Tensor) -> Tensor:
    def heads(projection: str) -> Tensor:
        y = _dense(tensors, f"{name}.{projection}_proj", x)
        y = layers.Reshape((-1, HEADS, WIDTH // HEADS))(y)
        return ops.transpose(y, (0, 2, 1, 3))

    q, k, v = heads("q"), heads("k"), heads("v")
    scores = ops.matmul(q, ops.transpose(k, (0, 1, 3, 2))) * (WIDTH // HEADS) ** -0.5
    mixed = ops.matmul(ops.softmax(scores, axis=-1), v)
    mixed = layers.Reshape((-1, WIDTH))(ops.transpose(mixed, (0, 2, 1, 3)))
    return _dense(tensors, f"{name}.out_proj", mixed)


def _dense(tensors: Tensors, name: str, x: Tensor) -> Tensor:
    kernel = tensors[f"{name}.weight"].T
    bias = tensors.get(f"{name}.bias")
    layer = layers.Dense(kernel.shape[1], use_bias=bias is not None, name=name.replace(".", "_"))
    y = layer(x)
    layer.set_weights([kernel] if bias is None else [kernel, bias])
    return y


def _norm(tensors: Tensors, name: str, x: Tensor) -> Tensor:
    layer = layers.LayerNormalization(epsilon=_EPSILON, name=name.replace(".", "_"))
    y = layer(x)
    layer.set_weights([tensors[f"{name}.weight"], tensors[f"{name}.bias"]])
    return y


def _gelu(x: Tensor) -> Tensor:
    # Keras' own exact form becomes Erfc, which ONNX does not know
    return 0.5 * x * (1.0 + ops.erf(x * 0.5**0.5))

"""The transformer: a frozen speech encoder, statistics over its frames, and a head that is trained.

The head learns from pooled vectors, computed once per copy of a clip; the exported file holds
encoder, pooling and head in one graph.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import keras
import numpy as np
import onnxruntime as ort
from keras import ops
from numpy.typing import NDArray

from ser_core import features
from ser_core.features import FeatureConfig
from ser_core.speech import one_thread_session
from train import whisper
from train.cache import cached, code_hash, file_hash
from train.config import TrainConfig
from train.data import Row
from train.export import check_parity, quantised, to_onnx
from train.fit import KerasRun, train_network
from train.learned import Exported, Part, Rows

_MAX_FRAMES = 512  # 10 s at 50 frames a second; windows have 3 s
_CODE = code_hash(whisper)


class Encoder:
    """The frozen part: log-mel to the mean and deviation of some blocks' outputs."""

    def __init__(self, blocks: tuple[int, ...], cfg: FeatureConfig) -> None:
        """Remember the settings; weights are read when the first vector is not in the cache.

        Args:
            blocks: whose outputs are pooled, from 1.
            cfg: of the log-mel.
        """
        self._blocks, self._cfg = blocks, cfg
        self._file = whisper.checkpoint()
        self._key = f"{_CODE} {file_hash(self._file)} {blocks} {cfg.fingerprint()}"

    @cached_property
    def network(self) -> keras.Model:
        """See `pooled_encoder`."""
        return pooled_encoder(whisper.load_tensors(self._file), self._blocks, _MAX_FRAMES)

    @cached_property
    def _session(self) -> ort.InferenceSession:
        return one_thread_session(to_onnx(self.network, {}))

    def pooled(self, row: Row, copy: str) -> NDArray[np.float32]:
        """The vector of one copy of a clip's speech, shape (1024 times the number of blocks,)."""

        def compute() -> NDArray[np.float32]:
            log_mel = features.extract(row.copy(copy), self._cfg)[: 2 * _MAX_FRAMES]
            return self._session.run(None, {"x": log_mel[None]})[0][0]

        return cached("embeddings", f"{row.copy_key(copy)} {self._key}", compute)


def pooled_encoder(
    tensors: whisper.Tensors, blocks: tuple[int, ...], max_frames: int
) -> keras.Model:
    """From log-mel (batch, T, 80) to vectors (batch, 1024 times the number of blocks)."""
    base = whisper.encoder(tensors, max(blocks), max_frames)
    base.trainable = False
    chosen = [base.outputs[block - 1] for block in blocks]
    pooled = [f(x, axis=1) for x in chosen for f in (ops.mean, ops.std)]
    return keras.Model(base.inputs[0], ops.concatenate(pooled, axis=-1), name="encoder")


def encoder_of(cfg: TrainConfig) -> Encoder:
    """The encoder of these settings, loaded once."""
    return _encoder(cfg.blocks, cfg.features)


@lru_cache(maxsize=2)
def _encoder(blocks: tuple[int, ...], cfg: FeatureConfig) -> Encoder:
    return Encoder(blocks, cfg)


@dataclass(frozen=True)
class TransformerRun(KerasRun):
    """A trained head on the frozen encoder; predicts from pooled vectors, exports both."""

    encoder: Encoder

    @cached_property
    def whole(self) -> keras.Model:
        """From log-mel to probabilities."""
        frozen = self.encoder.network
        return keras.Model(frozen.inputs[0], self.model(frozen.outputs[0]), name="transformer")

    @property
    def parameters(self) -> int:
        """Weights of encoder and head."""
        return int(sum(np.prod(w.shape) for w in self.whole.weights))

    def to_onnx(self, metadata: dict[str, str], probe: Rows) -> Exported:
        """Encoder and head with dense weights as 8-bit integers, and the same in float32."""
        content = to_onnx(self.whole, metadata)
        check_parity(self.whole, content, probe)
        return Exported(quantised(content), content)


def train_head(
    cfg: TrainConfig,
    train: Part,
    validation: Part | None = None,
    extra: Part | None = None,
    epochs: int = 0,
    label: str = "train",
) -> TransformerRun:
    """Train a head on pooled vectors; arguments as those of `train.fit.train_network`."""
    run = train_network(cfg, train, validation, extra, epochs, label)
    return TransformerRun(run.model, run.best_epoch, run.history, encoder_of(cfg))

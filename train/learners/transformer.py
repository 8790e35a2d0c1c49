"""The transformer: a frozen speech encoder, means over its frames, and a head that is trained.

The head learns from vectors that are computed once per copy of a clip, by the rounded encoder that
serves, and hears an utterance against others of its voice (`train.learners.heads`).
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import keras
import numpy as np
import onnxruntime as ort
from keras import ops
from numpy.typing import NDArray

from ser_core.errors import ModelError
from ser_core.features.config import WHISPER
from ser_core.features.extraction import extract
from ser_core.runtime import one_thread_session
from train.config import TrainConfig
from train.data.cache import cached, code_hash, file_hash
from train.data.rows import FEATURE_CODE, Row
from train.learners import whisper
from train.learners.classical import scores_of
from train.learners.export import PARITY_ATOL, check_parity, quantised, to_onnx
from train.learners.heads import Head, fit_head
from train.learners.onnx_graph import with_head
from train.learners.types import Part, Rows, Run

_MAX_FRAMES = 512  # 10 s at 50 frames a second; windows have 3 s
_PROBE_STEP = 10
_CODE = code_hash(whisper)


class Encoder:
    """The frozen part: log-mel to the means over time of some blocks' outputs."""

    def __init__(self, blocks: tuple[int, ...]) -> None:
        """Remember the blocks, from 1; weights are read when a vector is not in the cache."""
        self._blocks = blocks

    @cached_property
    def _file(self) -> Path:
        return whisper.checkpoint()

    @cached_property
    def _key(self) -> str:
        code = f"{_CODE} {FEATURE_CODE} {WHISPER.fingerprint()} 8 bits"
        return f"{code} {file_hash(self._file)} {self._blocks}"

    @cached_property
    def network(self) -> keras.Model:
        """See `pooled_encoder`."""
        return pooled_encoder(whisper.load_tensors(self._file), self._blocks, _MAX_FRAMES)

    @cached_property
    def rounded(self) -> bytes:
        """The same as ONNX with 8-bit weights: heads learn from what they will be served."""
        content = to_onnx(self.network, {})
        rows = np.random.default_rng(0).normal(0, 0.5, (2, 150, WHISPER.n_mels)).astype("f4")
        check_parity(self.network, content, list(rows))
        return quantised(content)

    @cached_property
    def _session(self) -> ort.InferenceSession:
        return one_thread_session(self.rounded)

    def vector(self, row: Row, copy: str) -> NDArray[np.float32]:
        """What the head learns from: the pooled outputs of a copy."""

        def pooled() -> NDArray[np.float32]:
            log_mel = extract(row.copy(copy), WHISPER)[: 2 * _MAX_FRAMES]
            return self._session.run(None, {"x": log_mel[None]})[0][0]

        return cached("embeddings", f"{row.copy_key(copy)} {self._key}", pooled)


@lru_cache(maxsize=1)
def encoder_of(blocks: tuple[int, ...]) -> Encoder:
    """The encoder with these blocks, loaded once."""
    return Encoder(blocks)


def pooled_encoder(
    tensors: whisper.Tensors, blocks: tuple[int, ...], max_frames: int
) -> keras.Model:
    """From log-mel (batch, T, 80) to vectors (batch, 512 times the number of blocks)."""
    base = whisper.encoder(tensors, max(blocks), max_frames)
    base.trainable = False
    chosen = [base.outputs[block - 1] for block in blocks]
    pooled = [ops.mean(x, axis=1) for x in chosen]
    return keras.Model(base.inputs[0], ops.concatenate(pooled, axis=-1), name="encoder")


@dataclass(frozen=True)
class TransformerRun(Run):
    """A fitted head on the frozen encoder; predicts from vectors, exports both."""

    head: Head
    encoder: Encoder
    history: list[dict[str, float]]
    best_epoch: int = 1

    @property
    def parameters(self) -> int:
        """Weights of encoder and head."""
        head = self.head
        own = (head.mean, head.deviation, head.scale, head.weights, head.bias)
        return self.encoder.network.count_params() + sum(array.size for array in own)

    @property
    def unlike_above(self) -> float:
        """See `Head`."""
        return self.head.unlike_above

    def predict(self, features: Rows) -> NDArray[np.float64]:
        """Probabilities of vectors by themselves, shape (n, classes)."""
        return self.head.predict(np.stack(features))

    def to_onnx(self, metadata: dict[str, str], probe: Rows) -> bytes:
        """All of it, the encoder's dense weights as 8-bit integers, as the head has learned it.

        Raises:
            ModelError: if the file answers otherwise than encoder and head one by one.
        """
        content = with_head(self.encoder.rounded, self.head, metadata)
        whole, encoder = one_thread_session(content), one_thread_session(self.encoder.rounded)
        for row in probe[::_PROBE_STEP]:
            (vector,) = encoder.run(None, {"x": row[None]})
            answer = whole.run(["probabilities"], {"x": row[None]})[0]
            worst = float(np.abs(answer - self.head.predict(vector)).max())
            if not worst <= PARITY_ATOL:
                raise ModelError(
                    f"The exported model differs from the fitted one by {worst:.1e} (at most "
                    f"{PARITY_ATOL:.0e}), so it was not written. Check train/learners/heads.py."
                )
        return content


def train_head(
    cfg: TrainConfig,
    train: Part,
    validation: Part | None = None,
    extra: Part | None = None,
    epochs: int = 0,
    label: str = "train",
) -> TransformerRun:
    """Fit a head to all copies of the rows.

    Args:
        cfg: the settings.
        train: vectors to learn from.
        validation: rows that are scored for the history; they choose nothing here.
        extra: rows of other corpora, learned from as well.
        epochs: has no meaning here; all trainers take the same arguments.
        label: has no meaning here.
    """
    head = fit_head(train.joined(extra), cfg.penalty, cfg.components, cfg.seed)
    scores = scores_of(head.predict, train, validation)
    return TransformerRun(head, encoder_of(cfg.blocks), [scores])

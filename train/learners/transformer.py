"""The transformer: a frozen speech encoder, statistics over its frames, and a head that is trained.

The head is a multinomial logistic regression on the pooled outputs of some blocks and on acoustic
functionals: what the encoder was taught to overlook, such as pitch, is what those measure. It
learns from vectors that are computed once per copy of a clip; the exported file holds all of it.
"""

import warnings
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import keras
import numpy as np
import onnxruntime as ort
from keras import ops
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from ser_core.features.config import FUNCTIONAL_ROWS, FUNCTIONALS, WHISPER
from ser_core.features.extraction import extract
from ser_core.runtime import one_thread_session
from train.config import TrainConfig
from train.data.cache import cached, code_hash, file_hash
from train.data.rows import FEATURE_CODE, Row
from train.learners import whisper
from train.learners.classical import LIMIT, scores_of, stacked, unseen_head
from train.learners.export import check_parity, check_rounding, quantised, to_onnx
from train.learners.types import CLASSES, Exported, Part, Rows, Run

_MAX_FRAMES = 512  # 10 s at 50 frames a second; windows have 3 s
_PROBE_STEP = 10
_STEPS = 200  # of the optimiser
_CODE = code_hash(whisper)


class Encoder:
    """The frozen part: log-mel to the mean and deviation of some blocks' outputs."""

    def __init__(self, blocks: tuple[int, ...]) -> None:
        """Remember the blocks, from 1; weights are read when a vector is not in the cache."""
        self._blocks = blocks

    @cached_property
    def _file(self) -> Path:
        return whisper.checkpoint()

    @cached_property
    def _key(self) -> str:
        code = f"{_CODE} {FEATURE_CODE} {WHISPER.fingerprint()}"
        return f"{code} {file_hash(self._file)} {self._blocks}"

    @cached_property
    def network(self) -> keras.Model:
        """See `pooled_encoder`."""
        return pooled_encoder(whisper.load_tensors(self._file), self._blocks, _MAX_FRAMES)

    @cached_property
    def _session(self) -> ort.InferenceSession:
        return one_thread_session(to_onnx(self.network, {}))

    def vector(self, row: Row, copy: str) -> NDArray[np.float32]:
        """What the head learns from: the functionals of a copy, then its pooled outputs."""

        def pooled() -> NDArray[np.float32]:
            log_mel = extract(row.copy(copy), WHISPER)[: 2 * _MAX_FRAMES]
            return self._session.run(None, {"x": log_mel[None]})[0][0]

        embedding = cached("embeddings", f"{row.copy_key(copy)} {self._key}", pooled)
        return np.concatenate([row.features(FUNCTIONALS, copy), embedding])


@lru_cache(maxsize=1)
def encoder_of(blocks: tuple[int, ...]) -> Encoder:
    """The encoder with these blocks, loaded once."""
    return Encoder(blocks)


def pooled_encoder(
    tensors: whisper.Tensors, blocks: tuple[int, ...], max_frames: int
) -> keras.Model:
    """From log-mel (batch, T, 80) to vectors (batch, 1024 times the number of blocks)."""
    base = whisper.encoder(tensors, max(blocks), max_frames)
    base.trainable = False
    chosen = [base.outputs[block - 1] for block in blocks]
    pooled = [f(x, axis=1) for x in chosen for f in (ops.mean, ops.std)]
    return keras.Model(base.inputs[0], ops.concatenate(pooled, axis=-1), name="encoder")


def whole_network(frozen: keras.Model, head: keras.Model) -> keras.Model:
    """From served features (batch, FUNCTIONAL_ROWS + T, 80) to probabilities."""
    inputs = keras.Input((None, WHISPER.n_mels), name="x")
    functionals = ops.reshape(inputs[:, :FUNCTIONAL_ROWS], (-1, FUNCTIONAL_ROWS * WHISPER.n_mels))
    pooled = frozen(inputs[:, FUNCTIONAL_ROWS:])
    vector = ops.concatenate([functionals[:, : FUNCTIONALS.width], pooled], axis=-1)
    return keras.Model(inputs, head(vector), name="transformer")


def head_of(
    mean: NDArray[np.float32], deviation: NDArray[np.float32], fitted: LogisticRegression
) -> keras.Model:
    """A fitted regression on clipped deviations from the mean as a network of one layer."""
    inputs = keras.Input((mean.size,))
    clipped = ops.clip((inputs - mean) / deviation, -LIMIT, LIMIT)
    layer = keras.layers.Dense(CLASSES, activation="softmax")
    network = keras.Model(inputs, layer(clipped), name="head")
    weights, bias = unseen_head(mean.size)
    weights[:, fitted.classes_], bias[fitted.classes_] = fitted.coef_.T, fitted.intercept_
    layer.set_weights([weights, bias])
    return network


@dataclass(frozen=True)
class TransformerRun(Run):
    """A fitted head on the frozen encoder; predicts from vectors, exports both."""

    head: keras.Model
    encoder: Encoder
    history: list[dict[str, float]]
    best_epoch: int = 1

    @cached_property
    def whole(self) -> keras.Model:
        """See `whole_network`."""
        return whole_network(self.encoder.network, self.head)

    @property
    def parameters(self) -> int:
        """Weights of encoder and head."""
        return int(sum(np.prod(w.shape) for w in self.whole.weights))

    def predict(self, features: Rows) -> NDArray[np.float32]:
        """Probabilities of vectors, shape (n, classes)."""
        return np.asarray(self.head(np.stack(features), training=False))

    def to_onnx(self, metadata: dict[str, str], probe: Rows) -> Exported:
        """All of it with dense weights as 8-bit integers, and the same in float32."""
        content = to_onnx(self.whole, metadata)
        # Keras takes a quarter of a second for each; a test goes through a whole fold
        check_parity(self.whole, content, probe[::_PROBE_STEP])
        rounded = quantised(content)
        check_rounding(content, rounded, probe)
        return Exported(rounded, content)


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
    x, truth, weight = stacked(train.joined(extra))
    mean, deviation = x.mean(axis=0), np.maximum(x.std(axis=0), 1e-6)
    emphasis = np.ones(mean.size, np.float32)
    emphasis[: FUNCTIONALS.width] = cfg.emphasis
    clipped = np.clip((x - mean) / deviation, -LIMIT, LIMIT)
    # copies of a clip are no new evidence, so each counts a part of it
    fitted = LogisticRegression(C=cfg.penalty / len(train.features), max_iter=_STEPS)
    with warnings.catch_warnings():
        # by then the validation score has long been flat
        warnings.simplefilter("ignore", ConvergenceWarning)
        fitted.fit(clipped * emphasis, truth, weight)
    fitted.coef_ *= emphasis
    head = head_of(mean, deviation, fitted)
    scores = scores_of(lambda rows: np.asarray(head(rows)), train, validation)
    return TransformerRun(head, encoder_of(cfg.blocks), [scores])

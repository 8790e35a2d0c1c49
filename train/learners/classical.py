"""Models without a network: logistic regression, support vectors, boosted trees.

All are fitted on `ser_core.features.functionals`; what ships is drawn as a few ONNX operators.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import linalg
from scipy.spatial.distance import cdist
from scipy.special import softmax
from sklearn.decomposition import PCA
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.utils.class_weight import compute_sample_weight

from ser_core.errors import ModelError
from ser_core.runtime import one_thread_session
from train.config import TrainConfig
from train.learners.heads import LIMIT, unseen_head
from train.learners.onnx_graph import Graph
from train.learners.types import CLASSES, Part, Rows, Run
from train.progress import track

_PARITY_ATOL = 1e-4
_JITTER = 1e-3  # keeps the equations solvable where two rows are the same
_ROUNDING = 1e-5  # a number that varies less is the same but for the last digits of a float32

Matrix = NDArray[np.float64]
Classes = NDArray[np.int64]


@dataclass(frozen=True)
class Scaler:
    """Deviations from the mean of the training rows, clipped.

    What varies by rounding alone is left out (a factor of 0): stretched to a deviation of 1 it
    would be noise, and another on each processor.
    """

    mean: NDArray[np.float32]
    factor: NDArray[np.float32]

    @classmethod
    def of(cls, x: Matrix) -> "Scaler":
        """The moments of these rows."""
        deviation = x.std(axis=0)
        factor = np.divide(1, deviation, out=np.zeros_like(deviation), where=deviation > _ROUNDING)
        return cls(x.mean(axis=0).astype(np.float32), factor.astype(np.float32))

    def __call__(self, x: Matrix) -> Matrix:
        """Scaled rows, float64."""
        return np.clip((x - self.mean) * self.factor, -LIMIT, LIMIT).astype(np.float64)

    def draw(self, graph: Graph) -> str:
        """The same in a graph."""
        scaled = graph.then("Mul", graph.then("Sub", "x", self.mean), self.factor)
        return graph.then("Clip", scaled, np.array(-LIMIT), np.array(LIMIT))


class Classifier(Protocol):
    """A fitted model that can draw itself."""

    parameters: int

    def __init__(self, x: Matrix, truth: Classes, weight: Matrix, copies: int, seed: int) -> None:
        """Fit; every class counts the same in total.

        Args:
            x: rows, shape (n, F), copy after copy, the recordings themselves first.
            truth: class of every row.
            weight: of every row.
            copies: how many there are of each.
            seed: of what is random.
        """

    def predict(self, x: Matrix) -> Matrix:
        """Probabilities of rows, shape (n, classes)."""

    def draw(self, graph: Graph) -> str:
        """Append the operators that give the same; the name of the last one's output."""


class Logistic:
    """Multinomial logistic regression."""

    C = 0.001  # the smaller, the smaller the weights

    def __init__(self, x: Matrix, truth: Classes, weight: Matrix, copies: int, seed: int) -> None:
        """See Classifier."""
        self._scaler = Scaler.of(x)
        model = LogisticRegression(C=self.C, max_iter=500, class_weight="balanced")
        model.fit(self._scaler(x), truth, weight)
        self._weights, self._bias = unseen_head(x.shape[1])
        self._weights[:, model.classes_] = model.coef_.T
        self._bias[model.classes_] = model.intercept_
        self.parameters = self._weights.size + self._bias.size

    def predict(self, x: Matrix) -> Matrix:
        """See Classifier."""
        return softmax(self._scaler(x) @ self._weights + self._bias, axis=1)

    def draw(self, graph: Graph) -> str:
        """See Classifier."""
        scores = graph.then("Gemm", self._scaler.draw(graph), self._weights, self._bias)
        return graph.then("Softmax", scores, axis=1)


class SupportVectors:
    """Least-squares support vector machines with a Gaussian kernel, one class against all others.

    Errors are squared (Suykens & Vandewalle 1999), so that linear equations replace the quadratic
    programme; the recordings themselves are the support vectors, all copies are learned from
    (reduced machines: Lee & Mangasarian 2001). On validation speakers this is 3 points of UA above
    machines with hinge loss, in a fifth of the size that all copies would take.
    """

    PENALTY = 0.3  # of the weights; the greater, the smoother
    REACH = 0.2  # of the kernel: its exponent for rows whose numbers differ by a deviation each
    COMPONENTS = 300  # principal ones of the rows that distances are measured in
    SHARPNESS = 6.0  # of the softmax over margins; a bundle's temperature refines it

    def __init__(self, x: Matrix, truth: Classes, weight: Matrix, copies: int, seed: int) -> None:
        """See Classifier."""
        self._scaler = Scaler.of(x)
        scaled = self._scaler(x)
        components = min(self.COMPONENTS, *scaled.shape)
        pca = PCA(components, svd_solver="covariance_eigh").fit(scaled)
        self._projection = (pca.components_.T * np.sqrt(self.REACH / x.shape[1])).astype("f4")
        rows = scaled @ self._projection
        self._vectors = rows[: len(x) // copies]
        classes = np.unique(truth)
        one, other = self.SHARPNESS, -self.SHARPNESS / (classes.size - 1)  # no class is favoured
        targets = np.where(truth[:, None] == classes, one, other)
        kernel = _gaussian(rows, self._vectors)
        weighted = kernel.T * (weight * compute_sample_weight("balanced", truth))
        system = weighted @ kernel + self.PENALTY * kernel[: len(self._vectors)]
        system[np.diag_indices_from(system)] += _JITTER
        self._duals, self._bias = unseen_head(len(self._vectors))
        self._duals[:, classes] = linalg.solve(system, weighted @ targets, assume_a="pos")
        self._bias[classes] = 0
        self._vectors, self._duals = self._vectors.astype("f4"), self._duals.astype("f4")
        parts = (self._projection, self._vectors, self._duals, self._bias)
        self.parameters = sum(part.size for part in parts)

    def predict(self, x: Matrix) -> Matrix:
        """See Classifier."""
        kernel = _gaussian(self._scaler(x) @ self._projection, self._vectors)
        return softmax(kernel @ self._duals + self._bias, axis=1)

    def draw(self, graph: Graph) -> str:
        """See Classifier."""
        # large weights of opposite sign: float32 alone would differ by more than the gate allows
        scaled = graph.double(self._scaler.draw(graph))
        x = graph.then("MatMul", scaled, graph.double(self._projection))
        own = graph.then("ReduceSumSquare", x, axes=[1], keepdims=1)
        v = graph.double(self._vectors.T)
        squares = graph.then("ReduceSumSquare", v, axes=[0], keepdims=1)
        product = graph.then("MatMul", x, v)
        # -|x - v|^2 = 2 xv - |v|^2 - |x|^2
        near = graph.then("Sub", graph.then("Add", product, product), squares)
        kernel = graph.then("Exp", graph.then("Sub", near, own))
        scores = graph.then("MatMul", kernel, graph.double(self._duals))
        scores = graph.then("Add", graph.single(scores), self._bias)
        return graph.then("Softmax", scores, axis=1)


class Boosting:
    """Gradient boosted trees."""

    TREES, RATE, DEPTH, SHARE = 150, 0.1, 3, 0.5

    def __init__(self, x: Matrix, truth: Classes, weight: Matrix, copies: int, seed: int) -> None:
        """See Classifier."""
        self._model = GradientBoostingClassifier(
            n_estimators=self.TREES,
            learning_rate=self.RATE,
            max_depth=self.DEPTH,
            subsample=self.SHARE,
            max_features="sqrt",
            init="zero",
            random_state=seed,
        )
        self._model.fit(x, truth, weight * compute_sample_weight("balanced", truth))
        self.parameters = sum(tree.tree_.node_count for tree in self._model.estimators_.ravel())

    def predict(self, x: Matrix) -> Matrix:
        """See Classifier."""
        result = np.zeros((len(x), CLASSES))
        result[:, self._model.classes_] = self._model.predict_proba(x)
        return result

    def draw(self, graph: Graph) -> str:
        """Refuse: trees serve the leak lab alone.

        Raises:
            ModelError: always.
        """
        raise ModelError("Boosted trees are not exported. Train one of the other models.")


CLASSIFIERS: dict[str, type[Classifier]] = {
    "logistic": Logistic,
    "svm": SupportVectors,
    "boosting": Boosting,
}


@dataclass(frozen=True)
class ClassicalRun(Run):
    """A fitted classifier."""

    classifier: Classifier
    history: list[dict[str, float]]
    best_epoch: int = 1

    @property
    def parameters(self) -> int:
        """Numbers that fitting has set."""
        return self.classifier.parameters

    def predict(self, features: Rows) -> Matrix:
        """Probabilities of vectors, shape (n, classes)."""
        return self.classifier.predict(np.stack(features))

    def to_onnx(self, metadata: dict[str, str], probe: Rows) -> bytes:
        """The classifier as ONNX, behind its gate."""
        graph = Graph()
        content = graph.to_onnx(self.classifier.draw(graph), len(probe[0]), CLASSES, metadata)
        exported = one_thread_session(content).run(None, {"x": np.stack(probe)})[0]
        worst = float(np.abs(exported - self.predict(probe)).max())
        if not worst <= _PARITY_ATOL:
            raise ModelError(
                f"The exported model differs from the fitted one by {worst:.1e} (at most "
                f"{_PARITY_ATOL:.0e}), so it was not written. Check train/learners/classical.py."
            )
        return content


def fit_classical(
    cfg: TrainConfig,
    train: Part,
    validation: Part | None = None,
    extra: Part | None = None,
    epochs: int = 0,
    label: str = "train",
) -> ClassicalRun:
    """Fit the classifier that `cfg.model` names, on all copies of the rows.

    Args:
        cfg: the settings.
        train: vectors to learn from.
        validation: rows that are scored for the history; they choose nothing here.
        extra: rows of other corpora, learned from as well.
        epochs: has no meaning here; all trainers take the same arguments.
        label: of the progress bar.

    Returns:
        The run.
    """
    x, truth, weight = stacked(train.joined(extra))
    copies = len(train.features)
    for kind in track([CLASSIFIERS[cfg.model]], label):
        classifier = kind(x, truth, weight, copies, cfg.seed)
    return ClassicalRun(classifier, [scores_of(classifier.predict, train, validation)])


def stacked(part: Part) -> tuple[Matrix, Classes, Matrix]:
    """All copies of the rows below each other: vectors, classes, weights."""
    x = np.concatenate([np.stack(vectors) for vectors in part.features.values()])
    copies = len(part.features)
    return x, np.tile(part.truth, copies), np.tile(part.weight, copies)


def scores_of(
    predict: Callable[[Any], Matrix], train: Part, validation: Part | None
) -> dict[str, float]:
    """The only line of history of a model that is fitted at once."""
    row: dict[str, float] = {"epoch": 1}
    for part, name in ((train, "train"), (validation, "val")):
        if part is not None:
            p = predict(np.stack(part.plain))
            row[f"{name}_loss"] = float(log_loss(part.truth, p, labels=range(CLASSES)))
            row[f"{name}_accuracy"] = float(np.mean(p.argmax(axis=1) == part.truth))
    return row


def _gaussian(a: Matrix, b: Matrix) -> Matrix:
    """exp(-|a - b|^2) of all pairs of rows."""
    return np.exp(-cdist(a, b, "sqeuclidean"))

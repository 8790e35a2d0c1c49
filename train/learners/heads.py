"""Heads that hear an utterance against others of its voice, and learn that from made-up sessions.

A row is learned from as the next utterance of a session: 0 to 32 others of its speaker, drawn from
the same copy, so that a room stays one room, with emotions mixed as a Dirichlet distribution has
them. Those make its baseline (`ser_core.analysis.voice`); the head, a multinomial logistic
regression, sees the vector minus the baseline.

A row competes among the classes of its corpus alone, so that the head does not learn that a
language rules a class out; where a corpus has but one of neutral and calm, it counts as either.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh
from scipy.optimize import minimize
from scipy.special import logsumexp, softmax

from ser_core.analysis.voice import baseline_of
from ser_core.emotions import Emotion
from train.data.rows import LABELS
from train.learners.types import CLASSES, Part

EARLIER = (0, 0, 1, 2, 4, 8, 16, 32)  # utterances; how many is drawn from these
MIX = 0.7  # parameter of the Dirichlet distribution: one or two emotions lead
UNLIKE_SHARE = 0.05  # of what is learned from lies farther out
LIMIT = 5.0  # deviations; what lies farther out is clipped, so that no number decides alone
_NEVER = -30.0  # score of a class that the training rows lack
_STEPS = 100  # of the optimiser; by then the validation score has long been flat
_TOLERANCE = 1e-3
_EITHER = [LABELS.index(Emotion.NEUTRAL), LABELS.index(Emotion.CALM)]

Vectors = NDArray[np.float32]
Classes = NDArray[np.int64]
Marks = NDArray[np.bool_]


@dataclass(frozen=True)
class Head:
    """A fitted head.

    Attributes:
        mean: of the vectors that were learned from, shape (d,).
        deviation: of them.
        scale: deviation of standardised vectors less their baselines.
        weights: shape (d, classes).
        bias: shape (classes,).
        unlike_above: mean square of standardised vectors that one in twenty exceeded in training.
    """

    mean: Vectors
    deviation: Vectors
    scale: Vectors
    weights: Vectors
    bias: Vectors
    unlike_above: float

    def standard(self, vectors: Vectors) -> Vectors:
        """Deviations from the mean, shape (n, d)."""
        return (vectors - self.mean) / self.deviation

    def predict(self, vectors: Vectors, baselines: Vectors | float = 0.0) -> NDArray[np.float64]:
        """Probabilities, shape (n, classes).

        Args:
            vectors: of the encoder, shape (n, d).
            baselines: shape (n, d) or (d,); 0 is the mean of all voices.
        """
        relative = np.clip((self.standard(vectors) - baselines) / self.scale, -LIMIT, LIMIT)
        return softmax((relative @ self.weights + self.bias).astype(np.float64), axis=1)


def fit_head(part: Part, penalty: float, components: int, seed: int) -> Head:
    """Fit a head to all copies of the rows, each of them in one session.

    Args:
        part: rows whose speakers and seconds of speech are known.
        penalty: inverse strength of that of the weights.
        components: principal ones that are learned from; weights come back to all dimensions.
        seed: of the sessions.
    """
    copies = [np.stack(rows) for rows in part.features.values()]
    everything = np.concatenate(copies)
    mean, deviation = everything.mean(axis=0), np.maximum(everything.std(axis=0), 1e-6)
    del everything
    standard = [(copy - mean) / deviation for copy in copies]
    squares = np.concatenate([np.mean(np.square(x), axis=1) for x in standard])
    rng = np.random.default_rng(seed)
    relative = np.concatenate([x - _baselines(x, part, rng) for x in standard])
    scale = np.maximum(relative.std(axis=0), 1e-6)
    clipped = np.clip(relative / scale, -LIMIT, LIMIT).astype(np.float32)
    axes = _principal(clipped, components)
    truth = np.tile(part.truth, len(copies))
    # copies of a clip are no new evidence, so each counts a part of it
    weight = np.tile(part.weight, len(copies)) / len(copies)
    totals = np.bincount(truth, weight, CLASSES)
    weight *= (weight.sum() / np.count_nonzero(totals) / np.maximum(totals, 1e-9))[truth]
    right, known = (np.tile(marks, (len(copies), 1)) for marks in _marks(part))
    projected, bias = _fitted(clipped @ axes, right, known, weight, penalty)
    bias[totals == 0] = _NEVER
    weights = axes @ projected
    far = float(np.quantile(squares, 1 - UNLIKE_SHARE))
    return Head(mean, deviation, scale, weights.astype("f4"), bias.astype("f4"), far)


def unseen_head(inputs: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Weights and bias in which no class has been seen yet."""
    return np.zeros((inputs, CLASSES)), np.full(CLASSES, _NEVER)


def _marks(part: Part) -> tuple[Marks, Marks]:
    """Classes that are right for each row, and those that it competes among, (n, CLASSES) each."""
    corpora = np.array([str(speaker).split("/")[0] for speaker in np.asarray(part.speakers)])
    present = np.bincount(part.truth, minlength=CLASSES) > 0
    right = np.eye(CLASSES, dtype=bool)[part.truth]
    known = np.zeros_like(right)
    for corpus in np.unique(corpora):
        rows = corpora == corpus
        of_corpus = right[rows].any(axis=0)
        if of_corpus[_EITHER].sum() == 1 and present[_EITHER].all():
            of_corpus[_EITHER] = True
            right[np.ix_(rows & right[:, _EITHER].any(axis=1), _EITHER)] = True
        known[rows] = of_corpus
    return right, known


def _fitted(
    x: Vectors, right: Marks, known: Marks, weight: NDArray[np.floating], penalty: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Weights (d, CLASSES) and bias of the least weighted cross-entropy with an L2 penalty."""
    size = x.shape[1]
    counted = weight.astype(np.float32)[:, None]

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        weights, bias = flat[:-CLASSES].reshape(size, CLASSES), flat[-CLASSES:]
        scores = x @ weights.astype(np.float32) + bias.astype(np.float32)
        among, hit = (np.where(marks, scores, -np.inf) for marks in (known, right))
        missed = logsumexp(among, axis=1) - logsumexp(hit, axis=1)
        slope = (softmax(among, axis=1) - softmax(hit, axis=1)) * counted
        down = np.concatenate([(x.T @ slope).ravel(), slope.sum(axis=0)]).astype(np.float64)
        down[:-CLASSES] += weights.ravel() / penalty
        return float(counted[:, 0] @ missed) + float(np.sum(weights**2)) / (2 * penalty), down

    start = np.zeros((size + 1) * CLASSES)
    options = {"maxiter": _STEPS, "gtol": _TOLERANCE}
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options=options).x
    return found[:-CLASSES].reshape(size, CLASSES), found[-CLASSES:]


def session(
    truth: Classes, others: Classes, shares: NDArray[np.float64], n: int, rng: np.random.Generator
) -> Classes:
    """Rows of a made-up session.

    Args:
        truth: class of every row.
        others: rows to draw from, as often as need be.
        shares: of the classes that `others` hold, in order; they sum to 1.
        n: how many rows.
        rng: draws them.
    """
    of = truth[others]
    drawn = rng.choice(np.unique(of), n, p=shares)
    return np.array([rng.choice(others[of == kind]) for kind in drawn], np.int64)


def _baselines(standard: Vectors, part: Part, rng: np.random.Generator) -> Vectors:
    speakers, seconds = np.asarray(part.speakers), np.asarray(part.speech_s)
    result = np.zeros_like(standard)
    for index, speaker in enumerate(speakers):
        others = np.flatnonzero(speakers == speaker)
        others = others[others != index]
        n = int(rng.choice(EARLIER))
        if n and others.size:
            shares = rng.dirichlet(np.full(np.unique(part.truth[others]).size, MIX))
            chosen = session(part.truth, others, shares, n, rng)
            result[index] = baseline_of(standard[chosen], seconds[chosen].tolist())
    return result


def _principal(x: Vectors, components: int) -> Vectors:
    """Directions of the most variance, shape (d, at most components)."""
    size = x.shape[1]
    first = max(size - components, 0)
    _, axes = eigh(x.T @ x / len(x), subset_by_index=[first, size - 1])
    return axes.astype(np.float32)

"""Adaptation to a voice: what a model hears in a speaker's neutral speech is taken off the rest.

A voice that is rough by nature sounds a little angry to a model even when nothing is felt. With
the log-probabilities l(x) of an utterance x, a speaker's n neutral utterances x_1 .. x_n, and the
mean r of l over the neutral utterances of other speakers,

    offset = mean(l(x_1) .. l(x_n)) - r,    adapted(x) = softmax(l(x) - strength * offset).

For a linear head this moves the features of x by strength times the difference between the neutral
means, the speaker's minus the others': speaker normalisation by neutral speech (Busso, Metallinou &
Narayanan 2011, "Iterative feature normalization for emotional speech detection"), behind the model.

`python -m train voice` measures what it brings to speakers whom the model never heard and writes
`voice.json` into the bundle; what it could not show to help is not offered.
"""

from collections.abc import Sequence
from typing import Annotated, ClassVar

import numpy as np
from msgspec import Meta
from numpy.typing import ArrayLike, NDArray

from ser_core.bundles.files import BundleFile, Count, Part, Share
from ser_core.bundles.model import Model
from ser_core.emotions import Emotion
from ser_core.errors import ModelError

Gain = Annotated[float, Meta(ge=-1, le=1)]
_FLOOR = 1e-9  # a probability of 0 would weigh without bounds


class Measured(Part, frozen=True):
    """What n neutral utterances brought to speakers never heard, on the same clips.

    Attributes:
        utterances: n.
        strength: of the offset, between 0 and 1, chosen on all speakers of the corpus.
        fold_strengths: those that were scored, per fold, each chosen on the speakers of others.
        ua_before: UA without adaptation, as a fraction.
        ua_after: UA with it.
        ci95: ends of the 95 % interval over speakers of the gain in UA.
        ece_before: expected calibration error without.
        ece_after: with it.
        better: speakers whose UA rose.
        worse: speakers whose UA fell.
        not_neutral: gain in UA where the n utterances were taken for neutral and had this emotion.
    """

    utterances: Count
    strength: Share
    fold_strengths: dict[str, Share]
    ua_before: Share
    ua_after: Share
    ci95: tuple[Gain, Gain]
    ece_before: Share
    ece_after: Share
    better: Count
    worse: Count
    not_neutral: dict[Emotion, Gain]

    @property
    def gain(self) -> float:
        """Rise of UA, as a fraction."""
        return self.ua_after - self.ua_before


class VoiceAdaptation(BundleFile, frozen=True):
    """How one model is adapted to a voice.

    Attributes:
        offered: whether the gain is surely above 0, by its interval, for each number of utterances
            that was measured: a visitor may speak any.
        reference: mean log-probability of each emotion over neutral clips of unheard speakers.
        measured: what was measured, by rising number of utterances from 1.
    """

    FILE: ClassVar[str] = "voice.json"
    COMMAND: ClassVar[str] = "python -m train voice {name}"

    offered: bool
    reference: dict[Emotion, float]
    measured: tuple[Measured, ...]

    def __post_init__(self) -> None:
        """Refuse what no type can say."""
        if set(self.reference) != set(Emotion):
            raise ValueError("the reference of an emotion is missing")
        if not self.measured or self.measured[0].utterances != 1:
            raise ValueError("one utterance was not measured")

    def by(self, utterances: int) -> Measured:
        """What was measured with so many utterances, at least one, or with the most below."""
        return [m for m in self.measured if m.utterances <= max(utterances, 1)][-1]

    def offset(self, rows: ArrayLike, labels: Sequence[Emotion]) -> NDArray[np.float64]:
        """How a speaker's neutral speech differs from that of others, at full strength.

        Args:
            rows: probabilities of the speaker's neutral utterances, shape (n, k).
            labels: labels[i] names column i.

        Returns:
            Difference of mean log-probabilities, shape (k,).

        Raises:
            ValueError: if there is no row, or not a column for each label.
        """
        rows = np.asarray(rows, np.float64)
        if rows.ndim != 2 or not len(rows) or rows.shape[1] != len(labels):
            raise ValueError(f"Expected shape (n, {len(labels)}) with n above 0, got {rows.shape}.")
        reference = np.array([self.reference[label] for label in labels])
        return log_probabilities(rows).mean(axis=0) - reference

    def adapted(self, model: Model, rows: Sequence[ArrayLike]) -> "AdaptedModel":
        """A model for one speaker.

        Args:
            model: the model of this bundle.
            rows: what it said of the speaker's neutral utterances, one row of probabilities each,
                in the order of model.card.labels. With more rows than were measured, all count,
                at the strength of the most that were.

        Raises:
            ModelError: if it is not offered for this model.
            ValueError: if there is no row.
        """
        if not self.offered:
            raise ModelError(
                f"Adaptation was not shown to help '{model.card.name}'. "
                "Go on without it, or choose another model."
            )
        shift = self.by(len(rows)).strength * self.offset(np.array(rows), model.card.labels)
        return AdaptedModel(model, shift)


class AdaptedModel:
    """A model that has been told how one speaker sounds when neutral; an `analysis.Model`."""

    def __init__(self, model: Model, shift: NDArray[np.float64]) -> None:
        self.card = model.card
        self._model = model
        self._shift = shift

    def probabilities(self, samples: NDArray[np.float32]) -> NDArray[np.float64]:
        """Probabilities of one window, adapted to the speaker.

        Args:
            samples: shape (n,), float32, 16 kHz.

        Returns:
            Shape (len(card.labels),), in the order of card.labels; sums to 1.
        """
        return shifted(self._model.probabilities(samples), self._shift)


def log_probabilities(rows: ArrayLike) -> NDArray[np.float64]:
    """Natural logarithms of probabilities, bounded below; same shape."""
    return np.log(np.maximum(np.asarray(rows, np.float64), _FLOOR))


def shifted(rows: ArrayLike, shift: NDArray[np.float64]) -> NDArray[np.float64]:
    """softmax(log(rows) - shift).

    Args:
        rows: probabilities, shape (..., k).
        shift: of the logarithms, shape (..., k).

    Returns:
        Shape (..., k); sums to 1 over the last axis.
    """
    logits = log_probabilities(rows) - shift
    raised = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return raised / raised.sum(axis=-1, keepdims=True)

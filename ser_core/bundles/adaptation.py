"""Calibration to a voice: what a model hears in a speaker's neutral speech is taken off the rest.

A voice that is rough by nature sounds a little angry to a model even when nothing is felt. With
the log-probabilities l(x) of an utterance x, a speaker's n neutral utterances x_1 .. x_n, and the
mean r of l over the neutral utterances of other speakers,

    offset = mean(l(x_1) .. l(x_n)) - r,    calibrated(x) = softmax(l(x) - strength * offset).

For a linear head this moves the features of x by strength times the difference between the neutral
means, the speaker's minus the others': speaker normalisation by neutral speech (Busso, Metallinou &
Narayanan 2011, "Iterative feature normalization for emotional speech detection"), behind the model.

`python -m train voice` measures what it brings to speakers whom the model never heard and writes
`voice.json` into the bundle; what it could not show to help is not offered.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ser_core.bundles.model import Model
from ser_core.emotions import Emotion
from ser_core.errors import ModelError

SCHEMA = 1
FILE = "voice.json"
_FLOOR = 1e-9  # a probability of 0 would weigh without bounds


@dataclass(frozen=True, slots=True)
class Measured:
    """What n neutral utterances brought to speakers never heard, on the same clips.

    Attributes:
        utterances: n.
        strength: of the offset, between 0 and 1, chosen on all speakers of the corpus.
        fold_strengths: those that were scored, per fold, each chosen on the speakers of others.
        ua_before: UA without calibration, as a fraction.
        ua_after: UA with it.
        ci95: ends of the 95 % interval over speakers of the gain in UA.
        ece_before: expected calibration error without.
        ece_after: with it.
        better: speakers whose UA rose.
        worse: speakers whose UA fell.
        not_neutral: gain in UA where the n utterances were taken for neutral and had this emotion.
    """

    utterances: int
    strength: float
    fold_strengths: Mapping[str, float]
    ua_before: float
    ua_after: float
    ci95: tuple[float, float]
    ece_before: float
    ece_after: float
    better: int
    worse: int
    not_neutral: Mapping[Emotion, float]

    @property
    def gain(self) -> float:
        """Rise of UA, as a fraction."""
        return self.ua_after - self.ua_before


@dataclass(frozen=True, slots=True)
class VoiceCalibration:
    """How one model is calibrated to a voice.

    Attributes:
        offered: whether the gain is surely above 0, by its interval, for each number of utterances
            that was measured: a visitor may speak any.
        reference: mean log-probability of each emotion over neutral clips of unheard speakers.
        measured: what was measured, by rising number of utterances from 1.
    """

    offered: bool
    reference: Mapping[Emotion, float]
    measured: tuple[Measured, ...]

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

    def calibrated(self, model: Model, rows: Sequence[ArrayLike]) -> "Calibrated":
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
                f"Calibration was not shown to help '{model.card.name}'. "
                "Go on without it, or choose another model."
            )
        shift = self.by(len(rows)).strength * self.offset(rows, model.card.labels)
        return Calibrated(model, shift)

    def save(self, folder: Path) -> Path:
        """Write voice.json into a bundle folder; returns the file."""
        text = json.dumps({"schema": SCHEMA, **asdict(self)}, indent=2, allow_nan=False)
        path = folder / FILE
        path.write_text(text + "\n", encoding="utf-8")
        return path


class Calibrated:
    """A model that has been told how one speaker sounds when neutral; an `analysis.Model`."""

    def __init__(self, model: Model, shift: NDArray[np.float64]) -> None:
        self.card = model.card
        self._model = model
        self._shift = shift

    def probabilities(self, samples: NDArray[np.float32]) -> NDArray[np.float64]:
        """Calibrated probabilities of one window.

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


def load_voice(folder: Path) -> VoiceCalibration | None:
    """The calibration of a bundle; None where none was measured.

    Raises:
        ModelError: if voice.json is there, but unreadable, of an unknown schema or incomplete.
    """
    again = f"Measure it again: python -m train voice {folder.name}"
    try:
        content = json.loads((folder / FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise ModelError(f"The {FILE} of model '{folder.name}' cannot be read. {again}") from error
    if not isinstance(content, dict) or content.get("schema") != SCHEMA:
        raise ModelError(f"The {FILE} of model '{folder.name}' has an unknown form. {again}")
    try:
        reference = {e: float(content["reference"][e]) for e in Emotion}
        measured = tuple(_measured(**entry) for entry in content["measured"])
        if not measured or measured[0].utterances != 1:
            raise ValueError("without one utterance")
        return VoiceCalibration(content["offered"] is True, reference, measured)
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(
            f"The {FILE} of model '{folder.name}' is incomplete ({error}). {again}"
        ) from error


def _measured(ci95: Sequence[float], not_neutral: dict[str, float], **facts: Any) -> Measured:
    low, high = ci95
    moods = {Emotion(name): gain for name, gain in not_neutral.items()}
    return Measured(ci95=(low, high), not_neutral=moods, **facts)

"""What a model said of clips whose emotion is known, as arrays."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from ser_core.emotions import Emotion
from ser_core.evaluation.label_sets import EMOTIONS, Grouping
from ser_core.evaluation.scores import confusion


@dataclass(frozen=True, slots=True, eq=False)
class Predictions:
    """What a model said of n clips, among k classes.

    Attributes:
        labels: the classes, in the order of columns.
        truth: class that was acted, shape (n,), int64.
        predicted: class that was heard, shape (n,), int64.
        probabilities: shape (n, k), float64; a group's is the sum of its emotions'.
        speakers: who spoke, shape (n,).
    """

    labels: tuple[str, ...]
    truth: NDArray[np.int64]
    predicted: NDArray[np.int64]
    probabilities: NDArray[np.float64]
    speakers: NDArray[np.object_]

    @classmethod
    def of(cls, rows: pd.DataFrame, grouping: Grouping = EMOTIONS) -> "Predictions":
        """Take them from rows of predictions.

        The class heard is the one of the emotion heard: a group does not win by the sum of
        emotions none of which the model would have named.

        Args:
            rows: with the columns of predictions.parquet.
            grouping: which emotions count as one.
        """
        class_of = grouping.class_of
        each = rows[[f"p_{e}" for e in Emotion]].to_numpy(np.float64)
        probabilities = np.zeros((len(rows), len(grouping.labels)))
        for column, emotion in enumerate(Emotion):
            probabilities[:, class_of[emotion]] += each[:, column]
        return cls(
            grouping.labels,
            rows["emotion"].map(class_of).to_numpy(np.int64),
            rows["predicted"].map(class_of).to_numpy(np.int64),
            probabilities,
            rows["speaker"].to_numpy(object),
        )

    @classmethod
    def of_probabilities(
        cls,
        truth: ArrayLike,
        probabilities: NDArray[np.float64],
        speakers: ArrayLike = (),
        labels: Sequence[str] = tuple(Emotion),
    ) -> "Predictions":
        """Take the most probable class for what was predicted.

        Args:
            truth: class that was acted, shape (n,).
            probabilities: shape (n, k).
            speakers: who spoke, shape (n,); may be left out where no interval is asked for.
            labels: the k classes.
        """
        truth, speakers = np.asarray(truth, np.int64), np.asarray(speakers, object)
        return cls(tuple(labels), truth, probabilities.argmax(axis=1), probabilities, speakers)

    @property
    def right(self) -> NDArray[np.bool_]:
        """Whether each clip was named rightly, shape (n,)."""
        return self.truth == self.predicted

    @property
    def confidence(self) -> NDArray[np.float64]:
        """Probability of the class heard, shape (n,)."""
        return self.probabilities[np.arange(self.predicted.size), self.predicted]

    @property
    def confusion(self) -> NDArray[np.int64]:
        """Counts, shape (k, k); rows are acted, columns heard."""
        return confusion(self.truth, self.predicted, len(self.labels))

    def take(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> "Predictions":
        """Some of the clips, by a mask or by their positions."""
        return replace(
            self,
            truth=self.truth[chosen],
            predicted=self.predicted[chosen],
            probabilities=self.probabilities[chosen],
            speakers=self.speakers[chosen],
        )

    def surest(self, chosen: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Positions of some clips, those first of which the model was surest.

        Args:
            chosen: which clips, shape (n,).
        """
        at = np.flatnonzero(chosen)
        return at[np.argsort(-self.confidence[at], kind="stable")]

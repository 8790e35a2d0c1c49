"""Two models on the clips that both were tested on: where they agree, what they are together."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ser_core.emotions import Emotion
from ser_core.evaluation.label_sets import EMOTIONS, Grouping
from ser_core.evaluation.predictions import Predictions

_PROBABILITIES = [f"p_{e}" for e in Emotion]


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """Predictions of two models to the same n clips, in the same order.

    Attributes:
        rows_a: predictions of the first model.
        rows_b: predictions of the second.
        a: the same as arrays.
        b: the same as arrays.
        grouping: the classes.
    """

    rows_a: pd.DataFrame
    rows_b: pd.DataFrame
    a: Predictions
    b: Predictions
    grouping: Grouping

    @classmethod
    def of(
        cls, rows_a: pd.DataFrame, rows_b: pd.DataFrame, grouping: Grouping = EMOTIONS
    ) -> "Pair":
        """Bring together what two models say of the clips that both were tested on.

        Args:
            rows_a: predictions of the first model, each clip at most once.
            rows_b: predictions of the second.
            grouping: which emotions count as one.
        """
        at = pd.Index(rows_b["clip"]).get_indexer(rows_a["clip"])
        a, b = rows_a[at >= 0], rows_b.iloc[at[at >= 0]]
        return cls(a, b, Predictions.of(a, grouping), Predictions.of(b, grouping), grouping)

    @property
    def only_a(self) -> NDArray[np.bool_]:
        """Where the first model alone is right, shape (n,)."""
        return self.a.right & ~self.b.right

    @property
    def only_b(self) -> NDArray[np.bool_]:
        """Where the second model alone is right, shape (n,)."""
        return self.b.right & ~self.a.right

    @property
    def agreement(self) -> NDArray[np.int64]:
        """Clips, shape (2, 2): rows are the first model right and wrong, columns the second."""
        cells = 2 * ~self.a.right + ~self.b.right
        return np.bincount(cells, minlength=4).reshape(2, 2)

    @property
    def same_class(self) -> float:
        """Share of clips of which both name the same class, right or wrong; NaN without clips."""
        return float((self.a.predicted == self.b.predicted).mean()) if len(self.rows_a) else np.nan

    def together(self) -> Predictions:
        """What the mean of the two models' probabilities hears, each model counting the same.

        The emotion heard is the one of the highest mean, whatever the classes.
        """
        mean = (
            self.rows_a[_PROBABILITIES].to_numpy(np.float64)
            + self.rows_b[_PROBABILITIES].to_numpy(np.float64)
        ) / 2
        heard = np.array([e.value for e in Emotion], object)[mean.argmax(axis=1)]
        shares = dict(zip(_PROBABILITIES, mean.T, strict=True))
        return Predictions.of(self.rows_a.assign(predicted=heard, **shares), self.grouping)


def mcnemar(only_a: int, only_b: int) -> float:
    """McNemar's test in its exact, two-sided form (McNemar 1947): its p-value.

    If the two models were equally good, who is right on a clip that only one names rightly would be
    like the toss of a coin.

    Args:
        only_a: clips that the first model alone names rightly.
        only_b: clips that the second model alone names rightly.
    """
    from scipy.stats import binomtest  # takes seconds to import

    if only_a == only_b == 0:
        return 1.0
    return float(binomtest(only_a, only_a + only_b).pvalue)

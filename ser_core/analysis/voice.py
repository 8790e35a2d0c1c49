"""What a session knows of one voice: the running mean of its utterances' vectors.

What a vector says of an emotion is relative: rooms, microphones and voices move all of them alike.
A head that adapts therefore hears an utterance against the others of its voice,

    baseline = sum(s_i * clip(v_i, -3, 3)) / (10 s + sum(s_i)),

with the vectors v_i of the other utterances, in standard deviations of what was learned from, and
their seconds of speech s_i. The mean is shrunk towards that of all voices, which is 0: ten seconds
of speech count half. No label is used (running feature normalisation: Viikki & Laurila 1998,
"Cepstral domain segmental feature vector normalization"; for emotion: Busso, Metallinou & Narayanan
2011, "Iterative feature normalization").
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

TRUST_S = 10.0  # of speech that weigh as much as all other voices
LONGEST_S = 6.0  # a long utterance counts as this, so that none decides alone
LIMIT = 3.0  # deviations; what lies farther out is clipped

Vector = NDArray[np.float32]


class Voice:
    """One speaker's utterances, added up. Costs one vector of memory, however long one speaks.

    Attributes:
        utterances: how many were heard.
        speech_s: their seconds, long ones cut.
    """

    def __init__(self) -> None:
        self.utterances = 0
        self.speech_s = 0.0
        self._sum: NDArray[np.float64] | float = 0.0

    def add(self, vector: Vector, speech_s: float) -> None:
        """Take an utterance.

        Args:
            vector: shape (d,), as `EmotionModel.hear` gives it.
            speech_s: its length in seconds.
        """
        self.utterances += 1
        self.speech_s += min(speech_s, LONGEST_S)
        self._sum = self._sum + _weighed(vector, speech_s)

    @property
    def baseline(self) -> Vector | None:
        """What the next utterance is heard against, shape (d,); None before the first one."""
        if not self.utterances:
            return None
        return np.asarray(self._sum / (TRUST_S + self.speech_s), np.float32)

    def without(self, vector: Vector, speech_s: float) -> Vector | None:
        """What an utterance that was added is heard against: all others; None without any.

        Args:
            vector: as it was added.
            speech_s: as it was added.
        """
        if self.utterances < 2:
            return None
        rest_s = self.speech_s - min(speech_s, LONGEST_S)
        return np.asarray((self._sum - _weighed(vector, speech_s)) / (TRUST_S + rest_s), np.float32)


def baseline_of(vectors: NDArray[np.floating], seconds: Sequence[float]) -> Vector:
    """The baseline that some utterances of a voice make; zeros for none.

    Args:
        vectors: shape (n, d).
        seconds: of each, n.
    """
    voice = Voice()
    for vector, speech_s in zip(vectors, seconds, strict=True):
        voice.add(vector, speech_s)
    found = voice.baseline
    return np.zeros(vectors.shape[1], np.float32) if found is None else found


def _weighed(vector: Vector, speech_s: float) -> NDArray[np.float64]:
    return min(speech_s, LONGEST_S) * np.clip(vector, -LIMIT, LIMIT).astype(np.float64)

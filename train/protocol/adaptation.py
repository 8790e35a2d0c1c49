"""What adaptation to a voice (`ser_core.bundles.adaptation`) brings to actors never heard.

From the out-of-fold answers of a bundle alone. To every choice of n neutral clips of an actor the
model adapts once, and the actor's remaining clips are scored with and without. Nothing that it
adapts to comes from a tested fold but the actor's own n clips: the reference is the neutral speech
of the other folds, and the strength is the best one on their actors, for whom the reference is that
of the folds that remain.
"""

from collections.abc import Collection
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ser_core.bundles.adaptation import Measured, VoiceAdaptation, log_probabilities, shifted
from ser_core.bundles.predictions import load_predictions
from ser_core.emotions import Emotion
from ser_core.errors import CorpusError
from ser_core.evaluation.curves import reliability
from ser_core.evaluation.intervals import difference
from ser_core.evaluation.predictions import Predictions
from ser_core.evaluation.scores import score, scores_of
from ser_core.protocols import Protocol
from train.publish import card_text

UTTERANCES = (1, 2, 3)  # RAVDESS has four neutral clips an actor; one must remain to be scored
STRENGTHS = tuple(round(0.1 * i, 1) for i in range(11))  # 0 is no adaptation
_LABELS = tuple(Emotion)
_FOLDS = 3  # one tested, one to choose on, one to refer to


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """Out-of-fold answers on n clips.

    Attributes:
        logs: log-probabilities, shape (n, k), columns as in Emotion.
        truth: column of the true emotion, shape (n,).
        speakers: shape (n,).
        folds: in which each was tested, shape (n,).
    """

    logs: NDArray[np.float64]
    truth: NDArray[np.int64]
    speakers: NDArray[np.str_]
    folds: NDArray[np.int64]

    @classmethod
    def of(cls, table: pd.DataFrame) -> "Answers":
        """From a table of predictions; the speaker-independent ones count."""
        table = table[table.protocol == Protocol.SPEAKER_INDEPENDENT]
        return cls(
            log_probabilities(table[[f"p_{e.value}" for e in _LABELS]]),
            np.array([_LABELS.index(e) for e in table.emotion], np.int64),
            table.speaker.to_numpy(str),
            table.fold.to_numpy(np.int64),
        )

    def rows_of(self, emotion: Emotion) -> NDArray[np.bool_]:
        """Which clips have an emotion, shape (n,)."""
        return self.truth == _LABELS.index(emotion)

    def reference(self, hidden: Collection[int] = ()) -> NDArray[np.float64]:
        """Mean log-probabilities of neutral clips outside some folds, shape (k,)."""
        seen = self.rows_of(Emotion.NEUTRAL) & ~np.isin(self.folds, list(hidden))
        return self.logs[seen].mean(axis=0)


@dataclass(frozen=True, slots=True, eq=False)
class Trials:
    """Clips to score, each beside the offset that its actor's chosen clips give.

    Attributes:
        rows: row numbers of the answers, shape (m,); a clip is there once per choice.
        offsets: shape (m, k).
    """

    rows: NDArray[np.int64]
    offsets: NDArray[np.float64]


def measure_voice(table: pd.DataFrame) -> VoiceAdaptation | None:
    """Measure adaptation to a voice for each number of utterances.

    Args:
        table: content of predictions.parquet.

    Returns:
        What voice.json holds; None where fewer than three folds were tested, or an actor has fewer
        than two neutral clips.
    """
    answers = Answers.of(table)
    neutral = answers.speakers[answers.rows_of(Emotion.NEUTRAL)]
    fewest = min((int(np.sum(neutral == s)) for s in np.unique(answers.speakers)), default=0)
    numbers = [n for n in UTTERANCES if n < fewest]
    if not numbers or np.unique(answers.folds).size < _FOLDS:
        return None
    reference = dict(zip(_LABELS, answers.reference().tolist(), strict=True))
    measured = tuple(_measure(answers, n) for n in numbers)
    return VoiceAdaptation(all(m.ci95[0] > 0 for m in measured), reference, measured)


def write_voice(bundle: Path) -> Path:
    """Measure a bundle by its predictions, write its voice.json, and its README anew.

    Returns:
        The written voice.json.

    Raises:
        ModelError: if its card, scores or predictions are missing.
        CorpusError: if its corpus has too few folds or neutral clips.
    """
    voice = measure_voice(load_predictions(bundle))
    if voice is None:
        raise CorpusError(
            f"The scored clips of '{bundle.name}' do not suffice: it takes {_FOLDS} folds and two "
            "neutral clips of each speaker. Train it on the whole corpus."
        )
    path = voice.save(bundle)
    card_text.write_readme(bundle)
    return path


def trials(
    answers: Answers, n: int, fold: int, hidden: Collection[int] = (), mood: Emotion | None = None
) -> Trials:
    """Every choice of n clips of each actor of a fold, with the actor's other clips.

    Args:
        answers: all answers.
        n: clips to adapt to.
        fold: whose actors speak.
        hidden: further folds that the reference must not know.
        mood: emotion of the clips that are taken for neutral; neutral if None.
    """
    reference = answers.reference({fold, *hidden})
    usable = answers.rows_of(mood or Emotion.NEUTRAL)
    rows, offsets = [np.empty(0, np.int64)], [np.empty((0, len(_LABELS)))]
    for speaker in np.unique(answers.speakers[answers.folds == fold]):
        own = np.flatnonzero(answers.speakers == speaker)
        for chosen in combinations(own[usable[own]], n):
            rest = np.setdiff1d(own, chosen)
            offset = answers.logs[list(chosen)].mean(axis=0) - reference
            rows.append(rest)
            offsets.append(np.tile(offset, (rest.size, 1)))
    return Trials(np.concatenate(rows), np.concatenate(offsets))


def best_strength(answers: Answers, n: int, tested: int | None = None) -> float:
    """The strength with the highest UA on the actors of all folds but the tested one.

    Args:
        answers: all answers; those of the tested fold are not looked at.
        n: clips to adapt to.
        tested: a fold, or None to choose on all.
    """
    hidden = () if tested is None else (tested,)
    folds = [int(f) for f in np.unique(answers.folds) if f != tested]
    found = _joined([trials(answers, n, fold, hidden) for fold in folds])
    logs, truth = answers.logs[found.rows], answers.truth[found.rows]
    named = [(logs - strength * found.offsets).argmax(axis=1) for strength in STRENGTHS]
    scores = [score("ua", truth, predicted, len(_LABELS)) for predicted in named]
    return STRENGTHS[int(np.argmax(scores))]  # the mildest of equals


def _measure(answers: Answers, n: int) -> Measured:
    strengths = {int(f): best_strength(answers, n, int(f)) for f in np.unique(answers.folds)}
    before, after = _scored(answers, n, strengths)
    gain = difference(after, before)
    low, high = gain.ends or (gain.value, gain.value)
    speakers = before.speakers
    each = [
        _ua(after.take(speakers == s)) - _ua(before.take(speakers == s))
        for s in np.unique(speakers)
    ]
    return Measured(
        utterances=n,
        strength=best_strength(answers, n),
        fold_strengths={str(fold): strength for fold, strength in strengths.items()},
        ua_before=_ua(before),
        ua_after=_ua(after),
        ci95=(low, high),
        ece_before=reliability(before).error,
        ece_after=reliability(after).error,
        better=sum(change > 0 for change in each),
        worse=sum(change < 0 for change in each),
        not_neutral=_not_neutral(answers, n, strengths),
    )


def _not_neutral(answers: Answers, n: int, strengths: dict[int, float]) -> dict[Emotion, float]:
    """Gain where an actor was not neutral while the model adapted, per emotion."""
    gains: dict[Emotion, float] = {}
    for mood in _LABELS:
        if mood != Emotion.NEUTRAL:
            before, after = _scored(answers, n, strengths, mood)
            if before.truth.size:
                gains[mood] = _ua(after) - _ua(before)
    return gains


def _scored(
    answers: Answers, n: int, strengths: dict[int, float], mood: Emotion | None = None
) -> tuple[Predictions, Predictions]:
    """What is said of the tested rows, before and after."""
    parts = [trials(answers, n, fold, mood=mood) for fold in strengths]
    by = np.repeat(list(strengths.values()), [part.rows.size for part in parts])
    tested = _joined(parts)
    before = np.exp(answers.logs[tested.rows])
    after = shifted(before, by[:, None] * tested.offsets)
    truth, speakers = answers.truth[tested.rows], answers.speakers[tested.rows]
    first, second = (Predictions.of_probabilities(truth, p, speakers) for p in (before, after))
    return first, second


def _joined(parts: list[Trials]) -> Trials:
    return Trials(
        np.concatenate([part.rows for part in parts]),
        np.concatenate([part.offsets for part in parts]),
    )


def _ua(predictions: Predictions) -> float:
    return float(scores_of(predictions.confusion)["ua"])

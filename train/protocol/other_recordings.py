"""Other recordings: how a model does on a corpus of which it learned nothing.

For each corpus at hand, a recipe that learns from several corpora learns from the others alone; any
other model is tested, as it is, on those it did not learn from. Only classes that both sides know
are tested; calm and neutral are one class where either side has but one of them. A model that
adapts is also tested within sessions: after 1 to 32 earlier utterances of the same speaker.

The temperature and the threshold of a model that learns from several corpora are fitted on its
left-out ones; for the scores of one of these, on the others'.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ser_core.analysis.spoken import window_bounds
from ser_core.analysis.voice import baseline_of
from ser_core.audio.clip import SAMPLE_RATE_HZ
from ser_core.bundles.metrics import OtherRecordings, SessionScores
from ser_core.bundles.model import EmotionModel
from ser_core.bundles.temperature import tempered
from ser_core.corpora.index.reading import find_root
from ser_core.corpora.registry import get, names
from ser_core.emotions import Emotion
from ser_core.evaluation.curves import reliability
from ser_core.evaluation.intervals import estimates
from ser_core.evaluation.predictions import Predictions
from train.data.rows import LABELS, Row, load_rows
from train.learners.heads import MIX, session
from train.progress import track
from train.protocol import evaluate, temperature_scaling

EARLIER = (1, 3, 8, 32)  # utterances of a session
BALANCED, SKEWED, NEUTRAL = "balanced", "skewed", "mostly neutral"
SESSIONS = (*((BALANCED, n) for n in EARLIER), (SKEWED, 8), (NEUTRAL, 8))
ANSWERED_SHARE = 0.6  # of left-out clips that are answered at all
_NEUTRAL_SHARE = 0.75
_DRAWS = 3  # sessions of every clip
_CALM, _NEUTRAL = LABELS.index(Emotion.CALM), LABELS.index(Emotion.NEUTRAL)
_LOG = logging.getLogger(__name__)

Probabilities = NDArray[np.float64]


@dataclass(frozen=True)
class Tested:
    """What a model said of one corpus that it did not learn from; nothing is tempered yet.

    Attributes:
        rows: the clips.
        learned_from: names of the corpora that it did learn from.
        alone: probabilities of each clip by itself, shape (n, k), columns as in LABELS.
        sessions: the same after earlier utterances, per kind of session and draw.
    """

    rows: list[Row]
    learned_from: tuple[str, ...]
    alone: Probabilities
    sessions: Mapping[tuple[str, int], list[Probabilities]]

    @cached_property
    def one_calm(self) -> bool:
        """Whether calm counts as neutral: unless both sides tell them apart."""
        both = {Emotion.CALM, Emotion.NEUTRAL}
        return not (both <= self._known and both <= {row.record.emotion for row in self.rows})

    @cached_property
    def classes(self) -> tuple[Emotion, ...]:
        """Those of both sides, in the order of columns."""
        known = {self._counted(emotion) for emotion in self._known}
        acted = {self._counted(row.record.emotion) for row in self.rows}
        return tuple(emotion for emotion in LABELS if emotion in known & acted)

    @cached_property
    def kept(self) -> NDArray[np.bool_]:
        """Clips of these classes, shape (n,)."""
        return np.array([self._counted(row.record.emotion) in self.classes for row in self.rows])

    def predictions(self, probabilities: Probabilities) -> Predictions:
        """Answers among the classes of both sides, on the clips of these.

        Args:
            probabilities: shape (n, k), columns as in LABELS.
        """
        p = probabilities[self.kept].copy()
        if self.one_calm:
            p[:, _NEUTRAL] += p[:, _CALM]
        shares = p[:, [LABELS.index(emotion) for emotion in self.classes]]
        records = [row.record for row, kept in zip(self.rows, self.kept, strict=True) if kept]
        return Predictions.of_probabilities(
            [self.classes.index(self._counted(record.emotion)) for record in records],
            shares / shares.sum(axis=1, keepdims=True),
            [record.speaker for record in records],
            self.classes,
        )

    @property
    def _known(self) -> set[Emotion]:
        return {emotion for name in self.learned_from for emotion in get(name).info.classes}

    def _counted(self, emotion: Emotion) -> Emotion:
        return Emotion.NEUTRAL if self.one_calm and emotion == Emotion.CALM else emotion


def other_recordings(
    bundle: Path, left_out: Mapping[str, Tested] | None = None
) -> dict[str, OtherRecordings]:
    """Scores on every corpus at hand that a model, or its recipe, did not learn from.

    Args:
        bundle: of the model.
        left_out: for the corpora that it learned from, what its recipe said without each.

    Returns:
        Per corpus its entry in metrics.json.
    """
    model, found = EmotionModel(bundle), {}
    learned_from = tuple(corpus.name for corpus in model.card.corpora)
    shipped = model.card.temperature, model.card.abstain_threshold
    for name in names():
        if left_out and name in left_out:
            found[name] = scores(left_out[name], *settings(left_out, without=name))
        elif name not in learned_from and find_root(name) is not None:
            found[name] = scores(heard(load_rows(name), model, learned_from), *shipped)
    if missing := set(names()) - set(found) - set(learned_from):
        _LOG.warning("Not on this machine, so not tested on: %s.", ", ".join(sorted(missing)))
    return found


def settings(left_out: Mapping[str, Tested], without: str = "") -> tuple[float, float]:
    """Temperature and threshold that hold on left-out corpora.

    Args:
        left_out: per corpus, what was said without it.
        without: name of one that must not choose.
    """
    chosen_by = [part for name, part in left_out.items() if name != without]
    temperature = temperature_scaling.fit_temperature_of(
        [
            part.predictions(p)
            for part in chosen_by
            for p in (part.alone, *part.sessions.get((BALANCED, 8), [])[:1])
        ]
    )
    tops = [tempered(part.alone, temperature).max(axis=1) for part in chosen_by]
    return temperature, float(np.mean([np.quantile(t, 1 - ANSWERED_SHARE) for t in tops]))


def scores(part: Tested, temperature: float, threshold: float) -> OtherRecordings:
    """The entry of one tested corpus in metrics.json.

    Args:
        part: what was said of it.
        temperature: divides the logits.
        threshold: below this top probability, among all classes, there is no answer.
    """
    answers = tempered(part.alone, temperature)
    alone, kept = part.predictions(answers), part.kept
    sure = answers.max(axis=1)[kept] >= threshold
    found = estimates(alone)
    counts = np.bincount(alone.predicted, minlength=len(alone.labels))
    return OtherRecordings(
        ua=found["ua"].value,
        wa=found["wa"].value,
        ci95={"ua": found["ua"].ends} if found["ua"].ends else {},
        classes=tuple(Emotion(label) for label in alone.labels),
        clips=alone.truth.size,
        learned_from=part.learned_from,
        ece=reliability(alone).error,
        answered=float(sure.mean()),
        answered_wa=float(alone.right[sure].mean()) if sure.any() else 0.0,
        most_given=float(counts.max() / counts.sum()),
        sessions=tuple(
            _session_scores(mix, n, [part.predictions(p) for p in draws])
            for (mix, n), draws in part.sessions.items()
        ),
    )


def _session_scores(mix: str, earlier: int, draws: list[Predictions]) -> SessionScores:
    found = [estimates(predictions)["ua"] for predictions in draws]
    ends = [estimate.ends for estimate in found if estimate.ends]
    middle = tuple(np.mean(ends, axis=0).tolist()) if ends else ()
    return SessionScores(mix, earlier, float(np.mean([e.value for e in found])), middle)


def heard(rows: list[Row], model: EmotionModel, learned_from: tuple[str, ...]) -> Tested:
    """What a model says of the clips of a corpus, alone and in sessions, as it serves.

    Args:
        rows: the clips.
        model: an exported model.
        learned_from: names of the corpora that it learned from.
    """
    label = f"{rows[0].record.corpus} for {model.card.name}"
    if not model.adapts:
        alone, _ = evaluate.served_probabilities(rows, model, label)
        return Tested(rows, learned_from, tempered(alone, 1 / model.card.temperature), {})
    clips = [_windows(row, model) for row in track(rows, label)]
    nothing = np.zeros((len(rows), clips[0][0].shape[1]), np.float32)
    sessions = {
        (mix, n): [_answers(model, clips, b) for b in _baselines(rows, clips, mix, n)]
        for mix, n in SESSIONS
    }
    return Tested(rows, learned_from, _answers(model, clips, nothing), sessions)


def _windows(row: Row, model: EmotionModel) -> tuple[NDArray[np.float32], list[float]]:
    """Vectors of the windows that serving would score, and their seconds."""
    pieces = [utterance.samples for utterance in row.utterances()] or [row.clip().samples]
    card = model.card
    windows = [
        piece[start:end]
        for piece in pieces
        for start, end in window_bounds(piece.size, card.window_s, card.hop_s)
    ]
    seconds = [window.size / SAMPLE_RATE_HZ for window in windows]
    return np.stack([model.hear(window).vector for window in windows]), seconds


def _answers(
    model: EmotionModel,
    clips: list[tuple[NDArray[np.float32], list[float]]],
    baselines: NDArray[np.float32],
) -> Probabilities:
    """Probabilities of clips: the mean over the windows of each, each weighing its seconds."""
    counts = [len(seconds) for _, seconds in clips]
    vectors = np.concatenate([vectors for vectors, _ in clips])
    rows = model.again(vectors, np.repeat(baselines, counts, axis=0))
    columns = [model.card.labels.index(emotion) for emotion in LABELS]
    raw = tempered(rows, 1 / model.card.temperature)[:, columns]
    ends = np.cumsum([0, *counts])
    return np.array(
        [
            np.average(raw[a:b], axis=0, weights=seconds)
            for (a, b), (_, seconds) in zip(pairwise(ends), clips, strict=True)
        ]
    )


def _baselines(
    rows: list[Row],
    clips: list[tuple[NDArray[np.float32], list[float]]],
    mix: str,
    n: int,
) -> list[NDArray[np.float32]]:
    """Per draw, what each clip is heard against after n earlier ones, shape (clips, d)."""
    means = np.array([np.average(v, axis=0, weights=s) for v, s in clips], np.float32)
    seconds = np.array([row.speech_s for row in rows])
    truth = np.array([LABELS.index(row.record.emotion) for row in rows])
    speakers = np.array([row.record.speaker for row in rows])
    rng = np.random.default_rng([n, len(mix)])
    draws = [np.zeros_like(means) for _ in range(_DRAWS)]
    for index, speaker in enumerate(speakers):
        others = np.flatnonzero(speakers == speaker)
        others = others[others != index]
        if not others.size:
            continue
        for draw in draws:
            shares = _shares(np.unique(truth[others]), mix, rng)
            chosen = session(truth, others, shares, n, rng)
            draw[index] = baseline_of(means[chosen], seconds[chosen].tolist())
    return draws


def _shares(classes: NDArray[np.int64], mix: str, rng: np.random.Generator) -> NDArray[np.float64]:
    """How often a session holds each of the classes."""
    if mix == SKEWED:
        return rng.dirichlet(np.full(classes.size, MIX))
    calm = np.isin(classes, (_CALM, _NEUTRAL))
    if mix == BALANCED or not calm.any() or calm.all():
        return np.full(classes.size, 1 / classes.size)
    return np.where(calm, _NEUTRAL_SHARE / calm.sum(), (1 - _NEUTRAL_SHARE) / (~calm).sum())

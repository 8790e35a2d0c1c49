"""Scores exported models on the path that serves people: find speech, score windows, sum up."""

import platform
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ser_core.analysis.analyser import Analyser
from ser_core.analysis.timeline import Verdict
from ser_core.analysis.voice import Voice
from ser_core.audio.clip import SAMPLE_RATE_HZ, AudioClip
from ser_core.bundles.metrics import FoldScores, Latency, ProtocolScores
from ser_core.bundles.model import EmotionModel
from ser_core.evaluation.intervals import estimates
from ser_core.evaluation.predictions import Predictions
from ser_core.evaluation.scores import recall, scores_of
from ser_core.protocols import Protocol
from ser_core.speech.segmenter import Utterance
from train.data.rows import LABELS, Row
from train.progress import track

PROBABILITY_COLUMNS = [f"p_{e.value}" for e in LABELS]
_LATENCY_RUNS = 200


def served_probabilities(
    rows: list[Row], model: EmotionModel, label: str
) -> tuple[NDArray[np.float64], list[str]]:
    """Probabilities of whole clips, as the command line and the pages give them.

    Args:
        rows: clips to score.
        model: the exported model.
        label: of the progress bar.

    Returns:
        Shape (n, k), columns as in LABELS, and the clips without speech.
    """
    result, unvoiced = [], []
    for row in track(rows, label):
        probabilities, voiced = clip_probabilities(row.utterances(), row.clip, model)
        result.append(probabilities)
        if not voiced:
            unvoiced.append(row.record.clip)
    return np.array(result), unvoiced


def clip_probabilities(
    utterances: list[Utterance], clip: Callable[[], AudioClip], model: EmotionModel
) -> tuple[NDArray[np.float64], bool]:
    """Probabilities of a clip, shape (k,), columns as in LABELS, and whether it holds speech.

    A labelled clip without is scored as one window, so that none is left out.
    """
    found = verdict_of(utterances, model).probabilities
    voiced = bool(found)
    if not voiced:
        window = model.probabilities(clip().samples)
        found = dict(zip(model.card.labels, window.tolist(), strict=True))
    return np.array([found[emotion] for emotion in LABELS]), voiced


def verdict_of(utterances: list[Utterance], model: EmotionModel) -> Verdict:
    """What `analyse` says of a clip whose utterances are known; finding them takes most time."""
    analyser = Analyser(model, voice=Voice())
    for utterance in utterances:
        analyser.score(utterance)
    analyser.hear_again()
    return analyser.timeline().verdict


def prediction_table(
    rows: list[Row], probabilities: NDArray[np.float64], protocol: Protocol, fold: int
) -> pd.DataFrame:
    """One line per clip, as predictions.parquet holds them; columns as in LABELS."""
    facts = [
        {
            "clip": r.record.clip,
            "protocol": protocol.value,
            "fold": fold,
            "speaker": r.record.speaker,
            "sex": r.record.sex,
            "intensity": r.record.intensity,
            "statement": r.record.statement,
            "repetition": r.record.repetition,
            "emotion": r.record.emotion.value,
            "predicted": LABELS[p.argmax()].value,
        }
        for r, p in zip(rows, probabilities, strict=True)
    ]
    columns = pd.DataFrame(probabilities.astype(np.float32), columns=PROBABILITY_COLUMNS)
    return pd.concat([pd.DataFrame(facts), columns], axis=1)


def protocol_scores(
    table: pd.DataFrame,
    seed: int,
    train_wa: float,
    unvoiced: int,
) -> ProtocolScores:
    """The scores of one protocol.

    Args:
        table: one line per tested clip.
        seed: of the run.
        train_wa: WA on what was learned from.
        unvoiced: how many clips hold no speech.
    """
    predictions = Predictions.of(table)
    recalls = dict(zip(LABELS, recall(predictions.confusion).tolist(), strict=True))
    found = estimates(predictions)
    return ProtocolScores(
        **{name: estimate.value for name, estimate in found.items()},
        ci95={name: estimate.ends for name, estimate in found.items() if estimate.ends},
        per_class_recall={e: share for e, share in recalls.items() if np.isfinite(share)},
        folds=tuple(_fold_scores(int(fold), part) for fold, part in table.groupby("fold")),
        clips=len(table),
        seed=seed,
        train_wa=train_wa,
        unvoiced_fallback=unvoiced,
    )


def _fold_scores(fold: int, table: pd.DataFrame) -> FoldScores:
    found = scores_of(Predictions.of(table).confusion)
    speakers = tuple(sorted(table.speaker.unique()))
    return FoldScores(fold, float(found["ua"]), float(found["wa"]), speakers)


def latency_ms(model: EmotionModel) -> Latency:
    """Time of features and network for one window of the model's length, one thread."""
    n = round(model.card.window_s * SAMPLE_RATE_HZ)
    window = np.random.default_rng(0).normal(0, 0.1, n).astype(np.float32)
    times = []
    for _ in range(_LATENCY_RUNS + 10):
        start = time.perf_counter()
        model.probabilities(window)
        times.append(1000 * (time.perf_counter() - start))
    median, p95 = np.percentile(times[10:], [50, 95])  # the first calls fill caches
    return Latency(round(float(median), 2), round(float(p95), 2), 1, machine())


def machine() -> str:
    """Processor, system and Python of this machine, in words."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    cpu = names[0] if names else platform.processor() or platform.machine()
    return f"{cpu}, {platform.system()}, Python {platform.python_version()}"

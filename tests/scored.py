"""Bundles with scores for the pages: predictions drawn by chance, scores by scikit-learn."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import accuracy_score, balanced_accuracy_score, f1_score, recall_score

from ser_core.corpora.index.reading import load_index
from ser_core.emotions import Emotion
from ser_core.protocols import Protocol
from tests.bundles import make_bundle

CLASSES = [e.value for e in Emotion]
PROTOCOLS = {Protocol.SPEAKER_INDEPENDENT: 1440, Protocol.RANDOM_SPLIT: 288}


def make_scored_bundle(folder: Path, name: str, skill: float, seed: int) -> Path:
    """Write a whole bundle, history included; more skill means fewer mistakes."""
    target = make_bundle(folder, name, title=name.upper(), command=f"python -m train fit {name}")
    rng = np.random.default_rng(seed)
    parts = [_predictions(rng, protocol, skill) for protocol in PROTOCOLS]
    pd.concat(parts, ignore_index=True).to_parquet(target / "predictions.parquet")
    metrics = {
        "schema": 1,
        "model": name,
        "protocols": {p: _scores(part) for p, part in zip(PROTOCOLS, parts, strict=True)},
        "calibration": {"temperature": 1.0, "ece_before": 0.05, "ece_after": 0.041 + seed / 100},
        "parameters": 12_345,
        "size_bytes": 250_000,
        "latency_ms": {"median": 1.5, "p95": 2.5, "threads": 1, "machine": "test"},
    }
    (target / "metrics.json").write_text(json.dumps(metrics))
    epochs = range(1, 6)
    history = [
        {"protocol": p, "fold": fold, "epoch": e, "train_loss": 2 / e, "val_loss": 1 + 1 / e}
        | {"train_accuracy": 0.15 * e, "val_accuracy": 0.1 * e}
        for p in PROTOCOLS
        for fold in (1, 2)
        for e in epochs
    ]
    pd.DataFrame(history).to_csv(target / "history.csv", index=False)
    return target


def _predictions(rng: np.random.Generator, protocol: str, skill: float) -> pd.DataFrame:
    clips = load_index("ravdess").sample(PROTOCOLS[protocol], random_state=42).sort_index()
    logits = rng.normal(size=(len(clips), len(CLASSES)))
    logits[np.arange(len(clips)), clips["emotion"].map(CLASSES.index)] += skill
    # no model here hears a neutral voice as surprised: one cell is surely empty
    logits[clips["emotion"] == "neutral", CLASSES.index("surprised")] = -20
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    rows = clips[["clip", "speaker", "sex", "intensity", "statement", "repetition", "emotion"]]
    return rows.assign(
        protocol=protocol,
        fold=1 + clips["actor"] % 6,
        predicted=[CLASSES[i] for i in shares.argmax(axis=1)],
        **{f"p_{e}": shares[:, i] for i, e in enumerate(CLASSES)},
    )


def _scores(rows: pd.DataFrame) -> dict[str, object]:
    truth, predicted = rows["emotion"], rows["predicted"]
    ua = balanced_accuracy_score(truth, predicted)
    recalls = recall_score(truth, predicted, labels=CLASSES, average=None)
    return {
        "ua": ua,
        "wa": accuracy_score(truth, predicted),
        "macro_f1": f1_score(truth, predicted, average="macro"),
        "ci95": {name: [ua - 0.03, ua + 0.03] for name in ("ua", "wa", "macro_f1")},
        "train_wa": 0.9,
        "per_class_recall": dict(zip(CLASSES, recalls.tolist(), strict=True)),
        "folds": [],
        "seed": 42,
        "clips": len(rows),
        "unvoiced_fallback": 7,
    }

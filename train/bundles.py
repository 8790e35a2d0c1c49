"""From a corpus to a complete bundle: the whole of `python -m train fit`."""

import hashlib
import shutil
import tempfile
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np

from ser_core.bundle import MODELS_DIR, ModelCard
from ser_core.corpora import get
from ser_core.errors import CorpusError
from train import texts
from train.config import PROTOCOLS, SPEAKER_INDEPENDENT, TrainConfig
from train.data import LABELS, Row, labels_of, load_features, load_rows
from train.export import check_parity, metadata_of, to_onnx
from train.fit import Part, Run, train_network
from train.protocols import (
    Split,
    first_of_each,
    random_splits,
    run_protocol,
    speaker_splits,
)
from train.results import write_results

WINDOW_S = 3.0
_PARITY_ROWS = 24


def fit(
    cfg: TrainConfig,
    corpus: str = "ravdess",
    root: Path | None = None,
    protocols: tuple[str, ...] = PROTOCOLS,
    out_dir: Path = MODELS_DIR,
) -> Path:
    """Score a network under the protocols, train it on everything, and write its bundle.

    Args:
        cfg: the settings.
        corpus: name of the corpus.
        root: its folder; the default one if None.
        protocols: which ones to run; the first gives epochs and calibration of the shipped model.
        out_dir: folder of the bundles.

    Returns:
        The bundle's folder.

    Raises:
        SerError: if the corpus is missing or an export is not faithful; nothing is written then.
    """
    rows = load_rows(corpus, root)
    if out_dir == MODELS_DIR and len(rows) != get(corpus).info.clips:
        raise CorpusError(
            f"Only {len(rows)} of {get(corpus).info.clips} recordings are there, so this would not "
            f"be the model it claims to be. Fetch the rest (python -m train verify {corpus} names "
            "them), or put a trial elsewhere: --out DIR"
        )
    speeds = tuple(sorted({1.0, *cfg.speeds}))
    features = Part(load_features(rows, cfg.features, speeds), labels_of(rows))
    plain = _card(cfg, corpus, rows)

    def export(run: Run, folder: Path) -> None:
        _export(run, features, plain, folder)

    with tempfile.TemporaryDirectory(prefix="ser-fit-") as work:
        outcomes = {
            protocol: run_protocol(
                protocol,
                _splits(protocol, cfg, rows, features, corpus),
                cfg,
                rows,
                features,
                export,
                Path(work),
            )
            for protocol in protocols
        }
        leading = next(iter(outcomes.values()))
        everything = np.arange(len(rows))
        chosen = first_of_each(everything, features.truth, cfg.max_per_class)
        epochs = round(float(np.median(leading.best_epochs)))
        run = train_network(cfg, features.take(chosen), epochs=epochs, label=cfg.model)
        bundle = Path(work) / cfg.model
        card = replace(
            plain,
            temperature=leading.temperature,
            abstain_threshold=leading.abstain_threshold,
            recipe=plain.recipe | {"epochs": epochs},
        )
        _export(run, features, card, bundle)
        write_results(bundle, outcomes)
        return _replace_folder(bundle, out_dir / cfg.model)


def _splits(
    protocol: str, cfg: TrainConfig, rows: list[Row], features: Part, corpus: str
) -> list[Split]:
    if protocol == SPEAKER_INDEPENDENT:
        return speaker_splits(rows, corpus, cfg.max_folds)
    return random_splits(features.truth)


def _card(cfg: TrainConfig, corpus: str, rows: list[Row]) -> ModelCard:
    """What is known of a bundle before its network is trained."""
    info = get(corpus).info
    return ModelCard(
        name=cfg.model,
        title=cfg.model.upper(),
        family=texts.FAMILIES[cfg.model],
        labels=LABELS,
        features=cfg.features,
        feature_fingerprint=cfg.features.fingerprint(),
        onnx_sha256="",
        parameters=0,
        window_s=WINDOW_S,
        corpora=[
            {
                "name": info.name,
                "title": info.title,
                "licence": info.licence,
                "clips": len(rows),
                "speakers": len({row.record.speaker for row in rows}),
            }
        ],
        recipe=asdict(cfg),
        command=f"python -m train fit {cfg.model} --corpus {corpus} --seed {cfg.seed}",
        intended_use=texts.INTENDED_USE,
        limits=texts.LIMITS,
        licence=texts.licence(info.licence),
    )


def _export(run: Run, features: Part, card: ModelCard, folder: Path) -> None:
    """Write model.onnx and card.json, if the file answers like the network."""
    settings = asdict(card.features)
    content = to_onnx(run.model, metadata_of(card.labels, settings, card.feature_fingerprint))
    probe = features.features[1.0]
    check_parity(run.model, content, probe[:: max(len(probe) // _PARITY_ROWS, 1)])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_bytes(content)
    replace(
        card,
        onnx_sha256=hashlib.sha256(content).hexdigest(),
        parameters=int(sum(np.prod(w.shape) for w in run.model.trainable_weights)),
    ).save(folder)


def _replace_folder(new: Path, target: Path) -> Path:
    """Put a finished folder in place of the old one, by two renames; the old one is never lost."""
    target.parent.mkdir(parents=True, exist_ok=True)
    staged, old = target.with_name(f".{target.name}.new"), target.with_name(f".{target.name}.old")
    shutil.rmtree(staged, ignore_errors=True)
    shutil.copytree(new, staged)
    if target.exists():
        shutil.rmtree(old, ignore_errors=True)
        target.rename(old)
    staged.rename(target)
    shutil.rmtree(old, ignore_errors=True)
    return target

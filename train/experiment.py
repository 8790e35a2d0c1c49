"""One model on one corpus: what all of its training runs share."""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from msgspec import to_builtins
from msgspec.structs import replace

from ser_core.bundles.card import ModelCard, TrainingCorpus
from ser_core.corpora.registry import get, is_own
from train.config import TrainConfig
from train.data.rows import LABELS, Row, load_rows
from train.learners.distil import shown, taught
from train.learners.export import metadata_of
from train.learners.trainers import load_part, trainer_of
from train.learners.types import Part, Run
from train.publish import card_text
from train.publish.sealing import write_sealed

WINDOW_S = 3.0
_PARITY_ROWS = 240  # as many as a fold tests


@dataclass(frozen=True)
class Experiment:
    """A model's settings and the clips that it is trained and scored on.

    Attributes:
        cfg: the settings.
        rows: all clips of the scored corpus.
        part: what is learned from them, in the same order.
        extra: rows of other corpora, part of every training run; None without any.
        card: what is known of the bundle before a model is trained.
        parts: what is learned from of each corpus alone, by its name, the scored one first.
    """

    cfg: TrainConfig
    rows: list[Row]
    part: Part
    extra: Part | None
    card: ModelCard
    parts: dict[str, Part] = field(default_factory=dict)

    @classmethod
    def load(cls, cfg: TrainConfig, corpus: str, root: Path | None = None) -> "Experiment":
        """Read the clips and compute, or fetch from the cache, what is learned from them.

        Args:
            cfg: the settings.
            corpus: name of the scored corpus.
            root: its folder; the default one if None.

        Raises:
            CorpusError: if a corpus is not there.
        """
        rows, extra = load_rows(corpus, root), None
        others = [load_rows(name) for name in cfg.extra_corpora if name != corpus]
        if cfg.distil:
            from train.learners.whisper import checkpoint

            checkpoint()  # a missing teacher should not be noticed minutes later
        own = load_part(cfg, rows)
        parts = {corpus: own}
        for more in others:
            part = parts[more[0].record.corpus] = load_part(cfg, more, cfg.extra_weight)
            extra = part if extra is None else extra.joined(part)
        if cfg.distil:
            own = shown(own, rows)
        return cls(cfg, rows, own, extra, _card(cfg, corpus, [rows, *others]), parts)

    def train(
        self, part: Part, validation: Part | None = None, epochs: int = 0, label: str = "train"
    ) -> Run:
        """Train on some rows and the extra ones; see `train.learners.keras_run.train_network`."""
        if self.cfg.distil:
            part = taught(part, self.cfg.distil)
        return trainer_of(self.cfg)(self.cfg, part, validation, self.extra, epochs, label)

    def without(self, corpus: str) -> tuple[Run, tuple[str, ...]]:
        """Train on all corpora but one; also their names."""
        first, *others = (part for name, part in self.parts.items() if name != corpus)
        for part in others:
            first = first.joined(part)
        run = trainer_of(self.cfg)(self.cfg, first, None, None, 0, f"without {corpus}")
        return run, tuple(name for name in self.parts if name != corpus)

    def export(self, run: Run, folder: Path, **card: Any) -> None:
        """Write model.onnx and card.json, if the file answers like the model.

        Args:
            run: the trained model.
            folder: of the bundle.
            **card: fields of the card that are known by now.

        Raises:
            ModelError: if it does not; nothing is written then.
        """
        facts = {"parameters": int(run.parameters), "unlike_above": run.unlike_above}
        plain = replace(self.card, **card, **facts)
        metadata = metadata_of(plain.labels, asdict(plain.features), plain.feature_fingerprint)
        step = max(len(self.rows) // _PARITY_ROWS, 1)
        probe = [row.features(self.cfg.features) for row in self.rows[::step]]
        exported = run.to_onnx(metadata, probe)
        write_sealed(folder, exported, plain)


def _card(cfg: TrainConfig, corpus: str, rows: list[list[Row]]) -> ModelCard:
    """What is known of a bundle before its model is trained; one list of rows per corpus."""
    corpora = tuple(_facts(clips) for clips in rows)
    named = "FOLDER" if is_own(corpus) else corpus
    licences = dict.fromkeys(c.licence for c in corpora)
    return ModelCard(
        name=cfg.model,
        title=card_text.TITLES.get(cfg.model, cfg.model.upper()),
        family=card_text.FAMILIES[cfg.model],
        labels=LABELS,
        features=cfg.features,
        feature_fingerprint=cfg.features.fingerprint(),
        onnx_sha256="",
        parameters=0,
        window_s=WINDOW_S,
        corpora=corpora,
        recipe=to_builtins(cfg),
        command=f"python -m train fit {cfg.model} --corpus {named} --seed {cfg.seed}",
        intended_use=card_text.INTENDED_USE,
        limits=card_text.limits(corpora),
        licence=card_text.licence(" and ".join(licences), cfg.model, cfg.distil),
    )


def _facts(rows: list[Row]) -> TrainingCorpus:
    info = get(rows[0].record.corpus).info
    speakers = len({row.record.speaker for row in rows})
    return TrainingCorpus(info.name, info.title, info.licence, len(rows), speakers)

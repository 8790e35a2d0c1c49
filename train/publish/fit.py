"""From a corpus to a complete bundle: the whole of `python -m train fit`."""

import logging
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from ser_core.bundles.store import models_dir
from ser_core.corpora.registry import SCORED, get, is_own
from ser_core.corpora.splits import folds
from ser_core.errors import CorpusError
from ser_core.protocols import Protocol
from train.config import TrainConfig
from train.experiment import Experiment
from train.protocol.left_out import leave_one_speaker_out, leave_out
from train.protocol.other_recordings import other_recordings
from train.protocol.run import (
    Split,
    first_of_each,
    random_splits,
    require_clips,
    run_protocol,
    speaker_splits,
    twin_rows,
)
from train.publish.bundle_files import write_results

_LOG = logging.getLogger(__name__)


def fit(
    cfg: TrainConfig,
    corpus: str = SCORED,
    root: Path | None = None,
    protocols: Sequence[Protocol] = tuple(Protocol),
    *,
    out_dir: Path,
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
        SerError: if a corpus is missing or for tests alone, or an export is not faithful; nothing
            is written then.
    """
    require_trainable(corpus, *cfg.extra_corpora)
    experiment = Experiment.load(cfg, corpus, root)
    rows = experiment.rows
    protocols = _possible(protocols, corpus, len(rows))
    if np.unique(experiment.part.truth).size < 2:
        raise CorpusError(
            f"'{corpus}' holds one emotion. There is nothing to tell apart: add more."
        )
    if out_dir == models_dir() and len(rows) != get(corpus).info.clips:
        raise CorpusError(
            f"Only {len(rows)} of {get(corpus).info.clips} recordings are there, so this would not "
            f"be the model it claims to be. Fetch the rest (python -m train verify {corpus} names "
            "them), or put a trial elsewhere: --out DIR"
        )
    with tempfile.TemporaryDirectory(prefix="ser-fit-") as work:
        # a folder of one's own is not worth hours of training on the published corpora
        elsewhere = leave_out(experiment) if cfg.leave_out and not is_own(corpus) else None
        temperature = elsewhere.temperature if elsewhere else None
        outcomes = {
            protocol: run_protocol(
                protocol,
                _splits(protocol, experiment, corpus),
                experiment,
                Path(work),
                temperature,
            )
            for protocol in protocols
        }
        leading = next(iter(outcomes.values()))
        epochs = round(float(np.median(leading.best_epochs)))
        everyone = first_of_each(np.arange(len(rows)), experiment.part.truth, cfg.max_per_class)
        run = experiment.train(experiment.part.take(everyone), epochs=epochs, label=cfg.model)
        bundle = Path(work) / cfg.model
        experiment.export(
            run,
            bundle,
            temperature=leading.temperature,
            abstain_threshold=elsewhere.threshold if elsewhere else leading.abstain_threshold,
            recipe=experiment.card.recipe | {"epochs": epochs},
        )
        other = {}
        if cfg.elsewhere and not is_own(corpus):
            other = other_recordings(bundle, elsewhere.tested if elsewhere else None)
        left_out = leave_one_speaker_out(experiment) if elsewhere else None
        write_results(bundle, outcomes, other, left_out)
        return _replace_folder(bundle, out_dir / cfg.model)


def require_trainable(*corpora: str) -> None:
    """Refuse a corpus that no bundle may learn from.

    Raises:
        CorpusError: if there is one.
    """
    for info in (get(name).info for name in corpora):
        if not info.trains:
            raise CorpusError(
                f"{info.label} is for tests alone (licence: {info.licence}), so no bundle may "
                "learn from it. Choose another corpus."
            )


def _possible(protocols: Sequence[Protocol], corpus: str, clips: int) -> tuple[Protocol, ...]:
    """The protocols without the one that a small folder rules out.

    Raises:
        CorpusError: if that was the only one.
    """
    needs: dict[Protocol, Callable[[], object]] = {
        Protocol.SPEAKER_INDEPENDENT: lambda: folds(corpus),
        Protocol.RANDOM_SPLIT: lambda: require_clips(clips),
    }
    possible, problems = [], []
    for protocol in protocols:
        try:
            needs[protocol]()
            possible.append(protocol)
        except CorpusError as error:
            problems.append(str(error))
    if not possible or (problems and not is_own(corpus)):
        raise CorpusError(" ".join(problems))
    for problem in problems:
        _LOG.warning("%s Scored without it: %s.", problem, ", ".join(possible))
    return tuple(possible)


def _splits(protocol: Protocol, experiment: Experiment, corpus: str) -> list[Split]:
    if protocol == Protocol.SPEAKER_INDEPENDENT:
        return speaker_splits(experiment.rows, corpus, experiment.cfg.max_folds)
    return random_splits(experiment.part.truth, twin_rows(experiment.rows, corpus))


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

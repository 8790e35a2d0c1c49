"""What is left out in turn: whole corpora, to choose settings by, and single speakers."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ser_core.bundles.metrics import LeftOutSpeakers
from ser_core.bundles.model import EmotionModel
from ser_core.evaluation.intervals import estimates
from ser_core.evaluation.predictions import Predictions
from train.data.rows import load_rows
from train.experiment import Experiment
from train.learners.types import CLASSES, Part
from train.progress import track
from train.protocol.other_recordings import Tested, heard, settings


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What leaving out each corpus in turn gave.

    Attributes:
        tested: per left-out corpus, what was said of it.
        temperature: of the shipped model.
        threshold: of the shipped model.
    """

    tested: Mapping[str, Tested]
    temperature: float
    threshold: float


def leave_out(experiment: Experiment) -> LeftOut | None:
    """Train without each corpus in turn and test on all of it; None where there is but one."""
    if len(experiment.parts) < 2:
        return None
    tested = {}
    for name in experiment.parts:
        run, learned_from = experiment.without(name)
        with tempfile.TemporaryDirectory(prefix="ser-left-out-") as work:
            bundle = Path(work) / experiment.cfg.model
            experiment.export(run, bundle)
            tested[name] = heard(load_rows(name), EmotionModel(bundle), learned_from)
    return LeftOut(tested, *settings(tested))


def leave_one_speaker_out(experiment: Experiment) -> LeftOutSpeakers:
    """Train once per speaker of the scored corpus, on all others and the other corpora.

    Heads answer for the clips' whole speech at once, by itself. Clips that the speaker may be heard
    behind are learned from as they are alone.
    """
    part = experiment.part
    speakers = np.asarray(part.speakers)
    probabilities = np.zeros((speakers.size, CLASSES))
    for speaker in track(np.unique(speakers).tolist(), "leave one speaker out"):
        tested = speakers == speaker
        learnt = _unheard(experiment, speaker).take(np.flatnonzero(~tested))
        run = experiment.train(learnt, label=f"without {speaker}")
        probabilities[tested] = run.predict([part.plain[i] for i in np.flatnonzero(tested)])
    found = estimates(Predictions.of_probabilities(part.truth, probabilities, speakers))
    ends = found["ua"].ends
    return LeftOutSpeakers(found["ua"].value, found["wa"].value, {"ua": ends} if ends else {})


def _unheard(experiment: Experiment, speaker: str) -> Part:
    """What is learned from, without copies in which a speaker is heard behind another."""
    beside = [
        any(other.record.speaker == speaker for other in row.company) for row in experiment.rows
    ]
    part = experiment.part
    features = {
        copy: [plain if near else x for x, plain, near in zip(of, part.plain, beside, strict=True)]
        for copy, of in part.features.items()
    }
    return replace(part, features=features)

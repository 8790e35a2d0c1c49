from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("tensorflow")

from ser_core.bundles.leak_lab import LeakLab
from ser_core.corpora.index.reading import load_index
from ser_core.corpora.ravdess import parse_name
from ser_core.protocols import Protocol
from train.__main__ import main
from train.config import configure
from train.data.rows import Row, labels_of
from train.experiment import Experiment
from train.learners.types import Part
from train.protocol.leak_lab import rows_before_split, run_cell, run_lab, splits_of


@pytest.fixture(scope="module")
def whole():
    """All 1440 labels, without sound."""
    rows = [Row(parse_name(clip), None) for clip in load_index("ravdess")["clip"]]
    part = Part({"plain": [np.zeros(1, np.float32)] * len(rows)}, labels_of(rows))
    return Experiment(configure("mlp"), rows, part, None, None)


def test_copies_made_before_are_of_neutral_clips_and_come_last(whole):
    truth = whole.part.truth
    rows = rows_before_split(truth, "before", seed=42)
    assert np.array_equal(rows[:1440], range(1440))
    assert rows.size == 8 * 192
    assert {whole.rows[i].record.emotion for i in rows[1440:]} == {"neutral"}
    assert np.array_equal(rows_before_split(truth, "after", seed=42), range(1440))


def test_before_a_random_split_copies_of_tested_clips_are_learned_from(whole):
    rows = rows_before_split(whole.part.truth, "before", seed=42)
    (split,) = splits_of(whole, Protocol.RANDOM_SPLIT, rows)
    leaked = set(rows[split.test]) & set(rows[split.train])
    assert leaked
    assert {whole.rows[i].record.emotion for i in leaked} == {"neutral"}


@pytest.mark.parametrize(
    ("protocol", "order"),
    [
        (Protocol.RANDOM_SPLIT, "after"),
        (Protocol.SPEAKER_INDEPENDENT, "before"),
        (Protocol.SPEAKER_INDEPENDENT, "after"),
    ],
)
def test_no_other_cell_has_a_tested_clip_in_training(whole, protocol, order):
    rows = rows_before_split(whole.part.truth, order, seed=42)
    splits = splits_of(whole, protocol, rows)
    assert len(splits) == (1 if protocol == Protocol.RANDOM_SPLIT else 6)
    for split in splits:
        assert not set(rows[split.test]) & set(rows[split.train])
        assert not set(rows[split.test]) & set(rows[split.validation])


def test_a_cell_counts_its_leaked_rows_and_scores_originals_apart(whole, monkeypatch):
    class Copycat:
        """Knows what it was shown, answers 0 (neutral) to all else."""

        def __init__(self, part):
            self.known = {float(x[0]): c for x, c in zip(part.plain, part.truth, strict=True)}

        def predict(self, features):
            return np.eye(8)[[self.known.get(float(x[0]), 0) for x in features]]

    numbered = [np.array([i], np.float32) for i in range(1440)]
    experiment = replace(whole, part=Part({"plain": numbered}, whole.part.truth))
    monkeypatch.setattr(Experiment, "train", lambda self, part, *_, **__: Copycat(part))
    before, after = (run_cell(experiment, Protocol.RANDOM_SPLIT, o) for o in ("before", "after"))
    assert (before.score.rows, after.score.rows) == (308, 288)
    assert before.originals.rows < before.score.rows
    assert after.originals == after.score
    assert before.heard > 0
    assert after.heard == 0
    assert after.score.ua == pytest.approx(1 / 8)


def test_the_lab_runs_from_the_command_line(tiny_corpus, tmp_path, capsys):
    arguments = ["leaklab", "--models", "mlp", "--preset", "smoke"]
    arguments += ["--root", str(tiny_corpus), "--out", str(tmp_path)]
    assert main(arguments) == 0
    assert "leak_lab.json" in capsys.readouterr().out
    lab = LeakLab.load(tmp_path)
    entry = lab.models["mlp"]
    assert [(c.protocol, c.oversampled) for c in entry.cells] == [
        (Protocol.RANDOM_SPLIT, "before"),
        (Protocol.RANDOM_SPLIT, "after"),
        (Protocol.SPEAKER_INDEPENDENT, "before"),
        (Protocol.SPEAKER_INDEPENDENT, "after"),
    ]
    assert "leaklab --models mlp" in entry.command
    assert entry.settings["max_epochs"] == 1
    assert entry.settings["extra_corpora"] in ((), [])


def test_results_of_other_models_stay(tiny_corpus, tmp_path):
    for name in ("mlp", "cnn"):
        cfg = replace(configure(name, "smoke"), width=8, max_folds=1)
        run_lab({name: cfg}, "command", tmp_path, tiny_corpus)
    assert list(LeakLab.load(tmp_path).models) == ["mlp", "cnn"]


def test_a_trial_needs_a_folder(capsys):
    assert main(["leaklab", "--preset", "smoke"]) == 1
    assert "--out" in capsys.readouterr().err

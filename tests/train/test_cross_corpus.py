import logging
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("tensorflow")

from ser_core.bundles.metrics import Metrics, Scores
from ser_core.corpora.emodb import parse_name
from ser_core.emotions import Emotion
from ser_core.protocols import Protocol
from tests.voice import RATE_HZ, voice
from train.config import configure
from train.data.rows import LABELS, Row
from train.experiment import Experiment
from train.protocol import cross_corpus, robustness
from train.publish.fit import fit
from train.publish.report import report
from train.publish.tables import percent

SHARED = ["neutral", "happy", "sad", "angry", "fearful", "disgust"]


@pytest.fixture(scope="module")
def tiny_emodb(tmp_path_factory):
    """One clip per class and speaker of the first two folds, under official names."""
    import soundfile as sf

    root = tmp_path_factory.mktemp("corpora") / "emodb"
    (root / "wav").mkdir(parents=True)
    for speaker in ("03", "16", "08", "15", "09", "10"):
        for i, letter in enumerate("NFTWAEL"):
            sound = voice(0.9, 100 + 15 * i, seed=int(speaker) * 10 + i)
            sf.write(root / "wav" / f"{speaker}a01{letter}a.wav", sound, RATE_HZ)
    return root


@pytest.fixture
def experiment(tiny_corpus):
    cfg = replace(configure("mlp", "smoke"), width=8, cross_corpus=True)
    return Experiment.load(cfg, "ravdess", tiny_corpus)


def row(name: str) -> Row:
    return Row(parse_name(name), None)


def test_the_corpora_share_six_classes():
    assert cross_corpus.shared_classes("ravdess", "emodb") == SHARED
    assert cross_corpus.shared_classes("emodb", "ravdess") == SHARED


def test_other_classes_lose_their_probability_and_their_clips():
    rows = [row("03a01Fa.wav"), row("03a01Wa.wav"), row("08a01Wa.wav"), row("08a01Na.wav")]
    p = np.zeros((4, len(LABELS)))
    p[:, LABELS.index(Emotion.CALM)] = 0.6  # would win, were it among the classes
    for i, heard in enumerate(("happy", "angry", "happy", "happy")):
        p[i, LABELS.index(heard)] = 0.4
    got = cross_corpus.scores(p, rows, [Emotion.HAPPY, Emotion.ANGRY], epochs=3)
    assert got.clips == 3
    assert got.wa == pytest.approx(2 / 3)
    assert got.ua == pytest.approx((1 + 0.5) / 2)
    assert got.classes == (Emotion.HAPPY, Emotion.ANGRY)
    low, high = got.ci95["ua"]
    assert low <= got.ua <= high


def test_both_directions_are_trained_and_tested(experiment, tiny_emodb, monkeypatch):
    monkeypatch.setenv("SER_DATA_DIR", str(tiny_emodb.parent))
    trained = []
    train = Experiment.train

    def spy(self, part, validation=None, epochs=0, label="train"):
        trained.append((self.rows[0].record.corpus, self.extra, validation is None, epochs))
        return train(self, part, validation, epochs, label)

    monkeypatch.setattr(Experiment, "train", spy)
    got = cross_corpus.cross_corpus(experiment, epochs=2)
    assert list(got) == ["ravdess -> emodb", "emodb -> ravdess"]
    counts = [entry.clips for entry in got.values()]
    assert counts == [36, 60]  # without boredom, calm and surprise
    assert all(list(entry.classes) == SHARED for entry in got.values())
    # its own validation speakers choose the epochs of the other corpus, here over two folds
    assert trained == [
        ("ravdess", None, True, 2),
        ("emodb", None, False, 0),
        ("emodb", None, False, 0),
        ("emodb", None, True, 1),
    ]


def test_a_missing_corpus_is_told_and_left_out(experiment, tmp_path, monkeypatch, caplog):
    monkeypatch.setenv("SER_DATA_DIR", str(tmp_path))
    monkeypatch.setattr(cross_corpus, "find_root", lambda name: None)
    with caplog.at_level(logging.WARNING):
        assert cross_corpus.cross_corpus(experiment, epochs=1) == {}
    assert "emodb" in caplog.text


def test_a_fit_writes_and_reports_all_that_it_measured(
    tiny_corpus, tiny_emodb, tmp_path, monkeypatch
):
    monkeypatch.setenv("SER_DATA_DIR", str(tiny_emodb.parent))
    names = ("gain +12 dB", "babble 0 dB")
    monkeypatch.setattr(robustness, "CONDITIONS", {n: robustness.CONDITIONS[n] for n in names})
    cfg = replace(configure("mlp", "smoke"), width=8, robustness=1, cross_corpus=True)
    bundle = fit(cfg, root=tiny_corpus, out_dir=tmp_path)
    scores = Metrics.load(bundle)
    assert list(scores.robustness) == ["clean", *names]
    clean, leading = scores.robustness["clean"], scores.protocols[Protocol.SPEAKER_INDEPENDENT]
    assert clean == Scores(leading.ua, leading.wa)
    assert list(scores.cross_corpus) == ["ravdess -> emodb", "emodb -> ravdess"]

    text = (bundle / "README.md").read_text("utf-8")
    across = percent(scores.cross_corpus["ravdess -> emodb"].wa)
    disturbed = percent(scores.robustness["babble 0 dB"].ua)
    assert f"| babble 0 dB | {disturbed} |" in text
    assert f"| {across} | 6 | 36 |" in text
    for markdown in (False, True):
        _, _, people, *more = report(tmp_path, markdown).split("\n\n")
        assert "people" in people
        assert len(more) == 4  # two tables, each below its title
        assert "babble 0 dB" in more[1]
        assert "emodb -> ravdess" in more[3]
        assert disturbed in more[1]
        assert across in more[3]


def test_what_was_not_measured_is_not_mentioned(smoke_bundle):
    metrics = (smoke_bundle / "metrics.json").read_text("utf-8")
    assert "robustness" not in metrics
    assert "cross_corpus" not in metrics
    assert "## Robustness" not in (smoke_bundle / "README.md").read_text("utf-8")
    assert "disturbed" not in report(smoke_bundle.parent)

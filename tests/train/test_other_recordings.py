"""What is left out in turn, and what a model says of recordings that it does not know."""

from dataclasses import replace

import numpy as np
import pytest
from msgspec import to_builtins

pytest.importorskip("tensorflow")

from ser_core.bundles.metrics import Metrics, Scores
from ser_core.bundles.model import EmotionModel
from ser_core.corpora.registry import get
from ser_core.emotions import Emotion
from ser_core.protocols import Protocol
from tests.bundles import make_adapting_bundle
from tests.voice import RATE_HZ, voice
from train.config import configure
from train.data.rows import LABELS, Row, load_rows
from train.experiment import Experiment
from train.protocol import left_out, other_recordings, robustness
from train.protocol.other_recordings import SESSIONS, Tested, heard, settings
from train.publish.fit import fit
from train.publish.report import report
from train.publish.tables import percent


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


def row(name: str, corpus: str = "emodb") -> Row:
    return Row(get(corpus).parse(name), None)


def said(rows: list[Row], emotions: list[str], sure: float = 0.6) -> np.ndarray:
    p = np.full((len(rows), len(LABELS)), (1 - sure) / (len(LABELS) - 1))
    for index, emotion in enumerate(emotions):
        p[index, LABELS.index(Emotion(emotion))] = sure
    return p


def test_classes_of_one_side_alone_lose_probability_and_clips():
    rows = [row("03a01Fa.wav"), row("03a01Wa.wav"), row("08a01Wa.wav"), row("08a01Ea.wav")]
    p = said(rows, ["surprised", "angry", "happy", "disgust"])
    p[0, LABELS.index(Emotion.HAPPY)] = 0.3  # the likeliest of those that count
    part = Tested(rows, ("nemo",), p, {})
    got = part.predictions(p)
    assert part.classes == (Emotion.HAPPY, Emotion.ANGRY)  # nEMO has no disgust
    assert got.truth.tolist() == [0, 1, 1]
    assert got.predicted.tolist() == [0, 1, 0]
    np.testing.assert_allclose(got.probabilities.sum(axis=1), 1)


def test_calm_counts_as_neutral_unless_both_sides_have_both():
    calm, neutral = "03-01-02-01-01-01-01.wav", "03-01-01-01-01-01-01.wav"
    rows = [row(calm, "ravdess"), row(neutral, "ravdess")]
    p = said(rows, ["calm", "calm"])
    without = Tested(rows, ("emodb", "nemo"), p, {})
    assert without.classes == (Emotion.NEUTRAL,)
    assert without.predictions(p).right.tolist() == [True, True]
    both = Tested(rows, ("ravdess",), p, {})
    assert both.classes == (Emotion.NEUTRAL, Emotion.CALM)
    assert both.predictions(p).right.tolist() == [True, False]
    turkish = Tested([row("1157_sk_acik.wav", "turev")], ("ravdess",), p[:1], {})
    assert turkish.classes == (Emotion.NEUTRAL,)


def test_a_corpus_does_not_choose_its_own_settings():
    rows = [row(f"{speaker}a01{letter}a.wav") for speaker in ("03", "08") for letter in "FWTN"]
    emotions = ["happy", "angry", "sad", "neutral"] * 2
    sure = Tested(rows, ("ravdess",), said(rows, emotions, 0.9), {})
    wrong = Tested(rows, ("ravdess",), said(rows, emotions[1:] + emotions[:1], 0.9), {})
    found = {"emodb": sure, "nemo": wrong}
    assert settings(found, without="nemo")[0] < 0.5 < settings(found, without="emodb")[0]
    assert settings(found) != settings(found, without="nemo")


def test_sessions_are_scored_where_a_model_adapts(tiny_emodb, tmp_path):
    model = EmotionModel(make_adapting_bundle(tmp_path))
    rows = load_rows("emodb", tiny_emodb)
    part = heard(rows, model, ("ravdess",))
    assert list(part.sessions) == list(SESSIONS)
    want = [model.probabilities(r.utterances()[0].samples) for r in rows[:5]]
    labels = [model.card.labels.index(emotion) for emotion in LABELS]
    np.testing.assert_allclose(part.alone[:5], np.array(want)[:, labels], atol=1e-5)
    scores = other_recordings.scores(part, 1.0, 0.0)
    assert to_builtins(scores)["clips"] == 36
    assert scores.answered == 1.0
    assert scores.answered_wa == pytest.approx(scores.wa)
    assert scores.after(8) is not None
    assert scores.after(9) is None


def test_leaving_out_needs_more_than_one_corpus(tiny_corpus):
    experiment = Experiment.load(configure("svm", "smoke"), "ravdess", tiny_corpus)
    assert left_out.leave_out(experiment) is None


def test_every_corpus_is_left_out_and_every_speaker(tiny_corpus, tiny_emodb, monkeypatch):
    monkeypatch.setenv("SER_DATA_DIR", str(tiny_emodb.parent))
    cfg = replace(configure("svm", "smoke"), extra_corpora=("emodb",))
    experiment = Experiment.load(cfg, "ravdess", tiny_corpus)
    monkeypatch.setattr(
        left_out,
        "load_rows",
        lambda name: load_rows(name, tiny_corpus if name == "ravdess" else tiny_emodb),
    )
    found = left_out.leave_out(experiment)
    assert {name: part.learned_from for name, part in found.tested.items()} == {
        "ravdess": ("emodb",),
        "emodb": ("ravdess",),
    }
    assert 0 < found.threshold < 1
    for part in found.tested.values():
        to_builtins(other_recordings.scores(part, found.temperature, found.threshold))
    learned = []
    train = Experiment.train

    def noted(self, part, *args, **named):
        learned.append(set(part.speakers))
        return train(self, part, *args, **named)

    monkeypatch.setattr(Experiment, "train", noted)
    scores = left_out.leave_one_speaker_out(experiment)
    everyone = {r.record.speaker for r in experiment.rows}
    assert [everyone - speakers for speakers in learned] == [{s} for s in sorted(everyone)]
    assert 0 <= to_builtins(scores)["ua"] <= 1


def test_a_fit_writes_and_reports_all_that_it_measured(
    tiny_corpus, tiny_emodb, tmp_path, monkeypatch
):
    monkeypatch.setenv("SER_DATA_DIR", str(tiny_emodb.parent))
    names = ("gain +12 dB", "babble 0 dB")
    monkeypatch.setattr(robustness, "CONDITIONS", {n: robustness.CONDITIONS[n] for n in names})
    cfg = replace(configure("mlp", "smoke"), width=8, robustness=1, elsewhere=True)
    bundle = fit(cfg, root=tiny_corpus, out_dir=tmp_path)
    scores = Metrics.load(bundle)
    assert list(scores.robustness) == ["clean", *names]
    clean, leading = scores.robustness["clean"], scores.protocols[Protocol.SPEAKER_INDEPENDENT]
    assert clean == Scores(leading.ua, leading.wa)
    assert list(scores.other_recordings) == ["emodb"]

    text = (bundle / "README.md").read_text("utf-8")
    elsewhere = percent(scores.other_recordings["emodb"].ua)
    disturbed = percent(scores.robustness["babble 0 dB"].ua)
    assert f"| babble 0 dB | {disturbed} |" in text
    assert f"emodb (6 classes, 36 clips) | {elsewhere}" in text
    for markdown in (False, True):
        _, _, people, *more = report(tmp_path, markdown).split("\n\n")
        assert "people" in people
        assert len(more) == 4  # two tables, each below its title
        assert elsewhere in more[1]
        assert "babble 0 dB" in more[3]
        assert disturbed in more[3]


def test_what_was_not_measured_is_not_mentioned(smoke_bundle):
    metrics = (smoke_bundle / "metrics.json").read_text("utf-8")
    assert "robustness" not in metrics
    assert "other_recordings" not in metrics
    assert "## Robustness" not in (smoke_bundle / "README.md").read_text("utf-8")
    assert "disturbed" not in report(smoke_bundle.parent)

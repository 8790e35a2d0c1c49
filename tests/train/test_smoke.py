"""The whole of training, on made-up clips, as a user runs it."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from msgspec import structs
from sklearn.metrics import recall_score

from ser_core.analysis.analyser import analyse
from ser_core.bundles.card import ModelCard
from ser_core.bundles.metrics import Latency, Metrics
from ser_core.bundles.model import EmotionModel
from ser_core.bundles.predictions import load_predictions
from ser_core.emotions import Emotion
from ser_core.errors import CorpusError, ModelError
from ser_core.protocols import Protocol
from train import __main__ as command
from train.__main__ import main
from train.config import configure
from train.data.rows import load_rows
from train.publish.report import report

FILES = {
    "model.onnx",
    "selftest.npz",
    "card.json",
    "metrics.json",
    "predictions.parquet",
    "history.csv",
    "README.md",
}


def test_a_bundle_is_complete_and_serves(smoke_bundle, tiny_corpus):
    assert {p.name for p in smoke_bundle.iterdir()} == FILES
    assert [p.name for p in smoke_bundle.parent.iterdir()] == ["cnn"]
    model = EmotionModel(smoke_bundle)
    verdict = analyse(load_rows("ravdess", tiny_corpus)[0].clip(), model).verdict
    assert sum(verdict.probabilities.values()) == pytest.approx(1)
    assert model.card.temperature > 0
    assert 0.125 <= model.card.abstain_threshold < 1


def test_the_metrics_follow_from_the_predictions(smoke_bundle):
    scores, table = Metrics.load(smoke_bundle), load_predictions(smoke_bundle)
    assert scores.model == "cnn"
    assert set(scores.protocols) == set(Protocol)
    for protocol, m in scores.protocols.items():
        rows = table[table.protocol == protocol]
        assert rows["clip"].is_unique
        assert len(rows) == m.clips
        classes = rows.emotion.unique()
        ua = recall_score(rows.emotion, rows.predicted, labels=classes, average="macro")
        assert m.ua == pytest.approx(ua)
        assert m.ci95["ua"][0] <= m.ua <= m.ci95["ua"][1]
        assert 0 <= m.train_wa <= 1
        assert m.unvoiced_fallback == 0
    leading = scores.protocols[Protocol.SPEAKER_INDEPENDENT]
    assert [f.test_speakers for f in leading.folds] == [
        ("ravdess/01", "ravdess/11"),
        ("ravdess/04", "ravdess/10"),
    ]
    assert scores.size_bytes == (smoke_bundle / "model.onnx").stat().st_size
    coverage, accuracy, _ = scores.calibration.coverage_accuracy[-1]
    assert (coverage, accuracy) == (1, pytest.approx(leading.wa, abs=1e-4))


def test_predictions_hold_calibrated_probabilities_in_display_order(smoke_bundle):
    table = load_predictions(smoke_bundle)
    columns = [c for c in table if c.startswith("p_")]
    assert columns == [f"p_{e.value}" for e in Emotion]
    np.testing.assert_allclose(table[columns].sum(axis=1), 1, atol=1e-5)
    best = table[columns].idxmax(axis=1).str.removeprefix("p_")
    assert (best == table.predicted).all()


def test_the_history_has_a_line_per_fold_and_epoch(smoke_bundle):
    history = pd.read_csv(smoke_bundle / "history.csv")
    assert list(history) == [
        "protocol",
        "fold",
        "epoch",
        "train_loss",
        "val_loss",
        "train_accuracy",
        "val_accuracy",
    ]
    assert not history.isna().any(axis=None)
    runs = set(history[["protocol", "fold"]].itertuples(index=False, name=None))
    assert runs == {
        (Protocol.SPEAKER_INDEPENDENT, 1),
        (Protocol.SPEAKER_INDEPENDENT, 2),
        (Protocol.RANDOM_SPLIT, 1),
    }


def test_the_labels_travel_inside_the_file_as_well(smoke_bundle):
    onnx = pytest.importorskip("onnx")
    card, proto = ModelCard.load(smoke_bundle), onnx.load(smoke_bundle / "model.onnx")
    inside = {p.key: p.value for p in proto.metadata_props}
    assert json.loads(inside["labels"]) == [label.value for label in card.labels]
    assert inside["feature_fingerprint"] == card.feature_fingerprint
    assert {o.version for o in proto.opset_import if not o.domain} == {17}


def test_the_readme_states_scores_and_how_settings_were_chosen(smoke_bundle):
    text = (smoke_bundle / "README.md").read_text("utf-8")
    ua = Metrics.load(smoke_bundle).protocols[Protocol.SPEAKER_INDEPENDENT].ua
    assert f"{100 * ua:.1f} (" in text
    assert "validation actors only" in text
    assert "CC BY-NC-SA 4.0" in text


def test_an_unfaithful_export_leaves_the_old_bundle_alone(tiny_corpus, tmp_path, monkeypatch):
    pytest.importorskip("tensorflow")
    from train.publish import fit

    def refuse(*_):
        raise ModelError("differs")

    monkeypatch.setattr("train.learners.keras_run.check_parity", refuse)
    (tmp_path / "mlp").mkdir()
    (tmp_path / "mlp" / "model.onnx").write_bytes(b"old")
    cfg = replace(configure("mlp", "smoke"), width=8, max_folds=1)
    with pytest.raises(ModelError, match="differs"):
        fit.fit(cfg, root=tiny_corpus, out_dir=tmp_path)
    assert [p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()] == [b"old"]


def test_the_report_shows_models_and_floors(smoke_bundle, capsys):
    assert main(["report", "--models", str(smoke_bundle.parent)]) == 0
    scored, title, people = capsys.readouterr().out.split("\n\n")
    lines = scored.splitlines()
    assert [line.split()[0] for line in lines[2:]] == ["cnn", "cnn", "chance", "majority"]
    assert "as listeners were asked" in title
    assert [line.split()[0] for line in people.splitlines()[2:]] == ["cnn", "people"]
    ua = Metrics.load(smoke_bundle).protocols[Protocol.SPEAKER_INDEPENDENT].ua
    assert f"{100 * ua:.1f} (" in lines[2]


def test_measuring_again_changes_the_latency_alone(smoke_bundle, tmp_path, capsys):
    copy = tmp_path / "cnn"
    shutil.copytree(smoke_bundle, copy)
    before = Metrics.load(copy)
    structs.replace(before, latency_ms=Latency(1e6, 1e6, 1, "slow")).save(copy)
    assert main(["measure", "--models", str(tmp_path)]) == 0
    after = Metrics.load(copy)
    assert after.latency_ms.median < 1e6
    assert structs.replace(after, latency_ms=before.latency_ms) == before
    assert f"{after.latency_ms.median} ms" in (copy / "README.md").read_text("utf-8")


def test_the_report_in_markdown_is_a_table(smoke_bundle, capsys):
    main(["report", "--models", str(smoke_bundle.parent), "--format", "markdown"])
    lines = capsys.readouterr().out.partition("\n\n")[0].splitlines()
    assert len({line.count("|") for line in lines}) == 1
    assert lines[1].startswith("| --- |")


def test_a_part_of_a_corpus_does_not_become_a_shipped_model(tiny_corpus, tmp_path, monkeypatch):
    pytest.importorskip("tensorflow")
    from train.publish import fit

    monkeypatch.setenv("SER_MODELS_DIR", str(tmp_path))
    with pytest.raises(CorpusError, match="of 1440 recordings"):
        fit.fit(configure("mlp", "smoke"), root=tiny_corpus, out_dir=tmp_path)


def test_an_interrupted_replacement_keeps_the_old_bundle(tmp_path, monkeypatch):
    pytest.importorskip("tensorflow")
    from train.publish import fit

    for name in ("new", "cnn"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "model.onnx").write_text(name)
    monkeypatch.setattr(fit.Path, "rename", _interrupted)
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            fit._replace_folder(tmp_path / "new", tmp_path / "cnn")
    assert "cnn" in {p.read_text() for p in tmp_path.glob(".cnn.old/*")} | {
        p.read_text() for p in tmp_path.glob("cnn/*")
    }


_rename = Path.rename


def _interrupted(path, target):
    if path.name.endswith(".new"):
        raise KeyboardInterrupt
    return _rename(path, target)


def test_the_temperature_of_a_fold_comes_from_its_own_validation_rows(
    tiny_corpus, tmp_path, monkeypatch
):
    pytest.importorskip("tensorflow")
    from train.protocol import temperature_scaling
    from train.publish import fit

    fitted = []
    fit_temperature = temperature_scaling.fit_temperature

    def spy(probabilities, truth):
        fitted.append((len(truth), fit_temperature(probabilities, truth)))
        return fitted[-1][1]

    monkeypatch.setattr(temperature_scaling, "fit_temperature", spy)
    cfg = replace(configure("mlp", "smoke"), width=8)
    bundle = fit.fit(
        cfg, root=tiny_corpus, protocols=(Protocol.SPEAKER_INDEPENDENT,), out_dir=tmp_path
    )
    counts = [n for n, _ in fitted]
    assert len(counts) == 3
    assert counts[2] == counts[0] + counts[1]
    assert ModelCard.load(bundle).temperature == fitted[2][1]


def test_nothing_to_report_is_told(tmp_path):
    with pytest.raises(ModelError, match="train fit"):
        report(tmp_path)


@pytest.mark.parametrize(
    ("arguments", "shipped"),
    [
        (["fit", "cnn"], True),
        (["fit", "cnn", "--preset", "smoke"], False),
        (["fit", "cnn", "--protocol", "random_split"], False),
    ],
)
def test_no_trial_takes_the_place_of_a_model(arguments, shipped):
    assert command._is_shipped(command._parser().parse_args(arguments)) == shipped


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["fit", "cnn", "--root", "/nowhere"], "train download ravdess"),
        (["verify", "ravdess", "--root", "/nowhere"], "train download ravdess"),
    ],
)
def test_what_cannot_be_done_ends_with_a_sentence_and_status_1(arguments, message, capsys):
    assert main(arguments) == 1
    assert message in capsys.readouterr().err


def test_an_interruption_ends_without_a_traceback(monkeypatch, capsys):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "report", interrupted)
    assert main(["report"]) == 130
    assert capsys.readouterr().err.startswith("Stopped.")


def test_wrong_usage_ends_with_status_2(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["fit", "bert"])
    assert stop.value.code == 2
    assert "mlp" in capsys.readouterr().err

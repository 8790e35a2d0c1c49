"""Scores and predictions of another form are refused when they are read."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest
from msgspec import structs

from ser_core.bundles.card import ModelCard
from ser_core.bundles.leak_lab import LeakLab
from ser_core.bundles.metrics import Metrics
from ser_core.bundles.predictions import load_predictions
from ser_core.bundles.store import ModelStore
from ser_core.errors import ModelError
from ser_core.protocols import Protocol

UNSEEN = Protocol.SPEAKER_INDEPENDENT
INSTALLED = ModelStore()


@pytest.fixture
def folder(scored_models, tmp_path):
    return shutil.copytree(scored_models / "good", tmp_path / "good")


def change_metrics(folder, path: str, value: object) -> None:
    """Set an entry that is named as in "protocols/random_split/ua"."""
    file = folder / "metrics.json"
    metrics = json.loads(file.read_text())
    *parents, last = path.split("/")
    part = metrics
    for name in parents:
        part = part[name]
    part[last] = value
    file.write_text(json.dumps(metrics))


@pytest.mark.parametrize("name", INSTALLED.names())
def test_installed_files_are_written_as_they_were_read(name, tmp_path):
    for kind in (ModelCard, Metrics):
        file = INSTALLED.folder / name / kind.FILE
        assert kind.load(file.parent).save(tmp_path).read_bytes() == file.read_bytes()
    assert not INSTALLED.bundle(name).problems


def test_the_installed_leak_lab_is_written_as_it_was_read(tmp_path):
    file = INSTALLED.folder / LeakLab.FILE
    assert LeakLab.load(file.parent).save(tmp_path).read_bytes() == file.read_bytes()


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("schema", 2, "Invalid value 2"),
        ("protocols", None, "Expected `object`, got `null`"),
        ("protocols/late", {}, "Invalid enum value 'late'"),
        (f"protocols/{UNSEEN}/ua", "0.5", "Expected `float`, got `str`"),
        (f"protocols/{UNSEEN}/ua", 1.5, "<= 1.0"),
        (f"protocols/{UNSEEN}/ua", float("nan"), "malformed"),
        (f"protocols/{UNSEEN}/ci95/ua", [0.5], "`array` of length 2"),
        ("latency_ms", {"median": 1.5}, "missing required field `p95`"),
        ("size_bytes", -1, ">= 0"),
    ],
)
def test_metrics_of_another_form_are_refused(folder, path, value, message):
    change_metrics(folder, path, value)
    with pytest.raises(ModelError, match=message) as caught:
        Metrics.load(folder)
    assert "Make it again: python -m train fit good" in str(caught.value)
    assert ModelStore(folder.parent).names() == ["good"]


def test_numbers_that_are_not_finite_are_not_written(folder):
    card = ModelCard.load(folder)
    with pytest.raises(ValueError, match="not JSON compliant"):
        structs.replace(card, temperature=float("inf")).save(folder)
    assert ModelCard.load(folder) == card


def first(column: str, value: object):
    """Change the first row."""

    def change(rows: pd.DataFrame) -> pd.DataFrame:
        return rows.assign(**{column: [value, *rows[column].iloc[1:]]})

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda rows: rows.head(0), "empty"),
        (lambda rows: rows.drop(columns=["speaker", "p_calm"]), "lack p_calm, speaker"),
        (first("emotion", "bored"), "'emotion' holds what is not an emotion"),
        (first("predicted", "bored"), "'predicted' holds"),
        (first("predicted", None), "'predicted' holds"),
        (lambda rows: rows.assign(predicted=3), "'predicted' holds"),
        (lambda rows: pd.concat([rows, rows.head(1)]), "a clip occurs twice"),
        (first("p_sad", np.nan), "a probability is not a number"),
        (first("p_sad", np.inf), "a probability is not a number"),
        (lambda rows: rows.assign(p_sad="0.5"), "a probability is not a number"),
        (first("speaker", "ravdess"), "does not end in a number"),
        (first("speaker", "ravdess/"), "does not end in a number"),
        (first("speaker", "ravdess/3b"), "does not end in a number"),
        (first("speaker", None), "does not end in a number"),
        (lambda rows: rows.assign(speaker=3), "does not end in a number"),
    ],
)
def test_predictions_of_another_form_are_refused(folder, change, message):
    file = folder / "predictions.parquet"
    change(pd.read_parquet(file)).to_parquet(file)
    with pytest.raises(ModelError, match=message) as caught:
        load_predictions(folder)
    assert "Make it again: python -m train fit good" in str(caught.value)


def test_a_clip_may_occur_under_both_protocols(folder):
    rows = load_predictions(folder)
    assert rows["clip"].duplicated().any()

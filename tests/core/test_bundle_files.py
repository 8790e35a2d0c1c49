"""Scores and predictions of another form are refused when they are read."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest

from ser_core.bundles.store import MODELS_DIR, available, load_metrics, load_predictions
from ser_core.errors import ModelError

UNSEEN = "speaker_independent"
INSTALLED = sorted(path.parent.name for path in MODELS_DIR.glob("*/metrics.json"))


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


@pytest.mark.parametrize("name", INSTALLED)
def test_installed_bundles_pass(name):
    assert load_metrics(MODELS_DIR / name)["model"] == name
    assert len(load_predictions(MODELS_DIR / name))


def test_made_up_bundles_pass(scored_models):
    for name in ("good", "poor"):
        assert load_metrics(scored_models / name)["model"] == name
        assert len(load_predictions(scored_models / name)) == 1728


@pytest.mark.parametrize("name", ["ua", "wa", "macro_f1", "train_wa", "unvoiced_fallback", "clips"])
@pytest.mark.parametrize("value", [None, "0.5", [0.5], True, float("nan"), float("inf")])
def test_a_score_that_is_no_number_is_refused(folder, name, value):
    change_metrics(folder, f"protocols/{UNSEEN}/{name}", value)
    with pytest.raises(ModelError, match=f"'{name}' is not a number.*python -m train fit good"):
        load_metrics(folder)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("protocols", None, "'protocols' is not an object"),
        ("protocols", [1], "'protocols' is not an object"),
        (f"protocols/{UNSEEN}", None, f"'{UNSEEN}' is not an object"),
        (f"protocols/{UNSEEN}", 0.5, f"'{UNSEEN}' is not an object"),
        (f"protocols/{UNSEEN}/ci95", None, "'ci95' is not an object"),
        (f"protocols/{UNSEEN}/ci95", [0.5, 0.6], "'ci95' is not an object"),
        (f"protocols/{UNSEEN}/ci95/ua", None, "interval of 'ua'"),
        (f"protocols/{UNSEEN}/ci95/ua", [0.5], "interval of 'ua'"),
        (f"protocols/{UNSEEN}/ci95/ua", [0.5, 0.6, 0.7], "interval of 'ua'"),
        (f"protocols/{UNSEEN}/ci95/wa", [0.5, None], "interval of 'wa'"),
        (f"protocols/{UNSEEN}/ci95/wa", ["a", "b"], "interval of 'wa'"),
        ("calibration", None, "'calibration' is not an object"),
        ("calibration", "1.0", "'calibration' is not an object"),
        ("calibration/temperature", None, "'temperature' is not a number"),
        ("calibration/ece_before", "0.1", "'ece_before' is not a number"),
        ("calibration/ece_after", float("nan"), "'ece_after' is not a number"),
        ("robustness", None, "'robustness' is not an object"),
        ("robustness", [1], "'robustness' is not an object"),
        ("parameters", "many", "'parameters' is not a number"),
        ("size_bytes", None, "'size_bytes' is not a number"),
        ("size_bytes", 10**400, "'size_bytes' is not a number"),
        ("latency_ms", None, "'latency_ms' is not an object"),
        ("latency_ms", 1.5, "'latency_ms' is not an object"),
        ("latency_ms/median", None, "'median' is not a number"),
    ],
)
def test_metrics_of_another_form_are_refused(folder, path, value, message):
    change_metrics(folder, path, value)
    with pytest.raises(ModelError, match=message) as caught:
        load_metrics(folder)
    assert "Make them again: python -m train fit good" in str(caught.value)
    assert available(folder.parent) == ["good"]


@pytest.mark.parametrize(
    "metrics",
    [
        {},
        {"protocols": {}},
        {"protocols": {UNSEEN: {"ua": 1}}},
        {"calibration": {}, "robustness": {}, "latency_ms": {}},
        {"robustness": {"clean": {"ua": 0.5}, "old": 3, "odd": {"ua": None}}},
    ],
)
def test_older_metrics_are_read(folder, metrics):
    (folder / "metrics.json").write_text(json.dumps({"schema": 1} | metrics))
    assert load_metrics(folder) == {"schema": 1} | metrics


def first(column: str, value: object):
    """Change the first row."""

    def change(rows: pd.DataFrame) -> pd.DataFrame:
        return rows.assign(**{column: [value, *rows[column].iloc[1:]]})

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda rows: rows.head(0), "empty"),
        *((lambda r, c=c: r.drop(columns=c), f"lack {c}") for c in ("clip", "protocol", "speaker")),
        *((lambda r, c=c: r.drop(columns=c), f"lack {c}") for c in ("sex", "intensity")),
        *((lambda r, c=c: r.drop(columns=c), f"lack {c}") for c in ("statement", "emotion")),
        *((lambda r, c=c: r.drop(columns=c), f"lack {c}") for c in ("predicted", "p_calm")),
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
    assert "Make them again: python -m train fit good" in str(caught.value)


def test_a_clip_may_occur_under_both_protocols(folder):
    rows = load_predictions(folder)
    assert rows["clip"].duplicated().any()

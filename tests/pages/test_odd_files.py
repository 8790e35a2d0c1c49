"""A bundle with odd files is told on the page of models, and everything else stands."""

import numpy as np
import pandas as pd
import pytest

from tests.pages.demo import told
from tests.pages.models_page import (
    change_history,
    change_metrics,
    change_predictions,
    chart,
    has_chart,
    html,
    page,
)

PREDICTIONS = [
    lambda rows: rows.head(0),
    lambda rows: rows.drop(columns="clip"),
    lambda rows: rows.assign(predicted="bored"),
    lambda rows: pd.concat([rows, rows.head(1)]),
    lambda rows: rows.assign(p_calm=np.nan),
    lambda rows: rows.assign(speaker="somebody"),
]


def drawn(at) -> set[str]:
    return {t["name"] for t in chart(at, "leaderboard")["data"] if t["mode"] == "markers"}


@pytest.mark.parametrize("section", ["Curves", "Robustness"])
def test_odd_metrics_are_told_and_the_page_stands(models, section):
    change_metrics(models, "good", protocols=None)
    at = page(section=section)
    (text,) = told(at.error)
    assert "The metrics.json of 'good' does not fit" in text
    assert "python -m train fit good" in text
    assert sorted(at.selectbox(key="a").options) == ["GOOD", "POOR"]
    assert {"GOOD", "POOR"} <= drawn(page())  # its predictions still count


@pytest.mark.parametrize("change", PREDICTIONS)
def test_odd_predictions_are_told_and_the_page_stands(models, change):
    change_predictions(models, "good", change)
    at = page()
    (text,) = told(at.error)
    assert "The predictions.parquet of 'good' does not fit" in text
    assert "python -m train fit good" in text
    assert "POOR" in drawn(at)
    assert at.selectbox(key="a").options == ["POOR"]


@pytest.mark.parametrize("column", ["epoch", "train_accuracy", "val_accuracy"])
def test_a_history_with_words_counts_as_not_kept(models, column):
    change_history(models, "good", lambda rows: rows.assign(**{column: "many"}))
    at = page(section="Curves")
    assert "Its history was not kept." in html(at)
    assert not has_chart(at, "learning-a")
    assert has_chart(at, "learning-b")


def test_an_epoch_without_a_number_counts_as_not_kept(models):
    change_history(
        models, "good", lambda rows: rows.assign(epoch=rows["epoch"].where(rows["epoch"] > 1))
    )
    at = page(section="Curves")
    assert "Its history was not kept." in html(at)
    assert has_chart(at, "learning-b")


def test_training_without_validation_is_still_drawn(models):
    change_history(models, "good", lambda rows: rows.assign(val_accuracy=np.nan))
    assert has_chart(page(section="Curves"), "learning-a")


def test_speakers_of_unknown_sex_have_no_gap_between_the_sexes(models):
    for name in ("good", "poor"):
        change_predictions(models, name, lambda rows: rows.assign(sex="unknown"))
    at = page(section="Robustness")
    assert "The sex of these speakers is not known" in html(at)
    assert not has_chart(at, "sex-gap")

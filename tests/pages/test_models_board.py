import pandas as pd
import pytest
import sklearn.metrics

from ser_core.corpora.index.reading import load_index
from ser_core.evaluation.label_sets import GROUPINGS
from tests.pages.models_page import (
    RANDOM,
    UNSEEN,
    chart,
    html,
    matrix,
    metrics,
    mistakes,
    page,
    predictions,
)

pytestmark = pytest.mark.usefixtures("models")


def dots(at) -> dict[str, float]:
    traces = [t for t in chart(at, "leaderboard")["data"] if t["mode"] == "markers"]
    return {t["name"]: t["x"][0] for t in traces if t["name"] != "published"}


def lines(at) -> list[str]:
    notes = [a["text"] for a in chart(at, "leaderboard")["layout"]["annotations"]]
    return [n for n in notes if n.startswith(("chance", "majority", "people"))]


def balanced(rows: pd.DataFrame) -> float:
    return 100 * sklearn.metrics.balanced_accuracy_score(rows["emotion"], rows["predicted"])


@pytest.mark.parametrize(
    ("choice", "score"),
    [
        ("Accuracy", sklearn.metrics.accuracy_score),
        ("F1", lambda a, b: sklearn.metrics.f1_score(a, b, average="macro")),
    ],
)
def test_every_score_can_be_ranked(models, choice, score):
    at = page(score=choice)
    for name, value in dots(at).items():
        rows = predictions(models, name.lower())
        assert value == pytest.approx(100 * score(rows["emotion"], rows["predicted"]))


def test_lines_tell_chance_majority_and_people():
    assert lines(page()) == ["chance 12.5"]
    assert lines(page(score="Accuracy")) == ["majority 13.3"]
    at = page(score="Accuracy", classes="Calm with neutral")
    assert lines(at) == ["majority 20.0", "people 62.4"]
    assert at.dataframe[0].value.set_index("Model").loc["People", "WA, %"] == 62.4
    share = 192 / 1440
    assert lines(page(score="F1")) == [f"majority {100 * 2 * share / (1 + share) / 8:.1f}"]


def test_published_numbers_have_a_row_of_their_own_and_say_what_they_are():
    at = page()
    circles = next(t for t in chart(at, "leaderboard")["data"] if t.get("name") == "published")
    assert dict(zip(circles["text"], circles["x"], strict=True)) == {
        "MLP": 47,
        "CNN": 60,
        "LSTM": 51,
    }
    assert chart(at, "leaderboard")["layout"]["yaxis"]["ticktext"][-1] == "Bootcamp project"
    assert "split at random after copies were made" in html(at)
    figures = at.dataframe[0].value.set_index("Model")
    assert figures.loc["Bootcamp project, LSTM", "WA, %"] == 51


@pytest.mark.filterwarnings("ignore:y_pred contains classes")  # no strong neutral
@pytest.mark.parametrize(
    ("query", "keep"),
    [
        ({"sex": "Female"}, lambda r: r["sex"] == "female"),
        ({"intensity": "Strong"}, lambda r: r["intensity"] == "strong"),
        ({"statement": "Kids"}, lambda r: r["statement"] == "kids"),
        ({"actors": ["3", "17"]}, lambda r: r["speaker"].isin(["ravdess/03", "ravdess/17"])),
        ({"length": ["3.5", "4.0"]}, lambda r: r["clip"].map(durations()).between(3.5, 4.0)),
    ],
)
def test_a_filter_recomputes_the_board(models, query, keep):
    at = page(**query)
    for name, value in dots(at).items():
        rows = predictions(models, name.lower())
        rows = rows[keep(rows)]
        assert 0 < len(rows) < 1440
        assert value == pytest.approx(balanced(rows))
    # what is not of these clips is not shown beside them
    assert lines(at) == ["chance 12.5"]
    figures = at.dataframe[0].value
    assert list(figures["Model"]) == [*dots(at), "Majority class", "Chance"]
    assert figures["Gap, points"].isna().all()
    assert f"{len(rows)} of 1 440 clips" in html(at)


def durations() -> pd.Series:
    return load_index("ravdess").set_index("clip")["duration_s"]


@pytest.mark.parametrize("name", ["quiet", "valence", "arousal"])
def test_merged_classes_recompute_the_board(models, name):
    grouping = GROUPINGS[name]
    group = {e.value: label for label, members in grouping.members.items() for e in members}
    at = page(classes=grouping.title)
    for model, value in dots(at).items():
        rows = predictions(models, model.lower())
        merged = rows.assign(
            emotion=rows["emotion"].map(group), predicted=rows["predicted"].map(group)
        )
        assert value == pytest.approx(balanced(merged))
    assert lines(at) == [f"chance {100 / len(grouping.labels):.1f}"]
    if name != "quiet":
        assert "How people do on this part is not known." in html(at)


def test_without_predictions_the_scores_of_the_metrics_are_shown_but_not_for_a_part(models):
    (models / "good" / "predictions.parquet").unlink()
    told = metrics(models, "good")["protocols"][UNSEEN]["ua"]
    assert dots(page())["GOOD"] == pytest.approx(100 * told)
    assert list(dots(page(sex="Female"))) == ["POOR"]


def test_nothing_but_metrics_says_how_to_get_predictions(models):
    for name in ("good", "poor"):
        (models / name / "predictions.parquet").unlink()
    at = page()
    assert list(dots(at)) == ["GOOD", "POOR"]
    at = mistakes()
    assert "No model has its predictions beside it." in html(at)
    assert at.code[0].value == "python -m train fit good"


def test_one_model_can_be_compared_with_itself_on_random_clips(models):
    at = mistakes(b="GOOD, random clips")
    rows = predictions(models, "good", RANDOM)
    right = sklearn.metrics.accuracy_score(rows["emotion"], rows["predicted"])
    assert matrix(at, "matrix-b")["alt"].startswith(
        f"GOOD, random clips names {100 * right:.0f}\N{NO-BREAK SPACE}%"
    )

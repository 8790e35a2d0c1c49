import re
import shutil

import numpy as np
import pandas as pd
import pytest
import sklearn.metrics
from scipy.stats import binomtest
from sklearn.calibration import calibration_curve

from ser_core.formatting import figure, percent
from tests.pages.models_page import (
    RANDOM,
    UNSEEN,
    alt,
    array,
    change_metrics,
    change_predictions,
    chart,
    has_chart,
    html,
    metrics,
    page,
    predictions,
    without_women_at_random,
)
from tests.scored import CLASSES

pytestmark = pytest.mark.usefixtures("models")


def curves(**query: str):
    return page(section="Curves", **query)


def trace(at, key: str, name: str, mode: str | None = None) -> dict:
    found = (t for t in chart(at, key)["data"] if t.get("name") == name)
    return next(t for t in found if mode in (None, t.get("mode")))


def right(rows: pd.DataFrame) -> pd.Series:
    return rows["emotion"] == rows["predicted"]


def sure(rows: pd.DataFrame) -> pd.Series:
    return rows[[f"p_{c}" for c in CLASSES]].max(axis=1)


def error(rows: pd.DataFrame, bins: int = 15) -> float:
    gaps = right(rows) - sure(rows)
    return gaps.groupby(
        pd.cut(sure(rows), np.linspace(0, 1, bins + 1)), observed=True
    ).sum().abs().sum() / len(rows)


@pytest.mark.parametrize(
    ("choice", "score"),
    [("Recall", sklearn.metrics.recall_score), ("F1", sklearn.metrics.f1_score)],
)
def test_scores_per_class_follow_models_switch_and_filter(models, choice, score):
    at = curves(per_class=choice, sex="Female", a="POOR", b="GOOD")
    for title in ("POOR", "GOOD"):
        rows = predictions(models, title.lower(), sex="female")
        want = score(rows["emotion"], rows["predicted"], labels=CLASSES, average=None)
        made = array(trace(at, "per-class", title)["x"])
        np.testing.assert_allclose(made, 100 * want)
        if title == "POOR":
            best, worst = want.argmax(), want.argmin()
            assert alt(at, "per-class") == (
                f"{choice}: POOR is best at {CLASSES[best]}, {percent(want[best])}, and worst at "
                f"{CLASSES[worst]}, {percent(want[worst])}."
            )


def test_merged_classes_are_scored_as_one(models):
    at = curves(classes="Calm with neutral")
    rows = predictions(models, "good")[["emotion", "predicted"]].replace("neutral", "calm")
    want = sklearn.metrics.recall_score(
        rows["emotion"], rows["predicted"], labels=CLASSES[1:], average=None
    )
    np.testing.assert_allclose(array(trace(at, "per-class", "GOOD")["x"]), 100 * want)
    assert chart(at, "per-class")["layout"]["yaxis"]["ticktext"][0] == "neutral, calm"
    # what was measured on eight emotions says nothing of these classes
    assert " before" not in html(at)
    assert "it can be below 50 % sure" in html(at)


def test_reliability_and_its_error_equal_scikit_learn(models):
    at = curves()
    for title in ("GOOD", "POOR"):
        rows = predictions(models, title.lower())
        accuracy, mean = calibration_curve(right(rows), sure(rows), n_bins=15, strategy="uniform")
        line = trace(at, "reliability", title)
        np.testing.assert_allclose(array(line["x"]), 100 * mean)
        np.testing.assert_allclose(array(line["y"]), 100 * accuracy)
        measured = metrics(models, title.lower())["calibration"]
        after, before = error(rows), measured["ece_before"]
        useless = "; it did not help here" if after > before else ""
        assert (
            f"{title}{figure(after)} after temperature scaling, {figure(before)} before{useless}"
            in html(at)
        )
        assert f"{measured['temperature']:.2f} for {title}" in html(at)


def test_scaling_that_helped_is_not_blamed(models):
    measured = metrics(models, "good")["calibration"]
    change_metrics(models, "good", calibration=measured | {"ece_before": 0.9})
    assert "90.0 beforePOOR" in html(curves())


def test_a_filter_hides_the_error_before_scaling_which_cannot_be_filtered(models):
    at = curves(intensity="Strong")
    rows = predictions(models, "good", intensity="strong")
    assert f"GOOD{figure(error(rows))} after temperature scalingPOOR" in html(at)
    assert " before" not in html(at)


def test_few_clips_are_no_ground_for_an_error():
    told = "With fewer than 500 clips, much of the distance is chance."
    assert told in html(curves(b="GOOD, random clips"))
    assert told not in html(curves())


def test_a_model_can_stand_beside_itself():
    at = curves(a="GOOD", b="GOOD")
    first, second = chart(at, "per-class")["data"]
    assert first["x"] == second["x"]
    assert html(at).count(" for GOOD.") == 1


def test_the_error_before_scaling_belongs_to_unseen_speakers(models):
    at = curves(b="GOOD, random clips")
    rows = predictions(models, "good", RANDOM)
    text = html(at)
    assert text.count(" before") == 1
    assert f"GOOD, random clips{figure(error(rows))} after temperature scaling" in text
    assert "A is scored on 1 440 clips, B on 288." in text


@pytest.mark.parametrize("least", [40, 60])
def test_threshold_is_told_and_marked_for_both(models, least):
    at = curves(sure=str(least))
    parts = []
    for title in ("GOOD", "POOR"):
        rows = predictions(models, title.lower())
        given = sure(rows) >= least / 100
        mark = trace(at, "coverage", f"{title}, threshold")
        assert mark["x"][0] == pytest.approx(100 * given.mean())
        assert mark["y"][0] == pytest.approx(100 * right(rows)[given].mean())
        parts.append(
            f"{title} answers {percent(given.mean())} of the clips and is right in "
            f"{percent(right(rows)[given].mean())}"
        )
    assert alt(at, "coverage") == (
        f"Answering only when at least {least}\u00a0% sure, {'; '.join(parts)}."
    )
    assert trace(at, "coverage", "POOR")["line"]["dash"] == "dash"


def test_without_a_threshold_every_clip_is_answered(models):
    at = curves()
    shares = [percent(right(predictions(models, name)).mean()) for name in ("good", "poor")]
    assert alt(at, "coverage") == (
        f"Answering every clip, GOOD is right in {shares[0]} and POOR is right in {shares[1]}."
    )
    end = array(trace(at, "coverage", "GOOD")["y"])[-1]
    assert end == pytest.approx(100 * right(predictions(models, "good")).mean())


def test_a_threshold_that_nothing_reaches_is_told(models):
    shares = [f"p_{c}" for c in CLASSES]
    change_predictions(models, "poor", lambda rows: rows.assign(**(0.9 * rows[shares] + 0.1 / 8)))
    assert "POOR answers no clip" in html(curves(sure="95"))


def areas(at) -> dict[str, list[str]]:
    (body,) = (e.proto.body for e in at.get("html") if "ser-areas" in e.proto.body)
    lines = re.findall(r"<tr>(.*?)</tr>", body)[1:]
    cells = [[re.sub(r"<[^>]*>", "", c).strip() for c in re.split("</t[hd]>", x)] for x in lines]
    return {name: values[:-1] for name, *values in cells}


def test_areas_per_class_and_their_mean_equal_scikit_learn(models):
    at = curves(sex="Male")
    shown = areas(at)
    for side, title in enumerate(("GOOD", "POOR")):
        rows = predictions(models, title.lower(), sex="male")
        shares = rows[[f"p_{c}" for c in CLASSES]].to_numpy()
        each = [
            sklearn.metrics.roc_auc_score(rows["emotion"] == c, shares[:, i])
            for i, c in enumerate(CLASSES)
        ]
        mean = sklearn.metrics.roc_auc_score(
            [CLASSES.index(e) for e in rows["emotion"]], shares, multi_class="ovr"
        )
        assert [shown[c][side] for c in CLASSES] == [figure(a) for a in each]
        assert shown["mean"][side] == figure(mean)
        assert f"the mean is {percent(mean, 1)}" in alt(at, f"roc-{'ab'[side]}")
        line = trace(at, f"roc-{'ab'[side]}", "sad")
        made = sklearn.metrics.auc(array(line["x"]), array(line["y"])) / 1e4
        assert made == pytest.approx(each[CLASSES.index("sad")])


def test_groups_are_told_from_the_rest_by_the_sum_of_their_emotions(models):
    at = curves(classes="Low or high arousal")
    rows = predictions(models, "good")
    low = ["neutral", "calm", "sad"]
    want = sklearn.metrics.roc_auc_score(
        rows["emotion"].isin(low), rows[[f"p_{c}" for c in low]].sum(axis=1)
    )
    assert areas(at)["low"][0] == areas(at)["high"][0] == figure(want)
    assert "mean" not in areas(at)
    assert alt(at, "roc-a") == f"GOOD tells low from high: AUC {percent(want, 1)}."


def test_a_class_without_clips_has_no_curve_and_is_told(models):
    at = curves(intensity="Strong")  # neutral is only spoken normally
    assert areas(at)["neutral"] == ["–", "–"]
    for title in ("GOOD", "POOR"):
        assert f"No curve for neutral: {title} has no clip of it here" in html(at)
    assert "No clip was acted neutral." in html(at)
    assert "neutral" not in [t.get("name") for t in chart(at, "roc-a")["data"]]


def test_actors_are_ranked_with_the_interval_of_wilson(models):
    at = curves()
    rows = predictions(models, "good")
    accuracy = right(rows).groupby(rows["speaker"]).mean()
    order = sorted(accuracy.index, key=lambda s: (accuracy[s], s))
    sexes = rows.groupby("speaker")["sex"].first()
    names = [f"{int(s[-2:])}, {sexes[s]}" for s in order]
    drawn = chart(at, "per-speaker")
    assert drawn["layout"]["yaxis"]["ticktext"] == names
    np.testing.assert_allclose(array(trace(at, "per-speaker", "GOOD")["x"]), 100 * accuracy[order])
    poor = predictions(models, "poor")
    others = right(poor).groupby(poor["speaker"]).mean()
    np.testing.assert_allclose(array(trace(at, "per-speaker", "POOR")["x"]), 100 * others[order])
    first = right(rows[rows["speaker"] == order[0]])
    want = binomtest(int(first.sum()), len(first)).proportion_ci(method="wilson")
    line = next(t for t in drawn["data"] if t["mode"] == "lines")
    assert line["x"][:2] == pytest.approx([100 * want.low, 100 * want.high])
    assert alt(at, "per-speaker") == (
        f"Hardest for GOOD is speaker {names[0]}, {percent(accuracy[order[0]])} of the clips "
        f"right; easiest is speaker {names[-1]}, {percent(accuracy[order[-1]])}."
    )


def test_accuracy_per_intensity_and_what_one_of_them_lacks(models):
    at = curves()
    for title in ("GOOD", "POOR"):
        rows = predictions(models, title.lower())
        want = right(rows).groupby(rows["intensity"]).mean()
        np.testing.assert_allclose(array(trace(at, "per-intensity", title)["x"]), 100 * want)
        assert f"{title}: normal {percent(want['normal'])}, strong" in alt(at, "per-intensity")
    assert "No strong clip is neutral." in html(at)


def test_one_actor_and_one_model_are_enough(models):
    shutil.rmtree(models / "poor")
    change_predictions(models, "good", lambda rows: rows[rows["protocol"] == UNSEEN])
    at = curves(actors="3")
    rows = predictions(models, "good", speaker="ravdess/03")
    share = percent(right(rows).mean())
    assert alt(at, "per-speaker") == f"GOOD names speaker 3, male, {share} of the clips rightly."
    assert not has_chart(at, "roc-b")
    assert "intervals over speakers" not in html(at).partition("Does it help")[2]
    assert "On all eight emotions and all clips." in html(at)
    assert len(chart(at, "per-class")["data"]) == 1


def test_a_second_model_without_clips_is_told_and_the_first_drawn(models):
    change_predictions(models, "poor", without_women_at_random)
    at = curves(sex="Female", b="POOR, random clips")
    assert "POOR, random clips has no clip that passes the filter." in html(at)
    assert len(chart(at, "per-class")["data"]) == 1

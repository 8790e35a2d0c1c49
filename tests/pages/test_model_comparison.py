import shutil

import numpy as np
import pandas as pd
import pytest
import sklearn.metrics

from pages.shared.ui import cache
from ser_core.formatting import figure
from tests.corpus import require_ravdess
from tests.pages.demo import told
from tests.pages.models_page import (
    RANDOM,
    UNSEEN,
    alt,
    change_metrics,
    change_predictions,
    chart,
    counts,
    html,
    matrix,
    metrics,
    mistakes,
    page,
    predictions,
    shares,
    table,
    without_women_at_random,
)
from tests.scored import CLASSES

pytestmark = pytest.mark.usefixtures("models")


def confusion(rows: pd.DataFrame, normalize: str | None = None) -> np.ndarray:
    return sklearn.metrics.confusion_matrix(
        rows["emotion"], rows["predicted"], labels=CLASSES, normalize=normalize
    )


@pytest.mark.parametrize(
    ("choice", "protocol"), [("Unseen speakers", UNSEEN), ("Random clips", RANDOM)]
)
def test_leaderboard_shows_the_scores_of_the_protocol_best_first(models, choice, protocol):
    at = page(protocol=choice)
    want = [
        sklearn.metrics.balanced_accuracy_score(rows["emotion"], rows["predicted"])
        for rows in (predictions(models, name, protocol) for name in ("good", "poor"))
    ]
    dots = [t for t in chart(at, "leaderboard")["data"] if t["mode"] == "markers"]
    assert [dot["name"] for dot in dots] == ["GOOD", "POOR", "published"]
    assert [dot["x"][0] for dot in dots[:2]] == pytest.approx([100 * ua for ua in want], abs=1e-9)
    notes = [a["text"] for a in chart(at, "leaderboard")["layout"]["annotations"]]
    assert "chance 12.5" in notes
    assert not any(note.startswith("people") for note in notes)  # they were asked otherwise
    assert f"GOOD {figure(want[0])}" in alt(at, "leaderboard")


def test_all_figures_hold_every_score_the_gap_and_the_floors(models):
    figures = page().dataframe[0].value.set_index("Model")
    rows = predictions(models, "good")
    wa = 100 * sklearn.metrics.accuracy_score(rows["emotion"], rows["predicted"])
    f1 = 100 * sklearn.metrics.f1_score(rows["emotion"], rows["predicted"], average="macro")
    assert figures.loc["GOOD", "WA, %"] == pytest.approx(wa)
    assert figures.loc["GOOD", "F1, %"] == pytest.approx(f1)
    assert figures.loc["GOOD", "Gap, points"] == pytest.approx(90 - wa)
    assert figures.loc["Majority class", "WA, %"] == pytest.approx(100 * 192 / 1440)
    assert "People" not in figures.index
    assert figures.loc["Chance", "UA, %"] == 12.5


@pytest.mark.parametrize(("choice", "normalize"), [("Recall", "true"), ("Precision", "pred")])
def test_matrix_shares_equal_scikit_learn(models, choice, normalize):
    at = page(cells=choice)
    for side, name in (("a", "good"), ("b", "poor")):
        want = confusion(predictions(models, name), normalize)
        np.testing.assert_allclose(shares(at, f"matrix-{side}"), want, atol=1e-12)
    difference = 100 * (
        confusion(predictions(models, "good"), normalize)
        - confusion(predictions(models, "poor"), normalize)
    )
    np.testing.assert_allclose(shares(at, "matrix-difference"), difference, atol=1e-9)


def test_counts_are_written_into_the_cells(models):
    at = page(cells="Counts", protocol="Random clips")
    want = confusion(predictions(models, "good", RANDOM))
    texts = [cell["text"] for row in matrix(at, "matrix-a")["cells"] for cell in row]
    assert texts == [str(n) if n else "" for n in want.ravel()]


def test_filters_apply_together_and_are_told(models):
    at = page(sex="Female", intensity="Strong", statement="Dogs", cells="Counts")
    rows = predictions(models, "poor", sex="female", intensity="strong", statement="dogs")
    assert counts(at, "matrix-b") == confusion(rows).ravel().tolist()
    assert f"female, strong, dogs, {len(rows)} of 1 440 clips" in html(at)


def test_cell_lists_exactly_its_clips_surest_first(models):
    at = page(acted="sad", heard="calm", of="B")
    rows = predictions(models, "poor", emotion="sad", predicted="calm")
    want = rows.sort_values("p_calm", ascending=False)
    listed = table(at, "clips")
    assert listed["calm"].tolist() == (100 * want["p_calm"]).round().astype(int).tolist()
    assert listed["speaker"].tolist() == [int(s[-2:]) for s in want["speaker"]]
    assert f"Acted sad, heard as calm {len(want)} clips, POOR" in html(at)


def test_selectboxes_lead_to_every_cell(models):
    at = mistakes()
    assert "Click a cell, or choose what was acted and what was heard." in html(at)
    at.selectbox(key="acted").select("angry")
    at.selectbox(key="heard").select("angry").run()
    rows = predictions(models, "good", emotion="angry", predicted="angry")
    assert len(table(at, "clips")) == len(rows)
    assert list(table(at, "clips").columns)[:2] == ["angry", "speaker"]
    at.button[[b.label for b in at.button].index("Close")].click().run()
    assert "heard" in table(at, "clips")


def test_empty_cell_says_so(models):
    at = page(acted="neutral", heard="surprised")
    assert "No clip was acted neutral and heard as surprised." in html(at)
    assert table(at, "clips") is None


def test_filters_that_leave_nothing_can_be_cleared(models):
    for name in ("good", "poor"):
        change_predictions(models, name, lambda rows: rows[rows["sex"] == "male"])
    at = mistakes(sex="Female")
    assert "No clip matches these filters." in html(at)
    at.button[[b.label for b in at.button].index("Clear filters")].click().run()
    assert "No clip matches these filters." not in html(at)
    assert shares(at, "matrix-a").shape == (8, 8)


def test_missing_metrics_are_told_and_the_others_still_shown(models):
    (models / "good" / "metrics.json").unlink()
    at = page()
    assert (
        "There is no metrics.json in 'good'. Make it: python -m train fit good" in told(at.error)[0]
    )
    # its scores are computed from its predictions
    figures = at.dataframe[0].value.set_index("Model")
    rows = predictions(models, "good")
    ua = sklearn.metrics.balanced_accuracy_score(rows["emotion"], rows["predicted"])
    assert figures.loc["GOOD", "UA, %"] == pytest.approx(100 * ua)
    assert pd.isna(figures.loc["GOOD", "Size, MB"])


def test_damaged_predictions_are_told(models):
    (models / "poor" / "predictions.parquet").write_bytes(b"not parquet")
    at = page()
    assert "The predictions.parquet of 'poor' does not fit" in told(at.error)[0]
    assert at.selectbox(key="a").options == ["GOOD"]


def test_changed_file_is_read_again(models):
    page()
    shutil.copy(models / "poor" / "predictions.parquet", models / "good" / "predictions.parquet")
    np.testing.assert_array_equal(shares(mistakes(), "matrix-a"), shares(mistakes(), "matrix-b"))


def test_without_models_the_page_says_how_to_get_one(models):
    shutil.rmtree(models)
    at = page()
    assert "No model is installed." in html(at)
    assert "python -m train fit" in at.code[0].value


def test_clip_of_the_cell_can_be_heard(models):
    require_ravdess()
    at = page(acted="happy", heard="happy")
    assert len(at.get("audio")) == 1
    assert not at.info


def test_the_command_for_a_missing_protocol_keeps_the_other_one(models):
    for name in ("good", "poor"):
        unseen = {UNSEEN: metrics(models, name)["protocols"][UNSEEN]}
        change_metrics(models, name, protocols=unseen)
        change_predictions(models, name, lambda rows: rows[rows["protocol"] == UNSEEN])
    at = page(protocol="Random clips")
    assert "No model was scored on random clips." in html(at)
    assert at.code[0].value == "python -m train fit good"


def test_a_damaged_clip_is_told_and_its_outline_drawn(models, monkeypatch, tmp_path):
    happy = predictions(models, "good", emotion="happy", predicted="happy")
    for name, actor in zip(happy["clip"], happy["speaker"].str[-2:], strict=True):
        file = tmp_path / f"ravdess/Actor_{actor}/{name}.wav"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"RIFF, but not really")
    monkeypatch.setenv("SER_DATA_DIR", str(tmp_path))
    at = page(acted="happy", heard="happy")
    assert "is not audio" in told(at.error)[0]
    assert not at.get("audio")
    assert chart(at, "clips-drawing")["data"][0]["fill"] == "toself"


def test_without_recordings_the_outline_is_drawn_and_the_way_told(models, monkeypatch, tmp_path):
    monkeypatch.setenv("SER_DATA_DIR", str(tmp_path))
    at = page(acted="happy", heard="happy")
    assert not at.get("audio")
    assert "python -m train download ravdess" in at.info[0].value
    assert chart(at, "clips-drawing")["data"][0]["fill"] == "toself"


def test_cached_predictions_are_not_changed_by_a_visit(models):
    before = next(m for m in cache.bundles() if m.name == "good").predictions.copy()
    page(sex="Female", acted="sad", heard="sad")
    after = next(m for m in cache.bundles() if m.name == "good").predictions
    pd.testing.assert_frame_equal(before, after)


def test_counts_of_different_sets_of_clips_are_not_subtracted(models):
    at = page(b="GOOD, random clips", cells="Counts")
    assert matrix(at, "matrix-difference") is None
    told = html(at)
    assert "A was tested on 1 440 clips and B on 288 clips: their counts cannot be" in told
    assert matrix(mistakes(b="GOOD, random clips"), "matrix-difference")


def test_a_model_without_clips_under_the_other_protocol_is_told(models):
    change_predictions(models, "poor", without_women_at_random)
    at = page(b="POOR, random clips", sex="Female", of="B")
    assert "POOR, random clips was not tested on any of these clips." in html(at)
    assert (
        matrix(at, "matrix-b")["alt"] == "POOR, random clips was not tested on any of these clips."
    )
    texts = {cell["text"] for row in matrix(at, "matrix-difference")["cells"] for cell in row}
    assert texts == {""}


def test_the_second_model_is_another_one_by_default(models):
    assert page().selectbox(key="b").value == "poor"
    assert page(a="POOR").selectbox(key="b").value == "good"


def test_models_of_one_title_are_told_apart(models):
    for name in ("good", "poor"):
        file = models / name / "card.json"
        file.write_text(file.read_text().replace(f'"{name.upper()}"', '"SAME"'))
    told = html(mistakes())
    assert "SAME (A)" in told
    assert "SAME (B)" in told

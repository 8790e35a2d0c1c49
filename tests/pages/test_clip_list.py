import pandas as pd
import pytest

from pages.shared.ui.corpus_words import clip_finding
from ser_core.corpora.index.reading import load_index
from tests.pages.models_page import (
    alt,
    array,
    change_predictions,
    chart,
    html,
    page,
    predictions,
    table,
)
from tests.pages.models_page import mistakes as open_mistakes
from tests.scored import CLASSES

pytestmark = pytest.mark.usefixtures("models")


@pytest.fixture
def mistakes(models) -> pd.DataFrame:
    rows = predictions(models, "good")
    rows = rows[rows["emotion"] != rows["predicted"]]
    sure = rows[[f"p_{e}" for e in CLASSES]].max(axis=1)
    return rows.assign(sure=sure).sort_values("sure", ascending=False)


def button(at, label):
    return next(b for b in at.button if b.label == label)


def clip_name(at) -> str:
    """The clip of the list whose outline is drawn and of which the models speak."""
    name = at.session_state["listen"]
    row = load_index("ravdess").set_index("clip").loc[name]
    assert alt(at, "clips-drawing") == clip_finding(row)
    assert f"speaker {row['actor']}, {row['sex']}" in html(at)
    return name


def test_the_surest_mistakes_come_first_while_no_cell_is_open(mistakes):
    at = open_mistakes()
    listed = table(at, "clips")
    assert listed["acted"].tolist() == mistakes["emotion"].tolist()
    assert listed["heard"].tolist() == mistakes["predicted"].tolist()
    assert listed["sure"].tolist() == (100 * mistakes["sure"]).round().astype(int).tolist()
    assert f"Surest mistakes {len(mistakes)} mistakes, GOOD" in html(at)
    assert clip_name(at) == mistakes["clip"].iloc[0]


def test_steps_go_through_the_list_and_stop_at_its_ends(mistakes):
    at = open_mistakes()
    assert button(at, "Previous").disabled
    for step in (1, 2):
        button(at, "Next").click().run()
        assert clip_name(at) == mistakes["clip"].iloc[step]
        assert f"{step + 1} of {len(mistakes)}" in html(at)
    assert at.query_params["listen"] == mistakes["clip"].iloc[2]
    button(at, "Previous").click().run()
    assert clip_name(at) == mistakes["clip"].iloc[1]
    at = page(listen=mistakes["clip"].iloc[-1])
    assert button(at, "Next").disabled


def test_buttons_have_keys(mistakes):
    at = open_mistakes()
    assert [button(at, label).proto.shortcut for label in ("Previous", "Next")] == ["p", "n"]


def test_address_opens_the_clip_and_another_list_starts_at_its_top(models, mistakes):
    at = page(listen=mistakes["clip"].iloc[5])
    assert clip_name(at) == mistakes["clip"].iloc[5]
    at.selectbox(key="acted").select("sad")
    at.selectbox(key="heard").select("sad").run()
    right = predictions(models, "good", emotion="sad", predicted="sad")
    assert clip_name(at) == right.sort_values("p_sad", ascending=False)["clip"].iloc[0]


def test_every_model_says_what_it_heard(models, mistakes):
    at = open_mistakes()
    drawn = chart(at, "opinions")["data"]
    for row, name in enumerate(("good", "poor")):
        own = predictions(models, name, clip=mistakes["clip"].iloc[0]).iloc[0]
        shares = [array(bar["x"])[row] for bar in drawn]
        assert shares == pytest.approx([100 * own[f"p_{e}"] for e in CLASSES])
        assert f"{name.upper()} sounds {own['predicted']}" in alt(at, "opinions")


def test_who_speaks_is_told(mistakes):
    first = mistakes.iloc[0]
    said = {"kids": "Kids are talking by the door", "dogs": "Dogs are sitting by the door"}
    told = html(open_mistakes())
    assert (
        f"speaker {int(first['speaker'][-2:])}, {first['sex']}, “{said[first['statement']]}”"
        in told
    )


def test_a_model_without_mistakes_has_none_to_hear(models):
    change_predictions(models, "good", lambda rows: rows.assign(predicted=rows["emotion"]))
    at = open_mistakes()
    assert "GOOD heard every one of these clips rightly." in html(at)
    assert table(at, "clips") is None


def test_cells_of_merged_classes_sum_their_emotions(models):
    at = page(classes="Calm with neutral", acted="sad", heard="neutral, calm", of="B")
    rows = predictions(models, "poor", emotion="sad")
    rows = rows[rows["predicted"].isin(["neutral", "calm"])]
    want = (rows["p_neutral"] + rows["p_calm"]).sort_values(ascending=False)
    assert table(at, "clips")["neutral, calm"].tolist() == (100 * want).round().astype(int).tolist()
    assert f"Acted sad, heard as neutral, calm {len(rows)} clips, POOR" in html(at)


def test_an_open_cell_is_closed_when_its_class_is_merged_away(models):
    at = page(acted="calm", heard="calm")
    assert "calm" in table(at, "clips")
    at.selectbox(key="classes").select("quiet").run()
    assert "Surest mistakes" in html(at)

"""Other recordings, on the page of models and on the home page."""

import pytest
from msgspec.structs import replace
from streamlit.testing.v1 import AppTest

from ser_core.bundles.metrics import Metrics, OtherRecordings, SessionScores
from ser_core.bundles.store import ModelStore
from tests.pages.models_page import PAGE, array, chart, has_chart, html, page

SCORES = OtherRecordings(
    ua=0.5,
    wa=0.52,
    ci95={"ua": (0.4, 0.6)},
    classes=("happy", "sad"),
    clips=30,
    learned_from=("ravdess",),
    ece=0.1,
    answered=0.6,
    answered_wa=0.7,
    most_given=0.4,
)
LATER = (SessionScores("balanced", 8, 0.62), SessionScores("skewed", 8, 0.58))


@pytest.fixture
def tested(models):
    """The best model adapts and was tested on two corpora, the other on one."""
    best, other = (models / name for name in ModelStore(models).names()[:2])
    found = {"nemo": replace(SCORES, sessions=LATER), "ased": replace(SCORES, ua=0.6)}
    found["ased"] = replace(found["ased"], sessions=(replace(LATER[0], ua=0.7),))
    replace(Metrics.load(best), other_recordings=found).save(best)
    replace(Metrics.load(other), other_recordings={"ased": SCORES}).save(other)
    return best.name


@pytest.mark.usefixtures("models")
def test_without_a_test_the_page_says_how_to_make_one():
    at = page(section="Other recordings")
    assert "No model here was tested on other recordings." in html(at)
    assert not has_chart(at, "elsewhere")


@pytest.mark.usefixtures("tested")
def test_a_row_per_corpus_shows_every_model_alone_and_later():
    at = page(section="Other recordings")
    drawn = chart(at, "elsewhere")
    dots = sorted(
        (round(float(array(t["x"])[0])), int(array(t["y"])[0]))
        for t in drawn["data"]
        if t["mode"] == "markers"
    )
    assert dots == [(50, 0), (50, 1), (60, 1), (62, 0), (70, 1)]
    names = list(drawn["layout"]["yaxis"]["ticktext"])
    assert names == ["nEMO", "ASED"]
    assert "reaches 55 % on average, 66 % later in a session." in html(at).replace("\xa0", " ")


@pytest.mark.usefixtures("tested")
def test_home_puts_both_figures_side_by_side():
    at = AppTest.from_file(str(PAGE.with_name("home.py")), default_timeout=60).run()
    assert not at.exception
    text = html(at).replace("\xa0", " ")
    assert "55.0 %" in text
    assert "the mean over nEMO and ASED" in text
    assert "After eight sentences of the same voice it is 66.0 %." in text

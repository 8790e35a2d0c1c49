import re

import pytest
import sklearn.metrics

from ser_core.bundles.leak_lab import Cell, LeakLab, ModelLeak, Score
from ser_core.bundles.robustness import OTHERS
from ser_core.formatting import figure, percent, signed
from tests.pages.demo import told
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
    page,
    predictions,
)

pytestmark = pytest.mark.usefixtures("models")

# accuracy, test rows and rows heard in training per split and order of copying
WAYS = {
    (RANDOM, "before"): (0.70, 308, 34),
    (RANDOM, "after"): (0.62, 288, 0),
    (UNSEEN, "before"): (0.41, 1536, 0),
    (UNSEEN, "after"): (0.4, 1440, 0),
}
CONDITIONS = {
    "clean": 0.8,
    "white noise 20 dB": 0.7,
    "white noise 10 dB": 0.6,
    "white noise 0 dB": 0.3,
    "babble 20 dB": 0.5,
    "babble 10 dB": 0.4,
    "babble 0 dB": 0.2,
} | {name: 0.79 - i / 50 for i, name in enumerate(OTHERS)}


@pytest.fixture
def lab(models):
    """The leak lab of three models, one of which is installed, one published."""
    entries = {}
    for k, name in enumerate(("good", "cnn", "tree")):
        cells = tuple(
            Cell(split, order, Score(wa, wa - k / 100, rows), Score(wa, wa, rows), heard)
            for (split, order), (wa, rows, heard) in WAYS.items()
        )
        entries[name] = ModelLeak(f"python -m train leaklab --models {name}", {}, cells)
    LeakLab("ravdess", "As it was done.", entries).save(models)


@pytest.fixture
def disturbed(models):
    """Both models scored on disturbed clips; the second is a tenth worse everywhere."""
    for name, less in (("good", 0.0), ("poor", 0.1)):
        scores = {c: {"ua": ua - less, "wa": 0.1} for c, ua in CONDITIONS.items()}
        change_metrics(models, name, robustness=scores)


def trace(at, key: str, name: str) -> dict:
    return next(t for t in chart(at, key)["data"] if t.get("name") == name)


def explained(at) -> list[str]:
    """The sentences of the lab."""
    bodies = (element.proto.body for element in at.get("html"))
    text = next(body for body in bodies if "put every speaker on both sides" in body)
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", text))
    return re.findall(r"[A-Z].*?\.(?= [A-Z]|$)", text)


@pytest.mark.parametrize(
    ("split", "copies", "way"),
    [
        ("Random clips", "Before the split", (RANDOM, "before")),
        ("Random clips", "After the split", (RANDOM, "after")),
        ("Unseen speakers", "Before the split", (UNSEEN, "before")),
        ("Unseen speakers", "After the split", (UNSEEN, "after")),
    ],
)
@pytest.mark.usefixtures("lab")
def test_the_two_switches_move_the_accuracy(split, copies, way):
    at = page(section="Leak lab", lab_split=split, lab_copies=copies, lab_model="GOOD")
    wa, rows, heard = WAYS[way]
    text = html(at)
    assert f"{percent(wa, 1)} right".replace("\N{NO-BREAK SPACE}", " ") in text
    assert array(trace(at, "leak-lab", "chosen")["x"]).tolist() == pytest.approx(
        [100 * wa, 100 * wa - 1, 100 * wa - 2]
    )
    others = sorted(100 * other for each, (other, *_) in WAYS.items() if each != way)
    shown = array(trace(at, "leak-lab", "the others")["x"])
    assert sorted(shown[:3]) == pytest.approx(others)
    share = f"34 of 308 test rows ({percent(34 / 308)})" if heard else f"none of {rows:,} test rows"
    want = f"Heard in training: {share}.".replace(",", " ").replace("\N{NO-BREAK SPACE}", " ")
    assert want in text


@pytest.mark.usefixtures("lab")
def test_three_sentences_explain_it_from_the_numbers_of_the_lab_alone():
    at = page(section="Leak lab", lab_model="GOOD")
    split, copies, honest = explained(at)
    assert "adds 22.0 points: 62.0 % instead of 40.0 %" in split
    assert "adds 8.0 points on one test of 308 rows, 34 of them (11 %) heard in training" in copies
    assert "never heard, 40.0 %" in honest
    assert "making the copies first adds 1.0 points." in honest
    assert "compare only within the lab" in html(at)


@pytest.mark.usefixtures("lab")
def test_published_scores_are_rings_and_titles_are_those_of_the_page():
    assert page(section="Leak lab").selectbox(key="lab_model").value == "cnn"
    at = page(section="Leak lab", lab_model="TREE")
    assert chart(at, "leak-lab")["layout"]["yaxis"]["ticktext"] == ["GOOD", "CNN", "<b>TREE</b>"]
    ring = trace(at, "leak-lab", "published")
    assert (array(ring["x"]).tolist(), array(ring["y"]).tolist()) == ([60], [1])
    assert at.code[0].value == "python -m train leaklab --models tree"
    assert "As it was done." in html(at)


@pytest.mark.usefixtures("lab")
def test_the_lab_says_that_filters_do_not_reach_it():
    told = "filters and merged classes do not change it"
    assert told not in html(page(section="Leak lab"))
    assert told in html(page(section="Leak lab", sex="Female"))
    assert told in html(page(section="Leak lab", classes="Calm with neutral"))


def test_without_the_lab_the_way_to_it_is_told_and_the_page_stands(models):
    at = page(section="Leak lab")
    assert "python -m train leaklab" in told(at.error)[0]
    assert not has_chart(at, "leak-lab")
    assert has_chart(page(), "leaderboard")


def test_an_older_lab_is_told(models):
    (models / LeakLab.FILE).write_text('{"schema": 0}')
    assert "does not fit" in told(page(section="Leak lab").error)[0]


@pytest.mark.parametrize(
    ("choice", "noise"), [("White noise", "white noise"), ("Babble", "babble")]
)
@pytest.mark.usefixtures("disturbed")
def test_noise_curves_are_those_of_the_metrics(choice, noise):
    at = page(section="Robustness", noise=choice)
    want = [CONDITIONS["clean"], *(CONDITIONS[f"{noise} {snr} dB"] for snr in (20, 10, 0))]
    good, poor = (array(trace(at, "noise-curves", name)["y"]) for name in ("GOOD", "POOR"))
    assert good == pytest.approx([100 * ua for ua in want])
    assert poor == pytest.approx([100 * ua - 10 for ua in want])
    assert not at.info
    finding = f"GOOD goes from {percent(0.8)} to {percent(want[-1])}"
    assert finding in alt(at, "noise-curves")
    assert finding.replace("\N{NO-BREAK SPACE}", " ") in html(at)


@pytest.mark.usefixtures("disturbed")
def test_other_conditions_are_changes_against_clean_sound():
    at = page(section="Robustness")
    want = [100 * (CONDITIONS[name] - CONDITIONS["clean"]) for name in OTHERS]
    assert array(trace(at, "conditions", "GOOD")["x"]) == pytest.approx(want)
    worst = signed(min(want), 1)
    assert f"Hardest for GOOD: {list(OTHERS.values())[-1]}, {worst} points." in alt(
        at, "conditions"
    )


@pytest.mark.usefixtures("disturbed")
def test_models_that_were_not_disturbed_are_named_with_the_command(models):
    change_metrics(models, "poor", robustness={"clean": {"ua": 0.5}})
    at = page(section="Robustness")
    (text,) = (message.value for message in at.info)
    assert "POOR" in text
    assert "`python -m train fit poor`" in text
    assert "good" not in text
    assert [t["name"] for t in chart(at, "noise-curves")["data"]] == ["GOOD"]


def test_without_any_measurement_the_sex_gap_still_stands(models):
    at = page(section="Robustness")
    assert "`python -m train fit good`, `python -m train fit poor`" in at.info[0].value
    assert not has_chart(at, "noise-curves")
    assert not has_chart(at, "conditions")
    assert has_chart(at, "sex-gap")


def balanced(rows) -> float:
    return 100 * sklearn.metrics.balanced_accuracy_score(rows["emotion"], rows["predicted"])


@pytest.mark.parametrize("intensity", [None, "strong"])
def test_the_sex_gap_is_that_of_the_predictions(models, intensity):
    wanted = {"intensity": intensity} if intensity else {}
    at = page(section="Robustness", **{k: v.capitalize() for k, v in wanted.items()})
    gaps = []
    for title in ("GOOD", "POOR"):
        each = []
        for sex in ("female", "male"):
            want = balanced(predictions(models, title.lower(), sex=sex, **wanted))
            found = trace(at, "sex-gap", f"{title}, {sex}")
            assert array(found["x"]) == pytest.approx([want])
            each.append(want)
        gaps.append(each[0] - each[1])
    notes = [note["text"] for note in chart(at, "sex-gap")["layout"]["annotations"]]
    assert notes[:2] == [signed(gap, 1) for gap in gaps]
    assert f"{figure(abs(gaps[0]) / 100)} points better" in alt(at, "sex-gap")


def test_only_a_model_under_the_protocol_of_the_page_has_a_ring_between_the_sexes():
    sizes = {}
    for b in ("POOR", "POOR, random clips"):
        at = page(section="Robustness", a="GOOD", b=b)
        sizes[b] = trace(at, "sex-gap", "POOR, male")["marker"]
    assert sizes["POOR"]["line"]["width"] > 0
    assert "line" not in sizes["POOR, random clips"]


def test_sexes_that_are_heard_alike_are_said_to_be(models):
    change_predictions(models, "good", lambda rows: rows.assign(predicted=rows["emotion"]))
    assert alt(page(section="Robustness"), "sex-gap") == f"GOOD hears both alike ({percent(1)})."


@pytest.mark.usefixtures("disturbed")
def test_whose_clips_were_disturbed_is_told():
    told = "Robustness was measured on unseen speakers only."
    assert told not in html(page(section="Robustness"))
    assert told in html(page(section="Robustness", b="POOR, random clips"))


@pytest.mark.parametrize("query", [{"sex": "Male"}, {"actors": "5"}])
def test_a_filter_that_leaves_one_sex_is_told(models, query):
    at = page(section="Robustness", **query)
    assert "The filter leaves only male speakers: there is no gap to show." in html(at)
    assert not has_chart(at, "sex-gap")


@pytest.mark.usefixtures("disturbed")
def test_a_model_beside_itself_is_drawn_once():
    at = page(section="Robustness", a="POOR", b="POOR, random clips")
    assert [t["name"] for t in chart(at, "noise-curves")["data"]] == ["GOOD", "POOR"]
    assert "Dashed" not in html(at)

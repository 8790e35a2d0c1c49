import re
import shutil

import pandas as pd
import pytest
import scipy.stats
import sklearn.metrics

from ser_core.evaluation.label_sets import GROUPINGS
from ser_core.formatting import figure, percent, signed
from tests.pages.models_page import (
    RANDOM,
    UNSEEN,
    alt,
    change_predictions,
    chart,
    has_chart,
    heat,
    html,
    page,
    predictions,
    table,
)
from tests.scored import CLASSES

pytestmark = pytest.mark.usefixtures("models")
SHARES = [f"p_{e}" for e in CLASSES]
QUIET = {e: "neutral, calm" if e in ("neutral", "calm") else e for e in CLASSES}


def opened(**query: str):
    return page(section="Two models", **query)


def both(models, protocol: str = UNSEEN, other: str = UNSEEN, **wanted: str) -> pd.DataFrame:
    a = predictions(models, "good", protocol, **wanted)
    b = predictions(models, "poor", other, **wanted)
    return a.merge(b, on="clip", suffixes=("_a", "_b"), validate="one_to_one")


def counts(shared: pd.DataFrame, of=lambda e: e) -> list[list[int]]:
    a, b = (shared["emotion_a"].map(of) == shared[f"predicted_{s}"].map(of) for s in "ab")
    return [[int((a & b).sum()), int((a & ~b).sum())], [int((~a & b).sum()), int((~a & ~b).sum())]]


def shown_counts(at) -> list[list[int]]:
    texts = next(t for t in chart(at, "agreement")["data"] if t.get("mode") == "text")["text"]
    found = [int(re.sub(r"\D", "", text.partition("<br>")[0])) for text in texts]
    return [found[:2], found[2:]]


def together(shared: pd.DataFrame) -> pd.Series:
    means = {s: (shared[f"{s}_a"] + shared[f"{s}_b"]) / 2 for s in SHARES}
    return pd.DataFrame(means).idxmax(axis=1).str.removeprefix("p_")


def scored(at) -> dict[str, float]:
    """Balanced recall of A, of B and of both, in percent."""
    dots = (t for t in chart(at, "together")["data"] if t["mode"] == "markers")
    return {t["name"]: t["x"][0] for t in dots}


balanced = sklearn.metrics.balanced_accuracy_score


def test_agreement_counts_the_clips_and_names_the_same_class(models):
    at = opened()
    shared = both(models)
    assert shown_counts(at) == counts(shared)
    assert heat(at, "agreement").ravel() == pytest.approx(
        [n / 1440 for row in counts(shared) for n in row]
    )
    same = percent((shared["predicted_a"] == shared["predicted_b"]).mean())
    assert f"GOOD (A) and POOR (B) name the same class for {same} of" in alt(at, "agreement")


@pytest.mark.parametrize(
    ("query", "wanted"),
    [({"sex": "Female", "intensity": "Strong"}, {"sex": "female", "intensity": "strong"})],
)
def test_filters_reach_the_comparison(models, query, wanted):
    assert shown_counts(opened(**query)) == counts(both(models, **wanted))


def test_merged_classes_reach_the_comparison(models):
    at = opened(classes="Calm with neutral")
    shared = both(models)
    assert shown_counts(at) == counts(shared, QUIET.get)
    assert shown_counts(at) != counts(shared)
    heard = together(shared).map(QUIET)
    want = 100 * balanced(shared["emotion_a"].map(QUIET), heard)
    assert scored(at)["A and B together"] == pytest.approx(want)


def test_models_that_differ_surely_are_said_to(models):
    text = html(opened())
    (_, only_a), (only_b, _) = counts(both(models))
    assert scipy.stats.binomtest(only_a, only_a + only_b).pvalue < 0.001
    assert (
        f"Of the {only_a + only_b} clips that only one of them names rightly, A has {only_a}."
        in text
    )
    assert "in fewer than 1 of 1 000 cases (p &lt; .001)" in text


@pytest.mark.parametrize("actor", [2, 4, 7, 8, 21])
def test_the_words_of_the_test_follow_its_p(models, actor):
    shared = both(models, speaker=f"ravdess/{actor:02}")
    (_, only_a), (only_b, _) = counts(shared)
    p = scipy.stats.binomtest(only_a, only_a + only_b).pvalue
    text = html(opened(actors=str(actor)))
    if p >= 0.05:
        want = f"could be chance (p = {p:.2f})".replace("= 0", "= ")
    elif p >= 0.001:
        want = f"would come up in {percent(p, 0 if p >= 0.01 else 1)} of cases."
    else:
        want = "(p &lt; .001)"
    assert want.replace("\N{NO-BREAK SPACE}", " ") in text
    assert "With one speaker there is no interval." in text


def test_the_difference_is_that_of_balanced_recall(models):
    shared = both(models)
    a, b = (balanced(shared["emotion_a"], shared[f"predicted_{s}"]) for s in "ab")
    assert f"A is {figure(a - b)} points better than B in balanced recall" in html(opened())
    assert f"B is {figure(a - b)} points better than A" in html(opened(a="POOR", b="GOOD"))


def test_the_mean_of_both_is_scored_beside_each(models):
    at = opened()
    shared = both(models)
    heard = {
        "GOOD": shared["predicted_a"],
        "POOR": shared["predicted_b"],
        "A and B together": together(shared),
    }
    found = scored(at)
    want = {title: 100 * balanced(shared["emotion_a"], said) for title, said in heard.items()}
    assert found == pytest.approx(want)
    gain = found["A and B together"] - found["GOOD"]
    word = "more" if gain > 0 else "less"
    text = html(at)
    assert f"{signed(abs(gain), 1).lstrip('+')} points {word} than A alone" in text
    assert "Out of fold: no clip’s speaker was heard in training." in text
    assert "no weight was tuned" in text
    assert "this shows the leak" not in text


@pytest.mark.parametrize(("choice", "right", "wrong"), [("A", "a", "b"), ("B", "b", "a")])
def test_the_list_holds_exactly_the_clips_that_one_alone_names_surest_mistakes_first(
    models, choice, right, wrong
):
    at = opened(only_right=f"Only {choice} right")
    shared = both(models)
    truth = shared["emotion_a"]
    only = shared[(truth == shared[f"predicted_{right}"]) & (truth != shared[f"predicted_{wrong}"])]
    sure = only[[f"{s}_{wrong}" for s in SHARES]].max(axis=1)
    want = only.assign(sure=sure).sort_values("sure", ascending=False, kind="stable")
    loser = wrong.upper()
    found = table(at, "divide")
    assert found["acted"].tolist() == want["emotion_a"].tolist()
    assert found[f"{loser} heard"].tolist() == want[f"predicted_{wrong}"].tolist()
    assert found[f"{loser} sure"].tolist() == (100 * want["sure"]).round().astype(int).tolist()
    assert found["speaker"].tolist() == want["speaker_a"].str[-2:].astype(int).tolist()
    of_right = [row[f"p_{row['emotion_a']}_{right}"] for _, row in want.iterrows()]
    assert found[f"{choice} sure"].tolist() == pytest.approx([100 * p for p in of_right], abs=0.51)


def test_another_protocol_is_compared_on_the_shared_clips_with_a_warning(models):
    at = opened(b="POOR, random clips")
    shared = both(models, other=RANDOM)
    assert shown_counts(at) == counts(shared)
    text = html(at)
    assert "A was tested on 1 440 clips, B on 288 clips; 288 clips are shared." in text
    assert "had heard these speakers in training, so the score promises too much" in text
    assert "Out of fold" not in text
    assert "this shows the leak, not a better model" in text


def test_models_without_a_shared_clip_are_told(models):
    for name, sex in (("good", "male"), ("poor", "female")):
        change_predictions(models, name, lambda rows, sex=sex: rows[rows["sex"] == sex])
    at = opened()
    assert "No clip was tested on both models." in html(at)
    assert not has_chart(at, "agreement")


def test_a_model_compared_with_itself_has_nothing_to_test(models):
    at = opened(a="GOOD", b="GOOD")
    text = html(at)
    assert "there is nothing to test" in text
    assert "the same balanced recall (95 % interval of A minus B: 0.0 to 0.0)." in text
    assert "There is no clip that GOOD (A) alone names rightly." in text
    assert set(scored(at)) == {"GOOD (A)", "GOOD (B)", "A and B together"}


def test_one_model_asks_for_another(models):
    shutil.rmtree(models / "poor")
    change_predictions(models, "good", lambda rows: rows[rows["protocol"] == UNSEEN])
    at = opened()
    assert "It takes two models to compare." in html(at)
    assert at.code[0].value == "python -m train fit svm"


@pytest.mark.parametrize("classes", [g.title for g in GROUPINGS.values()])
def test_a_single_actor_and_any_classes_work(classes):
    at = opened(actors="7", classes=classes, statement="Kids")
    assert sum(n for row in shown_counts(at) for n in row) == 30

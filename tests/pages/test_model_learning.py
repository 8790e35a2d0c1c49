import numpy as np
import pandas as pd
import pytest

from tests.pages.models_page import (
    RANDOM,
    UNSEEN,
    alt,
    array,
    change_history,
    chart,
    has_chart,
    html,
    page,
)

pytestmark = pytest.mark.usefixtures("models")


def curves(**query: str):
    return page(section="Curves", **query)


def test_learning_follows_each_models_own_protocol(models):
    file = models / "good" / "history.csv"
    history = pd.read_csv(file)
    history.loc[history["protocol"] == RANDOM, "train_accuracy"] /= 2
    history.to_csv(file, index=False)
    at = curves(b="GOOD, random clips")
    for side, protocol in (("a", UNSEEN), ("b", RANDOM)):
        part = history[(history["protocol"] == protocol) & (history["fold"] == 2)]
        lines = {t["name"]: t for t in chart(at, f"learning-{side}")["data"]}
        np.testing.assert_allclose(
            array(lines["training, fold 2"]["y"]), 100 * part["train_accuracy"]
        )
    assert alt(at, "learning-a").replace("\N{NO-BREAK SPACE}", " ") == (
        "GOOD ends 25 points better in training than in validation."
    )
    assert len(chart(at, "learning-a")["data"]) == 4


def test_a_history_that_was_not_kept_is_told_with_the_command(models):
    (models / "poor" / "history.csv").unlink()
    at = curves()
    assert "Its history was not kept." in html(at)
    assert "python -m train fit poor" in [code.value for code in at.code]
    assert has_chart(at, "learning-a")


@pytest.mark.parametrize(
    ("more", "told"),
    [(0, "5 points better in"), (-0.08, "3 points worse in"), (-0.05, "as good in")],
)
def test_models_fitted_at_once_have_no_epochs(models, more, told):
    change_history(
        models,
        "good",
        lambda rows: rows[rows["epoch"] == 1].eval(f"train_accuracy = train_accuracy + {more}"),
    )
    at = curves()
    assert f"Fitted at once, so there are no epochs to draw. It is {told} training" in html(at)
    assert not has_chart(at, "learning-a")

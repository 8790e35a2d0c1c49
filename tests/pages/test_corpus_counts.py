import re

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from pages.shared.dataset import counts_section
from ser_core.corpora.index.reading import load_index
from ser_core.formatting import NBSP
from tests.pages.map_page import explorer, html
from tests.pages.models_page import array, chart

pytestmark = pytest.mark.usefixtures("folder")


def splits(at: AppTest) -> list[str]:
    return at.button_group(key="split").options


def bars(at: AppTest) -> dict[str, dict[str, int]]:
    return {
        bar["name"]: {
            emotion: int(n) for emotion, n in zip(bar["customdata"], bar["x"], strict=True)
        }
        for bar in chart(at, "counts")["data"]
    }


def test_the_switch_offers_labels_that_have_several_values():
    assert splits(explorer(part="Counts")) == ["Intensity", "Sex", "Statement", "Speaker"]
    assert splits(explorer(corpus="emodb", part="Counts")) == ["Sex", "Statement", "Speaker"]


def test_a_label_that_the_other_corpus_lacks_is_forgotten():
    at = explorer(split="Intensity")
    at.selectbox(key="corpus").select("emodb").run()
    assert at.button_group(key="split").value == "sex"
    assert list(bars(at)) == ["female", "male"]
    assert "split" not in at.query_params


@pytest.mark.parametrize(("split", "by"), [("Statement", "statement"), ("Speaker", "actor")])
def test_a_link_opens_a_grid_of_the_filtered_clips(split, by):
    clips = load_index("emodb").query("sex == 'male'")
    at = explorer(corpus="emodb", voice="Male", split=split)
    heat = chart(at, "counts")["data"][0]
    tally = clips.groupby(["emotion", by]).size()
    assert array(heat["z"]).sum() == len(clips) == tally.sum()
    pairs = clips["emotion"].nunique() * clips[by].nunique()
    told = f"the others have {tally.min()} to {tally.max()}{NBSP}clips"
    if len(tally) == pairs:
        told = f"Each pair of emotion and {split.lower()} has {tally.min()} to {tally.max()}"
    assert told.replace(NBSP, " ") in html(at)
    assert not [group for group in at.button_group if group.key == counts_section.ROWS]


def test_oversampling_is_shown_of_the_filtered_clips():
    over_sampling = pytest.importorskip("imblearn.over_sampling")
    clips = load_index("ravdess").query("sex == 'female'")
    labels = clips["emotion"].to_numpy()
    sampler = over_sampling.RandomOverSampler(random_state=1)
    _, drawn = sampler.fit_resample(np.arange(labels.size).reshape(-1, 1), labels)
    at = explorer(voice="Female", rows="Oversampled")
    shown = pd.DataFrame(bars(at)).sum(axis=1)
    assert shown.to_dict() == dict(zip(*np.unique(drawn, return_counts=True), strict=True))
    assert f"neutral 48 → 96; together 720 → {len(drawn)} rows" in html(at)


def test_the_whole_corpus_grows_from_1440_to_1536_rows_at_a_click():
    at = explorer(part="Counts")
    assert list(bars(at)) == ["normal", "strong"]
    at.button_group(key=counts_section.ROWS).set_value("oversampled").run()
    assert bars(at)["drawn again"]["neutral"] == 96
    assert "neutral 96 → 192; together 1 440 → 1 536 rows" in html(at)
    assert at.query_params["rows"] in ("Oversampled", ["Oversampled"])


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"strength": "Strong"}, "All emotions have as many clips: nothing is drawn again."),
        ({"emotion": ["sad"]}, "There is one emotion: nothing is drawn again."),
    ],
)
def test_nothing_is_drawn_again_where_nothing_is_rarer(query, told):
    at = explorer(rows="Oversampled", **query)
    assert told in html(at)
    assert set(bars(at)["drawn again"].values()) == {0}


def test_a_corpus_without_any_second_value_has_bars_and_no_switch(monkeypatch):
    one = load_index("ravdess").query("actor == 1 and statement == 'kids' and emotion == 'neutral'")
    monkeypatch.setattr("pages.shared.ui.cache.clip_index", lambda name: one.reset_index(drop=True))
    at = explorer(part="Counts")
    assert bars(at) == {"male": {"neutral": 2}}
    assert not [group for group in at.button_group if group.key == "split"]


def test_a_grid_says_how_many_cells_are_empty():
    table = pd.DataFrame({"a": [3, 0], "b": [1, 2]})
    told = counts_section.grid_finding(table, "speaker")
    assert re.sub(NBSP, " ", told) == (
        "1 of the 4 pairs of emotion and speaker has no clip; the others have 1 to 3 clips."
    )

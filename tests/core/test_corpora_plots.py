from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from ser_core.corpora.index.reading import load_index
from ser_core.plots.dataset.corpora import clips_per_corpus, counts_table, medians_table
from ser_core.plots.theme import THEMES

INDEXES = {"RAVDESS": load_index("ravdess"), "EMO-DB": load_index("emodb")}


def test_counts_equal_those_of_a_plain_loop():
    table = counts_table(INDEXES)
    for name, index in INDEXES.items():
        for emotion, number in table[name].items():
            assert number == sum(1 for each in index["emotion"] if each == emotion)
        assert table[name].sum() == len(index)
    assert list(table.index) == [
        "neutral", "calm", "happy", "sad", "angry", "fearful", "disgust", "surprised",
    ]  # fmt: skip


@pytest.mark.parametrize("column", ["f0_hz", "loudness_dbfs", "speech_s"])
def test_medians_are_those_of_the_shared_emotions(column):
    table = medians_table(INDEXES, column)
    assert list(table.index) == ["neutral", "happy", "sad", "angry", "fearful", "disgust"]
    for name, index in INDEXES.items():
        for emotion, value in table[name].items():
            own = index.loc[index["emotion"] == emotion, column].to_numpy(float)
            assert value == pytest.approx(np.median(own[np.isfinite(own)]), abs=1e-4)


def test_corpora_that_share_no_emotion_have_no_medians():
    happy = pd.DataFrame({"emotion": ["happy"], "f0_hz": [200.0]})
    assert medians_table({"a": happy, "b": happy.assign(emotion="sad")}, "f0_hz").empty
    assert np.isnan(medians_table({"a": happy.assign(f0_hz=np.nan)}, "f0_hz").loc["happy", "a"])


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_bars_stand_on_one_scale_in_their_emotions_colour_and_name_their_corpus(theme):
    table = counts_table(INDEXES)
    first, second = clips_per_corpus(table, theme).data
    for bar, name in ((first, "RAVDESS"), (second, "EMO-DB")):
        assert list(bar.x) == table[name].tolist()
        assert list(bar.marker.color) == [theme.colour(e) for e in table.index]
        assert all(words.endswith(name) for words in bar.text)
    assert second.text[1] == "none EMO-DB"
    # the two bars of an emotion do not overlap, and those of two emotions neither
    edges = sorted((y - bar.width / 2, y + bar.width / 2) for bar in (first, second) for y in bar.y)
    assert all(a[1] < b[0] for a, b in pairwise(edges))


def test_a_corpus_of_any_name_is_drawn_as_text():
    index = pd.DataFrame({"emotion": ["sad"]})
    (bar,) = clips_per_corpus(counts_table({"<b>x": index}), THEMES["dark"]).data
    assert bar.text == ("1 &lt;b&gt;x",)

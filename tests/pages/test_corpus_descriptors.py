from functools import partial

import numpy as np
import pandas as pd
import pytest
from scipy.stats import f_oneway, zscore
from streamlit.testing.v1 import AppTest

from pages.shared.dataset import descriptor_words as words
from pages.shared.dataset import descriptors_section
from pages.shared.ui import cache
from ser_core.acoustics.descriptors import DESCRIPTORS
from ser_core.corpora.index.reading import load_index
from ser_core.formatting import NBSP
from tests.pages import map_page
from tests.pages.models_page import alt, array, chart, has_chart, html

pytestmark = pytest.mark.usefixtures("folder")
explorer = partial(map_page.explorer, part="Descriptors")
COLUMNS = {d.name: d.column for d in DESCRIPTORS}


def trace(at: AppTest, key: str, name: str) -> dict:
    return next(t for t in chart(at, key)["data"] if t.get("name") == name)


def only(monkeypatch, clips: pd.DataFrame) -> None:
    """Let these be all clips of the corpus."""
    monkeypatch.setattr(cache, "clip_index", lambda name: clips.reset_index(drop=True))


def eta(clips: pd.DataFrame, column: str, label: str) -> float:
    groups = [group.astype(float) for _, group in clips.groupby(label)[column]]
    between, within = len(groups) - 1, len(clips) - len(groups)
    f = f_oneway(*groups).statistic
    return f * between / (f * between + within)


# one descriptor


def test_a_link_shows_a_descriptor_of_the_filtered_clips():
    clips = load_index("ravdess").query("sex == 'female' and intensity == 'strong'")
    at = explorer(descriptor="Brightness", voice="Female", strength="Strong")
    assert "How does brightness differ between emotions?" in html(at)
    table = at.dataframe[0].value.set_index("emotion")
    for emotion, own in clips.groupby("emotion")["centroid_hz"]:
        own = own.to_numpy(float)
        row = table.loc[emotion]
        low, high = np.percentile(own, (25, 75))
        thin = "\N{NARROW NO-BREAK SPACE}"
        assert (row["median"], row["mean"]) == pytest.approx((np.median(own), own.mean()))
        assert row["middle half"].replace(thin, "") == f"{low:.0f} to {high:.0f}"
        assert row["clips"] == own.size
        assert sorted(array(trace(at, "spread", emotion)["x"])) == pytest.approx(sorted(own))
    medians = clips.groupby("emotion")["centroid_hz"].median().sort_values()
    assert f"({medians.index[0]}) to " in alt(at, "spread")
    assert f"({medians.index[-1]})" in alt(at, "spread")


def test_means_of_the_mfcc_can_be_chosen_too():
    at = explorer()
    box = at.selectbox(key=descriptors_section.DESCRIPTOR)
    assert len(box.options) == len(DESCRIPTORS) + 13
    assert box.options[0] == "Pitch"
    box.set_value("mfcc3_mean").run()
    assert "How does MFCC 3 differ between emotions?" in html(at)
    clips = load_index("ravdess")
    share = 100 * eta(clips, "mfcc3_mean", "speaker")
    assert f"MFCC 3: {share:.0f}{NBSP}% of its variance lies between speakers" in alt(
        at, "variance"
    )
    assert at.query_params["descriptor"] in ("MFCC 3", ["MFCC 3"])


def test_missing_numbers_are_counted(monkeypatch):
    clips = load_index("ravdess")
    clips.loc[:2, "f0_hz"] = np.nan
    only(monkeypatch, clips)
    at = explorer()
    assert "3 clips have no such number and are left out." in html(at)
    assert at.dataframe[0].value["clips"].sum() == 1437
    only(monkeypatch, clips.assign(f0_hz=np.float32(np.nan)))
    at = explorer()
    assert "No clip here has a number for pitch." in html(at)
    assert not has_chart(at, "spread")
    assert "pitch" not in chart(at, "variance")["layout"]["yaxis"]["ticktext"]


# all of them


@pytest.mark.parametrize("within", [False, True], ids=["everyone", "within speakers"])
def test_effects_equal_the_formula_written_out(within):
    clips = load_index("emodb").query("sex == 'male'")
    query = {"compared": "Within speakers"} if within else {}
    at = explorer(corpus="emodb", voice="Male", **query)
    heat, layout = chart(at, "effects")["data"][0], chart(at, "effects")["layout"]
    shown = pd.DataFrame(array(heat["z"]), index=layout["yaxis"]["ticktext"])
    emotions = ["neutral", "happy", "sad", "angry", "fearful", "disgust"]
    for name, row in shown.iterrows():
        values = clips[COLUMNS[name]].astype(float)
        if within:
            values = values.groupby(clips["speaker"]).transform(zscore)
        for found, emotion in zip(row, emotions, strict=True):
            own, others = (
                values[mask] for mask in (clips["emotion"] == emotion, clips["emotion"] != emotion)
            )
            squares = (own.size - 1) * own.var() + (others.size - 1) * others.var()
            expected = (own.mean() - others.mean()) / np.sqrt(squares / (len(values) - 2))
            assert found == pytest.approx(expected, rel=1e-5)
    assert sorted(shown.index) == sorted(COLUMNS)
    strength = shown.abs().mean(axis=1)
    assert list(strength) == sorted(strength, reverse=True)
    name, emotion = shown.abs().stack().idxmax()
    assert f"{emotions[emotion].capitalize()} stands out most: its {name} lies" in alt(
        at, "effects"
    )


def test_variance_between_emotions_and_speakers_follows_from_scipys_f():
    clips = load_index("ravdess").query("intensity == 'strong'")
    at = explorer(strength="Strong", descriptor="Level")
    names = chart(at, "variance")["layout"]["yaxis"]["ticktext"]
    shown = {
        label: dict(zip(names, array(trace(at, "variance", label)["x"]), strict=True))
        for label in ("emotion", "speaker")
    }
    expected = {
        label: {name: 100 * eta(clips, column, label) for name, column in COLUMNS.items()}
        for label in shown
    }
    for label in shown:
        assert shown[label] == pytest.approx(expected[label], rel=1e-5)
    assert list(shown["emotion"].values()) == sorted(shown["emotion"].values(), reverse=True)
    more = sum(expected["speaker"][name] > expected["emotion"][name] for name in names)
    assert alt(at, "variance") == (
        f"Level: {expected['speaker']['level']:.0f}{NBSP}% of its variance lies between speakers, "
        f"{expected['emotion']['level']:.0f}{NBSP}% between emotions. The speaker explains more "
        f"than the emotion in {more} of 12 descriptors."
    )


# what filters may leave


@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize(
    ("query", "effects", "variance"),
    [
        ({"emotion": ["sad"]}, False, True),
        ({"speakers": ["3"]}, True, True),
        ({"emotion": ["sad"], "speakers": ["3"]}, False, False),
        ({"emotion": ["neutral"], "speakers": ["3"], "sentence": "Dogs"}, False, False),
        ({"emotion": ["sad", "calm"], "strength": "Strong", "speakers": ["3"]}, True, True),
    ],
    ids=["one emotion", "one speaker", "both", "two clips", "eight clips"],
)
def test_what_cannot_be_compared_says_why(query, effects, variance):
    at = explorer(**query)
    assert has_chart(at, "spread")
    assert has_chart(at, "effects") == effects
    assert has_chart(at, "variance") == variance
    assert ("The filters leave one emotion." in html(at)) != effects
    assert ("There are no groups to compare." in html(at)) != variance
    switches = {group.key for group in at.button_group}
    assert (descriptors_section.COMPARED in switches) == ("speakers" not in query)


def test_of_one_emotion_the_speakers_shares_are_ranked():
    at = explorer(emotion=["sad"])
    rings = array(trace(at, "variance", "speaker")["x"])
    assert list(rings) == sorted(rings, reverse=True)
    assert np.isnan(array(trace(at, "variance", "emotion")["x"])).all()


@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_one_clip_alone_is_a_point(monkeypatch):
    only(monkeypatch, load_index("ravdess").head(1))
    at = explorer()
    assert [t["type"] for t in chart(at, "spread")["data"]] == ["scatter"] * 3
    assert not has_chart(at, "effects")


@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_a_number_that_never_changes_tells_nothing(monkeypatch):
    only(monkeypatch, load_index("ravdess").assign(f0_hz=np.float32(120.1)))
    at = explorer()
    assert f"The median pitch is 120{NBSP}Hz whatever the emotion." in alt(at, "spread")
    rows = chart(at, "effects")["layout"]["yaxis"]["ticktext"]
    assert rows[-1] == "pitch"
    assert chart(at, "effects")["data"][1]["text"][-8:] == ["–"] * 8
    assert "pitch" not in chart(at, "variance")["layout"]["yaxis"]["ticktext"]
    assert alt(at, "variance").startswith("The speaker explains more")


# words


def test_overlap_is_claimed_of_enough_clips_only():
    table = pd.DataFrame(
        {"clips": [9, 9], "median": [1.0, 5.0], "low": [0.0, 4.0], "high": [2.0, 6.0]},
        index=["sad", "angry"],
    )
    level = DESCRIPTORS[3]
    told = words.spread_finding(table, level).replace(NBSP, " ")
    assert told == (
        "The median level goes from 1.0 dBFS (sad) to 5.0 dBFS (angry); the middle halves of these "
        "two do not overlap."
    )
    assert "two overlap" in words.spread_finding(table.assign(high=4.5), level)
    assert "overlap" not in words.spread_finding(table.assign(clips=4), level)


def test_few_clips_are_called_few():
    clips = pd.DataFrame({"emotion": ["sad"] * 12 + ["calm"]})
    assert f"only 1{NBSP}clip here" in words.effects_note(clips, within=False)
    assert "only" not in words.effects_note(clips.head(12), within=False)

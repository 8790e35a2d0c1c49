import io
import zipfile

import pandas as pd
import pytest
import streamlit as st

from pages.shared.dataset import lasso_section, map_section
from pages.shared.dataset.corpus_view import View
from pages.shared.ui import state
from pages.shared.ui.recording import Recording
from ser_core.acoustics.descriptors import DESCRIPTORS
from ser_core.corpora import registry as corpora
from tests.pages.map_page import explorer, held, html, the_map

pytestmark = pytest.mark.usefixtures("folder")  # no recordings: they change nothing on the map


# the drawn group


def test_the_lasso_is_off_until_it_is_wanted():
    at = explorer()
    assert "dragmode" not in the_map(at)["layout"]
    assert "All clips shown" not in html(at)
    at.toggle(key=map_section.LASSO).set_value(True).run()
    assert the_map(at)["layout"]["dragmode"] == "lasso"
    assert "All clips shown" in html(at)
    assert at.query_params["lasso"] in ("true", ["true"])


def test_a_drawn_group_outlives_other_choices_and_shrinks_with_the_filters(index):
    group = index[::40]
    at = explorer(group["clip"].tolist(), lasso="true")
    assert held(at) == {*group["clip"]}
    assert f"<b>{len(group)} clips</b>" in html(at)
    at.button_group(key=state.MAP_BY).set_value("actor").run()
    at.button_group(key=map_section.SPACE).set_value("transformer").run()
    at.selectbox(key="clip").set_value(index["clip"][5]).run()
    assert held(at) == {*group["clip"]}

    at.button_group(key="voice").set_value("female").run()
    women = group[group["sex"] == "female"]
    assert 0 < len(women) < len(group)
    assert held(at) == {*women["clip"]}
    assert f"<b>{len(women)} clips</b>" in html(at)

    at.button(key="unpick").click().run()
    assert not any("selectedpoints" in trace for trace in the_map(at)["data"])
    assert "All clips shown" in html(at)
    assert not [button for button in at.button if button.key == "unpick"]


def test_the_group_is_described_against_the_other_clips_shown(index):
    shown = index[index["intensity"] == "strong"]
    group = shown.nlargest(50, "f0_hz")
    rest = shown[~shown["clip"].isin(group["clip"])]
    at = explorer(group["clip"].tolist(), lasso="true", strength="Strong")
    shares, apart = (frame.value for frame in at.dataframe)
    # the intensity is the same for all: not a line is spent on it
    assert [*shares["label"].unique()] == ["emotion", "sex", "statement", "speaker"]
    for row in shares.itertuples():
        column = "actor" if row.label == "speaker" else row.label
        own = (group[column].astype(str) == row.value).mean()
        others = (rest[column].astype(str) == row.value).mean()
        assert (row.share, row.rest_share) == pytest.approx((100 * own, 100 * others))
    for row, d in zip(apart.itertuples(), DESCRIPTORS, strict=True):
        want = group[d.column].quantile(0.5), rest[d.column].quantile(0.5)
        assert (row.group, row.rest) == pytest.approx(want)
        gap = (want[0] - want[1]) / shown[d.column].astype(float).std()
        assert row.difference_sd == pytest.approx(gap, abs=0.051)  # shown with one decimal
    assert "Against the 622 other clips shown, what differs most is the pitch" in html(at)


def test_with_nothing_drawn_all_shown_clips_are_described(index):
    at = explorer(lasso="true", emotion="sad")
    sad, rest = index[index["emotion"] == "sad"], index[index["emotion"] != "sad"]
    assert "<b>192 clips</b>" in html(at)
    assert "Against the 1 248 clips that the filters hide" in html(at)
    apart = at.dataframe[1].value
    assert apart["group"][0] == pytest.approx(sad["f0_hz"].median())
    assert apart["rest"][0] == pytest.approx(rest["f0_hz"].median())
    assert "All sad." in html(at)
    assert "7 emotions are equally frequent." in html(explorer(lasso="true"))


def test_where_there_is_nothing_to_compare_with_no_column_is_empty():
    shares, apart = (frame.value for frame in explorer(lasso="true", corpus="emodb").dataframe)
    assert [*shares.columns] == ["label", "value", "clips", "share"]
    assert [*apart.columns] == ["descriptor", "group"]


def test_a_group_of_another_corpus_is_no_group(index):
    at = explorer(index["clip"][:9].tolist(), lasso="true", corpus="emodb")
    assert "<b>454 clips</b>" in html(at)


@pytest.mark.parametrize(
    ("drawn", "names"),
    [
        ([{"customdata": "a"}, {"x": 1}, {"customdata": ["b"]}, {"customdata": {"0": "c"}}], "abc"),
        ([{"x": 1, "y": 2}], ""),
        ([], ""),
    ],
    ids=["rings among points", "a ring alone", "nothing"],
)
def test_what_is_caught_without_being_a_clip_is_let_go(monkeypatch, drawn, names):
    session = {state.MAP_CLICK: {"selection": {"points": drawn}}}
    monkeypatch.setattr(st, "session_state", session)
    map_section._select()
    assert session[map_section.PICKED] == tuple(names)
    before = session[map_section._ROUND]
    map_section._select()
    assert session[map_section._ROUND] != before  # another chart, so that nothing stays faded


# downloads


def a_view(index: pd.DataFrame, sound) -> View:
    info = corpora.get("ravdess").info
    return View(info, index, index, index.iloc[0], sound)


def test_the_sound_of_a_group_is_one_archive_that_names_what_it_lacks(index):
    lost = index["clip"][1]

    def sound(clip):
        return Recording(None, "damaged") if clip == lost else Recording(clip.encode())

    clips = index["clip"][:3].tolist()
    content = lasso_section._zipped([*clips, "../up"], a_view(index, sound))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        found = {name: archive.read(name).decode() for name in archive.namelist()}
    assert found == {
        f"{clips[0]}.wav": clips[0],
        f"{clips[2]}.wav": clips[2],
        ".._up.wav": "../up",
        "not-readable.txt": lost,
    }


@pytest.mark.parametrize(
    ("clips", "longer", "sound", "reason"),
    [
        (60, 1, b"RIFF", None),
        (61, 1, b"RIFF", "Up to 60 clips"),
        (9, 100, b"RIFF", "25\N{NO-BREAK SPACE}minutes"),
        (9, 1, None, "not on this machine"),
    ],
)
def test_it_is_said_why_there_is_no_sound_to_download(index, clips, longer, sound, reason):
    group = index[:clips].assign(duration_s=index["duration_s"] * longer)
    found = lasso_section._why_no_sound(group, a_view(index, lambda _: Recording(sound)))
    assert (found is None) if reason is None else (reason in found)

import io
import json
import re
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import streamlit as st
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import StandardScaler
from streamlit.testing.v1 import AppTest

from pages.shared import corpus_map, corpus_selection, state
from pages.shared.corpus_view import View
from pages.shared.recording import Recording
from ser_core import corpora
from ser_core.corpora import index as corpus_index
from ser_core.corpora.index import INDEXES_DIR
from ser_core.descriptors import DESCRIPTORS, MFCC_COLUMNS

PAGE = Path(__file__).parents[2] / "pages" / "dataset_explorer.py"
NUMBERS = [*(d.column for d in DESCRIPTORS), *MFCC_COLUMNS]


@pytest.fixture(autouse=True)
def alone(monkeypatch, tmp_path):
    """No recordings: they change nothing on the map."""
    monkeypatch.setenv("SER_DATA_DIR", str(tmp_path / "data"))
    st.cache_data.clear()
    st.cache_resource.clear()


@pytest.fixture(scope="module")
def ravdess() -> pd.DataFrame:
    return pd.read_parquet(INDEXES_DIR / "ravdess.parquet")


@pytest.fixture
def own_index(monkeypatch, tmp_path, ravdess):
    """Put another table in place of the index of RAVDESS."""

    def put(table: pd.DataFrame) -> None:
        table.to_parquet(tmp_path / "ravdess.parquet")
        corpus_index._read_index.cache_clear()

    monkeypatch.setattr(corpus_index, "INDEXES_DIR", tmp_path)
    yield put
    corpus_index._read_index.cache_clear()


def explorer(picked: list[str] | None = None, **query: str | list[str]) -> AppTest:
    at = AppTest.from_file(str(PAGE), default_timeout=60)
    for name, value in query.items():
        at.query_params[name] = value
    if picked is not None:
        at.session_state[corpus_map.PICKED] = tuple(picked)
    return at.run()


def html(at: AppTest) -> str:
    texts = [element.proto.body for element in at.get("html")]
    return re.sub(r"[\s\N{NARROW NO-BREAK SPACE}\N{NO-BREAK SPACE}]+", " ", " ".join(texts))


def the_map(at: AppTest) -> dict:
    return next(
        json.loads(chart.proto.spec)
        for chart in at.get("plotly_chart")
        if chart.proto.id.endswith(f"-{state.MAP_CLICK}")
    )


def traces(at: AppTest) -> dict[str, dict]:
    return {trace["name"]: trace for trace in the_map(at)["data"]}


def held(at: AppTest) -> set[str]:
    points = [trace for trace in the_map(at)["data"] if "customdata" in trace]
    return {trace["customdata"][i] for trace in points for i in trace["selectedpoints"]}


def near_buttons(at: AppTest) -> list:
    return [button for button in at.button if (button.key or "").startswith("near-")]


def groups(at: AppTest) -> dict[str, list[str]]:
    return {group.key: list(group.options) for group in at.button_group}


# what is shown


@pytest.mark.parametrize(
    ("corpus", "colours"),
    [("ravdess", ["Emotion", "Sex", "Intensity", "Actor"]), ("emodb", ["Emotion", "Sex", "Actor"])],
)
def test_only_what_differs_in_a_corpus_can_colour_its_map(corpus, colours):
    at = explorer(corpus=corpus)
    assert not at.exception
    assert groups(at)[state.MAP_BY] == colours
    assert groups(at)[corpus_map.SPACE] == ["Acoustics", "Transformer"]


def test_a_corpus_without_intensities_does_not_stumble_over_the_last_choice():
    at = explorer(map="Intensity", space="Transformer")
    assert {"strong", "normal"} <= {*traces(at)}
    at.selectbox(key="corpus").select("emodb").run()
    assert not at.exception
    assert "angry" in traces(at)
    assert at.button_group(key=corpus_map.SPACE).value == "transformer"


@pytest.mark.parametrize("change", ["lacks", "empty"])
def test_without_the_transformers_map_there_is_no_switch(own_index, ravdess, change):
    if change == "lacks":
        own_index(ravdess.drop(columns=["heard_x", "heard_y"]))
    else:
        own_index(ravdess.assign(heard_x=np.float32("nan"), heard_y=np.float32("nan")))
    at = explorer(space="Transformer")
    assert not at.exception
    assert corpus_map.SPACE not in groups(at)
    assert "by measured numbers of the sound" in html(at)


@pytest.mark.parametrize(
    ("space", "axes"),
    [("Acoustics", ["map_x", "map_y"]), ("Transformer", ["heard_x", "heard_y"])],
)
def test_the_finding_is_that_of_the_shown_map(ravdess, space, axes):
    places = ravdess[axes].to_numpy()
    other = NearestNeighbors(n_neighbors=1).fit(places).kneighbors(return_distance=False)[:, 0]
    emotion, actor = (
        (ravdess[label].to_numpy() == ravdess[label].to_numpy()[other]).mean()
        for label in ("emotion", "actor")
    )
    across = []
    for number in ravdess["actor"].unique():
        own, rest = ravdess[ravdess["actor"] == number], ravdess[ravdess["actor"] != number]
        nearest = NearestNeighbors(n_neighbors=1).fit(rest[axes].to_numpy())
        rows = nearest.kneighbors(own[axes].to_numpy(), return_distance=False)[:, 0]
        across += (own["emotion"].to_numpy() == rest["emotion"].to_numpy()[rows]).tolist()
    text = html(explorer(space=space))
    assert (
        f"of the same emotion in {100 * emotion:.0f} % of cases and by the same actor in "
        f"{100 * actor:.0f} %. The nearest by another actor is of the same emotion in "
        f"{100 * np.mean(across):.0f} %"
    ) in text


def test_a_single_clip_is_a_map_without_neighbours(own_index, ravdess):
    own_index(ravdess[:1].assign(f0_hz=np.float32("nan")))
    at = explorer(lasso="true")
    assert not at.exception
    assert not near_buttons(at)
    assert state.MAP_BY not in groups(at)


def test_an_index_without_any_place_says_so(own_index, ravdess):
    own_index(ravdess.assign(map_x=np.float32("nan")))
    at = explorer()
    assert not at.exception
    assert "The index of this corpus holds no map." in html(at)


# neighbours


def test_the_five_nearest_are_those_of_all_descriptors(ravdess):
    scaled = np.nan_to_num(StandardScaler().fit_transform(ravdess[NUMBERS].to_numpy(np.float64)))
    chosen = 700
    shown = np.flatnonzero(ravdess["sex"] == ravdess["sex"][chosen])
    search = NearestNeighbors(n_neighbors=6, algorithm="brute").fit(scaled[shown])
    far, rows = search.kneighbors(scaled[[chosen]])
    at = explorer(voice=ravdess["sex"][chosen].capitalize(), clip=ravdess["clip"][chosen])
    assert "among the clips shown, by 38 acoustic numbers" in html(at)
    buttons = near_buttons(at)
    for button, row, distance in zip(buttons, shown[rows[0, 1:]], far[0, 1:], strict=True):
        clip = ravdess.iloc[row]
        assert button.key.startswith(f"near-{clip['emotion']}-")
        assert f"actor {clip['actor']} " in button.label
        assert button.label.endswith(f"{distance:.1f}]")
    nearest = ravdess["clip"][shown[rows[0, 1]]]
    buttons[0].click().run()
    assert at.selectbox(key="clip").value == nearest


def test_on_the_transformers_map_the_nearest_are_those_on_the_map(ravdess):
    places = ravdess[["heard_x", "heard_y"]].to_numpy(np.float64)
    far = np.sqrt(((places - places[3]) ** 2).sum(axis=1))
    order = np.argsort(far)[1:6]
    at = explorer(space="Transformer", clip=ravdess["clip"][3])
    assert "by their distance on this map" in html(at)
    for button, row in zip(near_buttons(at), order, strict=True):
        assert button.label.endswith(f"{far[row]:.3f}]")
    near = traces(at)["near"]
    assert "customdata" not in near
    near_buttons(at)[4].click().run()
    assert at.selectbox(key="clip").value == ravdess["clip"][order[4]]


def test_few_clips_have_few_neighbours():
    at = explorer(emotion="sad", speakers="3", sentence="Kids", strength="Normal")
    assert not at.exception
    assert len(near_buttons(at)) == 1  # two takes


# the drawn group


def test_the_lasso_is_off_until_it_is_wanted():
    at = explorer()
    assert "dragmode" not in the_map(at)["layout"]
    assert "All clips shown" not in html(at)
    at.toggle(key=corpus_map.LASSO).set_value(True).run()
    assert the_map(at)["layout"]["dragmode"] == "lasso"
    assert "All clips shown" in html(at)
    assert at.query_params["lasso"] in ("true", ["true"])


def test_a_drawn_group_outlives_other_choices_and_shrinks_with_the_filters(ravdess):
    group = ravdess[::40]
    at = explorer(group["clip"].tolist(), lasso="true")
    assert held(at) == {*group["clip"]}
    assert f"<b>{len(group)} clips</b>" in html(at)
    at.button_group(key=state.MAP_BY).set_value("actor").run()
    at.button_group(key=corpus_map.SPACE).set_value("transformer").run()
    at.selectbox(key="clip").set_value(ravdess["clip"][5]).run()
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


def test_the_group_is_described_against_the_other_clips_shown(ravdess):
    shown = ravdess[ravdess["intensity"] == "strong"]
    group = shown.nlargest(50, "f0_hz")
    rest = shown[~shown["clip"].isin(group["clip"])]
    at = explorer(group["clip"].tolist(), lasso="true", strength="Strong")
    shares, apart = (frame.value for frame in at.dataframe)
    # the intensity is the same for all: not a line is spent on it
    assert [*shares["label"].unique()] == ["emotion", "sex", "statement", "actor"]
    for row in shares.itertuples():
        own = (group[row.label].astype(str) == row.value).mean()
        others = (rest[row.label].astype(str) == row.value).mean()
        assert (row.share, row.rest_share) == pytest.approx((100 * own, 100 * others))
    for row, d in zip(apart.itertuples(), DESCRIPTORS, strict=True):
        want = group[d.column].quantile(0.5), rest[d.column].quantile(0.5)
        assert (row.group, row.rest) == pytest.approx(want)
    assert "Against the 622 other clips shown, what differs most is the pitch" in html(at)


def test_with_nothing_drawn_all_shown_clips_are_described(ravdess):
    at = explorer(lasso="true", emotion="sad")
    sad, rest = ravdess[ravdess["emotion"] == "sad"], ravdess[ravdess["emotion"] != "sad"]
    assert "<b>192 clips</b>" in html(at)
    assert "Against the 1 248 clips that the filters hide" in html(at)
    apart = at.dataframe[1].value
    assert apart["group"][0] == pytest.approx(sad["f0_hz"].median())
    assert apart["rest"][0] == pytest.approx(rest["f0_hz"].median())


def test_a_group_of_another_corpus_is_no_group(ravdess):
    at = explorer(ravdess["clip"][:9].tolist(), lasso="true", corpus="emodb")
    assert not at.exception
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
    corpus_map._select()
    assert session[corpus_map.PICKED] == tuple(names)
    before = session[corpus_map._ROUND]
    corpus_map._select()
    assert session[corpus_map._ROUND] != before  # another chart, so that nothing stays faded


# downloads


def a_view(ravdess: pd.DataFrame, sound) -> View:
    info = corpora.get("ravdess").info
    return View(info, ravdess, ravdess, ravdess.iloc[0], sound)


def test_the_sound_of_a_group_is_one_archive_that_names_what_it_lacks(ravdess):
    lost = ravdess["clip"][1]

    def sound(clip):
        return Recording(None, "damaged") if clip == lost else Recording(clip.encode())

    clips = ravdess["clip"][:3].tolist()
    content = corpus_selection._zipped([*clips, "../up"], a_view(ravdess, sound))
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
        (9, 100, b"RIFF", "25 minutes"),
        (9, 1, None, "not on this machine"),
    ],
)
def test_it_is_said_why_there_is_no_sound_to_download(ravdess, clips, longer, sound, reason):
    group = ravdess[:clips].assign(duration_s=ravdess["duration_s"] * longer)
    found = corpus_selection._why_no_sound(group, a_view(ravdess, lambda _: Recording(sound)))
    assert (found is None) if reason is None else (reason in found)

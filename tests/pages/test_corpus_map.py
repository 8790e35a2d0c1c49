import numpy as np
import pandas as pd
import pytest
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import StandardScaler

from pages.shared.dataset import map_section
from pages.shared.ui import state
from ser_core.acoustics.descriptors import DESCRIPTORS, MFCC_COLUMNS
from ser_core.corpora import published
from tests.pages.map_page import explorer, groups, html, near_buttons, traces

NUMBERS = [*(d.column for d in DESCRIPTORS), *MFCC_COLUMNS]


pytestmark = pytest.mark.usefixtures("folder")  # no recordings: they change nothing on the map


@pytest.fixture
def own_index(monkeypatch, tmp_path, index):
    """Put another table in place of the index of RAVDESS."""

    def put(table: pd.DataFrame) -> None:
        table.to_parquet(tmp_path / "ravdess.parquet")

    monkeypatch.setattr(published, "INDEXES_DIR", tmp_path)
    return put


# what is shown


@pytest.mark.parametrize(
    ("corpus", "colours"),
    [
        ("ravdess", ["Emotion", "Sex", "Intensity", "Speaker"]),
        ("emodb", ["Emotion", "Sex", "Speaker"]),
    ],
)
def test_only_what_differs_in_a_corpus_can_colour_its_map(corpus, colours):
    at = explorer(corpus=corpus)
    assert groups(at)[state.MAP_BY] == colours
    assert groups(at)[map_section.SPACE] == ["Acoustics", "Transformer"]


def test_a_corpus_without_intensities_does_not_stumble_over_the_last_choice():
    at = explorer(map="Intensity", space="Transformer")
    assert {"strong", "normal"} <= {*traces(at)}
    at.selectbox(key="corpus").select("emodb").run()
    assert "angry" in traces(at)
    assert at.button_group(key=map_section.SPACE).value == "transformer"


@pytest.mark.parametrize("change", ["lacks", "empty"])
def test_without_the_transformers_map_there_is_no_switch(own_index, index, change):
    if change == "lacks":
        own_index(index.drop(columns=["heard_x", "heard_y"]))
    else:
        own_index(index.assign(heard_x=np.float32("nan"), heard_y=np.float32("nan")))
    at = explorer(space="Transformer")
    assert map_section.SPACE not in groups(at)
    assert "by measured numbers of the sound" in html(at)


@pytest.mark.parametrize(
    ("space", "axes"),
    [("Acoustics", ["map_x", "map_y"]), ("Transformer", ["heard_x", "heard_y"])],
)
def test_the_finding_is_that_of_the_shown_map(index, space, axes):
    places = index[axes].to_numpy()
    other = NearestNeighbors(n_neighbors=1).fit(places).kneighbors(return_distance=False)[:, 0]
    emotion, actor = (
        (index[label].to_numpy() == index[label].to_numpy()[other]).mean()
        for label in ("emotion", "actor")
    )
    across = []
    for number in index["actor"].unique():
        own, rest = index[index["actor"] == number], index[index["actor"] != number]
        nearest = NearestNeighbors(n_neighbors=1).fit(rest[axes].to_numpy())
        rows = nearest.kneighbors(own[axes].to_numpy(), return_distance=False)[:, 0]
        across += (own["emotion"].to_numpy() == rest["emotion"].to_numpy()[rows]).tolist()
    text = html(explorer(space=space))
    assert (
        f"of the same emotion in {100 * emotion:.0f} % of cases and by the same speaker in "
        f"{100 * actor:.0f} %. The nearest by another speaker is of the same emotion in "
        f"{100 * np.mean(across):.0f} %"
    ) in text


def test_a_single_clip_is_a_map_without_neighbours(own_index, index):
    own_index(index[:1].assign(f0_hz=np.float32("nan")))
    at = explorer(lasso="true")
    assert not near_buttons(at)
    assert state.MAP_BY not in groups(at)


def test_an_index_without_any_place_says_so(own_index, index):
    own_index(index.assign(map_x=np.float32("nan")))
    at = explorer()
    assert "The index of this corpus holds no map." in html(at)


# neighbours


def test_the_five_nearest_are_those_of_all_descriptors(index):
    scaled = np.nan_to_num(StandardScaler().fit_transform(index[NUMBERS].to_numpy(np.float64)))
    chosen = 700
    shown = np.flatnonzero(index["sex"] == index["sex"][chosen])
    search = NearestNeighbors(n_neighbors=6, algorithm="brute").fit(scaled[shown])
    far, rows = search.kneighbors(scaled[[chosen]])
    at = explorer(voice=index["sex"][chosen].capitalize(), clip=index["clip"][chosen])
    assert "among the clips shown, by 38 acoustic numbers" in html(at)
    buttons = near_buttons(at)
    for button, row, distance in zip(buttons, shown[rows[0, 1:]], far[0, 1:], strict=True):
        clip = index.iloc[row]
        assert button.key.startswith(f"near-{clip['emotion']}-")
        assert f"speaker {clip['actor']} " in button.label
        assert button.label.endswith(f"{distance:.1f}]")
    nearest = index["clip"][shown[rows[0, 1]]]
    buttons[0].click().run()
    assert at.selectbox(key="clip").value == nearest


def test_on_the_transformers_map_the_nearest_are_those_on_the_map(index):
    places = index[["heard_x", "heard_y"]].to_numpy(np.float64)
    far = np.sqrt(((places - places[3]) ** 2).sum(axis=1))
    order = np.argsort(far)[1:6]
    at = explorer(space="Transformer", clip=index["clip"][3])
    assert "by their distance on this map" in html(at)
    for button, row in zip(near_buttons(at), order, strict=True):
        assert button.label.endswith(f"{far[row]:.3f}]")
    near = traces(at)["near"]
    assert "customdata" not in near
    near_buttons(at)[4].click().run()
    assert at.selectbox(key="clip").value == index["clip"][order[4]]


def test_few_clips_have_few_neighbours():
    at = explorer(emotion="sad", speakers="3", sentence="Kids", strength="Normal")
    assert len(near_buttons(at)) == 1  # two takes

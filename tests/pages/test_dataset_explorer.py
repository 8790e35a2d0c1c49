import re

import numpy as np
import pandas as pd
import pytest

from ser_core.corpora import published
from ser_core.corpora.published import INDEXES_DIR
from ser_core.emotions import Emotion
from ser_core.protocols import Protocol
from tests.bundles import make_bundle
from tests.corpus import require_ravdess
from tests.pages.demo import told
from tests.pages.map_page import explorer, figure, html, shown_clips

# counts and filters


def test_the_whole_corpus_comes_first(index):
    at = explorer()
    assert shown_clips(at) == len(index) == 1440
    assert "24 speakers, 89 minutes" in html(at)
    counts = explorer(part="Counts")
    assert [bar["name"] for bar in figure(counts, 0)["data"]] == ["normal", "strong"]
    assert "96 → 192 neutral, 1 440 → 1 536 rows" in html(counts)


@pytest.mark.parametrize(
    "query",
    [
        {"voice": "Female"},
        {"strength": "Strong", "sentence": "Dogs"},
        {"emotion": ["sad", "calm"], "voice": "Male"},
        {"emotion": ["neutral"], "voice": "Male", "strength": "Normal", "sentence": "Kids"},
    ],
    ids=["one", "two", "emotions", "all"],
)
def test_a_link_restores_filters_and_they_combine(index, query):
    columns = {"voice": "sex", "strength": "intensity", "sentence": "statement"}
    rows = index
    for name, value in query.items():
        wanted = [value.lower()] if isinstance(value, str) else value
        rows = rows[rows[columns.get(name, name)].isin(wanted)]
    at = explorer(**query)
    assert shown_clips(at) == len(rows)
    assert f"{rows['actor'].nunique()} speakers" in html(at)
    points = [clip for t in figure(at, 0)["data"] for clip in t.get("customdata", [])]
    assert sorted(points) == sorted(rows["clip"])
    assert sorted(at.selectbox(key="clip").options) == sorted(
        f"{r.emotion}, {r.intensity}, speaker {r.actor}, {r.statement}, take {r.repetition}"
        for r in rows.itertuples()
    )


def test_filters_that_are_clicked_combine():
    at = explorer()
    at.button_group(key="voice").set_value("female").run()
    at.button_group(key="emotion").set_value(["angry", "sad"]).run()
    assert shown_clips(at) == 192


def test_nonsense_in_a_link_is_ignored():
    at = explorer(voice="Robot", clip="../../etc/passwd", emotion="bored", map="?")
    assert shown_clips(at) == 1440
    assert "clip" not in at.query_params


def test_an_empty_filter_tells_why_and_clears():
    at = explorer(emotion="neutral", strength="Strong")
    assert "No clip matches these filters." in html(at)
    assert "Neutral has no strong intensity in this corpus." in html(at)
    at.button(key="clear").click().run()
    assert shown_clips(at) == 1440


# the open clip


def test_a_link_opens_a_clip(index):
    row = index.iloc[500]
    at = explorer(clip=row["clip"])
    assert at.selectbox(key="clip").value == row["clip"]
    assert f"{row['emotion']}, {row['intensity']} " in html(at)
    assert f"speaker {row['actor']}, {row['sex']}, “" in html(at)


def test_choosing_from_the_list_opens_the_clip_and_changes_the_link():
    at = explorer()
    at.selectbox(key="clip").set_value("03-01-02-02-02-02-24").run()
    assert "calm, strong" in html(at)
    assert "speaker 24, female, “Dogs are sitting by the door”, second take" in html(at)
    assert at.query_params["clip"] == "03-01-02-02-02-02-24"


def test_a_filter_that_hides_the_open_clip_opens_another():
    at = explorer(clip="03-01-02-02-02-02-24", voice="Male")
    assert at.selectbox(key="clip").value.startswith("03-01-05-02")
    assert "clip" not in at.query_params


def test_every_bundle_with_unseen_speaker_answers_says_what_it_heard(no_models, index):
    for name, heard in (("first", "sad"), ("second", "happy")):
        folder = make_bundle(no_models, name)
        rows = index.assign(predicted=heard, fold=1)
        for emotion in Emotion:
            rows[f"p_{emotion}"] = np.where(emotion == heard, 0.65, 0.05)
        leaked = rows.assign(protocol=Protocol.RANDOM_SPLIT, predicted="disgust")
        own = rows.assign(protocol=Protocol.SPEAKER_INDEPENDENT)
        pd.concat([leaked, own]).to_parquet(folder / "predictions.parquet")
    make_bundle(no_models, "third")  # was never scored
    at = explorer()
    assert "What the models heard, without having met this speaker" in html(at)
    chips = re.findall(r'class="ser-chip">(.*?)</span></span>', html(at))
    heard = [re.sub("<.*?>", "", chip) for chip in chips]
    assert heard == ["FIRST sad 65 %", "SECOND happy 65 %"]


def test_a_missing_index_is_explained(monkeypatch, tmp_path):
    monkeypatch.setattr(published, "INDEXES_DIR", tmp_path)
    at = explorer()
    assert "python -m train index ravdess" in told(at.error)[0]


# with and without the recordings


def test_with_the_recordings_there_are_a_player_and_the_views():
    require_ravdess()
    at = explorer()
    assert len(at.get("audio")) == 1
    assert [trace["name"] for trace in figure(at, 1)["data"]] == [
        "waveform",
        "spectrogram",
        "own neutral",
        "pitch",
        "own neutral",
        "energy",
    ]
    assert not [b for b in at.button if b.key == "fetch"]


def test_without_the_recordings_all_but_sound_and_spectra_works(folder):
    at = explorer(voice="Female", map="Speaker")
    assert shown_clips(at) == 720
    assert not at.get("audio")
    assert [trace["name"] for trace in figure(at, 1)["data"]] == ["waveform"]
    assert "The clips are not on this machine." in at.info[0].value
    assert at.button(key="fetch").label == "Fetch 208\N{NO-BREAK SPACE}MB"


def test_a_damaged_recording_is_explained(folder):
    file = folder / "Actor_01/03-01-05-02-01-01-01.wav"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"RIFF, but not really")
    at = explorer()
    assert len(at.error) == 1
    assert len(at.get("plotly_chart")) == 2


def test_the_second_corpus_shows_what_it_has_and_says_what_it_lacks(no_models, folder):
    at = explorer(corpus="emodb")
    table = pd.read_parquet(INDEXES_DIR / "emodb.parquet")
    assert shown_clips(at) == len(table)
    assert at.selectbox(key="corpus").options[1] == "EMO-DB, German, 10\N{NO-BREAK SPACE}speakers"
    texts = " ".join(element.value for element in [*at.caption, *at.markdown]) + html(at)
    assert "81 more clips, of boredom, are left out" in texts
    assert "Intensity" not in {group.label for group in at.button_group}


def test_changing_the_corpus_drops_filters_that_the_other_one_lacks(no_models, folder):
    at = explorer(sentence="kids")
    at.selectbox(key="corpus").select("emodb").run()
    assert shown_clips(at) == len(pd.read_parquet(INDEXES_DIR / "emodb.parquet"))
    assert at.query_params["corpus"] in ("emodb", ["emodb"])

"""A visitor brings a folder: it becomes a corpus of the session, or it is said why not."""

import json
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from pages.shared.dataset import folder_section
from ser_core.corpora.folder import store
from ser_core.corpora.folder.screening import read_folder
from ser_core.corpora.index.building import index_folder
from ser_core.corpora.registry import names
from tests.own_folder import SPEAKERS, make_folder
from tests.pages.demo import told
from tests.pages.map_page import explorer, figure, html, shown_clips

PARTS = ("Clips", "Descriptors", "Two clips", "Health", "Your folder")


@pytest.fixture(autouse=True)
def apart(tmp_path, monkeypatch):
    monkeypatch.setenv("SER_OWN_DIR", str(tmp_path / "own"))
    monkeypatch.setenv("SER_DATA_DIR", str(tmp_path / "data"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    root = make_folder(tmp_path_factory.mktemp("brought") / "My voices")
    (root / "bored").mkdir()
    (root / "bored" / "x.wav").write_bytes(b"x")
    (root / "sad" / "broken.wav").write_bytes(b"RIFF, but not really")
    return root


def bring(folder: Path, at: AppTest | None = None) -> AppTest:
    """Choose a folder in the tab, as a browser sends it."""
    at = at or explorer(part="Your folder")
    uploader = at.file_uploader[0]
    for file in sorted(p for p in folder.rglob("*") if p.is_file()):
        name = file.relative_to(folder.parent).as_posix()
        uploader.upload(name, file.read_bytes(), "audio/wav")
    return at.run()


def test_a_folder_becomes_a_corpus_and_what_was_skipped_is_listed(folder):
    at = bring(folder)
    assert "20 clips of 4 speakers became the corpus “my-voices”" in re.sub("<.*?>", "", html(at))
    assert "1 = anna, 2 = ben, 3 = cleo, 4 = dan" in html(at)
    (table,) = [d.value for d in at.dataframe if "why" in d.value]
    reasons = dict(zip(table["file"], table["why"], strict=True))
    assert reasons["bored/x.wav"] == "no folder names its emotion"
    assert "is not audio" in reasons["sad/broken.wav"]
    assert len(reasons) == 2
    assert not at.error


@pytest.mark.parametrize("part", PARTS)
def test_every_section_draws_it(folder, part):
    at = bring(folder)
    at.button(key="own_explore").click().run()
    assert shown_clips(at) == 20
    at.session_state["part"] = part
    at.run()
    assert "4 speakers" in html(at)
    assert not at.error


def test_it_is_explored_heard_and_filtered(folder):
    at = bring(folder)
    at.button(key="own_explore").click().run()
    assert (
        at.selectbox(key="corpus").options[-1]
        == "my-voices, your folder, 4\N{NO-BREAK SPACE}speakers"
    )
    assert len(at.get("audio")) == 1
    assert "speaker anna" in html(at)
    assert "Sex" not in {group.label for group in at.button_group}
    at.button_group(key="emotion").set_value(["sad"]).run()
    assert shown_clips(at) == 4
    at.multiselect(key="speakers").set_value([2]).run()
    assert shown_clips(at) == 1
    assert "speaker ben" in html(at)


def test_numbers_of_the_index_are_those_of_the_command_line(folder):
    at = bring(folder)
    shown = at.session_state["uploaded_corpus"].index
    found, index = index_folder(read_folder(folder), lambda path: folder / path)
    assert len(found.skipped) == 2
    pd.testing.assert_frame_equal(shown, index)


def test_nothing_of_a_removed_folder_is_kept(folder, monkeypatch):
    at = bring(folder)
    at.button(key="own_explore").click().run()
    cleared = []
    monkeypatch.setattr(folder_section.views, "clear", lambda: cleared.append(True))
    at.session_state["part"] = "Your folder"
    at.run()
    at.button(key="own_remove").click().run()
    assert cleared
    assert "uploaded_corpus" not in at.session_state


def test_a_table_gives_the_labels(tmp_path, folder):
    root = tmp_path / "tabled"
    root.mkdir()
    for name, speaker in (("1.wav", "anna"), ("2.wav", "ben")):
        shutil.copy(folder / "sad" / speaker / "take.wav", root / name)
    (root / "labels.csv").write_text("file;emotion;speaker\n1.wav;anger;me\n2.wav;joy;you\n")
    at = bring(root)
    assert "2 clips of 2 speakers became the corpus “tabled”" in re.sub("<.*?>", "", html(at))
    assert "Emotions: happy, angry." in html(at)


def test_what_was_understood_is_shown_before_a_recording_is_opened(tmp_path, folder, monkeypatch):
    root = tmp_path / "tabled"
    root.mkdir()
    for speaker in ("anna", "ben"):
        shutil.copy(folder / "sad" / speaker / "take.wav", root / f"{speaker}.wav")
    table = "path,label,spk\nanna.wav,Trauer,Anna\nben.wav,traurig,anna\n"
    (root / "labels.csv").write_bytes(table.encode("utf-16"))
    shown = []
    note, index = folder_section.components.note, folder_section.index_folder
    monkeypatch.setattr(folder_section.components, "note", lambda t: (shown.append(t), note(t)))
    monkeypatch.setattr(
        folder_section, "index_folder", lambda *a: (shown.append("opened"), index(*a))[1]
    )
    at = bring(root)
    columns = "labels.csv: file in “path”, emotion in “label”, speaker in “spk”."
    assert shown.index(columns) < shown.index("opened")
    assert shown.index("One person, not 2: Anna, anna.") < shown.index("opened")
    assert "2 clips of 1 speaker became the corpus “tabled”" in re.sub("<.*?>", "", html(at))


def test_the_names_of_emotions_are_listed():
    at = explorer(part="Your folder")
    assert "freude" in html(at)


def test_a_folder_that_cannot_serve_is_explained_and_the_last_one_stays(tmp_path, folder):
    at = bring(folder)
    odd = tmp_path / "odd"
    odd.mkdir()
    (odd / "1.wav").write_bytes(b"x")
    bring(odd, at)
    assert "No recording in the folder has a label" in told(at.error)[0]
    assert "became the corpus “my-voices”" in html(at)


@pytest.mark.parametrize(
    ("limit", "value"), [("_MOST_FILES", 3), ("_MEGABYTES", 1), ("_MOST_S", 9)]
)
def test_too_large_a_folder_is_sent_to_the_command_line(
    tmp_path, folder, monkeypatch, limit, value
):
    shutil.copytree(folder, tmp_path / "large")
    (tmp_path / "large" / "more.bin").write_bytes(bytes(900_000))
    monkeypatch.setattr(folder_section, limit, value)
    at = bring(tmp_path / "large")
    assert "python -m train index FOLDER" in told(at.error)[0]
    assert "became" not in html(at)


def test_removing_it_leads_back_to_the_first_corpus(folder):
    at = bring(folder)
    at.button(key="own_explore").click().run()
    at.session_state["part"] = "Your folder"
    at.run()
    at.button(key="own_remove").click().run()
    assert shown_clips(at) == 1440
    assert "my-voices" not in json.dumps(at.selectbox(key="corpus").options)


def test_another_visitor_sees_nothing_of_it(folder):
    bring(folder)
    other = explorer(corpus="my-voices")
    assert shown_clips(other) == 1440
    assert len(other.selectbox(key="corpus").options) == len(names())
    assert "gone once the page is loaded again" in other.info[0].value
    other.selectbox(key="corpus").select("emodb").run()
    assert not [note for note in other.info if "gone once" in note.value]


def test_the_name_of_a_published_corpus_is_not_taken(tmp_path):
    at = bring(make_folder(tmp_path / "RAVDESS", SPEAKERS[:2]))
    assert "became the corpus “own-ravdess”" in html(at)


@pytest.fixture
def stored(tmp_path, folder):
    """The folder, indexed on this machine."""
    found, index = index_folder(read_folder(folder), lambda path: folder / path)
    store.save(found, index)
    return found


@pytest.mark.parametrize("part", PARTS)
def test_an_indexed_folder_is_there_for_everyone(stored, part):
    at = explorer(corpus="my-voices", part=part)
    assert shown_clips(at) == 20
    assert not at.error


def test_a_link_names_speakers_as_the_folder_does(stored):
    at = explorer(corpus="my-voices", speakers=["ben", "dan"])
    assert shown_clips(at) == 10
    assert at.multiselect(key="speakers").value == [2, 4]


def test_an_indexed_folder_that_went_away_is_explored_without_sound(stored, folder, monkeypatch):
    monkeypatch.setattr("ser_core.corpora.index.reading.find_root", lambda *_: None)
    at = explorer(corpus="my-voices")
    assert not at.get("audio")
    assert "no longer where they were" in at.info[0].value
    assert not [b for b in at.button if b.key == "fetch"]
    assert figure(at, 0)


def test_damaged_facts_of_an_indexed_folder_hide_it_alone(stored, tmp_path):
    (tmp_path / "own" / "my-voices.json").write_text("[]")
    at = explorer(corpus="my-voices")
    assert shown_clips(at) == 1440

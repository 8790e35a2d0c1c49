"""The dataset page with corpora that are described in part, or are for tests alone."""

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from ser_core.corpora.index.reading import load_index
from ser_core.corpora.registry import get, names
from ser_core.formatting import NBSP
from tests.pages.test_dataset_explorer import explorer, html, shown_clips
from tests.pages.test_second_corpus import ABOUT

MORE = ("nemo", "ased", "turev")


@pytest.fixture(autouse=True)
def no_sound(monkeypatch, tmp_path):
    st.cache_data.clear()
    st.cache_resource.clear()
    monkeypatch.setenv("SER_DATA_DIR", str(tmp_path / "data"))


@pytest.mark.parametrize("corpus", MORE)
@pytest.mark.parametrize("part", ["Clips", "Descriptors", "Two clips", "Health"])
def test_every_section_is_drawn_without_its_sound(corpus, part):
    at = explorer(corpus=corpus, part=part)
    assert len(at.title) == 1
    assert shown_clips(at) == len(load_index(corpus))


@pytest.mark.parametrize("split", ["statement", "actor"])
@pytest.mark.parametrize("corpus", MORE)
def test_many_statements_and_speakers_make_a_grid(corpus, split):
    assert len(explorer(corpus=corpus, split=split).title) == 1


def test_speakers_are_called_as_the_corpus_calls_them():
    at = explorer(corpus="nemo", clip="EB0_anger_1")
    titles = [title.replace(NBSP, " ") for title in at.selectbox(key="corpus").options]
    assert titles[2:5] == [
        "nEMO, Polish, 9 speakers", "ASED, Amharic, 65 speakers", "TurEV-DB, Turkish, 6 speakers"
    ]  # fmt: skip
    assert at.multiselect[0].options[:2] == ["EB0", "IC0"]
    assert "your folder" not in " ".join(titles)


def test_only_statements_of_described_clips_are_offered():
    words = explorer(corpus="turev").selectbox(key="sentence").options[1:]
    assert set(words) == set(load_index("turev")["statement"]) < set(get("turev").info.statements)


def test_a_corpus_for_tests_is_named_as_such_on_the_about_page():
    text = html(AppTest.from_file(str(ABOUT), default_timeout=60).run())
    assert text.count("for tests alone: no model here learns from it") == 2
    for name in names():
        assert get(name).info.licence in text


def test_what_brings_the_sound_here_is_told():
    assert explorer(corpus="nemo").button(key="fetch").label == "Fetch the clips"
    at = explorer(corpus="ased")
    assert "fetch" not in {button.key for button in at.button}
    assert "put them into data/ased" in html(at)

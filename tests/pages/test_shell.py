import re
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages.shared import microphone
from ser_core import bundle
from tests.scored import make_scored_bundle

ROOT = Path(__file__).parents[2]
PAGES = sorted(page.name for page in (ROOT / "pages").glob("*.py"))
# Streamlit needs one page as the default, and that one cannot be switched to by its path at first
TITLES = {
    "home.py": "What does this voice sound like?",
    "dataset_explorer.py": "Dataset",
    "model_comparison.py": "Models",
    "live_demo.py": "Live demo",
    "about.py": "About",
}


@pytest.fixture(autouse=True)
def fresh_caches(monkeypatch):
    st.cache_data.clear()
    st.cache_resource.clear()
    # the microphone component needs a browser's session
    monkeypatch.setattr(microphone, "stream", lambda *_, **__: False)


@pytest.fixture(scope="module")
def scored_models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    make_scored_bundle(folder, "good", skill=2.2, seed=1)
    make_scored_bundle(folder, "poor", skill=1.2, seed=2)
    return folder


@pytest.fixture(params=["models", "no models"])
def models(request, scored_models, tmp_path, monkeypatch):
    folder = scored_models if request.param == "models" else tmp_path
    monkeypatch.setattr(bundle, "MODELS_DIR", folder)
    return request.param


def html(at: AppTest) -> str:
    return " ".join(element.proto.body for element in at.get("html"))


def test_every_page_is_known_to_this_test():
    assert set(TITLES) == set(PAGES)


@pytest.mark.parametrize("page", PAGES)
def test_page_renders_by_itself(page, models):
    at = AppTest.from_file(str(ROOT / "pages" / page), default_timeout=60).run()
    assert not at.exception
    assert [title.value for title in at.title] == [TITLES[page]]


@pytest.mark.parametrize("page", PAGES)
def test_page_renders_through_the_app(page, models):
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    if page != "home.py":
        at.switch_page(f"pages/{page}").run()
    assert not at.exception
    assert [title.value for title in at.title] == [TITLES[page]]


def test_style_reaches_every_page_with_both_themes(models):
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    assert "--ser-angry: light-dark(#DB4046, #E84B4F);" in html(at)
    assert ".ser-mark.surprised { background: var(--ser-surprised); clip-path:" in html(at)


def test_home_states_the_best_score_and_counts_the_models(scored_models, monkeypatch):
    monkeypatch.setattr(bundle, "MODELS_DIR", scored_models)
    ua = bundle.load_metrics(scored_models / "good")["protocols"]["speaker_independent"]["ua"]
    at = AppTest.from_file(str(ROOT / "pages" / "home.py"), default_timeout=60).run()
    text = re.sub(r"\s", " ", html(at))
    assert f">{100 * ua:.1f} %<" in text
    assert "Two models on the same unseen voices" in text
    assert "1 440 acted clips by 24 speakers" in text


def test_home_without_models_says_how_to_get_one(tmp_path, monkeypatch):
    monkeypatch.setattr(bundle, "MODELS_DIR", tmp_path)
    at = AppTest.from_file(str(ROOT / "pages" / "home.py"), default_timeout=60).run()
    assert "No scored model is installed." in html(at)
    assert "python -m train fit" in at.code[0].value
    assert not at.get("metric")


def test_about_shows_each_card_and_the_corpus_citation(scored_models, monkeypatch):
    monkeypatch.setattr(bundle, "MODELS_DIR", scored_models)
    at = AppTest.from_file(str(ROOT / "pages" / "about.py"), default_timeout=60).run()
    assert [e.label for e in at.expander] == ["GOOD: test", "POOR: test"]
    assert at.code[0].value == "python -m train fit good"
    assert "journal.pone.0196391" in html(at)
    assert "Article 5(1)(f)" in html(at)

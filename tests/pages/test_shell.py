import asyncio
import re
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from pathlib import Path
from types import SimpleNamespace

import pytest
import streamlit as st
from starlette.formparsers import MultiPartParser
from starlette.requests import Request
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import AppTest
from streamlit.web.server.starlette import starlette_routes

from pages.shared.ui import cache, streamlit_internals, wording
from ser_core.bundles import selftest
from ser_core.bundles.metrics import Metrics
from ser_core.bundles.model import EmotionModel
from ser_core.protocols import Protocol
from tests.pages.demo import shown

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


@pytest.fixture(params=["models", "no models"])
def models(request, scored_models, tmp_path, monkeypatch):
    folder = scored_models if request.param == "models" else tmp_path
    monkeypatch.setenv("SER_MODELS_DIR", str(folder))
    return request.param


@pytest.fixture
def scored(scored_models, monkeypatch) -> Path:
    """Folder of the installed models, which are scored."""
    monkeypatch.setenv("SER_MODELS_DIR", str(scored_models))
    return scored_models


def opened(file: str) -> AppTest:
    at = AppTest.from_file(str(ROOT / file), default_timeout=60).run()
    return at


def html(at: AppTest) -> str:
    return " ".join(element.proto.body for element in at.get("html"))


def test_every_page_is_known_to_this_test():
    assert set(TITLES) == set(PAGES)


@pytest.mark.parametrize("page", PAGES)
def test_page_renders_through_the_app_in_the_style_of_both_themes(page, models):
    at = opened("app.py")
    if page != "home.py":
        at.switch_page(f"pages/{page}").run()
    assert [title.value for title in at.title] == [TITLES[page]]
    assert "--ser-angry: light-dark(#DB4046, #E84B4F);" in html(at)
    mark = r"\.ser-mark\.surprised\b[^}]*background: var\(--ser-surprised\); clip-path:"
    assert re.search(mark, html(at))


def test_home_states_the_best_score_and_counts_the_models(scored):
    ua = Metrics.load(scored / "good").protocols[Protocol.SPEAKER_INDEPENDENT].ua
    at = opened("pages/home.py")
    text = re.sub(r"\s", " ", html(at))
    assert f">{100 * ua:.1f} %<" in text
    assert "Two models on the same unseen voices" in text
    assert "1 440 acted clips by 24 speakers" in text


def test_home_draws_its_score_without_loading_what_draws_figures(scored):
    scores = Metrics.load(scored / "good").protocols[Protocol.SPEAKER_INDEPENDENT]
    at = opened("pages/home.py")
    assert not at.get("plotly_chart")
    scale = next(e.proto.body for e in at.get("html") if "ser-scale" in e.proto.body)
    told = f"This app scores {100 * scores.ua:.1f}\N{NO-BREAK SPACE}% on unseen speakers"
    assert f'aria-label="{told}, chance is 12.5\N{NO-BREAK SPACE}%."' in scale
    low, high = (100 * end for end in scores.ci95["ua"])
    assert f'class="range" style="left:{low:.1f}%;width:{high - low:.1f}%"' in scale
    assert f'class="dot" style="left:{100 * scores.ua:.1f}%"' in scale


def test_home_scores_the_model_that_answers(scored_models, tmp_path, monkeypatch):
    folder = shutil.copytree(scored_models, tmp_path / "models")
    (folder / "good" / "card.json").write_text("{}")
    monkeypatch.setenv("SER_MODELS_DIR", str(folder))
    ua = Metrics.load(folder / "poor").protocols[Protocol.SPEAKER_INDEPENDENT].ua
    at = opened("pages/home.py")
    assert f">{100 * ua:.1f} %<" in re.sub(r"\s", " ", html(at))
    at = opened("pages/live_demo.py")
    assert at.selectbox(key="live_model").value == "poor"


def test_scores_say_what_they_rest_on(scored):
    for page in ("home.py", "model_comparison.py", "about.py"):
        at = opened(f"pages/{page}")
        text = unescape(html(at))
        assert wording.LISTENERS in text
        assert wording.LEARNT in text
        if page != "home.py":
            assert "In 7 of 1 440 clips no speech is found" in re.sub(r"\s", " ", text)


def test_the_warm_up_loads_the_model_that_answers_first(scored, monkeypatch):
    cache.warm_up().join(60)
    monkeypatch.setattr(cache, "EmotionModel", None)  # whoever loads now fails
    assert cache.model("good").card.name == "good"


def test_the_log_says_where_the_first_model_answers_otherwise(
    scored_models, tmp_path, monkeypatch, caplog
):
    folder = shutil.copytree(scored_models, tmp_path / "models")
    monkeypatch.setenv("SER_MODELS_DIR", str(folder))
    cache.warm_up().join(60)
    assert "Model 'good' has no self-test" in caplog.text
    caplog.clear()
    st.cache_resource.clear()
    selftest.write(folder / "good", selftest.ATOL)
    cache.warm_up().join(60)
    assert caplog.text == ""
    st.cache_resource.clear()
    score = EmotionModel.score
    monkeypatch.setattr(EmotionModel, "score", lambda *given: score(*given) + 0.1)
    cache.warm_up().join(60)
    assert "Model 'good' answers otherwise than when it was exported" in caplog.text


def test_home_without_models_says_how_to_get_one(tmp_path, monkeypatch):
    monkeypatch.setenv("SER_MODELS_DIR", str(tmp_path))
    at = opened("pages/home.py")
    assert "No scored model is installed." in html(at)
    assert "python -m train fit" in at.code[0].value
    assert not at.get("metric")


def test_about_shows_each_card_its_measured_error_and_the_corpus_citation(scored):
    at = opened("pages/about.py")
    assert [shown(e.label) for e in at.expander] == ["GOOD: test", "POOR: test"]
    assert "<dt>Made by</dt><dd>python -m train fit good</dd>" in html(at)
    assert "journal.pone.0196391" in html(at)
    assert "Article 5(1)(f)" in html(at)
    assert "in percentage points: GOOD 5.1, POOR 6.1." in html(at)


def put(content: bytes) -> tuple[int, bytes]:
    """Send a file to Streamlit's upload route as a browser does; status and what is kept."""
    manager = MemoryUploadedFileManager("/upload")
    runtime = SimpleNamespace(is_active_session=lambda _: True)
    route = starlette_routes.create_upload_routes(runtime, manager, None)[0]
    assert route.methods == {"PUT"}
    body = (
        b'--x\r\nContent-Disposition: form-data; name="f"; filename="a.wav"\r\n'
        b"Content-Type: audio/wav\r\n\r\n" + content + b"\r\n--x--\r\n"
    )
    pieces = [body[i : i + 65_536] for i in range(0, len(body), 65_536)]

    async def receive():
        piece = pieces.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(pieces)}

    request = Request(
        {
            "type": "http",
            "method": "PUT",
            "path": "/",
            "query_string": b"",
            "headers": [(b"content-type", b"multipart/form-data; boundary=x")],
            "path_params": {"session_id": "s", "file_id": "f"},
        },
        receive,
    )
    # in a thread: the browser tests leave an event loop running in this one
    with ThreadPoolExecutor(1) as pool:
        response = pool.submit(lambda: asyncio.run(route.endpoint(request))).result()
    return response.status_code, manager.get_files("s", ["f"])[0].data


def test_an_upload_never_touches_the_disk(monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("a temporary file was made")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    monkeypatch.setattr(starlette_routes, "is_xsrf_enabled", lambda: False)
    content = bytes(range(256)) * 20_000  # 5 MB, where Starlette spools from 1 MB on
    monkeypatch.setattr(MultiPartParser, "spool_max_size", 1024 * 1024)
    with pytest.raises(AssertionError, match="temporary"):
        put(content)
    streamlit_internals.keep_uploads_in_memory()
    assert put(content) == (204, content)


def test_what_is_not_documented_is_used_in_one_module():
    users = [
        file.name
        for file in [ROOT / "app.py", *(ROOT / "pages").rglob("*.py")]
        if re.search(r"^\s*(from|import) (streamlit\.|starlette)", file.read_text(), re.MULTILINE)
    ]
    assert users == ["streamlit_internals.py"]
    # setting a class attribute that is gone would change nothing
    assert hasattr(PagesManager, "uses_pages_directory")


def test_every_page_keeps_uploads_in_memory(models, monkeypatch):
    monkeypatch.setattr(MultiPartParser, "spool_max_size", 1024 * 1024)
    opened("pages/live_demo.py")
    assert MultiPartParser.spool_max_size == 0


def test_what_becomes_of_sound_is_told_in_the_same_words(scored):
    for page in ("home.py", "live_demo.py", "about.py"):
        at = opened(f"pages/{page}")
        text = unescape(html(at))
        assert wording.KEPT in text
        assert not re.search(r"when you leave|leave the page", text)

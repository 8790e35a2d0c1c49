"""A visitor chooses a folder in a real browser, explores it and hears a clip of it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app import running_app
from tests.own_folder import make_folder

pytestmark = pytest.mark.browser

WAIT_MS = 60_000


@pytest.fixture(scope="module")
def app(tmp_path_factory) -> Iterator[str]:
    """A server without any corpus of its own."""
    empty = tmp_path_factory.mktemp("empty")
    with running_app(SER_DATA_DIR=str(empty), SER_OWN_DIR=str(empty)) as url:
        yield url


def text(locator) -> str:
    return re.sub(r"\s+", " ", locator.inner_text())


def test_a_chosen_folder_is_explored_and_heard(page, window, app, tmp_path):
    page.goto(f"{app}/dataset_explorer?part=Your+folder")
    root: Path = make_folder(tmp_path / "my voices")
    (root / "bored").mkdir()
    (root / "bored" / "1.wav").write_bytes(b"x")
    page.locator("input[type=file]").set_input_files(str(root))
    page.get_by_text("became the corpus").wait_for()
    assert page.get_by_text("1 = anna, 2 = ben, 3 = cleo, 4 = dan").is_visible()
    page.get_by_text("1 file skipped").wait_for()

    page.get_by_role("button", name="Explore it").click()
    page.locator(".st-key-clip_card audio").wait_for(state="attached")
    assert text(page.locator(".ser-total").first).startswith("20 of 20 clips 4 speakers")
    assert "speaker anna" in text(page.locator(".st-key-clip_card .ser-h"))
    page.wait_for_function(
        "document.querySelector('.st-key-clip_card audio').duration > 1", timeout=WAIT_MS
    )
    points = page.locator(".st-key-map_click .points path")
    points.first.wait_for(state="attached")
    assert points.count() >= 20

    # another visitor of the same server has only the published corpora
    other = window()
    other.goto(page.url)
    other.locator(".ser-total").first.wait_for()
    assert "of 1 440 clips" in text(other.locator(".ser-total").first)

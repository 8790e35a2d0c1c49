"""What is said is written down where the visitor asks for it, heard, and taken home."""

import json
from pathlib import Path

import pytest
import soundfile as sf

from ser_core.bundles.store import ModelStore
from ser_core.corpora.index.reading import clip_path
from ser_core.decoding.decode import decode
from tests.app import running_app
from tests.browser.conftest import CLIPS
from tests.browser.player_page import brought, sounds_from
from tests.corpus import require_ravdess, require_words

pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.browser
# of the words that can be seen in the rows, those that are cut off
CUT = """labels => labels.flatMap((label) => {
  const seen = label.getBoundingClientRect();
  const word = label.querySelector("span:not(.ser-mark)"), box = word.getBoundingClientRect();
  return box.top < seen.bottom - 1 && box.right > seen.right + 1 ? [word.textContent] : [];
})"""


@pytest.fixture(scope="module")
def words_url():
    """Address of an app that finds Whisper base."""
    if not ModelStore().names():
        pytest.skip("needs a model: python -m train fit mlp")
    with running_app(SER_WORDS_DIR=str(require_words())) as url:
        yield url


@pytest.fixture(scope="module")
def sentence(tmp_path_factory) -> Path:
    """Kids are talking by the door."""
    clip = decode(clip_path("ravdess", CLIPS[0], require_ravdess())).clip
    file = tmp_path_factory.mktemp("sound") / "kids.wav"
    sf.write(file, clip.samples, 16_000, "PCM_16")
    return file


def test_words_are_written_down_heard_and_taken_home(page, words_url, sentence, tmp_path):
    brought(page, words_url, sentence)
    page.get_by_role("button", name="Words", exact=True).click()
    page.get_by_role("button", name="Write the words down").click()
    page.locator(".ser-text").first.wait_for()
    said = page.locator(".ser-text").all_inner_texts()
    assert any("kids" in line.lower() for line in said)
    page.keyboard.press("Escape")
    labels = page.locator(".ser-player .texts .label")
    assert labels.evaluate_all(CUT) == []
    assert labels.count() > len(said)

    word = page.locator(".ser-player .texts .piece").filter(has_text="door").first
    at = word.bounding_box()
    whole, axis = page.locator(".ser-player .inner").bounding_box(), "audio => audio.duration"
    per_second = whole["width"] / page.locator(".ser-player audio").evaluate(axis)
    word.click()
    sounds_from(page, (at["x"] - whole["x"]) / per_second)

    page.get_by_role("button", name="Download", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("button", name="JSON").click()
    download.value.save_as(tmp_path / "told.json")
    (record,) = json.loads((tmp_path / "told.json").read_text("utf-8"))
    heard = " ".join(word["text"] for each in record["segments"] for word in each["words"])
    assert "door" in heard

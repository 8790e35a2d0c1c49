"""A dialogue of two: who speaks is seen, heard, named and taken home."""

from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
import srt
from praatio import textgrid

from benchmarks.dialogues import Plan, build
from ser_core.bundles.store import ModelStore
from tests.browser.player_page import SOUND, brought, segments, settled_on, sounds_from, spans
from tests.corpus import require_ravdess

expect = pytest.importorskip("playwright.sync_api").expect
pytestmark = pytest.mark.browser
TWO = Plan("ravdess", ("ravdess/01", "ravdess/20"), 2, "studio", 3, 40.0)


@pytest.fixture(scope="module")
def dialogue(tmp_path_factory) -> Path:
    if not ModelStore().names():
        pytest.skip("needs a model: python -m train fit mlp")
    require_ravdess()
    file = tmp_path_factory.mktemp("sound") / "talk.wav"
    sf.write(file, build(TWO).clip.samples, 16_000, "PCM_16")
    return file


@pytest.fixture
def talk(page, app_url, dialogue):
    """The page with the dialogue, its voices told apart."""
    brought(page, app_url, dialogue, "&voices=2 voices")
    page.locator(".ser-answer-head", has_text="Two voices").wait_for()
    return page


def names(page) -> list[str]:
    """Of the player's rows, from the top."""
    return page.locator(".ser-player .gutter .answers span").all_inner_texts()


def row(page, nth: int):
    return page.locator(".ser-player .inner .answers").nth(nth)


def downloaded(page, label: str, folder: Path) -> Path:
    with page.expect_download() as download:
        page.get_by_role("button", name=label).click()
    file = folder / download.value.suggested_filename
    download.value.save_as(file)
    return file


def test_each_voice_has_a_row_and_a_summary(talk):
    assert names(talk) == ["Voice A", "Voice B"]
    assert talk.locator(".ser-voice").count() == 2
    pieces = [row(talk, nth).locator("[data-nth]").count() for nth in (0, 1)]
    assert min(pieces) > 1
    assert sum(pieces) == segments(talk).count()


def test_a_click_in_a_row_sounds_from_there_and_says_who(talk):
    piece = row(talk, 1).locator("[data-nth]").last
    nth = int(piece.get_attribute("data-nth"))
    start_s, end_s = spans(talk)[nth]
    piece.click()
    sounds_from(talk, (start_s + end_s) / 2 - 0.2)
    talk.locator(".ser-player .now", has_text="Voice B: ").wait_for()
    talk.locator(".ser-h", has_text=f"Segment {nth + 1} of ").filter(
        has_text=", Voice B,"
    ).wait_for()


def test_a_voice_gets_a_name_that_everything_tells(talk, tmp_path):
    talk.get_by_role("button", name="Change Voice B").click()
    field = talk.get_by_label("Name", exact=True)
    field.fill("A name that is as long as one may be, 40")
    field.press("Enter")
    change = talk.get_by_role("button", name="Change A name that")
    change.wait_for()
    first, second = (track.bounding_box() for track in talk.locator(".ser-voice .track").all())
    assert first["width"] == second["width"]  # the name on the button takes no room
    change.click()
    field.fill("Ann Lee")
    field.press("Enter")
    talk.locator(".ser-voice", has_text="Ann Lee").wait_for()
    talk.get_by_role("button", name="Change Ann Lee").wait_for()
    expect(talk.locator(".ser-player .gutter .answers span").nth(1)).to_have_text("Ann Lee")
    assert names(talk) == ["Voice A", "Ann Lee"]
    expect(segments(talk).filter(has_text="Ann Lee")).not_to_have_count(0)
    talk.keyboard.press("Escape")

    talk.get_by_role("button", name="Download", exact=True).click()
    cues = list(srt.parse(downloaded(talk, "SRT", tmp_path).read_text("utf-8")))
    assert len(cues) == segments(talk).count()
    assert {cue.content.partition(":")[0] for cue in cues} == {"A", "Ann Lee"}
    grid = textgrid.openTextgrid(str(downloaded(talk, "TextGrid", tmp_path)), False)
    assert set(grid.tierNames) == {"A", "Ann Lee"}
    assert grid.maxTimestamp == pytest.approx(talk.evaluate(f"{SOUND}.duration"), abs=0.01)


def test_a_segment_goes_to_the_other_voice_and_stays_chosen(talk):
    before = row(talk, 0).locator("[data-nth]").count()
    segments(talk).nth(2).click()
    settled_on_voice = talk.locator(".ser-h", has_text="Segment 3 of ")
    settled_on_voice.wait_for()
    who = "Voice B" if ", Voice A," in settled_on_voice.inner_text() else "Voice A"
    talk.get_by_role("combobox", name="Said by").click()
    talk.get_by_role("option", name=who).click()
    settled_on_voice.filter(has_text=f", {who},").wait_for()
    settled_on(talk, 2)
    assert abs(row(talk, 0).locator("[data-nth]").count() - before) >= 1
    assert int(talk.locator(".ser-player .list [aria-pressed=true]").count()) == 1


def test_telling_apart_tells_how_far_it_is_and_can_be_cancelled(page, app_url, dialogue, tmp_path):
    samples, rate = sf.read(dialogue, dtype="float32")
    sf.write(tmp_path / "long.wav", np.tile(samples, 8), rate, "PCM_16")
    page.goto(f"{app_url}/live_demo?tab=Upload&voices=Several voices")
    page.locator("input[type=file]").set_input_files(str(tmp_path / "long.wav"))
    line = page.locator(".ser-file", has_text="long.wav")
    line.get_by_text("Telling voices apart, ").wait_for()
    page.get_by_role("button", name="Cancel").click()
    line.get_by_text("Cancelled").wait_for()
    # in the meantime the page can be used: as one voice
    page.get_by_role("combobox", name="Voices").click()
    page.get_by_role("option", name="One voice").click()
    line.get_by_text("Scoring, ").wait_for()

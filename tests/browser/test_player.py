"""The player in a real Chromium: by mouse, keys, finger and screen reader."""

import re
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from ser_core.bundles.store import ModelStore
from ser_core.formatting import NBSP
from tests.browser.fingers import pinch, swipe
from tests.browser.player_page import (
    SOUND,
    STATE,
    brought,
    place,
    segments,
    settled_on,
    sounds_from,
    spans,
)
from tests.voice import silence, voice

expect = pytest.importorskip("playwright.sync_api").expect
pytestmark = pytest.mark.browser
SLOWLY = f"{SOUND}.playbackRate = 0.1"  # a segment lasts a minute, however busy the machine


def voices(file: Path, count: int, each_s: float) -> Path:
    """A file of made-up voices, a pause before each."""
    if not ModelStore().names():
        pytest.skip("needs a model: python -m train fit mlp")
    parts = [part for seed in range(count) for part in (silence(1.0), voice(each_s, seed=seed))]
    sf.write(file, np.concatenate(parts), 16_000, "PCM_16")
    return file


@pytest.fixture(scope="module")
def recording(tmp_path_factory) -> Path:
    """Segments so long that none ends while a slow machine looks elsewhere."""
    return voices(tmp_path_factory.mktemp("sound") / "talk & more.wav", 3, 6.0)


@pytest.fixture(scope="module")
def long_recording(tmp_path_factory) -> Path:
    """Three minutes."""
    return voices(tmp_path_factory.mktemp("sound") / "long.wav", 60, 2.0)


@pytest.fixture
def page(window, app_url, recording):
    return brought(window(1400, 1900), app_url, recording)


@pytest.fixture
def phone(window, app_url, long_recording):
    return brought(window(360, 740, has_touch=True, is_mobile=True), app_url, long_recording)


def test_a_click_sounds_from_there_and_python_follows(page):
    assert page.evaluate(STATE) == {"now": 0, "paused": True, "speed": 1}
    start_s, end_s = spans(page)[1]
    at_s = (start_s + end_s) / 2
    page.mouse.click(*place(page, at_s))
    sounds_from(page, at_s - 0.02)
    settled_on(page, 1)
    page.wait_for_function(f"!{SOUND}.paused || {SOUND}.ended")  # the server's answer is no pause
    page.wait_for_function(f"end => {SOUND}.currentTime > end", arg=end_s)  # on and on
    page.mouse.click(*place(page, 0.1))  # a pause belongs to no segment
    sounds_from(page, 0.08)
    settled_on(page, 1)


def test_a_click_sounds_though_the_server_does_not_answer(page):
    page.wait_for_function(f"{SOUND}.readyState === 4")
    page.context.set_offline(True)
    start_s, _ = spans(page)[1]
    segments(page).nth(1).click()
    sounds_from(page, start_s - 0.02)
    page.context.set_offline(False)


def test_a_chosen_segment_sounds_alone(page):
    start_s, end_s = spans(page)[0]
    segments(page).first.click()
    sounds_from(page, start_s - 0.06)
    page.wait_for_function(f"{SOUND}.paused")
    assert page.evaluate(STATE)["now"] == pytest.approx(end_s, abs=0.06)


def test_the_keys_walk_play_and_pause(page):
    found = spans(page)
    page.evaluate(SLOWLY)
    page.locator(".ser-player").get_by_role("slider").focus()
    page.keyboard.press("ArrowRight")
    sounds_from(page, found[1][0] - 0.06)
    page.keyboard.press(" ")
    page.wait_for_function(f"{SOUND}.paused")
    settled_on(page, 1)
    paused_s = page.evaluate(STATE)["now"]
    page.keyboard.press(" ")
    sounds_from(page, paused_s)
    for key, nth in (("ArrowLeft", 0), ("End", len(found) - 1), ("Home", 0)):
        page.keyboard.press(key)
        sounds_from(page, found[nth][0] - 0.06)
        settled_on(page, nth)
    page.keyboard.press("ArrowRight")
    sounds_from(page, found[1][0] - 0.06)
    page.keyboard.press(" ")
    page.wait_for_function(f"{SOUND}.paused")
    before_s = page.evaluate(STATE)["now"]
    for _ in range(4):  # beyond the end of the segment
        page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowLeft")
    assert page.evaluate(STATE)["now"] == pytest.approx(before_s + 3, abs=0.05)
    assert page.evaluate(STATE)["paused"]


def test_the_keys_work_in_the_list(page):
    found = spans(page)
    page.evaluate(SLOWLY)
    segments(page).first.focus()
    page.keyboard.press("ArrowDown")
    sounds_from(page, found[1][0] - 0.06)
    expect(segments(page).nth(1)).to_be_focused()
    page.keyboard.press(" ")  # pauses, and does not press the button as well
    page.wait_for_function(f"{SOUND}.paused")
    page.keyboard.press("Enter")
    sounds_from(page, found[1][0] - 0.06)


def test_a_sound_that_does_not_come_is_told_and_asked_for_again(window, app_url, recording):
    page = window(1400, 1900)
    page.route("**/media/*.wav", lambda route: route.abort())
    brought(page, app_url, recording)
    segments(page).nth(1).click()
    trouble = page.locator(".ser-player [role=status]")
    expect(trouble).to_have_text(re.compile("^No sound came."))
    page.unroute("**/media/*.wav")
    segments(page).nth(1).click()
    sounds_from(page, spans(page)[1][0] - 0.06)
    expect(trouble).to_be_empty()


def test_one_sound_is_heard_at_a_time(page):
    other = f"(window.other ??= new Audio({SOUND}.src))"
    page.evaluate(f"document.body.append({other}), {other}.muted = true, {other}.play()")
    page.wait_for_function(f"{other}.currentTime > 0.1")
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function(f"{other}.paused && !{SOUND}.paused")


def test_the_sound_can_be_slowed(page):
    page.get_by_label("Speed").select_option("0.5×")
    page.get_by_role("button", name="Play", exact=True).click()
    sounds_from(page, 0)
    assert page.evaluate(STATE)["speed"] == 0.5
    page.get_by_role("button", name="Pause", exact=True).click()
    assert page.evaluate(STATE)["paused"]


def test_a_long_recording_can_be_stretched_and_scrolled(page, app_url, long_recording):
    brought(page, app_url, long_recording)
    view = page.locator(".ser-player .view")
    seen = "view => [view.scrollWidth, view.clientWidth, view.scrollLeft]"
    width, wide, _ = view.evaluate(seen)
    assert width == wide
    page.get_by_role("button", name="Zoom in").click()
    assert view.evaluate(seen)[0] == pytest.approx(2 * wide, abs=2)
    # the moment under the pointer stays there
    x, y = place(page, 100.0)
    page.mouse.move(x, y)
    page.keyboard.down("Control")
    page.mouse.wheel(0, -300)
    page.keyboard.up("Control")
    page.wait_for_function(
        "wide => document.querySelector('.ser-player .view').scrollWidth > 3 * wide", arg=wide
    )
    assert place(page, 100.0)[0] == pytest.approx(x, abs=3)
    # walking scrolls along
    segments(page).last.click()
    left, right = view.bounding_box()["x"], view.bounding_box()["x"] + wide
    page.wait_for_function("document.querySelector('.ser-player .view').scrollLeft > 1000")
    assert left <= place(page, spans(page)[-1][0])[0] <= right
    page.get_by_role("button", name="Show all of it").click()
    page.evaluate(f"{SOUND}.pause(); {SOUND}.currentTime = {SOUND}.duration")
    page.wait_for_function(
        "parseFloat(document.querySelector('.ser-player .view').ariaValueNow) > 179"
    )
    assert view.evaluate(seen) == [wide, wide, 0]  # the playhead's mark stays inside


def test_the_segments_that_are_not_sure_are_a_click_away(page, app_url, long_recording):
    brought(page, app_url, long_recording)
    words = segments(page).evaluate_all("all => all.map(each => each.ariaLabel)")
    unsure = [nth for nth, text in enumerate(words) if "not sure" in text]
    assert len(unsure) > 1
    for nth in (*unsure[unsure[0] == 0 :][:2], "around"):
        if nth == "around":
            segments(page).last.click()
            nth = unsure[0]
        page.get_by_role("button", name="Next not sure").click()
        sounds_from(page, spans(page)[nth][0] - 0.06)
        settled_on(page, nth)
        expect(page.locator(".ser-player .now")).to_have_text("not sure")
        slider = page.locator(".ser-player").get_by_role("slider")
        expect(slider).to_have_attribute("aria-valuetext", re.compile(r"\d, not sure$"))


def test_a_tap_sounds_and_a_swipe_scrolls_the_page(phone):
    start_s, end_s = spans(phone)[3]
    wave = phone.locator(".ser-player canvas.wave")
    wave.scroll_into_view_if_needed()
    phone.touchscreen.tap(*place(phone, (start_s + end_s) / 2))
    sounds_from(phone, start_s - 0.6)
    settled_on(phone, 3)
    before = wave.bounding_box()["y"]
    swipe(phone, place(phone, 120.0), (0, -200))
    phone.wait_for_function(
        "y => document.querySelector('.ser-player canvas.wave').getBoundingClientRect().y < y",
        arg=before - 100,
    )
    assert phone.evaluate(STATE)["now"] < 60  # a swipe is no tap


def test_two_fingers_stretch_and_one_scrolls_along(phone):
    view = phone.locator(".ser-player .view")
    view.scroll_into_view_if_needed()
    wide = view.evaluate("view => view.clientWidth")
    pinch(phone, place(phone, 90.0), 20, 80)
    phone.wait_for_function(
        "wide => document.querySelector('.ser-player .view').scrollWidth > 2 * wide", arg=wide
    )
    assert phone.evaluate("visualViewport.scale") == 1  # the page keeps its size
    before = view.evaluate("view => view.scrollLeft")
    swipe(phone, place(phone, 90.0), (-100, 0))
    phone.wait_for_function(
        "left => document.querySelector('.ser-player .view').scrollLeft > left", arg=before + 50
    )
    assert phone.evaluate(STATE)["now"] == 0


def test_a_screen_reader_hears_names_roles_and_values(page):
    first = segments(page).first.get_attribute("aria-label")
    assert re.fullmatch(
        r"0:\d\d\.\d to 0:\d\d\.\d, (\w+, \d+\N{NO-BREAK SPACE}% sure|not sure, \w+ or \w+)", first
    )
    tree = page.locator(".ser-player").aria_snapshot()
    first = first.replace(NBSP, " ")
    assert re.match(r'- group "talk & more.wav. Of [\d.]+ s of speech, (\w+|not sure) for', tree)
    for part in (
        'button "Play"',
        'button "Previous segment"',
        'button "Next segment"',
        'combobox "Speed"',
        'button "Zoom in"',
        'button "Spectrogram"',
        'button "Why"',
        'list "Segments"',
        f'button "{first}" [pressed]',
    ):
        assert part in tree
    slider = page.get_by_role("slider", name="Position")
    assert slider.get_attribute("aria-valuenow") == "0.0"
    segments(page).nth(1).click()
    sounds_from(page, spans(page)[1][0] - 0.06)
    page.keyboard.press(" ")
    expect(slider).to_have_attribute(
        "aria-valuetext", re.compile(r"^0:\d\d\.\d of 0:\d\d\.\d, \w+")
    )
    assert float(slider.get_attribute("aria-valuenow")) >= spans(page)[1][0] - 0.05  # rounded

import io
import json
import re
import subprocess
import sys
import time
from pathlib import Path

import librosa
import numpy as np
import pandas as pd
import pytest
import soundfile as sf
from scipy.signal import correlate

from ser_core import load
from ser_core.audio.clip import SAMPLE_RATE_HZ, AudioClip
from ser_core.bundles.store import ModelStore
from ser_core.decoding.decode import decode
from ser_core.reports.records import to_record
from tests.browser.conftest import ROOT
from tests.chromium import ALLOWED, MICROPHONE, says
from tests.corpus import require
from train.data.rows import load_rows

pytestmark = pytest.mark.browser

RATE_HZ = 48_000
LEAD_S, PAUSE_S = 3.0, 1.2  # the sound starts before the connection stands
SPEAKER, SENTENCES = "ased/13", 10  # of a corpus that no model learned from
WORDS = "() => [...document.querySelectorAll('{}')].map(e => e.innerText).join(' ')"
STRIP = ".ser-strip"
# where an element was in each frame in which it had a height
WATCH = """css => {
  window.places = [];
  const look = () => {
    const box = document.querySelector(css)?.getBoundingClientRect();
    if (box?.height) window.places.push(box.top + window.scrollY);
    requestAnimationFrame(look);
  };
  look();
}"""
DRAWN = "() => document.querySelector('.recent path')?.getAttribute('d').split('L').length > 20"


@pytest.fixture(scope="module", autouse=True)
def _models():
    if not ModelStore().names():
        pytest.skip("needs a model: python -m train fit mlp")


@pytest.fixture(scope="module")
def clips() -> list[Path]:
    """Ten clips of one speaker, every emotion in turn."""
    require("ased")
    own = [row for row in load_rows("ased") if row.record.speaker == SPEAKER]
    own.sort(key=lambda row: row.file.stem[1:])
    return [row.file for row in own[:SENTENCES]]


@pytest.fixture(scope="module")
def source(clips, tmp_path_factory) -> Path:
    """What the fake microphone hears: silence, then the clips with silence between them."""
    parts = [np.zeros(round(LEAD_S * RATE_HZ), np.float32)]
    for file in clips:
        samples, rate_hz = sf.read(file, dtype="float32", always_2d=True)
        parts.append(librosa.resample(samples.mean(axis=1), orig_sr=rate_hz, target_sr=RATE_HZ))
        parts.append(np.zeros(round(PAUSE_S * RATE_HZ), np.float32))
    file = tmp_path_factory.mktemp("sound") / "microphone.wav"
    sf.write(file, np.concatenate(parts), RATE_HZ, "PCM_16")
    return file


def opened(browser, app_url: str):
    """A page of a fresh visitor who has just pressed Start."""
    page = browser.new_context(accept_downloads=True).new_page()
    page.goto(f"{app_url}/live_demo")
    press(page, "Start")
    return page


def words(page, selector: str = ".ser-answer-head") -> str:
    return page.evaluate(WORDS.format(selector))


def press(page, name: str) -> None:
    """Press a button of the strip."""
    page.locator(STRIP).get_by_role("button", name=name, exact=True).click(timeout=60_000)


def wait_for(condition, timeout_s: float, what: str, page=None) -> None:
    end = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > end:
            shown = page.locator("body").inner_text() if page else ""
            pytest.fail(f"{what} did not happen within {timeout_s:.0f} s. {shown}")
        time.sleep(0.1)


def downloaded(page, button: str) -> bytes:
    wanted = page.get_by_role("button", name=button)
    if not wanted.is_visible():
        page.get_by_role("button", name="Download", exact=True).click()
    with page.expect_download() as download:
        wanted.click()
    return Path(download.value.path()).read_bytes()


def clock_s(page) -> int:
    """Seconds on the clock beside the state; -1 where there is none."""
    *_, last = ["", *words(page, ".ser-state").split()]  # nothing while it is drawn anew
    minutes, colon, seconds = last.partition(":")
    return 60 * int(minutes) + int(seconds) if colon else -1


def log_mel(clip: AudioClip) -> np.ndarray:
    mel = librosa.feature.melspectrogram(y=clip.samples, sr=16_000, n_fft=512, hop_length=160)
    return librosa.power_to_db(mel, ref=np.max, top_db=60)


def heard_at(heard: AudioClip, want: AudioClip) -> tuple[float, float]:
    """Where a clip was heard, in seconds, and how alike the log-mel spectrograms are."""
    match = correlate(heard.samples, want.samples, mode="valid", method="fft")
    start = int(np.argmax(match))
    part = AudioClip(heard.samples[start : start + want.samples.size])
    alike = np.corrcoef(log_mel(part).ravel(), log_mel(want).ravel())[0, 1]
    return start / SAMPLE_RATE_HZ, float(alike)


def watch(page, until_s: float) -> tuple[list[str], set[str]]:
    """The answers, one after the other, and the states that the page shows up to a time."""
    answers, states, end = [""], set(), time.monotonic() + 2 * until_s
    while clock_s(page) < until_s and time.monotonic() < end:
        if (answer := words(page)) != answers[-1]:
            answers.append(answer)
        states.add(words(page, ".ser-state").split("\n")[0].strip())
        time.sleep(0.2)
    return answers, states


def test_ten_clips_of_one_voice_are_counted_and_heard_again_at_stop(
    app_url, launch_chromium, clips, source
):
    browser = launch_chromium(*says(source))
    page = opened(browser, app_url)
    answers, states = watch(page, sf.info(source).duration - 1)
    assert len({answer for answer in answers if answer}) >= 3, answers
    assert "Speech" in states
    page.wait_for_function(DRAWN)
    assert page.get_by_text("Traceback").count() == 0
    wait_for(lambda: adapted_to(page) >= len(clips) - 1, 30, "the count of utterances")

    press(page, "Stop")
    page.get_by_text("Recording quality").wait_for(timeout=30_000)
    page.get_by_text("Heard again against the whole session").wait_for()
    page.locator(".ser-player").wait_for()
    (result,) = json.loads(downloaded(page, "Result, JSON"))
    heard = decode(downloaded(page, "Sound, WAV"), "heard.wav").clip
    table = pd.read_csv(io.BytesIO(downloaded(page, "Segments, CSV")))
    browser.close()

    for file in clips:
        assert heard_at(heard, decode(file).clip)[1] > 0.95, file.name
    assert len(clips) - 1 <= result["adapted_to_utterances"] <= len(clips) + 1
    segments = result["segments"]
    assert len(table) == len(segments)
    assert heard.duration_s == pytest.approx(result["duration_s"], abs=0.01)
    want = to_record(load().predict(heard), "", ())["segments"]
    assert len(want) == len(segments)
    for got, expected in zip(segments, want, strict=True):
        assert got["emotion"] == expected["emotion"]
        assert got["probabilities"] == pytest.approx(expected["probabilities"], abs=1e-3)


def test_a_new_speaker_is_counted_from_the_start(app_url, launch_chromium, source):
    browser = launch_chromium(*says(source))
    page = opened(browser, app_url)
    wait_for(lambda: adapted_to(page) >= 2, 60, "two utterances")
    page.get_by_role("button", name="Voice", exact=True).click()
    page.get_by_role("button", name="New speaker").click()
    wait_for(lambda: adapted_to(page) < 2, 20, "the new count")
    browser.close()


def adapted_to(page) -> int:
    """How many utterances of this voice the page counts."""
    found = re.search(r"Adapted to this voice: (\d+)", words(page, ".ser-strip .voice"))
    return int(found[1]) if found else 0


def test_start_does_not_move_once_it_is_shown(app_url, launch_chromium):
    browser = launch_chromium(ALLOWED, MICROPHONE)
    page = browser.new_context().new_page()
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": 6})
    page.add_init_script(f"({WATCH})({json.dumps(f'{STRIP} .go')})")
    page.goto(f"{app_url}/live_demo")
    page.get_by_role("button", name="Start", exact=True).wait_for(timeout=60_000)
    page.get_by_text("too quiet").wait_for(timeout=60_000)
    page.locator("[data-test-script-state=notRunning]").wait_for(timeout=60_000)
    page.wait_for_timeout(1_000)
    places = page.evaluate("window.places")
    assert max(places) - min(places) < 3, places
    browser.close()


def test_a_pause_stops_the_clock_until_the_visitor_resumes(app_url, launch_chromium):
    browser = launch_chromium(ALLOWED, MICROPHONE)
    page = opened(browser, app_url)
    wait_for(lambda: clock_s(page) >= 1, 30, "sound", page)
    press(page, "Pause")
    wait_for(lambda: words(page, ".ser-state").startswith("Paused"), 30, "the pause")
    stands_at = clock_s(page)
    time.sleep(2.5)
    assert clock_s(page) == stands_at
    press(page, "Resume")
    wait_for(lambda: clock_s(page) >= stands_at + 2, 30, "the end of the pause")
    assert "Paused" not in words(page, ".ser-state")
    browser.close()


def test_an_uploaded_clip_gets_the_answer_of_the_command_line(app_url, page, clips):
    file = clips[0]
    command = [sys.executable, "-m", "ser_core", "predict", str(file), "--format", "json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    (want,) = json.loads(done.stdout)
    page.goto(f"{app_url}/live_demo?tab=Upload")
    page.locator("input[type=file]").set_input_files(str(file), timeout=60_000)
    page.get_by_text("Recording quality").wait_for(timeout=60_000)
    headline = {"sounds": f"Sounds {want['emotion']}", "not_sure": "Not sure"}[want["answer"]]
    assert words(page) == headline
    (got,) = json.loads(downloaded(page, "Result, JSON"))
    assert {**got, "file": None} == {**want, "file": None}


def test_bad_files_are_told_and_good_ones_survive(app_url, page, tmp_path):
    notes, quiet = tmp_path / "notes.docx", tmp_path / "quiet.wav"
    markdown = tmp_path / "![x](p.png) **b** $1$ 1. _c_.txt"
    for file in (notes, markdown):
        file.write_text("not a sound")
    sf.write(quiet, np.zeros(32_000), 16_000)
    page.goto(f"{app_url}/live_demo?tab=Upload")
    page.locator("input[type=file]").set_input_files(
        [str(notes), str(markdown), str(quiet)], timeout=60_000
    )
    page.get_by_text("notes.docx is not audio.").wait_for(timeout=60_000)
    page.get_by_text(f"{markdown.name} is not audio.").wait_for(timeout=60_000)
    assert page.locator("[data-testid=stAlert] img").count() == 0
    wait_for(lambda: words(page) == "No speech found", 30, "an answer for the silent file")


def test_the_page_fits_a_phone(app_url, window, clips):
    page = window(400, 800)
    page.goto(f"{app_url}/live_demo?tab=Upload")
    page.locator("input[type=file]").set_input_files(str(clips[0]), timeout=60_000)
    page.get_by_text("What each model says").wait_for(timeout=60_000)
    assert page.evaluate("document.documentElement.scrollWidth") <= 400

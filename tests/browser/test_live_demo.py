import json
import subprocess
import sys
import time
from pathlib import Path

import librosa
import numpy as np
import pytest
import soundfile as sf
from scipy.signal import correlate

from ser_core.audio import AudioClip
from ser_core.bundle import available
from ser_core.corpora.index import clip_path
from ser_core.decoding import decode
from tests.browser.conftest import ROOT
from tests.corpus import require_ravdess

pytestmark = pytest.mark.browser

RATE_HZ = 48_000
LEAD_S = 2.0  # the sound starts before the connection stands
# four actors, angry and sad in turn, as different as voices get
CLIPS = (
    "03-01-05-02-01-01-05",
    "03-01-04-02-02-01-06",
    "03-01-05-02-02-02-12",
    "03-01-04-02-01-01-16",
)
FAKE_MICROPHONE = (
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
)
WORDS = "() => [...document.querySelectorAll('{}')].map(e => e.innerText).join(' ')"


@pytest.fixture(scope="module", autouse=True)
def _models():
    if not available():
        pytest.skip("needs a model: python -m train fit mlp")


@pytest.fixture(scope="module")
def source(tmp_path_factory) -> Path:
    """What the fake microphone hears: 2 s of silence, then several clips."""
    root, parts = require_ravdess(), [np.zeros(round(LEAD_S * RATE_HZ), np.float32)]
    for clip in CLIPS:
        samples, rate_hz = sf.read(clip_path("ravdess", clip, root), dtype="float32")
        mono = samples if samples.ndim == 1 else samples.mean(axis=1)
        parts.append(librosa.resample(mono, orig_sr=rate_hz, target_sr=RATE_HZ))
    file = tmp_path_factory.mktemp("sound") / "microphone.wav"
    sf.write(file, np.concatenate(parts), RATE_HZ, "PCM_16")
    return file


@pytest.fixture(scope="module")
def speaker(launch_chromium, source):
    """A browser whose microphone plays the source once."""
    browser = launch_chromium(
        *FAKE_MICROPHONE, f"--use-file-for-fake-audio-capture={source}%noloop"
    )
    yield browser
    browser.close()


def words(page, selector: str = ".ser-answer-head") -> str:
    return page.evaluate(WORDS.format(selector))


def press(page, name: str) -> None:
    """Press a button inside the microphone's own frame."""
    frame = page.frame_locator("iframe[src*='streamlit_webrtc']")
    frame.get_by_role("button", name=name, exact=False).first.click(timeout=30_000)


def wait_for(condition, timeout_s: float, what: str) -> None:
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, f"{what} did not happen within {timeout_s:.0f} s"
        time.sleep(0.1)


def downloaded(page, button: str) -> bytes:
    page.get_by_role("button", name="Download", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("button", name=button).click()
    return Path(download.value.path()).read_bytes()


def log_mel(clip: AudioClip) -> np.ndarray:
    mel = librosa.feature.melspectrogram(y=clip.samples, sr=16_000, n_fft=512, hop_length=160)
    return librosa.power_to_db(mel, ref=np.max, top_db=60)


def best_correlation(heard: AudioClip, want: AudioClip) -> float:
    """Correlation of the log-mel spectrograms of a clip and of the place where it was heard."""
    match = correlate(heard.samples, want.samples, mode="valid", method="fft")
    start = int(np.argmax(match))
    part = AudioClip(heard.samples[start : start + want.samples.size])
    return float(np.corrcoef(log_mel(part).ravel(), log_mel(want).ravel())[0, 1])


def test_a_real_voice_gets_changing_answers_and_arrives_undamaged(app_url, speaker, source):
    context = speaker.new_context(permissions=["microphone"], accept_downloads=True)
    page = context.new_page()
    page.goto(f"{app_url}/live_demo")
    page.get_by_text("Press Start if you agree").wait_for(timeout=60_000)
    press(page, "Start")

    seen: dict[str, float] = {}
    chips: set[str] = set()
    length_s, end = sf.info(source).duration, time.monotonic() + 120
    clock_s = 0
    while clock_s < length_s - LEAD_S and time.monotonic() < end:
        seen.setdefault(words(page), time.monotonic())
        state = words(page, ".ser-state")
        chips.add(state.split("\n")[0].strip())
        if ":" in state:
            minutes, seconds = state.split()[-1].split(":")
            clock_s = 60 * int(minutes) + int(seconds)
        time.sleep(0.1)
    emotions = {answer for answer in seen if answer.startswith("Sounds ")}
    assert len(emotions) >= 2, f"answers: {list(seen)}"
    assert any("Speech" in chip for chip in chips)
    assert page.get_by_text("Traceback").count() == 0

    press(page, "Stop")
    page.get_by_text("Recording quality").wait_for(timeout=30_000)
    heard = decode(downloaded(page, "Sound, WAV"), "heard.wav").clip
    root = require_ravdess()
    # the first words may precede the connection; the later clips must be complete
    for clip in CLIPS[1:3]:
        want = decode(clip_path("ravdess", clip, root)).clip
        assert best_correlation(heard, want) > 0.95
    context.close()


def test_an_uploaded_clip_gets_the_answer_of_the_command_line(app_url, chromium):
    file = clip_path("ravdess", CLIPS[0], require_ravdess())
    command = [sys.executable, "-m", "ser_core", "predict", str(file), "--format", "json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    (want,) = json.loads(done.stdout)

    context = chromium.new_context(accept_downloads=True)
    page = context.new_page()
    page.goto(f"{app_url}/live_demo?tab=Upload")
    page.locator("input[type=file]").set_input_files(str(file), timeout=60_000)
    page.get_by_text("Recording quality").wait_for(timeout=60_000)
    headline = {"sounds": f"Sounds {want['emotion']}", "not_sure": "Not sure"}[want["answer"]]
    assert words(page) == headline
    (got,) = json.loads(downloaded(page, "Result, JSON"))
    assert {**got, "file": None} == {**want, "file": None}
    context.close()


def test_bad_files_are_told_and_good_ones_survive(app_url, chromium, tmp_path):
    notes, quiet = tmp_path / "notes.docx", tmp_path / "quiet.wav"
    markdown = tmp_path / "![x](p.png) **b** $1$ 1. _c_.txt"
    for file in (notes, markdown):
        file.write_text("not a sound")
    sf.write(quiet, np.zeros(32_000), 16_000)
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"{app_url}/live_demo?tab=Upload")
    page.locator("input[type=file]").set_input_files(
        [str(notes), str(markdown), str(quiet)], timeout=60_000
    )
    page.get_by_text("notes.docx is not audio.").wait_for(timeout=60_000)
    page.get_by_text(f"{markdown.name} is not audio.").wait_for(timeout=60_000)
    assert page.locator("[data-testid=stAlert] img").count() == 0
    wait_for(lambda: words(page) == "No speech found", 30, "an answer for the silent file")
    context.close()


def test_the_page_fits_a_phone(app_url, chromium, tmp_path):
    context = chromium.new_context(viewport={"width": 400, "height": 800})
    page = context.new_page()
    page.goto(f"{app_url}/live_demo?tab=Upload")
    page.locator("input[type=file]").set_input_files(
        str(clip_path("ravdess", CLIPS[0], require_ravdess())), timeout=60_000
    )
    page.get_by_text("What each model says").wait_for(timeout=60_000)
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    context.close()

"""The page that needs no server of ours answers as the library does, and sends nothing."""

import json
import os
import shutil
import subprocess
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

import ser_core
from ser_core.bundles.store import ModelStore
from ser_core.speech.detector import CHUNK_SAMPLES
from tests.browser.conftest import WAIT_MS
from tests.browser.states import write_files
from tests.voice import RATE_HZ, silence, voice
from train.in_browser.export import export_browser

pytestmark = pytest.mark.browser
PACKAGE = "onnxruntime-web@1.23.2"


@pytest.fixture(scope="module")
def package(tmp_path_factory) -> Path:
    """What `npm pack` gives; $ONNXRUNTIME_WEB where it is here already."""
    if given := os.environ.get("ONNXRUNTIME_WEB"):
        return Path(given)
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip(f"needs npm, or $ONNXRUNTIME_WEB: the file that `npm pack {PACKAGE}` gives")
    folder = tmp_path_factory.mktemp("package")
    command = [npm, "pack", PACKAGE, "--silent", "--fetch-retries=0", "--fetch-timeout=60000"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"npm cannot get {PACKAGE}; set $ONNXRUNTIME_WEB to its file")
    return next(folder.glob("*.tgz"))


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def address(package, tmp_path_factory):
    store = ModelStore()
    if "transformer" not in store.names():
        pytest.skip("needs the transformer: python -m train fit transformer")
    out = tmp_path_factory.mktemp("page")
    export_browser(package, store.folder / "transformer", out)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(out))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture
def page(page, address):
    page.goto(address)
    ready(page)
    return page


def ready(page) -> None:
    page.locator("#choose:not([disabled])").wait_for()  # the page forbids evaluated code


def choose(page, file: Path) -> dict:
    page.set_input_files("#file", file)
    page.get_by_text(f"{file.name}: ").wait_for()
    ready(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Save the result").click()
    return json.loads(Path(download.value.path()).read_text())


def test_answers_are_those_of_the_library_and_nothing_is_asked_for(page, tmp_path):
    write_files(tmp_path)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    for name in ("first.wav", "second.wav", "talk.wav"):
        expected = ser_core.load().predict(tmp_path / name)
        found = choose(page, tmp_path / name)
        verdict = found["verdict"]
        assert (verdict["kind"], verdict["emotion"]) == (
            expected.verdict.kind,
            expected.verdict.emotion,
        )
        assert found["caution"] == " ".join(expected.cautions)
        assert len(found["segments"]) == len(expected.segments)
        for ours, theirs in zip(expected.segments, found["segments"], strict=True):
            ends = ours.start_s, ours.end_s
            assert (theirs["start_s"], theirs["end_s"]) == pytest.approx(ends, abs=1e-3)
            # a processor's 8-bit products differ by that much from WebAssembly's
            assert theirs["probabilities"] == pytest.approx(dict(ours.probabilities), abs=0.03)
    assert [url for url in asked if not url.startswith("blob:")] == []


def test_sound_cannot_be_sent_elsewhere(page):
    refused = page.evaluate(
        "() => fetch('https://example.org/', { method: 'POST', body: 'sound' })"
        ".then(() => 'sent', error => error.name)"
    )
    assert refused == "TypeError"


@pytest.mark.parametrize(("name", "words"), [("notes.wav", "cannot read"), ("no.wav", "is empty")])
def test_a_bad_file_is_told_and_the_result_stays(page, tmp_path, name, words):
    write_files(tmp_path)
    (tmp_path / "no.wav").touch()
    choose(page, tmp_path / "second.wav")
    page.set_input_files("#file", tmp_path / name)
    page.get_by_role("status").get_by_text(words).wait_for()
    ready(page)
    assert page.get_by_text("second.wav: ").is_visible()


def test_silence_is_no_emotion(page, tmp_path):
    sf.write(tmp_path / "quiet.wav", silence(3.0), 16_000)
    assert choose(page, tmp_path / "quiet.wav")["segments"] == []
    assert page.get_by_role("heading", name="No speech found").is_visible()


def test_a_segment_of_one_file_ends_no_other(page, tmp_path):
    write_files(tmp_path)
    end_s = choose(page, tmp_path / "first.wav")["segments"][0]["end_s"]
    page.get_by_role("button", name="Hear").first.click()
    choose(page, tmp_path / "talk.wav")
    stopped = page.evaluate(
        """async (end) => {
          const sound = document.getElementById("sound");
          sound.currentTime = end + .2;
          await sound.play();
          await new Promise((done) => setTimeout(done, 800));
          return sound.paused;
        }""",
        end_s,
    )
    assert not stopped


def test_no_minute_has_sixty_seconds(page, tmp_path):
    file, said = tmp_path / "long.wav", voice(2.0)
    before = 57 * RATE_HZ
    for _ in range(2):  # where the voice ends is found out, and moved on the detector's grid
        sf.write(file, np.concatenate([np.zeros(before), said, silence(2.0)]), RATE_HZ)
        end_s = ser_core.load().predict(file).segments[-1].end_s
        before += round((59.975 - end_s) * RATE_HZ / CHUNK_SAMPLES) * CHUNK_SAMPLES
    assert 59.95 <= end_s < 60
    choose(page, file)
    assert page.get_by_role("button", name="to 1:00.0").is_visible()


@pytest.fixture
def recorder(speaking, address):
    page = speaking.new_page()
    page.set_default_timeout(WAIT_MS)
    page.clock.install()
    page.goto(address)
    ready(page)
    yield page
    page.close()


def record(page) -> None:
    page.get_by_role("button", name="Record").click()
    page.get_by_role("status").get_by_text("Recording").wait_for()
    page.wait_for_timeout(1500)


def test_what_is_spoken_is_judged(recorder):
    record(recorder)
    recorder.get_by_role("button", name="Stop").click()
    recorder.get_by_text("Your recording: ").wait_for()
    assert recorder.get_by_role("button", name="Record").is_enabled()


def test_a_recording_that_is_stopped_at_once_is_too_short(recorder):
    recorder.evaluate(
        """() => {
          const button = document.getElementById("record");
          new MutationObserver(() => button.textContent === "Stop" && button.click())
            .observe(button, { childList: true });
          button.click();
        }"""
    )
    recorder.get_by_role("status").get_by_text("too short").wait_for()
    assert recorder.get_by_role("button", name="Record").is_enabled()


def test_a_recording_ends_while_it_can_be_judged(recorder):
    record(recorder)
    recorder.clock.fast_forward("30:00")
    recorder.get_by_text("Your recording: ").wait_for()


def test_whoever_presses_twice_opens_one_microphone(recorder):
    recorder.evaluate(
        """() => {
          const media = navigator.mediaDevices, ask = media.getUserMedia.bind(media);
          [window.asked, window.tracks] = [[], []];
          media.getUserMedia = async (wanted) => {
            await new Promise((allow) => asked.push(allow));
            const stream = await ask(wanted);
            tracks.push(...stream.getTracks());
            return stream;
          };
        }"""
    )
    button = recorder.get_by_role("button", name="Record")
    button.click()
    button.click()
    recorder.get_by_role("status").get_by_text("The browser asks").wait_for()
    assert recorder.get_by_role("button", name="Choose a file").is_disabled()
    recorder.evaluate("asked.forEach((allow) => allow())")
    recorder.get_by_role("status").get_by_text("Recording").wait_for()
    recorder.wait_for_timeout(1500)
    recorder.get_by_role("button", name="Stop").click()
    recorder.get_by_text("Your recording: ").wait_for()
    assert recorder.evaluate("tracks.map((track) => track.readyState)") == ["ended"]


def test_without_a_microphone_a_file_can_be_chosen(page):
    page.evaluate("() => { navigator.mediaDevices.getUserMedia = () => Promise.reject(); }")
    page.get_by_role("button", name="Record").click()
    page.get_by_role("status").get_by_text("gives no microphone").wait_for()
    assert page.get_by_role("button", name="Choose a file").is_enabled()

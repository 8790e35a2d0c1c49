"""Two people take turns at the microphone: two voices are seen, one gets a name, and it stays."""

import json
from functools import partial

import librosa
import numpy as np
import pytest
import soundfile as sf

from benchmarks.dialogues import Plan, taking_turns
from ser_core.audio.clip import SAMPLE_RATE_HZ, AudioClip
from ser_core.bundles.store import ModelStore
from ser_core.decoding.decode import decode
from tests.browser.test_live_demo import (
    LEAD_S,
    PAUSE_S,
    RATE_HZ,
    STRIP,
    downloaded,
    heard_at,
    press,
    wait_for,
    words,
)
from tests.chromium import says
from tests.corpus import require_ravdess

pytestmark = pytest.mark.browser
MAN_AND_WOMAN = Plan("ravdess", ("ravdess/01", "ravdess/20"), 2, "studio", 1)
UTTERANCES = 8


@pytest.fixture(scope="module")
def said() -> list[tuple[str, np.ndarray]]:
    if not ModelStore().names():
        pytest.skip("needs a model: python -m train fit mlp")
    require_ravdess()
    found = taking_turns(MAN_AND_WOMAN, UTTERANCES)
    loudest = max(float(np.abs(sound).max()) for _, sound in found)
    return [(speaker, sound * np.float32(0.7 / loudest)) for speaker, sound in found]


@pytest.fixture(scope="module")
def source(said, tmp_path_factory):
    parts = [np.zeros(round(LEAD_S * RATE_HZ), np.float32)]
    for _, sound in said:
        parts.append(librosa.resample(sound, orig_sr=SAMPLE_RATE_HZ, target_sr=RATE_HZ))
        parts.append(np.zeros(round(PAUSE_S * RATE_HZ), np.float32))
    file = tmp_path_factory.mktemp("sound") / "two.wav"
    sf.write(file, np.concatenate(parts), RATE_HZ, "PCM_16")
    return file


def test_two_who_take_turns_are_told_and_a_name_stays_after_stop(
    app_url, launch_chromium, said, source
):
    browser = launch_chromium(*says(source))
    page = browser.new_context(accept_downloads=True).new_page()
    page.goto(f"{app_url}/live_demo?voices=2 voices")
    page.get_by_role("combobox", name="Voices").wait_for(timeout=60_000)
    press(page, "Start")
    page.get_by_role("button", name="Voice B").click(timeout=60_000)
    field = page.get_by_label("Name", exact=True)
    field.fill("Ann Lee")
    field.press("Enter")
    page.get_by_role("button", name="Ann Lee").wait_for(timeout=30_000)
    page.keyboard.press("Escape")
    wait_for(lambda: words(page, f"{STRIP} .who") == "Ann Lee", 60, "the name in the answer", page)
    lane = page.locator(f"{STRIP} .voices span")
    named = partial(lane.evaluate_all, "all => all.map(name => name.title)")
    wait_for(lambda: {"Voice A", "Ann Lee"} <= set(named()), 60, "the names", page)
    last_s = sf.info(source).duration
    page.wait_for_function(
        "s => { const [m, t] = document.querySelector('.clock').textContent.split(':');"
        " return 60 * +m + +t >= s; }",
        arg=round(last_s),
        timeout=60_000,
    )
    press(page, "Stop")
    page.locator(".ser-voice").first.wait_for(timeout=60_000)
    assert [line.split("\n")[0] for line in shown(page, ".ser-voice")] == ["Voice A", "Ann Lee"]
    assert page.get_by_text("Traceback").count() == 0
    (result,) = json.loads(downloaded(page, "Result, JSON"))
    heard = decode(downloaded(page, "Sound, WAV"), "heard.wav").clip
    browser.close()

    first = said[0][0]
    names = {first: "A"}
    assert heard.duration_s == pytest.approx(result["duration_s"], abs=0.01)
    for speaker, sound in said:
        start_s, alike = heard_at(heard, AudioClip(sound))
        assert alike > 0.95  # nothing is lost
        middle_s = start_s + sound.size / SAMPLE_RATE_HZ / 2
        nearest = min(
            result["segments"], key=lambda s: abs((s["start_s"] + s["end_s"]) / 2 - middle_s)
        )
        assert nearest["voice"] == names.get(speaker, "Ann Lee")


def shown(page, selector: str) -> list[str]:
    return page.locator(selector).all_inner_texts()

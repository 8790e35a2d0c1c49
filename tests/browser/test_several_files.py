"""Several files: each is told when it is done, whatever comes before it in the list."""

import numpy as np
import pytest
import soundfile as sf

from tests.voice import RATE_HZ, silence, voice

pytestmark = pytest.mark.browser
LONG_S = 12 * 60


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> list[str]:
    """A long one, a broken one and a short one."""
    folder = tmp_path_factory.mktemp("files")
    talk = np.concatenate([voice(3.0), silence(1.0)])
    sf.write(folder / "long.wav", np.tile(talk, LONG_S // 4), RATE_HZ, "PCM_16")
    (folder / "broken.mp3").write_bytes(b"no sound in here " * 50)
    sf.write(folder / "short.wav", talk, RATE_HZ, "PCM_16")
    return [str(folder / name) for name in ("long.wav", "broken.mp3", "short.wav")]


def line(page, name: str):
    return page.locator(".ser-file", has_text=name)


def test_the_short_one_is_explored_while_the_long_one_is_scored(page, app_url, files):
    page.goto(f"{app_url}/live_demo?tab=Upload")
    page.locator("input[type=file]").set_input_files(files)
    line(page, "broken.mp3").get_by_text("is not audio").wait_for()
    page.get_by_text("Judged by").wait_for()
    page.get_by_text("Recording quality").wait_for()
    assert page.locator(".ser-answer-head").inner_text()
    bar = line(page, "long.wav").get_by_role("progressbar")
    bar.wait_for()  # and so it is not done

    # what is done stays
    page.get_by_role("button", name="Cancel").click()
    line(page, "long.wav").get_by_text("Cancelled").wait_for()
    assert line(page, "short.wav").get_by_text("4.0").is_visible()
    assert page.get_by_text("Recording quality").is_visible()

    page.get_by_role("button", name="Go on").click()
    page.wait_for_function(
        "() => document.querySelector('.ser-file [role=progressbar]')?.ariaValueNow > 0"
    )

    # nothing that is needless is done any longer, and the rest stays
    page.get_by_role("button", name="Remove long.wav").click()
    line(page, "long.wav").wait_for(state="detached")
    assert line(page, "broken.mp3").is_visible()
    page.get_by_role("button", name="Cancel").wait_for(state="detached")
    assert page.get_by_text("Judged by").is_visible()

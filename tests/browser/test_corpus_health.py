import re

import pytest

from ser_core.corpora.index.reading import find_root, load_index

pytestmark = pytest.mark.browser

expect = pytest.importorskip("playwright.sync_api").expect
WAIT_MS = 60_000


def test_a_row_of_the_named_clips_opens_its_clip(window, app_url):
    index = load_index("ravdess")
    silent = 1 - (index["offset_s"] - index["onset_s"]) / index["duration_s"]
    second = index["clip"][silent.nlargest(2).index[1]]
    page = window(1400, 1400)
    page.goto(f"{app_url}/dataset_explorer?part=Health&health=Silence")
    table = page.locator("[data-testid=stDataFrame]").last
    table.scroll_into_view_if_needed()
    page.locator("[data-test-script-state=notRunning]").wait_for()
    box = table.bounding_box()
    page.mouse.click(box["x"] + 15, box["y"] + 2.5 * 38)  # below the header and the first row
    expect(page.get_by_text(re.compile("^Open: "))).to_be_visible(timeout=WAIT_MS)
    page.wait_for_url(f"**clip={second}**")
    players = int(find_root("ravdess") is not None)
    expect(page.locator("audio")).to_have_count(players, timeout=WAIT_MS)

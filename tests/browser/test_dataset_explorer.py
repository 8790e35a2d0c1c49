import io
import re
import zipfile
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest

from ser_core.corpora.index.reading import find_root, load_index

pytestmark = pytest.mark.browser

WAIT_MS = 60_000
POINTS = """els => {
  const map = els[0]; const box = map.getBoundingClientRect();
  const x = map._fullLayout.xaxis, y = map._fullLayout.yaxis;
  return map.calcdata.filter(cd => cd[0].trace.customdata).flatMap(cd => cd.map(p =>
    [cd[0].trace.customdata[p.i], box.x + x._offset + x.l2p(p.x), box.y + y._offset + y.l2p(p.y)]));
}"""


def open_explorer(page, address: str) -> None:
    page.goto(address)
    page.locator(".st-key-clip_card .js-plotly-plot").wait_for()
    page.locator(".st-key-map_click .js-plotly-plot .points").first.wait_for(state="attached")


def points_of(page) -> list[tuple[str, float, float]]:
    """Every clip on the map and the place of its point on the screen."""
    return page.locator(".st-key-map_click .js-plotly-plot").evaluate_all(POINTS)


def lonely_point(page, chosen: str) -> tuple[str, float, float]:
    """A clip whose point has no other near it, and its place on the screen."""
    points = points_of(page)

    def room(point):
        return min(
            (point[1] - other[1]) ** 2 + (point[2] - other[2]) ** 2
            for other in points
            if other is not point
        )

    return max((p for p in points if p[0] != chosen), key=room)


def settled(page) -> None:
    page.locator("[data-test-script-state=notRunning]").wait_for()
    page.wait_for_timeout(1500)  # the map settles after the rerun


def gap(places: list[float], wanted: float) -> float:
    """The middle of a gap between places, as near to the wanted place as there is one."""
    gaps = [(low + high) / 2 for low, high in pairwise(sorted(places)) if high - low > 2]
    return min(gaps, key=lambda place: abs(place - wanted))


def draw_around(page, left: float, right: float) -> set[str]:
    """Draw a box over the map between two shares of its width; the clips that lie in it."""
    page.locator(".st-key-map_click").scroll_into_view_if_needed()
    points = points_of(page)
    xs, ys = [x for _, x, _ in points], [y for _, _, y in points]
    low, high = (gap(xs, min(xs) + share * (max(xs) - min(xs))) for share in (left, right))
    top, bottom = min(ys) - 4, gap(ys, (min(ys) + max(ys)) / 2)
    page.mouse.move(low, top)
    page.mouse.down()
    for x, y in ((high, top), (high, bottom), (low, bottom), (low, top + 1)):
        page.mouse.move(x, y, steps=12)
    page.mouse.up()
    return {clip for clip, x, y in points if low < x < high and top < y < bottom}


def downloaded(page, name: str) -> bytes:
    with page.expect_download() as waiting:
        page.get_by_role("button", name=name).click()
    return Path(waiting.value.path()).read_bytes()


def selection_shows(page, text: str) -> None:
    """Wait for what the panel says first."""
    page.wait_for_function(
        "text => document.querySelector('.st-key-selection [role=status]')?.innerText"
        ".replace(/\\s+/g, ' ').startsWith(text)",
        arg=text,
        timeout=WAIT_MS,
    )


def test_filter_click_a_point_and_hear_its_clip(page, window, app_url):
    index = load_index("ravdess").set_index("clip")
    # the very first request to this server is a link to this page, with filters
    open_explorer(page, f"{app_url}/dataset_explorer?voice=Female&strength=Strong")
    assert page.get_by_role("link", name="Live demo").first.is_visible()
    total = page.locator(".ser-total")
    assert re.sub(r"\s+", " ", total.inner_text()).startswith("336 of 1 440 clips")

    page.get_by_test_id("stButtonGroup").get_by_text("Dogs", exact=True).click()
    page.wait_for_function(
        "document.querySelector('.ser-total').innerText.startsWith('168')", timeout=WAIT_MS
    )
    assert "sentence=Dogs" in page.url

    settled(page)
    heading = page.locator(".st-key-clip_card .ser-h")
    before = heading.inner_text()
    clip, x, y = lonely_point(page, "")
    page.mouse.click(x, y)
    row = index.loc[clip]
    assert (row["sex"], row["intensity"], row["statement"]) == ("female", "strong", "dogs")
    expected = f"{row['emotion']}, {row['intensity']} speaker {row['actor']}, female"
    page.wait_for_function(
        "text => document.querySelector('.st-key-clip_card .ser-h').innerText"
        ".replace(/\\s+/g, ' ').includes(text)",
        arg=expected,
        timeout=WAIT_MS,
    )
    assert heading.inner_text() != before
    page.wait_for_url(re.compile(f"clip={clip}"))
    sound = page.locator(".st-key-clip_card audio")
    if find_root("ravdess") is None:
        assert not sound.count()
        assert page.get_by_role("button", name=re.compile("Fetch")).is_visible()
    else:
        page.wait_for_function(
            "Math.abs(document.querySelector('.st-key-clip_card audio').duration - "
            f"{row['duration_s']}) < 0.01",
            timeout=WAIT_MS,
        )
    assert page.locator(".st-key-clip_card .js-plotly-plot").first.is_visible()

    # the link holds everything: another visitor sees the same
    link = page.url
    other = window()
    open_explorer(other, link)
    assert expected in re.sub(r"\s+", " ", other.locator(".st-key-clip_card .ser-h").inner_text())
    assert other.locator(".ser-total").inner_text().startswith("168")


def test_a_neighbour_opens_by_its_button(page, app_url):
    index = load_index("ravdess").set_index("clip")
    open_explorer(page, f"{app_url}/dataset_explorer?space=Transformer&clip=03-01-03-01-02-01-07")
    places = index[["heard_x", "heard_y"]]
    far = ((places - places.loc["03-01-03-01-02-01-07"]) ** 2).sum(axis=1)
    nearest = far.sort_values(kind="stable").index[1]  # the same recording under another name
    assert nearest == "03-01-03-01-02-02-07"
    buttons = page.locator("[class*=st-key-near-] button")
    assert buttons.count() == 5
    buttons.first.click()
    page.wait_for_url(re.compile(f"clip={nearest}"))
    page.locator(".st-key-clip_card .ser-h", has_text="second take").wait_for()


def draw_around_nothing(page) -> list[object]:
    """Draw a lasso in a corner of the map; what its traces hold as selected afterwards."""
    box = page.locator(".st-key-map_click .js-plotly-plot").bounding_box()
    page.mouse.move(box["x"] + 14, box["y"] + 14)
    page.mouse.down()
    for dx, dy in ((30, 14), (30, 30), (14, 30)):
        page.mouse.move(box["x"] + dx, box["y"] + dy, steps=8)
    page.mouse.up()
    settled(page)
    return page.locator(".st-key-map_click .js-plotly-plot").evaluate_all(
        "els => els[0].calcdata.filter(cd => cd[0].trace.customdata)"
        ".map(cd => cd[0].trace.selectedpoints ?? null)"
    )


def test_a_group_that_is_drawn_around_is_described_and_downloaded(page, app_url):
    open_explorer(page, f"{app_url}/dataset_explorer?voice=Female&strength=Strong&sentence=Dogs")
    page.locator(".st-key-lasso label").first.click()
    selection_shows(page, "168 clips")
    assert "lasso=true" in page.url
    chosen = page.locator(".st-key-clip_card .ser-h").inner_text()
    settled(page)
    assert {*draw_around_nothing(page)} == {None}
    selection_shows(page, "168 clips")
    caught = draw_around(page, 0.1, 0.45)
    assert 3 < len(caught) < 60
    selection_shows(page, f"{len(caught)} clips")
    assert page.locator(".st-key-clip_card .ser-h").inner_text() == chosen
    table = pd.read_csv(io.BytesIO(downloaded(page, "Download CSV")))
    assert {*table["clip"]} == caught
    assert len(table) == len(caught)
    assert not {"envelope", "path"} & {*table.columns}
    own = load_index("ravdess").set_index("clip").loc[table["clip"], "f0_hz"]
    assert table["f0_hz"].to_numpy() == pytest.approx(own.to_numpy(), rel=1e-4)
    if find_root("ravdess") is not None:
        with zipfile.ZipFile(io.BytesIO(downloaded(page, "Download WAV"))) as archive:
            assert {*archive.namelist()} == {f"{clip}.wav" for clip in caught}
            assert archive.testzip() is None

    # another group takes its place; a filter leaves what passes of it
    settled(page)
    caught = draw_around(page, 0.5, 0.9)
    selection_shows(page, f"{len(caught)} clips")
    labels = load_index("ravdess").set_index("clip")["emotion"]
    angry = [clip for clip in caught if labels[clip] == "angry"]
    assert len(caught) > len(angry) > 1
    for emotion in ("neutral", "calm", "happy", "sad", "fearful", "disgust", "surprised"):
        page.get_by_test_id("stButtonGroup").get_by_text(emotion, exact=True).click()
    selection_shows(page, f"{len(angry)} clips")
    page.get_by_role("button", name="Clear the selection").click()
    selection_shows(page, "24 clips")  # all of angry


@pytest.mark.parametrize("query", ["", "?lasso=true&corpus=emodb&space=Transformer"])
def test_nothing_scrolls_sideways_on_a_phone(window, app_url, query):
    page = window(400, 900)
    open_explorer(page, f"{app_url}/dataset_explorer{query}")
    tabs = page.get_by_role("tab")
    names = tabs.all_inner_texts()
    assert names[0] == "Clips"
    for name in names:
        page.get_by_role("tab", name=name, exact=True).click()
        settled(page)
        wide = page.evaluate(
            "(main => [document.documentElement.scrollWidth, main.scrollWidth - main.clientWidth])"
            "(document.querySelector('[data-testid=stMain]'))"
        )
        assert wide == [400, 0], name

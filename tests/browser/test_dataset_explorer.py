import re
from collections.abc import Iterator

import pytest

from ser_core.corpora.index import find_root, load_index
from tests.app import running_app

pytestmark = pytest.mark.browser

WAIT_MS = 60_000
POINTS = """els => {
  const map = els[0]; const box = map.getBoundingClientRect();
  const x = map._fullLayout.xaxis, y = map._fullLayout.yaxis;
  return map.calcdata.filter(cd => cd[0].trace.customdata).flatMap(cd => cd.map(p =>
    [cd[0].trace.customdata[p.i], box.x + x._offset + x.l2p(p.x), box.y + y._offset + y.l2p(p.y)]));
}"""


@pytest.fixture(scope="module")
def app() -> Iterator[str]:
    """A server that nobody has visited yet."""
    with running_app() as url:
        yield url


@pytest.fixture
def page(chromium, app) -> Iterator:
    context = chromium.new_context(viewport={"width": 1400, "height": 1700})
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    yield page
    context.close()


def open_explorer(page, address: str) -> None:
    page.goto(address)
    page.locator(".st-key-clip_card .js-plotly-plot").wait_for()
    page.locator(".st-key-map_click .js-plotly-plot .points").first.wait_for(state="attached")


def lonely_point(page, chosen: str) -> tuple[str, float, float]:
    """A clip whose point has no other near it, and its place on the screen."""
    points = page.locator(".st-key-map_click .js-plotly-plot").evaluate_all(POINTS)

    def room(point):
        return min(
            (point[1] - other[1]) ** 2 + (point[2] - other[2]) ** 2
            for other in points
            if other is not point
        )

    return max((p for p in points if p[0] != chosen), key=room)


def test_filter_click_a_point_and_hear_its_clip(page, app):
    index = load_index("ravdess").set_index("clip")
    # the very first request to this server is a link to this page, with filters
    open_explorer(page, f"{app}/dataset_explorer?voice=Female&strength=Strong")
    assert page.get_by_role("link", name="Live demo").first.is_visible()
    total = page.locator(".ser-total")
    assert re.sub(r"\s+", " ", total.inner_text()).startswith("336 of 1 440 clips")

    page.get_by_test_id("stButtonGroup").get_by_text("Dogs", exact=True).click()
    page.wait_for_function(
        "document.querySelector('.ser-total').innerText.startsWith('168')", timeout=WAIT_MS
    )
    assert "sentence=Dogs" in page.url

    page.wait_for_timeout(1500)  # the map settles after the rerun
    heading = page.locator(".st-key-clip_card h3")
    before = heading.inner_text()
    clip, x, y = lonely_point(page, "")
    page.mouse.click(x, y)
    row = index.loc[clip]
    assert (row["sex"], row["intensity"], row["statement"]) == ("female", "strong", "dogs")
    expected = f"{row['emotion']}, {row['intensity']} actor {row['actor']}, female"
    page.wait_for_function(
        "text => document.querySelector('.st-key-clip_card h3').innerText"
        ".replace(/\\s+/g, ' ').includes(text)",
        arg=expected,
        timeout=WAIT_MS,
    )
    assert heading.inner_text() != before
    page.wait_for_url(re.compile(f"clip={clip}"))
    assert page.locator(".st-key-clip_card audio").count() == (
        1 if find_root("ravdess") is not None else 0
    )
    if find_root("ravdess") is None:
        assert page.get_by_role("button", name=re.compile("Fetch")).is_visible()

    # the link holds everything: another visitor sees the same
    link = page.url
    other = page.context.new_page()
    other.set_default_timeout(WAIT_MS)
    open_explorer(other, link)
    assert expected in re.sub(r"\s+", " ", other.locator(".st-key-clip_card h3").inner_text())
    assert other.locator(".ser-total").inner_text().startswith("168")


def test_nothing_scrolls_sideways_on_a_phone(chromium, app):
    context = chromium.new_context(viewport={"width": 400, "height": 900})
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    open_explorer(page, f"{app}/dataset_explorer")
    page.wait_for_timeout(500)
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    context.close()

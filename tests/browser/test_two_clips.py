import re
from urllib.parse import parse_qs, urlparse

import pytest

from ser_core.corpora.index.reading import find_root

pytestmark = pytest.mark.browser

WAIT_MS = 60_000
ANGRY = "03-01-05-02-01-01-03"
SAD = "03-01-04-02-01-02-03"
ROWS = "els => els[0].data.map(trace => trace.name)"
HEARD = """els => Promise.all(els.map(el => new Promise(done => {
  if (el.readyState > 0) done(el.duration);
  el.addEventListener('loadedmetadata', () => done(el.duration));
  el.addEventListener('error', () => done(0));
})))"""


def settled(page) -> None:
    page.locator(".st-key-two_clips .js-plotly-plot .main-svg").first.wait_for()
    page.locator("[data-test-script-state=notRunning]").wait_for()


def heads(page) -> list[str]:
    return [
        re.sub(r"\s+", " ", text)
        for text in page.locator("[role=status] h2.ser-h").all_inner_texts()
    ]


def wait_for_heads(page, a: str, b: str) -> None:
    page.wait_for_function(
        "wanted => { const heads = [...document.querySelectorAll('[role=status] h2.ser-h')]"
        ".map(el => el.innerText.replace(/\\s+/g, ' '));"
        " return heads.length === 2 && heads.every((head, i) => head.startsWith(wanted[i])); }",
        arg=[a, b],
        timeout=WAIT_MS,
    )
    settled(page)


def test_choose_hear_see_and_swap_two_clips(page, window, app_url):
    page.goto(f"{app_url}/dataset_explorer?part=Two clips&clip={ANGRY}")
    wait_for_heads(page, "A angry, strong speaker 3", "B neutral, normal speaker 3")

    box = page.locator(".st-key-with input")
    box.click()
    box.fill("sad, strong, speaker 3, kids, take 2")
    page.get_by_role("option", name="sad, strong, speaker 3, kids, take 2").click()
    wait_for_heads(page, "A angry, strong speaker 3", "B sad, strong speaker 3")
    assert parse_qs(urlparse(page.url).query)["with"] == [SAD]

    sound_is_here = find_root("ravdess") is not None
    rows = page.locator(".st-key-two_clips .js-plotly-plot").evaluate_all(ROWS)
    assert len(rows) == (8 if sound_is_here else 2)
    if sound_is_here:
        lengths = page.locator("audio").evaluate_all(HEARD)
        assert len(lengths) == 2
        assert all(3 < seconds < 6 for seconds in lengths)
    else:
        assert page.get_by_role("button", name=re.compile("Fetch")).is_visible()
    assert "A against B" in page.locator("p.ser-text[role=status]").inner_text()

    page.get_by_role("button", name="Swap A and B").click()
    wait_for_heads(page, "A sad, strong speaker 3", "B angry, strong speaker 3")

    # the link holds the pair: another visitor sees the same, on a phone
    page.wait_for_url(re.compile(f"with={ANGRY}"))
    other = window(400, 900)
    other.goto(page.url)
    wait_for_heads(other, "A sad, strong speaker 3", "B angry, strong speaker 3")
    assert other.evaluate("document.documentElement.scrollWidth") <= 400
    main = other.locator("[data-testid=stMain]")
    assert main.evaluate("el => el.scrollWidth - el.clientWidth") <= 0

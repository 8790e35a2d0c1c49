"""What the live strip draws of answers that it is told, in a real Chromium."""

import re
import time
from dataclasses import asdict
from itertools import count

import pytest

from pages.shared.ui.strip import Answer, Moment
from ser_core.emotions import Emotion
from ser_core.plots.result.live import VALENCE_AROUSAL, valence_arousal
from ser_core.plots.theme import DARK, LIGHT

pytestmark = pytest.mark.browser

TELL = """now => document.querySelector(".ser-strip")
  .dispatchEvent(new CustomEvent("heard", { detail: now }))"""
LOOK = """lamp => ["backgroundColor", "boxShadow", "clipPath"]
  .map(name => getComputedStyle(lamp)[name])"""
TURNS = count(time.time_ns() // 1000 + 10**12)  # later than whatever the page says by itself


def shares(**chosen: float) -> list[int]:
    """Probabilities in per mille; the rest is neutral."""
    rest = 1 - sum(chosen.values())
    return [round(1000 * chosen.get(e.value, rest * (e is Emotion.NEUTRAL))) for e in Emotion]


def tell(page, history=(), at=0.0, phase="paused", kind="off", **answer) -> None:
    answer = Answer(**{"headline": "No speech yet"} | answer)
    now = Moment("a", next(TURNS), "microphone-1", phase, "", kind, 0, "", answer, (), at, history)
    page.evaluate(TELL, asdict(now))


@pytest.fixture
def strip(page, app_url):
    page.goto(f"{app_url}/live_demo")
    page.get_by_role("button", name="Start", exact=True).wait_for()
    page.locator("[data-test-script-state=notRunning]").wait_for()
    return page


def areas(page) -> dict[str, list[list[tuple[float, float]]]]:
    """Corners of each emotion's areas: seconds ago and percent from above."""
    paths = page.locator(".recent path").evaluate_all("all => all.map(p => p.getAttribute('d'))")
    found = {}
    for emotion, path in zip(Emotion, paths, strict=True):
        parts = [re.findall(r"(-?[\d.]+) (-?[\d.]+)", part) for part in path.split("Z") if part]
        found[emotion.value] = [[(float(x), float(y)) for x, y in part] for part in parts]
    return found


def test_the_last_half_minute_ends_now_and_has_gaps_for_pauses(strip):
    ends = (70.0, 70.5, 71.0, 80.0, 80.5)
    tell(strip, [(end - 1, end, shares(angry=0.6)) for end in ends], at=90.0)
    first, second = areas(strip)["angry"]
    assert [x for x, _ in first][:4] == [-21.0, -20.0, -19.5, -19.0]
    assert [x for x, _ in second][:3] == [-11.0, -10.0, -9.5]
    assert {y for _, y in first} == {60.0, 0.0}  # neutral lies below with 40 %, in fixed order
    assert {y for _, y in areas(strip)["neutral"][0]} == {100.0, 60.0}


def test_only_an_emotion_that_leads_for_a_while_is_named(strip):
    happy = [(end, end + 0.5, shares(happy=0.7)) for end in range(70, 74)]
    sad = [(74, 74.5, shares(sad=0.7))]
    tell(strip, happy + sad, at=90.0)
    assert strip.locator(".belt .names span").all_inner_texts() == ["happy"]
    assert strip.locator(".belt .names .ser-mark.happy").count() == 1


def test_each_voice_has_its_name_above_what_it_says(strip):
    whose = ["", "Voice A", "Voice A", "<b>Ann</b>", "Voice A"]
    history = [(80 + i, 81 + i, shares(happy=0.7), who) for i, who in enumerate(whose)]
    tell(strip, history, at=90.0, who="Voice A")
    names = strip.locator(".belt .voices span")
    whole = names.evaluate_all("all => all.map(name => name.title)")
    assert whole == ["Voice A", "<b>Ann</b>", "Voice A"]
    assert names.all_inner_texts() == ["A", "<b>Ann</b>", "A"]  # there is room for a letter
    lefts = names.evaluate_all("all => all.map(name => parseFloat(name.style.left))")
    assert lefts == pytest.approx([100 - 900 / 30, 100 - 700 / 30, 100 - 600 / 30], abs=0.01)
    assert strip.locator(".ser-strip .who").text_content() == "Voice A"
    tell(strip, [(70 + i, 71 + i, shares(happy=0.7), "Voice A") for i in range(9)], at=90.0)
    assert names.all_inner_texts() == ["Voice A"]


def test_the_dot_lies_where_the_probabilities_say_and_its_trail_is_four_seconds_long(strip):
    history = [(i - 1, i, shares(happy=0.05 * i)) for i in range(1, 20)]
    strip.emulate_media(reduced_motion="reduce")
    tell(strip, history, at=19.0)
    x, y = valence_arousal({e: p / 1000 for e, p in zip(Emotion, history[-1][2], strict=True)})
    dot = strip.locator(".ser-strip .dot")
    left, top = (dot.evaluate(f"dot => parseFloat(dot.style.{side})") for side in ("left", "top"))
    assert left == pytest.approx(50 + 50 * x, abs=0.1)
    assert top == pytest.approx(50 - 50 * y, abs=0.1)
    assert len(strip.locator(".trail").get_attribute("points").split()) == 5
    tell(strip)
    assert dot.get_attribute("data-shown") is None


def test_every_emotion_has_its_mark_and_name_on_the_plane(strip):
    names = strip.locator(".place").all_inner_texts()
    assert names == [e.value for e in Emotion]
    for emotion, (x, y) in VALENCE_AROUSAL.items():
        place = strip.locator(".place", has_text=emotion.value)
        style = place.evaluate(
            "place => [parseFloat(place.style.left), parseFloat(place.style.top)]"
        )
        assert style == pytest.approx([50 + 50 * x, 50 - 50 * y])
        assert place.locator(f".ser-mark.{emotion}").count() == 1


def test_no_name_covers_another(strip):
    boxes = [place.bounding_box() for place in strip.locator(".place").all()]
    for i, a in enumerate(boxes):
        for b in boxes[:i]:
            apart_x = a["x"] + a["width"] <= b["x"] or b["x"] + b["width"] <= a["x"]
            apart_y = a["y"] + 12 <= b["y"] or b["y"] + 12 <= a["y"]  # px, of the letters
            assert apart_x or apart_y, (a, b)


@pytest.mark.parametrize(("scheme", "theme"), [("light", LIGHT), ("dark", DARK)])
def test_colours_follow_the_theme(strip, scheme, theme):
    tell(strip, [(9, 10, shares(angry=0.6))], at=10.0)
    strip.emulate_media(color_scheme=scheme)
    wanted = "rgb({}, {}, {})".format(*bytes.fromhex(theme.colour(Emotion.ANGRY)[1:]))
    strip.wait_for_function(
        "wanted => getComputedStyle(document.querySelectorAll('.recent path')[4]).fill === wanted",
        arg=wanted,
    )


@pytest.mark.parametrize(("motion", "moving"), [("no-preference", 1), ("reduce", 0)])
def test_nothing_moves_by_itself_for_who_does_not_want_it(strip, motion, moving):
    strip.emulate_media(reduced_motion=motion)
    tell(strip, [(9, 10, shares(angry=0.6))], at=10.0, phase="live")
    count_moving = "document.querySelector('.belt').getAnimations().length"
    assert strip.evaluate(count_moving) == moving
    tell(strip, [(9, 10, shares(angry=0.6))], at=10.0)
    assert strip.evaluate(count_moving) == 0


def test_what_is_late_never_replaces_what_is_new(strip):
    tell(strip, headline="Sounds happy", emotion="happy", top=[("happy", 70.0, "70 %")])
    late = asdict(Moment("a", 1, "microphone-1", "off", "Off", "off", None, "", Answer("Late")))
    strip.evaluate(TELL, late)
    assert strip.locator(".ser-answer-head").inner_text() == "Sounds happy"
    assert strip.locator(".ser-bars .value").first.inner_text() == "70 %"


def test_the_lamp_looks_different_for_what_is_heard(strip):
    looks = set()
    for kind in ("off", "listening", "speech", "trouble"):
        tell(strip, kind=kind)
        looks.add(tuple(strip.locator(".ser-strip .lamp").evaluate(LOOK)))
    assert len(looks) == 4

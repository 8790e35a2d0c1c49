"""What the app keeps of visitors who are gone, and whose sound a visitor gets."""

import asyncio
import json
import math
import time
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("tqdm")

from benchmarks.curves import Curve, svg
from benchmarks.live_client import Visitor
from benchmarks.live_voice import RATE_HZ, speech
from benchmarks.soak import errors, growth
from benchmarks.watched_server import SESSION, SOUND
from benchmarks.whose_sound import whose
from ser_core.bundles.store import ModelStore
from tests.app import started_app

TTL_S = 3
GONE_S = 60.0  # what is promised


@pytest.fixture
def app(tmp_path, monkeypatch):
    """Address of an app that counts what it keeps, and where."""
    if not ModelStore().names():
        pytest.skip("needs a model: python -m train fit mlp")
    if not Path("/proc/self/fd").exists():
        pytest.skip("reads /proc")
    counts = tmp_path / "counts"
    program = ("-m", "benchmarks.watched_server", str(counts))
    short = {"STREAMLIT_SERVER_DISCONNECTED_SESSION_TTL": str(TTL_S)}
    with started_app(program, **short) as (url, _):
        yield url, counts


def kept(counts: Path) -> dict[str, int]:
    return json.loads(counts.read_text("utf-8").rpartition("\n")[0].splitlines()[-1])


async def until(counts: Path, met, timeout_s: float) -> dict[str, int]:
    """The first counts that meet a condition."""
    end = time.monotonic() + timeout_s
    while not met(found := kept(counts)):
        assert time.monotonic() < end, found
        await asyncio.sleep(0.5)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("end", ["killed", "closed", "closed with a result"])
def test_what_was_said_is_gone_with_the_page(app, end):
    url, counts = app

    async def visit() -> None:
        before = await until(counts, lambda found: True, 10)
        visitor = Visitor(url, speech(None, 0))
        await visitor.start()
        await asyncio.sleep(3)
        if end == "closed with a result":
            await visitor.stop()
        spoken = await until(counts, lambda found: any(found[n] > before[n] for n in SOUND), 20)
        assert spoken[SESSION] == before[SESSION] + 1
        await (visitor.vanish() if end == "killed" else visitor.leave())
        # nobody else comes, nobody collects garbage
        await until(counts, lambda found: all(found[n] <= before[n] for n in SOUND), GONE_S)

    asyncio.run(visit())


@pytest.mark.slow
def test_a_page_that_comes_back_in_time_has_lost_nothing(app):
    url, _ = app

    async def visit() -> None:
        visitor = Visitor(url, speech(None, 0))
        await visitor.start()
        await asyncio.sleep(3)
        first = visitor.page.session
        visitor.page.vanish()
        await asyncio.sleep(1.5)
        await visitor.page.open()
        await visitor.page.until(lambda: visitor.seen.clock_s >= 6, 60, "clock that goes on")
        await visitor.stop()
        assert visitor.page.session == first
        assert visitor.sent_s - visitor.heard_s < 0.5
        assert not visitor.seen.problems + visitor.page.failures
        await visitor.leave()

    asyncio.run(visit())


@pytest.mark.slow
def test_visitors_who_speak_at_once_get_their_own_sound_and_no_other(app):
    url, _ = app
    said = [speech(None, number) for number in range(3)]

    async def visit() -> None:
        visitors = [Visitor(url, samples) for samples in said]
        await asyncio.gather(*(visitor.start() for visitor in visitors))
        await asyncio.sleep(6)
        await asyncio.gather(*(visitor.stop() for visitor in visitors))
        assert len({visitor.page.session for visitor in visitors}) == len(visitors)
        assert len({visitor.seen.sound for visitor in visitors}) == len(visitors)
        assert [whose(v.heard, 16_000, said) for v in visitors] == [[0], [1], [2]]
        await asyncio.gather(*(visitor.leave() for visitor in visitors))

    asyncio.run(visit())


def test_a_stretch_of_sound_is_known_and_silence_is_nobodys():
    said = [speech(None, number) for number in range(3)]
    part = said[1][7 * RATE_HZ : 15 * RATE_HZ]
    assert whose(part, RATE_HZ, said) == [1]
    assert whose(np.zeros(RATE_HZ, np.int16), RATE_HZ, said) == []
    mixed = (part // 2 + said[2][: part.size] // 2).astype(np.int16)
    assert whose(mixed, RATE_HZ, said) != [1]


def test_growth_is_that_of_the_time_after_the_warm_up():
    rising = [{"x": 500.0}] * 25 + [{"x": 100.0 + n} for n in range(75)]
    first, last, share = growth(rising, "x")
    assert (first, last, round(share, 2)) == (112.0, 162.0, 0.45)
    assert growth([{"x": 1.0}, {"x": 7.0}, {"x": 7.0}, {"x": math.nan}], "x")[2] == 0


def test_errors_of_a_log_are_counted_by_what_they_end_in():
    one = 'Traceback (most recent call last):\n  File "a.py", line 1\n    x\nValueError: no\n'
    assert errors(f"start\n{one}well\n{one}") == {"ValueError: no": 2}
    assert errors("all is well\n") == {}


def test_curves_are_one_picture():
    text = svg([Curve("A & B", [(0, 1), (2, 1040)], "flat"), Curve("None", [])], "Title", 0.5)
    assert text.count("<polyline") == 2
    assert "A &amp; B" in text
    assert ">1140<" in text
    assert "2 min" in text

"""The network is cut, the disk is full, the server starts again: what is kept, and what is said."""

import asyncio
import json
import sys

import pytest

pytest.importorskip("tqdm")

from streamlit.proto.Element_pb2 import Element

from benchmarks.live_client import Visitor
from benchmarks.live_voice import speech
from benchmarks.page import Page
from benchmarks.page_clicks import Widgets
from benchmarks.page_files import bring, wav
from ser_core.bundles.store import ModelStore
from tests.app import started_app
from tests.voice import RATE_HZ, voice

pytestmark = pytest.mark.slow
CUT_S = 10.0
NO_ROOM = """
import resource, sys
from streamlit.web.cli import main
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # not one byte goes into a file
sys.argv[0] = "streamlit"
main()
"""


@pytest.fixture(autouse=True)
def _models():
    if not ModelStore().names():
        pytest.skip("needs a model: python -m train fit mlp")


def test_a_network_that_is_away_for_ten_seconds_costs_those_and_no_others():
    async def visit(url: str) -> None:
        visitor = Visitor(url, speech(None, 0))
        await visitor.start()
        await asyncio.sleep(3)
        session = visitor.page.session
        visitor.page.vanish()
        visitor.cut()
        await asyncio.sleep(CUT_S)
        visitor.cut(False)
        await visitor.page.open()
        before_s = visitor.seen.clock_s
        await visitor.page.until(lambda: visitor.seen.clock_s > before_s + 2, 60, "running clock")
        await visitor.stop()
        assert visitor.page.session == session
        assert visitor.seen.lost_s == pytest.approx(CUT_S, abs=1.0)  # the page says so
        assert visitor.sent_s - visitor.heard_s == pytest.approx(visitor.seen.lost_s, abs=0.5)
        assert not visitor.seen.problems + visitor.page.failures
        await visitor.leave()

    with started_app() as (url, _):
        asyncio.run(visit(url))


@pytest.mark.skipif(sys.platform == "win32", reason="has no such limit")
def test_a_full_disk_is_nothing_to_a_visitor():
    async def visit(url: str) -> None:
        visitor = Visitor(url, speech(None, 0))
        await visitor.start()
        await asyncio.sleep(3)
        await visitor.stop()
        assert visitor.sent_s - visitor.heard_s < 0.5
        assert not visitor.seen.problems + visitor.page.failures
        await visitor.leave()
        offered, players = Widgets(), []

        def look(element: Element) -> None:
            offered.element(element)
            if element.WhichOneof("type") == "file_uploader":
                offered.ids["files"] = element.file_uploader.id
            component = element.bidi_component
            if component.component_name == "player":
                players.append(json.loads(component.json))

        page = Page(url, "live_demo", look, offered.block, "tab=Upload")
        await page.open()
        await page.until(lambda: "files" in offered.ids, 60, "place for files")
        large = wav(voice(60.0), RATE_HZ)  # of more than the megabyte that servers keep in memory
        await bring(page, offered.ids["files"], "talk.wav", large)
        await page.until(lambda: players, 120, "result")
        assert not page.failures
        await page.close()

    with started_app(("-c", NO_ROOM)) as (url, _):
        asyncio.run(visit(url))

"""Many come at once to a server that has just started."""

import asyncio

import pytest

pytest.importorskip("tqdm")

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.Navigation_pb2 import Navigation

from benchmarks.page import Page
from tests.app import started_app

pytestmark = pytest.mark.slow
NAMES = ("live_demo", "model_comparison", "about", "dataset_explorer", "about", "live_demo")


class Watched(Page):
    """A page that remembers the navigation that it was given last."""

    navigation: Navigation | None = None

    def _take(self, message: ForwardMsg) -> None:
        if message.WhichOneof("type") == "navigation":
            self.navigation = message.navigation
        super()._take(message)


def test_all_of_them_see_the_whole_frame():
    async def visit(url: str) -> None:
        pages = [Watched(url, name, lambda element: None) for name in NAMES]
        await asyncio.gather(*(page.open() for page in pages))
        for page in pages:
            await page.until(lambda page=page: framed(page), 60, "navigation at the top")
            assert len(page.navigation.app_pages) == 5
            assert not page.failures
            await page.close()

    def framed(page: Watched) -> bool:
        return page.navigation is not None and page.navigation.position == Navigation.Position.TOP

    with started_app() as (url, _):
        asyncio.run(visit(url))

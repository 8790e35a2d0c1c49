"""Two visitors of a server that can hear one, in a real Chromium."""

import pytest

from pages.shared.live.places import SETTING
from tests.app import running_app
from tests.browser.test_live_strip import STRIP, button, phase, shown

pytestmark = pytest.mark.browser
SAYS = f"{STRIP} .messages [data-shown]"


def test_the_second_reads_that_it_is_full_and_has_the_place_of_the_first_when_it_is_free(speaking):
    with running_app(**{SETTING: "1"}) as url:
        first, second = (shown(speaking.new_context().new_page(), url) for _ in range(2))
        for page in (first, second):
            page.set_default_timeout(90_000)
        button(first, "Start").click()
        phase(first, "live")
        full = second.locator(SAYS).filter(has_text="Try again in a minute")
        for _ in range(2):  # as often as one likes
            button(second, "Start").click()
            full.wait_for()
            phase(second, "off")
        phase(first, "live")
        button(first, "Stop").click()
        first.locator(".ser-player").first.wait_for()
        button(second, "Start").click()
        phase(second, "live")
        assert not full.count()

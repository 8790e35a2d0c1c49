"""A live session whose page is loaded again, or whose server restarts, in a real Chromium."""

import socket

import pytest

from tests.app import started_app
from tests.browser.test_live_strip import STRIP, button, phase, shown

pytestmark = pytest.mark.browser
SAYS = f"{STRIP} .messages [data-shown]"

# the first connection of a page finds no way to the server
ASTRAY = """const Connection = window.RTCPeerConnection;
window.RTCPeerConnection = class extends Connection {
  constructor(settings) {
    window.top.attempts = (window.top.attempts ?? 0) + 1;
    super({ ...settings, iceTransportPolicy: window.top.attempts === 1 ? "relay" : "all" });
  }
};"""


def begun(page, url: str):
    shown(page, url).set_default_timeout(90_000)
    button(page, "Start").click()
    phase(page, "live")
    return page


def test_a_page_that_is_loaded_again_says_that_the_session_is_gone(speaking, app_url):
    page = begun(speaking.new_page(), app_url)
    page.reload()
    page.locator(SAYS).filter(has_text="The session is gone").wait_for()
    button(page, "Start").click()
    phase(page, "live")
    button(page, "Stop").click()
    page.locator(".ser-player").first.wait_for()
    assert not page.locator(SAYS).filter(has_text="The session is gone").count()
    page.reload()  # nothing is on: nothing is lost
    page.locator(SAYS).filter(has_text="Press Start if you agree").wait_for()
    page.close()


def test_a_page_whose_server_restarts_says_that_the_session_is_gone(speaking):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    page = speaking.new_page()
    with started_app(port=port) as (url, _):
        begun(page, url)
    with started_app(port=port):
        page.locator(SAYS).filter(has_text="The session is gone").wait_for(timeout=90_000)
        phase(page, "off")
        button(page, "Start").click()
        phase(page, "live")
    page.close()


def test_a_connection_that_does_not_come_is_tried_once_more(speaking, app_url):
    page = speaking.new_page()
    page.add_init_script(ASTRAY)
    begun(page, app_url)
    assert page.evaluate("window.attempts") == 2
    page.close()

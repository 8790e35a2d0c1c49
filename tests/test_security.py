"""What SECURITY.md promises of the app's door, tried on the app as it is started."""

import asyncio
import pickle
import re
import tomllib
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

pytest.importorskip("tqdm")

from benchmarks.page import Page
from benchmarks.page_files import put
from tests.app import ROOT, running_app

SITE = "voice.example.org"
LIMIT_MB = 2


@pytest.fixture(scope="module")
def app():
    """Address of an app as deployed, but with a small limit of uploads."""
    settings = {
        "STREAMLIT_BROWSER_SERVER_ADDRESS": SITE,
        "STREAMLIT_SERVER_MAX_UPLOAD_SIZE": str(LIMIT_MB),
    }
    with running_app(**settings) as url:
        yield url


def status(url: str, **headers: str) -> int:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def test_the_shipped_settings_leave_both_protections_on():
    config = tomllib.loads((ROOT / ".streamlit/config.toml").read_text("utf-8"))
    for name in ("enableXsrfProtection", "enableCORS", "enableStaticServing"):
        assert name not in config["server"]  # on, on and off
    assert config["client"]["showErrorDetails"] == "none"
    deployed = " ".join(
        file.read_text("utf-8") for file in (ROOT / "deploy").rglob("*") if file.is_file()
    )
    assert not re.search(r"XSRF|ENABLE_CORS|STATIC_SERVING|allow_origin", deployed, re.I)


@pytest.mark.parametrize(
    ("origin", "let_in"),
    [
        (f"https://{SITE}", True),
        ("https://elsewhere.example", False),
        ("null", False),
        (f"https://{SITE}.elsewhere.example", False),
    ],
)
def test_a_page_of_another_site_cannot_open_a_session(app, origin, let_in):
    async def opened() -> bool:
        try:
            address = f"ws{app.removeprefix('http')}/_stcore/stream"
            async with connect(address, subprotocols=["streamlit"], origin=origin) as socket:
                await asyncio.wait_for(socket.recv(), 1)
        except TimeoutError:
            return True  # it waits for us to speak
        except (InvalidStatus, ConnectionClosed):
            return False
        return True

    assert asyncio.run(opened()) is let_in


def upload(app: str, content: bytes = b"RIFF", **changes: str | bool) -> int:
    async def sent() -> int:
        page = Page(app, "live_demo", lambda element: None)
        await page.open()
        await page.until(lambda: page.session, 60, "session")
        session = changes.pop("session", page.session)
        answer = await asyncio.to_thread(put, app, session, "a-file", "a.wav", content, **changes)
        await page.close()
        return answer

    return asyncio.run(sent())


def test_an_upload_needs_the_token_and_a_session_of_its_own(app):
    assert upload(app) == 204
    assert upload(app, token="") == 403
    assert upload(app, token=f"2|00000000|{'66' * 16}|1") == 403
    assert upload(app, session="00000000-0000-0000-0000-000000000000") == 400


def test_an_upload_is_bounded_whether_or_not_it_tells_its_size(app):
    fits, too_much = bytes(LIMIT_MB * 2**20 - 2**10), bytes(LIMIT_MB * 2**20 + 2**20)
    assert upload(app, fits) == upload(app, fits, tell_size=False) == 204
    assert upload(app, too_much) == upload(app, too_much, tell_size=False) == 413


@pytest.mark.parametrize(
    "path",
    [
        "/media/../../../../etc/passwd",
        "/media/%2e%2e/%2e%2e/etc/passwd",
        "/static/..%2f..%2fapp.py",
        "/app/static/app.py",
        "/_stcore/upload_file/../../app.py",
        "/component/streamlit_webrtc.component.webrtc_streamer/../../../../etc/passwd",
        "/_stcore/bidi-components/player/../../../app.py",
        "//etc/passwd",
        "/.streamlit/secrets.toml",
    ],
)
def test_no_address_reads_a_file_of_the_server(app, path):
    try:
        with urllib.request.urlopen(app + path) as answer:
            content = answer.read()
    except urllib.error.HTTPError as error:
        content = error.read()
    except urllib.error.URLError:
        content = b""
    for secret in (b"root:", b"set_page_config", b"[ice]"):
        assert secret not in content


def test_a_very_long_address_is_no_trouble(app):
    assert status(f"{app}/live_demo?tab={'a' * 60_000}") in (200, 400, 414, 431)
    assert status(f"{app}/_stcore/health") == 200


def test_nothing_in_the_app_can_run_what_a_visitor_brings():
    for folder in ("pages", "ser_core"):
        for file in (ROOT / folder).rglob("*.py"):
            code = file.read_text("utf-8")
            found = re.search(
                r"import (pickle|dill|joblib|marshal|shelve|subprocess)\b|(?<![.\w])(eval|exec)\("
                r"|allow_pickle=True|os\.system|yaml\.load\b",
                code,
            )
            assert not found, f"{file}: {found[0]}"


class _Trap:
    def __reduce__(self):
        return Path.touch, (Path("trapped"),)


def test_a_pickle_is_a_file_like_any_other(tmp_path, monkeypatch):
    from ser_core.decoding.decode import decode
    from ser_core.errors import AudioError

    monkeypatch.chdir(tmp_path)
    with pytest.raises(AudioError):
        decode(pickle.dumps(_Trap()), "talk.wav")
    assert not Path("trapped").exists()

"""Keys, origins, and what may be known of those who ask."""

import io
import json
import logging
import re

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from ser_core.service import logs, service
from tests.service.server import serving, talk
from tests.service.test_analyze import problem
from tests.service.test_stream import recording, streamed

KEYS = ("first-key", "second-key")
SITE = "https://site.example"


@pytest.fixture(scope="module")
def closed():
    with serving(keys=KEYS) as running:
        yield running


@pytest.fixture
def log(monkeypatch):
    """What the log says, as text."""
    text = io.StringIO()
    monkeypatch.setattr(logs.sys, "stderr", text)
    loggers = [logging.getLogger(name) for name in ("ser_core.service", "uvicorn")]
    before = [(each, each.handlers, each.propagate, each.level) for each in loggers]
    logs.set_up()
    yield text
    for each, handlers, propagate, level in before:
        each.handlers, each.propagate = handlers, propagate
        each.setLevel(level)


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("header", ["X-API-Key: {}", "Authorization: Bearer {}"])
def test_each_key_opens(closed, key, header):
    name, _, value = header.format(key).partition(": ")
    assert closed.http.get("/v1/models", headers={name: value}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-API-Key": ""},
        {"X-API-Key": "first-ke"},
        {"X-API-Key": "first-key second-key"},
        {"Authorization": "Bearer"},
        {"Authorization": "Basic first-key"},
        {"Authorization": "Bearer wrong", "X-API-Key": "wrong"},
        {"X-API-Key": "ключ".encode()},
    ],
)
@pytest.mark.parametrize("path", ["/v1/models", "/v1/jobs/any", "/metrics", "/nothing"])
def test_whoever_has_no_key_is_refused(closed, headers, path):
    answer = closed.http.get(path, headers=headers)
    assert "key" in problem(answer, 401)["detail"]
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_wrong_key_sends_no_file_and_opens_no_stream(closed):
    refused = closed.http.post("/v1/analyze", files={"files": talk()}, headers={"X-API-Key": "x"})
    problem(refused, 401)
    assert closed.service.bodies.held == 0
    with pytest.raises(InvalidStatus) as shut:
        connect(closed.stream, additional_headers={"Authorization": "Bearer wrong"})
    assert shut.value.response.status_code == 401
    with connect(closed.stream, additional_headers={"Authorization": f"Bearer {KEYS[1]}"}) as line:
        line.send("end")
        assert json.loads(line.recv())


def test_whether_it_lives_needs_no_key(closed):
    for path in ("/health", "/ready", "/openapi.json"):
        assert closed.http.get(path).status_code == 200


def test_pages_of_other_sites_are_refused(server):
    for origin in (SITE, "null"):
        problem(server.http.get("/v1/models", headers={"Origin": origin}), 403)
        with pytest.raises(InvalidStatus) as shut:
            connect(server.stream, origin=origin)
        assert shut.value.response.status_code == 403
    assert server.http.get("/v1/models", headers={"Origin": server.url}).status_code == 200
    preflight = {"Origin": SITE, "Access-Control-Request-Method": "POST"}
    answer = server.http.options("/v1/analyze", headers=preflight)
    assert "access-control-allow-origin" not in answer.headers


def test_a_site_can_be_let_in():
    with serving(origins=(SITE,), keys=KEYS) as server:
        preflight = {
            "Origin": SITE,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "Authorization",
        }
        answer = server.http.options("/v1/analyze", headers=preflight)
        assert answer.status_code == 200
        assert answer.headers["access-control-allow-origin"] == SITE
        refused = server.http.get("/v1/models", headers={"Origin": SITE})
        problem(refused, 401)
        assert refused.headers["access-control-allow-origin"] == SITE  # so that a page can read why
        elsewhere = {"Origin": "https://elsewhere.example", "X-API-Key": KEYS[0]}
        problem(server.http.get("/v1/models", headers=elsewhere), 403)


def test_a_fault_tells_no_more_than_that(server, monkeypatch, log):
    def fails(given, wanted):
        raise ZeroDivisionError("secret of talk.wav")

    monkeypatch.setattr(service, "scored", fails)
    answer = server.analyze(("talk.wav", talk()))
    problem(answer, 500)
    assert not re.search(r"secret|ZeroDivision|\.py", answer.text)
    told = [json.loads(line) for line in log.getvalue().splitlines()]
    (fault,) = [line for line in told if line.get("event") == "fault"]
    assert fault["kind"] == "ZeroDivisionError"
    assert any("service.py" in place for place in fault["at"])
    assert "talk.wav" not in log.getvalue()
    assert server.service.bodies.held == server.service.desk.running == 0


def test_the_log_has_a_json_object_a_line_and_no_content(log):
    key = {"X-API-Key": KEYS[0]}
    with serving(keys=KEYS, headers=key) as server:
        server.analyze(("private-name.wav", talk()), ("other-name.wav", b"private words"))
        server.http.get("/v1/private-address?private=query")
        job = server.job(("private-name.wav", talk())).json()["id"]
        server.http.delete(f"/v1/jobs/{job}")
        httpx.get(f"{server.url}/v1/models", headers={"X-API-Key": "private-guess"})
        with connect(f"{server.stream}?model=tiny", additional_headers=key) as line:
            line.send("end")
            list(line)
        with pytest.raises(InvalidStatus):
            connect(f"{server.stream}?private=query", additional_headers=key)
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert all({"time", "level"} < {*line} for line in lines)
    asked = [line for line in lines if line.get("event") == "request"]
    assert ("/v1/analyze", 200) in [(line["route"], line["status"]) for line in asked]
    assert {401, 404} < {line["status"] for line in asked}
    for secret in ("private", "other-name", job, *KEYS):
        assert secret not in log.getvalue()
    assert ("/v1/stream", 101) in [
        (line["route"], line["status"]) for line in lines if line.get("event") == "stream"
    ]
    assert "tiny" not in log.getvalue()
    after = [line for line in lines if "running on" not in line.get("message", "")]
    assert "127.0.0.1" not in str(after)


def test_what_happens_is_counted():
    with serving() as server:
        server.analyze(("a.wav", talk(duration_s=2.4)), ("b.wav", b"no sound"))
        server.analyze(("b.wav", b"no sound"))
        for n in range(3):
            server.http.get(f"/nothing/{n}")
        streamed(server.stream, recording(1))
        told = server.http.get("/metrics")
        assert told.headers["content-type"].startswith("text/plain")
        for line in (
            'requests_total{method="POST",route="/v1/analyze",status="200"} 1.0',
            'requests_total{method="POST",route="/v1/analyze",status="422"} 1.0',
            'requests_total{method="GET",route="other",status="404"} 3.0',
            'requests_total{method="WEBSOCKET",route="/v1/stream",status="101"} 1.0',
            'request_seconds_count{route="/v1/analyze"} 2.0',
            'files_total{outcome="judged"} 1.0',
            'files_total{outcome="failed"} 2.0',
            "streams 0.0",
            "body_bytes 0.0",
            "requests_running 0.0",
        ):
            assert f"speech_emotion_{line}\n" in told.text
        (seconds,) = re.findall(r"sound_seconds_total ([\d.]+)\n", told.text)
        assert float(seconds) == pytest.approx(3.0 + recording(1).size / 16_000)

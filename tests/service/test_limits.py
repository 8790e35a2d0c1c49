"""Each limit does what docs/service.md says, and gives back what was held."""

import gc
import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from ser_core.inputs import Input
from tests.service.server import Running, serving, talk, until
from tests.service.test_analyze import problem

GIGABYTES = 2_000_000_000
HEAD = (
    "POST /v1/analyze HTTP/1.1\r\nHost: {host}\r\n{more}"
    "Content-Type: multipart/form-data; boundary=x\r\n\r\n"
)
PART = '--x\r\nContent-Disposition: form-data; name="files"; filename="a.wav"\r\n\r\n'


def opened(server: Running, more: str) -> socket.socket:
    """A line on which the head of a request has been sent."""
    line = socket.create_connection(server.address, timeout=20)
    line.sendall(HEAD.format(host=server.url.partition("//")[2], more=more).encode())
    return line


def status_of(line: socket.socket) -> int:
    answer = b""
    while piece := line.recv(65536):
        answer += piece
    assert b"application/problem+json" in answer
    return int(answer.split(b" ", 2)[1])


def test_a_body_that_announces_2_gb_is_refused_before_it_is_sent(server):
    with opened(server, f"Content-Length: {GIGABYTES}\r\nExpect: 100-continue\r\n") as line:
        assert status_of(line) == 413  # and no "go on"
    assert server.service.bodies.held == 0


def test_a_body_of_2_gb_without_a_length_is_refused_at_the_limit():
    sent = 0

    def body():
        nonlocal sent
        yield PART.encode()
        while sent < GIGABYTES:
            sent += 65536
            yield bytes(65536)

    with serving(most_bytes=3_000_000) as server:
        form = {"content-type": "multipart/form-data; boundary=x"}
        problem(server.http.post("/v1/analyze", content=body(), headers=form), 413)
        assert server.service.bodies.held == 0
    assert sent < GIGABYTES / 100


def test_a_client_that_stalls_is_sent_away():
    with serving(patience_s=0.3) as server:
        with opened(server, "Content-Length: 100000\r\n") as line:
            line.sendall(PART.encode())
            assert status_of(line) == 408
        assert server.service.bodies.held == 0


def test_a_client_that_trickles_is_sent_away():
    with serving(patience_s=0.5) as server, opened(server, "Content-Length: 100000\r\n") as line:
        line.sendall(PART.encode())
        over = threading.Event()

        def trickle() -> None:
            while not over.wait(0.1):
                line.sendall(b"x")

        with ThreadPoolExecutor() as threads:
            trickling = threads.submit(trickle)
            line.settimeout(20)
            assert b" 408 " in line.recv(100)
            over.set()
            assert trickling.exception() is None or isinstance(trickling.exception(), OSError)


def test_bodies_are_let_go_once_they_are_judged(server):
    sound = talk(duration_s=8.0)
    server.analyze(("a.wav", sound), ("b.wav", b"no sound"))
    server.job(("a.wav", sound))
    until(lambda: server.service.job_desk.running == 0 and server.service.bodies.held == 0)


def test_bodies_together_have_a_limit(gate):
    sound = talk()
    with serving(held_bytes=round(1.5 * len(sound))) as server, ThreadPoolExecutor() as threads:
        first = threads.submit(server.analyze, ("a.wav", sound))
        until(lambda: gate.inside)
        assert server.service.bodies.held >= len(sound)
        refused = server.analyze(("b.wav", sound))
        problem(refused, 503)
        assert int(refused.headers["Retry-After"]) > 0
        gate.open()
        assert first.result().status_code == 200
        assert server.analyze(("b.wav", sound)).status_code == 200


def test_a_full_queue_says_when_to_come_again(gate):
    with serving(queue=1) as server, ThreadPoolExecutor() as threads:
        taken = [threads.submit(server.analyze, (f"{n}.wav", talk(n))) for n in range(2)]
        until(lambda: server.service.desk.waiting == 1)
        refused = server.analyze(("a.wav", talk()))
        assert "full" in problem(refused, 503)["detail"]
        assert int(refused.headers["Retry-After"]) > 0
        assert server.http.get("/health").status_code == 200  # it lives
        assert server.job(("a.wav", talk())).status_code == 202  # jobs have a queue of their own
        with opened(server, f"Content-Length: {len(talk())}\r\n") as line:
            assert status_of(line) == 503  # before the body is sent
        gate.open()
        assert [each.result().status_code for each in taken] == [200, 200]
        assert server.analyze(("a.wav", talk())).status_code == 200


def test_who_closes_the_line_gets_no_work_done(gate):
    with serving() as server:
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(f"{server.url}/v1/analyze", files={"files": talk()}, timeout=0.5)
        until(lambda: gate.inside == 0 and server.service.desk.running == 0)
        assert server.service.bodies.held == 0
        gate.open()
        assert server.analyze(("a.wav", talk())).status_code == 200
        counted = server.http.get("/metrics").text
        assert 'route="/v1/analyze",status="499"} 1.0' in counted


def test_a_body_whose_turn_never_comes_is_let_go(gate):
    def in_memory() -> int:
        gc.collect()
        inputs = [each for each in gc.get_objects() if type(each) is Input]
        return sum(each.content is not None for each in inputs)

    with serving() as server:
        running, waiting = (server.job((name, talk())).json()["id"] for name in ("a", "b"))
        until(lambda: gate.inside)
        assert in_memory() == 2
        server.http.delete(f"/v1/jobs/{waiting}")
        until(lambda: in_memory() == 1)
        assert server.service.bodies.held > 0  # that of the other
        server.http.delete(f"/v1/jobs/{running}")
        until(lambda: in_memory() == server.service.bodies.held == 0)


def test_a_line_that_closes_in_the_middle_of_a_body_leaves_nothing(server):
    with opened(server, "Content-Length: 100000\r\n") as line:
        line.sendall(PART.encode())
        until(lambda: server.service.bodies.held)
    until(lambda: server.service.bodies.held == 0)
    assert server.service.desk.running == 0


def test_long_sounds_are_for_jobs():
    with serving(most_s=2.0) as server:
        long, short = ("long.wav", talk(duration_s=3.0)), ("short.wav", talk(duration_s=1.0))
        assert "longer than 2" in problem(server.analyze(long), 422)["detail"]
        both = server.analyze(long, short).json()
        assert [record["error"] is None for record in both] == [False, True]
        address = server.job(long).headers["Location"]
        until(lambda: server.http.get(address).json()["state"] == "done")
        assert server.http.get(address).json()["results"][0]["error"] is None


def test_a_request_has_so_many_files(server):
    files = [(f"{n}.wav", b"") for n in range(51)]
    assert "50" in problem(server.analyze(*files), 422)["detail"]


def test_one_client_has_a_share(gate):
    with serving(per_client=1) as server, ThreadPoolExecutor() as threads:
        first = threads.submit(server.analyze, ("a.wav", talk()))
        until(lambda: gate.inside)
        refused = server.analyze(("a.wav", talk()))
        problem(refused, 429)
        assert refused.headers["Retry-After"]
        assert server.http.get("/health").status_code == 200
        gate.open()
        assert first.result().status_code == 200
        assert server.analyze(("a.wav", talk())).status_code == 200

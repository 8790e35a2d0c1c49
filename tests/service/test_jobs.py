"""Jobs: queued, followed, cancelled, forgotten."""

import re
import threading

import numpy as np

from ser_core.service import service
from tests.service.server import PATIENCE_S, predicted, serving, talk, until, wav
from tests.service.test_analyze import problem
from tests.voice import silence, voice


def test_a_job_gives_the_answers_of_the_command_line(server, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    files = [("a.wav", talk(1)), ("b.wav", b"no sound")]
    for name, content in files:
        (tmp_path / name).write_bytes(content)
    made = server.job(*files, model="tiny")
    assert made.status_code == 202
    assert re.fullmatch(r"[\w-]{32,}", made.json()["id"])
    address = made.headers["Location"]
    assert address == f"/v1/jobs/{made.json()['id']}"
    until(lambda: server.http.get(address).json()["state"] == "done")
    told = server.http.get(address).json()
    assert told["progress"] == 1.0
    assert told["error"] is None
    assert told["results"] == predicted(capsys, "a.wav", "b.wav", "--model", "tiny")


def test_jobs_are_followed_and_cancelled(gate):
    with serving() as server:
        addresses = [server.job((f"{n}.wav", talk(n))).headers["Location"] for n in range(3)]
        until(lambda: gate.inside)
        states = [server.http.get(address).json() for address in addresses]
        assert [told["state"] for told in states] == ["running", "waiting", "waiting"]
        assert states[0]["results"] is None
        for address in addresses[:2]:  # one that runs, one that waits
            assert server.http.delete(address).status_code == 204
            problem(server.http.get(address), 404)
            problem(server.http.delete(address), 404)
        gate.open()
        until(lambda: server.http.get(addresses[2]).json()["state"] == "done")
        assert server.service.bodies.held == 0


def test_progress_is_the_share_of_the_sound(server, monkeypatch):
    part, go_on, plain = threading.Event(), threading.Event(), service._Told.__call__

    def held(told, share):
        plain(told, share)
        if share > 0.3:
            part.set()
            go_on.wait(PATIENCE_S)

    monkeypatch.setattr(service._Told, "__call__", held)
    address = server.job(("a.wav", talk(duration_s=12.0))).headers["Location"]
    assert part.wait(PATIENCE_S)
    told = server.http.get(address).json()
    assert told["state"] == "running"
    assert 0.3 < told["progress"] < 0.9
    go_on.set()
    until(lambda: server.http.get(address).json()["progress"] == 1.0)


def test_judging_keeps_nobody_waiting(server):
    sound = wav(np.tile(np.concatenate([voice(3.0), silence(1.0)]), 15))
    address, asked = server.job(("long.wav", sound)).headers["Location"], 0
    while server.http.get(address).json()["state"] != "done":
        assert server.http.get("/health").status_code == 200
        asked += 1
    assert asked > 10  # were the event loop held up, the first answer would come at the end


def test_a_result_is_forgotten_after_a_while():
    with serving(kept_s=0.3) as server:
        address = server.job(("a.wav", talk())).headers["Location"]
        until(lambda: server.http.get(address).status_code == 404)
        assert "no longer" in problem(server.http.get(address), 404)["detail"]
        assert len(server.service.jobs) == 0


def test_a_full_queue_of_jobs_says_when_to_come_again(gate):
    with serving(queue=1) as server:
        for n in range(2):
            assert server.job((f"{n}.wav", talk(n))).status_code == 202
        refused = server.job(("a.wav", talk()))
        problem(refused, 503)
        assert int(refused.headers["Retry-After"]) > 0


def test_a_fault_is_the_job_s_own(server, monkeypatch):
    def fails(given, wanted):
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(service, "scored", fails)
    address = server.job(("a.wav", talk())).headers["Location"]
    until(lambda: server.http.get(address).json()["state"] == "failed")
    told = server.http.get(address)
    assert "nobody foresaw" in told.json()["error"]
    assert "secret" not in told.text
    monkeypatch.undo()
    assert server.analyze(("a.wav", talk())).status_code == 200


def test_a_service_that_stops_waits_for_no_job(gate):
    with serving() as server:
        server.job(("a.wav", talk()))
        until(lambda: gate.inside)
    assert gate.inside == 0  # ended, though the gate is shut

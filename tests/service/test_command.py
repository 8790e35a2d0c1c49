"""`serve` and `predict --server`, as they are typed."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import tomllib

import pytest
from packaging.requirements import Requirement

from benchmarks.batch import memory_mb
from ser_core.cli import main
from ser_core.service import client, command, service
from ser_core.service.settings import KEYS
from tests.app import ROOT
from tests.service.server import predicted, serving, talk

KEY = "north-of-the-wall"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Two voices, a file that is none, an empty one, a text."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in").mkdir()
    for name, content in (
        ("a.wav", talk(1)),
        ("b c.wav", talk(2, 7.0)),
        ("bad.wav", b"no sound"),
        ("empty.wav", b""),
        ("grüße „a“.wav", talk(3)),
        ("notes.txt", b"no sound"),
    ):
        (tmp_path / "in" / name).write_bytes(content)
    (tmp_path / "who.csv").write_text("file,speaker\na.wav,anna\nb c.wav,anna\n")
    return tmp_path / "in"


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--timeline", "--format", "csv"],
        ["--format", "json", "--model", "all", "--adapt", "none"],
        ["--format", "json", "--adapt", "session"],
        ["--format", "json", "--speakers", "who.csv"],
        ["--voices", "auto"],
    ],
)
def test_a_service_says_what_the_local_command_says(server, folder, capsys, arguments):
    def said(*more: str) -> tuple[int, str]:
        status = main(["predict", "in", "in/gone.wav", *arguments, *more])
        return status, capsys.readouterr().out

    assert said("--server", server.url) == said()
    assert len(server.service.jobs) == 0  # nothing is left there


@pytest.mark.parametrize("adapt", ["none", "session"])
def test_addresses_are_fetched_here_and_judged_there(server, folder, capsys, adapt):
    memory = pytest.importorskip("fsspec").filesystem("memory")
    memory.put(str(folder / "a.wav"), "/calls/a.wav")
    memory.put(str(folder / "notes.txt"), "/calls/notes.txt")

    def said(*more: str) -> tuple[int, str]:
        asked = ["memory://calls/", "memory://calls/gone.wav", "in/b c.wav", "--adapt", adapt]
        status = main(["predict", *asked, *more])
        return status, capsys.readouterr().out

    assert said("--server", server.url) == said()


def test_a_service_that_is_busy_is_waited_for(folder, capsys, gate):
    with serving(queue=0, headers={}) as server:
        first = server.job(("a.wav", talk()))
        assert first.status_code == 202
        opening = threading.Timer(0.3, gate.open)
        opening.start()
        assert main(["predict", "in/a.wav", "--server", server.url]) == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--server", "http://127.0.0.1:9"], "No service answers"),
        (["--server", "no address"], "No service answers"),
        (["--server", "http://127.0.0.1:9", "--format", "srt"], "leave out --server"),
    ],
)
def test_what_a_service_cannot_do_is_told(folder, capsys, arguments, told):
    assert main(["predict", "in/a.wav", *arguments]) == 2
    assert told in capsys.readouterr().err


def test_a_fault_of_the_service_is_the_error_of_its_file(server, folder, capsys, monkeypatch):
    def fails(given, wanted):
        raise ZeroDivisionError

    monkeypatch.setattr(service, "scored", fails)
    (record,) = predicted(capsys, "in/a.wav", "--server", server.url)
    assert "nobody foresaw" in record["error"]


def test_keys_and_refusals_are_told(folder, capsys, monkeypatch):
    with serving(keys=(KEY,)) as server:
        arguments = ["predict", "in/a.wav", "--server", server.url]
        assert main(arguments) == 2
        assert client.KEY in capsys.readouterr().err
        monkeypatch.setenv(client.KEY, KEY)
        assert main(arguments) == 0
        assert main([*arguments, "--model", "gone"]) == 2
        assert "adapting, tiny" in capsys.readouterr().err


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org"])
def test_it_is_open_to_others_only_where_somebody_said_so(host, monkeypatch, capsys):
    assert main(["serve", "--host", host]) == 2
    assert "--open" in capsys.readouterr().err


@pytest.mark.parametrize("wrong", [["--port", "99999"], ["--port", "x"], ["--queue", "-1"]])
def test_wrong_settings_are_refused(wrong, capsys):
    with pytest.raises(SystemExit):
        main(["serve", *wrong])
    assert wrong[0] in capsys.readouterr().err


def test_settings_that_do_not_go_together_are_told(capsys):
    assert main(["serve", "--held-mb", "10"]) == 2
    assert "--max-mb" in capsys.readouterr().err


def test_a_port_that_is_taken_is_told(server):
    _, port = server.address
    arguments = [sys.executable, "-m", "ser_core", "serve", "--port", str(port)]
    done = subprocess.run(arguments, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode not in (0, None)
    told = [json.loads(line) for line in done.stderr.splitlines()]  # no traceback
    assert any("address already in use" in line.get("message", "") for line in told)


def test_without_the_extra_it_says_how_to_get_it(monkeypatch, capsys):
    monkeypatch.setattr(command, "find_spec", lambda name: None)
    assert main(["serve"]) == 2
    assert "pip install 'speech-emotion[serve]'" in capsys.readouterr().err


def test_a_model_that_is_not_there_is_told(capsys):
    assert main(["serve", "--model", "gone"]) == 2
    assert "adapting, tiny" in capsys.readouterr().err


def test_it_serves_until_it_is_told_to_stop(folder, monkeypatch, capsys):
    environment = os.environ | {KEYS: f"other, {KEY}"}
    arguments = [sys.executable, "-m", "ser_core", "serve", "--port", "0", "--max-mb", "10"]
    with subprocess.Popen(
        arguments, stderr=subprocess.PIPE, text=True, env=environment, cwd=ROOT
    ) as process:
        lines = (json.loads(line)["message"] for line in process.stderr)
        url = next(re.search(r"http://[\d.:]+", line)[0] for line in lines if "running" in line)
        monkeypatch.setenv(client.KEY, KEY)
        here = predicted(capsys, "in")
        there = predicted(capsys, "in", "--server", url)
        assert there == here
        before = memory_mb(process.pid)
        big = folder / "big.wav"
        with big.open("wb") as file:
            file.truncate(50_000_000)
        small, large = predicted(capsys, folder / "a.wav", big, "--server", url)
        assert small["error"] is None  # each file stands for itself
        assert "10\N{NO-BREAK SPACE}MB" in large["error"]
        assert memory_mb(process.pid) < before + 20
        process.send_signal(signal.SIGINT)
        process.stderr.read()
    assert process.returncode in (0, 130)


def test_the_extra_is_what_was_tested():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    bounds = map(Requirement, project["optional-dependencies"]["serve"])
    found = {each.name: each.specifier for each in bounds}
    lines = (ROOT / "requirements-serve.txt").read_text("utf-8").splitlines()
    pinned = dict(line.split("==") for line in lines if "==" in line)
    assert sorted(found) == sorted(pinned)
    for name, specifier in found.items():
        assert f">={pinned[name]}" in str(specifier)
        assert pinned[name] in specifier

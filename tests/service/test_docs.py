"""What docs/service.md shows works as it stands there, and its tables are those of the program."""

import io
import json
import re
import shutil
import subprocess
from contextlib import redirect_stdout

import pytest

from ser_core.cli import build_parser
from ser_core.service.schemas import Asked, problems
from tests.app import ROOT
from tests.films import drawn_face, film_of
from tests.service.server import talk
from tests.voice import voice

TEXT = (ROOT / "docs/service.md").read_text("utf-8")
ADDRESS = "http://127.0.0.1:8000"
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```", TEXT, re.M | re.S)


@pytest.fixture
def here(tmp_path, monkeypatch, server):
    monkeypatch.chdir(tmp_path)
    for nth, name in enumerate(("talk.m4a", "talk.wav", "meeting.wav", "hour.m4a")):
        (tmp_path / name).write_bytes(talk(nth))
    (tmp_path / "film.mp4").write_bytes(film_of([drawn_face()] * 20, voice(2.0)))
    monkeypatch.setenv("SER_WORDS_DIR", str(tmp_path))  # which holds no Whisper
    return server


def of(kind: str) -> list[str]:
    return [code for each, code in BLOCKS if each == kind]


@pytest.mark.parametrize("nth", range(2))
def test_the_clients_in_python_run(here, nth):
    code = of("python")[nth].replace(ADDRESS, here.url)
    code = code.replace(ADDRESS.replace("http", "ws"), here.url.replace("http", "ws"))
    said = io.StringIO()
    with redirect_stdout(said):
        exec(compile(code, "service.md", "exec"), {})
    assert re.search(r"\b(sounds|mixed|not_sure|[a-z]+)\n$", said.getvalue())


def test_the_lines_with_curl_run(here):
    curl = shutil.which("curl") or pytest.skip("curl is not installed")
    lines = [line for code in of("") for line in code.splitlines() if line.startswith("curl")]
    assert len(lines) == 8
    job = None
    for line in lines:
        line = line.partition("  #")[0].replace(ADDRESS, here.url).replace("kX3...", job or "")
        command = f"{curl} -sS -w '\n%{{http_code}}' {line.removeprefix('curl')}"
        done = subprocess.run(command, shell=True, capture_output=True, text=True, check=True)
        expected = ("501",) if "words=" in line else ("200", "202", "204")
        assert done.stdout.rpartition("\n")[2] in expected
        if found := re.search(r"(?i)^location: /v1/jobs/(\S+)", done.stdout, re.M):
            job = found[1]
    assert job


def test_what_is_shown_in_json_is_json():
    for code in of("json"):
        json.loads(code)


def test_every_setting_is_explained_with_its_default():
    parser = build_parser()
    (commands,) = (each for each in parser._actions if each.choices and "serve" in each.choices)
    serve = commands.choices["serve"]
    rows = dict(re.findall(r"^\| `(--[a-z-]+)[^|]*\| ([^|]*) \|", TEXT, re.M))
    actions = {each.option_strings[-1]: each.default for each in serve._actions}
    assert {*rows} == {*actions} - {"--help", "--port"}
    for name, told in rows.items():
        if re.match(r"\d+$", told):
            assert int(told) == actions[name], name


def test_every_option_address_and_status_is_explained(server):
    for name in Asked.model_fields:
        assert f"| `{name}` |" in TEXT
    paths = server.http.get("/openapi.json").json()["paths"]
    for path, methods in paths.items():
        for method in methods:
            assert f"`{method.upper()} {path.replace('job_id', 'id')}`" in TEXT
    for status in problems(404, 408, 413, 415, 422, 501, 503):
        assert str(status) in TEXT.partition("## Errors")[2].partition("## Behind")[0]

"""Files over HTTP get the command line's answers, and every error is a problem+json."""

import tempfile

import numpy as np
import pytest

from ser_core.reports.records import failed_record, model_record
from ser_core.service.schemas import Answer, Installed
from tests.service.server import predicted, talk, wav
from tests.voice import deep_and_high, silence, voice

PROBLEM = "application/problem+json"


@pytest.fixture
def files(tmp_path, monkeypatch):
    """Two voices and a text, in a folder where the command line finds them, too."""
    monkeypatch.chdir(tmp_path)
    given = [("one.wav", talk(1, 2.5)), ("no sound.wav", b"no sound"), ("two.wav", talk(2))]
    for name, content in given:
        (tmp_path / name).write_bytes(content)
    return given


def problem(answer, status: int) -> dict:
    assert answer.status_code == status
    assert answer.headers["content-type"] == PROBLEM
    told = answer.json()
    assert told["status"] == status
    assert told["type"] == "about:blank"
    assert told["title"]
    assert "Traceback" not in answer.text
    return told


@pytest.mark.parametrize(
    ("asked", "arguments"),
    [
        ({}, []),
        ({"model": "tiny"}, ["--model", "tiny"]),
        ({"model": "all", "adapt": "none"}, ["--model", "all", "--adapt", "none"]),
        ({"adapt": "session"}, ["--adapt", "session"]),
    ],
)
def test_files_get_the_answers_of_the_command_line(server, files, capsys, asked, arguments):
    answer = server.analyze(*files, **asked)
    assert answer.status_code == 200
    names = [name for name, _ in files]
    assert answer.json() == predicted(capsys, *names, *arguments)
    errors = {record["file"]: record["error"] for record in answer.json()}
    assert "not audio" in errors["no sound.wav"]
    assert errors["one.wav"] is errors["two.wav"] is None  # a bad file takes no other with it


def test_channels_and_voices_are_those_of_the_command_line(server, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    both = np.stack([voice(2.0), voice(2.0, seed=4)], axis=1)
    given = {"call.wav": wav(both), "talk.wav": wav(deep_and_high(2, 2.0))}
    for name, content in given.items():
        (tmp_path / name).write_bytes(content)
    each = server.analyze(("call.wav", given["call.wav"]), channels="each").json()
    assert each == predicted(capsys, "call.wav", "--channels", "each")
    assert [record["channel"] for record in each] == [1, 2]
    apart = server.analyze(("talk.wav", given["talk.wav"]), voices=2).json()
    assert apart == predicted(capsys, "talk.wav", "--voices", "2")
    assert apart[0]["voices"]


def test_segments_can_be_left_out(server):
    whole, brief = (server.analyze(("a.wav", talk()), timeline=t).json() for t in (True, False))
    assert whole[0]["segments"]
    assert brief == [whole[0] | {"segments": []}]


def test_the_only_file_that_is_bad_is_the_answer(server):
    told = problem(server.analyze(("a.wav", b"no sound")), 422)
    assert "a.wav is not audio" in told["detail"]
    assert told["results"][0]["error"] == told["detail"]
    assert "0 bytes" in problem(server.analyze(("a.wav", b"")), 422)["detail"]


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ({"adapt": "x"}, "adapt"),
        ({"track": 0}, "track"),
        ({"voices": 99}, "voices"),
        ({"model": "gone"}, "gone"),
        ({"modle": "tiny"}, "modle"),
        ({"voices": 2, "adapt": "session"}, "voices"),
    ],
)
def test_wrong_options_are_named(server, asked, name):
    assert name in problem(server.analyze(("a.wav", talk()), **asked), 422)["detail"]


def test_what_is_no_request_is_told(server):
    problem(server.http.get("/v1/nothing"), 404)
    wrong = server.http.put("/v1/analyze")
    problem(wrong, 405)
    assert wrong.headers["allow"] == "POST"
    problem(server.http.post("/v1/analyze", content=talk()), 415)
    problem(server.http.post("/v1/analyze", files={"files": (None, "a field")}), 422)
    form = {"content-type": "multipart/form-data; boundary=x"}
    problem(server.http.post("/v1/analyze", content=b"no form", headers=form), 422)
    no_boundary = {"content-type": "multipart/form-data"}
    problem(server.http.post("/v1/analyze", content=b"", headers=no_boundary), 422)


def test_nothing_is_written_to_a_disk(server, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere")
    sound = wav(np.concatenate([voice(2.0), silence(100.0)]))
    assert len(sound) > 3_000_000  # beyond what frameworks keep in memory
    assert server.analyze(("a.wav", sound)).json()[0]["error"] is None


def test_models_are_told_as_on_the_command_line(server):
    found = server.http.get("/v1/models").json()
    assert [each["model"] for each in found] == ["adapting", "tiny"]
    bundles = server.service.shelf.bundles()
    assert found == [model_record(bundle) for bundle in bundles]
    assert {*Installed.model_fields} == {*found[0]}


def test_openapi_tells_what_comes(server):
    told = server.http.get("/openapi.json").json()
    assert {"/v1/analyze", "/v1/jobs", "/v1/jobs/{job_id}", "/v1/models"} < {*told["paths"]}
    answers = told["paths"]["/v1/analyze"]["post"]["responses"]
    assert {"200", "401", "403", "408", "413", "415", "422", "429", "500", "501", "503"} == {
        *answers
    }
    assert PROBLEM in answers["413"]["content"]
    assert {*Answer.model_fields} == {*failed_record("", "", "")}
    for schema in told["components"]["schemas"].values():
        for plain, *others in [schema["examples"]] if "examples" in schema else []:
            assert {*plain} == {*schema["properties"]}
            assert all({*plain} < {*other} for other in others)
    for example in told["components"]["schemas"]["Answer"]["examples"]:
        Answer.model_validate(example)
    used = {line.split('"')[0] for line in str(told).split("#/components/schemas/")[1:]}
    assert {name.split("'")[0] for name in used} <= {*told["components"]["schemas"]}


def test_it_lives_and_is_ready(server, monkeypatch):
    assert server.http.get("/health").json() == {"status": "ok"}
    assert server.http.get("/ready").status_code == 200
    monkeypatch.setattr(server.service, "ready", False)
    assert "Retry-After" in server.http.get("/ready").headers
    problem(server.http.get("/ready"), 503)

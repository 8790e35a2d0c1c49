"""Words and faces over HTTP are those of the command line, and nobody else waits for them."""

import pytest

from ser_core.cli import main
from ser_core.corpora.index.reading import clip_path, load_index
from ser_core.errors import WordsError
from ser_core.service import service
from ser_core.service.schemas import EXAMPLES, Extra
from ser_core.words import weights
from tests.corpus import require_ravdess, require_words
from tests.films import drawn_face, film_of
from tests.service.server import predicted, serving, talk, until
from tests.service.spoken import LANGUAGE, Writer
from tests.service.test_analyze import problem
from tests.voice import voice


@pytest.fixture
def film():
    return "film.mp4", film_of([drawn_face()] * 20, voice(2.0))


@pytest.fixture
def writer(monkeypatch):
    """In the place of Whisper."""
    found = Writer()
    monkeypatch.setattr(weights, "missing", lambda: "")
    monkeypatch.setattr(service.transcriber, "load", lambda: found)
    yield found
    found.open.set()


def done(server, made) -> list[dict]:
    """What came of a job."""
    address = made.headers["Location"]
    until(lambda: server.http.get(address).json()["state"] in ("done", "failed"))
    return server.http.get(address).json()["results"]


def test_words_are_those_of_the_command_line(server, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("SER_WORDS_DIR", str(require_words()))
    clip = clip_path("ravdess", load_index("ravdess")["clip"][0], require_ravdess())
    (tmp_path / "talk.wav").write_bytes(clip.read_bytes())
    monkeypatch.chdir(tmp_path)
    here = predicted(capsys, "talk.wav", "--words", "en")
    answer = server.http.post(
        "/v1/analyze",
        files={"files": ("talk.wav", clip.read_bytes())},
        params={"words": "en"},
        timeout=None,  # it takes what it takes where others compute, too
    )
    assert answer.json() == here
    assert "talking by the door" in here[0]["utterances"][0]["text"].lower()
    there = predicted(capsys, "talk.wav", "--words", "en", "--server", server.url)
    assert there == here
    assert main(["predict", "talk.wav", "--words", "xx", "--server", server.url]) == 2
    assert "no language 'xx'" in capsys.readouterr().err


def test_faces_are_those_of_the_command_line(server, film, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    files = [film, ("talk.wav", talk())]
    for name, content in files:
        (tmp_path / name).write_bytes(content)
    here = predicted(capsys, "film.mp4", "talk.wav", "--face")
    assert server.analyze(*files, face=True).json() == here
    assert done(server, server.job(*files, face=True)) == here
    assert predicted(capsys, "film.mp4", "talk.wav", "--face", "--server", server.url) == here
    assert here[0]["face"]["seen_share"] == 1
    assert "no moving pictures" in here[1]["warnings"][-1]


def test_examples_have_the_fields_of_an_answer(server, film, writer):
    def fields(record: dict) -> list[set[str]]:
        face = record["face"]
        inner = (record["segments"], record["segments"][0]["words"], record["utterances"])
        return [{*each} for each in (record, face, face["looks"][0], *(part[0] for part in inner))]

    (record,) = server.analyze(film, words="auto", face=True).json()
    assert fields(record) == fields(EXAMPLES["Answer"][1])


def test_what_is_missing_is_told_with_how_to_get_it(server, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("SER_WORDS_DIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.wav").write_bytes(talk())
    why = weights.missing()
    assert why
    for answer in (server.analyze(("a.wav", talk()), words="en"), server.job(words="auto")):
        assert problem(answer, 501)["detail"] == f"This service writes down no words. {why}"
    told = server.http.get("/v1/extras").json()
    assert told == [{"option": "words", "error": why}, {"option": "face", "error": None}]
    assert main(["predict", "a.wav", "--words", "en", "--server", server.url]) == 2
    assert why in capsys.readouterr().err
    assert server.service.bodies.held == 0


def test_a_model_that_cannot_be_read_is_told_as_well(server, writer, monkeypatch):
    def load():
        raise WordsError("The folder holds no model that faster-whisper reads. Fetch it again.")

    monkeypatch.setattr(service.transcriber, "load", load)
    refused = problem(server.analyze(("a.wav", talk()), words=LANGUAGE), 501)
    assert "holds no model that faster-whisper reads" in refused["detail"]


def test_what_is_there_is_told(server, writer):
    told = [Extra.model_validate(each) for each in server.http.get("/v1/extras").json()]
    assert [each.error for each in told] == [None, None]


@pytest.mark.parametrize(
    ("asked", "name"), [({"words": ""}, "words"), ({"words": "xx"}, "xx"), ({"face": "x"}, "face")]
)
def test_wrong_wishes_are_named(server, writer, asked, name):
    assert name in problem(server.analyze(("a.wav", talk()), **asked), 422)["detail"]


def test_whoever_wants_no_words_does_not_wait_for_them(writer):
    writer.open.clear()
    with serving(queue=1) as server:
        first, second = (server.job((f"{n}.wav", talk(n)), words=LANGUAGE) for n in range(2))
        until(lambda: writer.inside)
        assert server.service.slow_desk.waiting == 1
        refused = server.analyze(("a.wav", talk()), words=LANGUAGE)
        assert "Retry-After" in refused.headers
        problem(refused, 503)
        assert server.analyze(("a.wav", talk())).status_code == 200
        assert done(server, server.job(("a.wav", talk())))[0]["error"] is None
        told = server.http.get("/metrics").text
        assert "speech_emotion_slow_running 1.0" in told
        assert "speech_emotion_slow_waiting 1.0" in told
        assert writer.inside == 1  # one at a time
        server.http.delete(first.headers["Location"])  # ends in the middle of its words
        writer.open.set()
        assert done(server, second)[0]["utterances"][0]["text"] == "Gut."
        until(lambda: server.service.slow_desk.running == server.service.bodies.held == 0)


def test_a_service_that_stops_waits_for_no_words(writer):
    writer.open.clear()
    with serving() as server:
        server.job(("a.wav", talk()), words=LANGUAGE)
        until(lambda: writer.inside)
    assert writer.inside == 0  # ended, though it may not write

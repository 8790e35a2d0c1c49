"""Files behind addresses: judged like files, and what goes wrong is one line of one file."""

import json
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pandas as pd
import pytest
import soundfile as sf

pytest.importorskip("fsspec")
pytest.importorskip("aiohttp")

import fsspec

import ser_core
from ser_core import remote
from ser_core.analysis.analyser import Adapt
from ser_core.bundles.store import ModelStore
from ser_core.cli import main
from ser_core.errors import AudioError, SerError
from ser_core.inputs import Input, Voices
from ser_core.scoring import Wanted, scored
from tests.bundles import make_bundle
from tests.voice import RATE_HZ, voice


class Server(SimpleHTTPRequestHandler):
    """A folder by HTTP, which counts what it is asked for and has an answer or two of its own."""

    def do_GET(self):
        self.server.asked.append(self.path)
        if self.path.startswith("/silent"):
            self.server.over.wait(60)
        elif self.path.startswith("/closed"):
            self.send_error(403, "Members only")
        elif self.path.startswith("/cut"):
            self.send_response(200)
            self.send_header("Content-Length", "5000")
            self.end_headers()
            self.wfile.write(b"RIFF")
        else:
            super().do_GET()

    def do_HEAD(self):
        if self.path.startswith("/silent"):
            self.server.over.wait(60)
        elif self.path.startswith(("/closed", "/cut")):
            self.send_error(405)
        else:
            super().do_HEAD()

    def log_message(self, *_):
        """Stay quiet."""


@pytest.fixture
def site(tmp_path, monkeypatch):
    """Two sounds and a text, by HTTP; gives the server, whose address is its `url`."""
    make_bundle(tmp_path / "models", "quick")
    monkeypatch.setenv("SER_MODELS_DIR", str(tmp_path / "models"))
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "site"
    folder.mkdir()
    for nth, name in enumerate(("one.wav", "two.flac")):
        sf.write(folder / name, voice(1.5, seed=nth), RATE_HZ)
    (folder / "notes.txt").write_text("no sound")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Server, directory=folder)) as http:
        http.daemon_threads = True
        http.asked, http.url = [], f"http://127.0.0.1:{http.server_port}"
        http.over = threading.Event()
        threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True).start()
        yield http
        http.over.set()
        http.shutdown()


def predicted(capsys, *arguments: str) -> tuple[int, list[dict]]:
    status = main(["predict", *arguments, "--format", "json"])
    return status, json.loads(capsys.readouterr().out)


def test_an_address_is_judged_like_the_file(site, capsys):
    status, (here,) = predicted(capsys, "site/one.wav")
    assert status == 0
    status, (there,) = predicted(capsys, f"{site.url}/one.wav?signed=secret")
    assert status == 0
    assert there | {"file": ""} == here | {"file": ""}
    assert there["file"] == f"{site.url}/one.wav?signed=secret"


def test_what_goes_wrong_is_told_and_the_others_still_come(site, capsys, monkeypatch):
    monkeypatch.setattr(remote, "MOST_BYTES", 60_000)
    sf.write("site/long.wav", voice(4.0), RATE_HZ)
    monkeypatch.setattr(remote, "_SILENCE_S", 0.5)
    names = ("gone.wav", "closed.wav?signed=secret", "cut.wav", "long.wav", "one.wav", "silent.wav")
    nobody = "http://127.0.0.1:9/x.wav"
    status, records = predicted(capsys, *(f"{site.url}/{name}" for name in names), nobody)
    errors = [record["error"] for record in records]
    assert status == 1
    assert errors[0] == "gone.wav cannot be fetched (404 File not found). Check the address."
    assert errors[1] == "closed.wav cannot be fetched (403 Members only). Check the address."
    assert errors[2].startswith("cut.wav cannot be fetched (")
    assert errors[3].startswith("long.wav has more than ")
    assert errors[4] is None
    assert errors[5] == "silent.wav cannot be fetched (the server is silent). Check the address."
    assert errors[6].startswith("x.wav cannot be fetched (Cannot connect to host 127.0.0.1:9")
    assert not any("\n" in error for error in errors if error)


def test_a_file_that_hides_its_size_is_not_fetched_without_end(site, monkeypatch):
    monkeypatch.setattr(remote, "MOST_BYTES", 1000)
    memory = fsspec.filesystem("memory")
    memory.pipe("/sounds/long.wav", b"x" * 5000)
    monkeypatch.setattr("fsspec.implementations.memory.MemoryFile.size", 0, raising=False)
    with pytest.raises(AudioError, match="more than"):
        remote.content_of("memory://sounds/long.wav")


def test_a_batch_takes_folders_and_tables_of_addresses_and_goes_on(site, capsys, tmp_path):
    table = tmp_path / "list.csv"
    table.write_text(f"file\n{site.url}/one.wav\n{site.url}/gone.wav\nsite/two.flac\n")
    inputs = [f"{site.url}/", str(table)]
    assert main(["batch", *inputs, "--out", "out", "--jobs", "1"]) == 1
    rows = pd.read_parquet("out/parts").set_index("file")
    assert set(rows.index) == {
        *(f"{site.url}/{name}" for name in ("one.wav", "two.flac", "notes.txt", "gone.wav")),
        str(tmp_path / "site/two.flac"),
    }
    assert rows.answer[f"{site.url}/notes.txt"] == "left_out"
    assert "404 File not found" in rows.error[f"{site.url}/gone.wav"]
    same = ["sha256", "bytes", "duration_s", "answer"]
    there, here = rows.loc[f"{site.url}/two.flac"], rows.loc[str(tmp_path / "site/two.flac")]
    assert there[same].tolist() == here[same].tolist()
    assert "/notes.txt" not in site.asked

    sf.write("site/gone.wav", voice(1.5), RATE_HZ)
    site.asked.clear()
    assert main(["batch", *inputs, "--out", "out", "--jobs", "1", "--retry"]) == 0
    assert {path for path in site.asked if path.endswith((".wav", ".flac"))} == {"/gone.wav"}
    assert json.loads((tmp_path / "out/summary.json").read_text())["failed"] == 0


def test_speakers_are_found_behind_addresses(site, capsys):
    with open("who.csv", "w") as table:
        table.write(f"file,speaker\n{site.url}/one.wav,anna\ntwo.flac,anna\n")
    status, records = predicted(capsys, f"{site.url}/", "--speakers", "who.csv")
    assert (status, len(records)) == (0, 3)


def test_any_storage_that_fsspec_knows_is_read(site, capsys):
    memory = fsspec.filesystem("memory")
    memory.put("site/one.wav", "/bucket/a/one.wav")
    memory.put("site/two.flac", "/bucket/b/two.flac")
    status, records = predicted(capsys, "memory://bucket/")
    assert [record["file"] for record in records] == [
        "memory:///bucket/a/one.wav",
        "memory:///bucket/b/two.flac",
    ]
    assert predicted(capsys, "memory://bucket/*/*.flac")[1] == records[1:]
    assert status == 0
    model = ser_core.load("quick")
    assert model.predict("memory://bucket/a/one.wav") == model.predict("site/one.wav")
    assert model.converse("memory://bucket/a/one.wav", voices=1).timelines.keys() == {"A"}
    (error,) = model.predict_batch(["memory://bucket/gone.wav"])
    assert isinstance(error, AudioError)


def test_annotations_are_named_after_the_file_not_its_signature(site, tmp_path, capsys):
    (tmp_path / "out").mkdir()
    address = f"{site.url}/one.wav?signed=a.b/c.d"
    assert main(["predict", address, "--format", "srt", "--out", "out"]) == 0
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["one.srt"]


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("memory://nothing/here/", "cannot be listed (there is no such file)"),
        ("memory://nothing/*.wav", "holds no files"),
        ("nosuch://bucket/x.wav", "no address that can be read"),
        ("http://127.0.0.1:9/folder/", "cannot be listed (Cannot connect to host 127.0.0.1:9"),
    ],
)
def test_a_wrong_address_is_one_line(site, capsys, address, told):
    assert main(["predict", address]) == 2
    error = capsys.readouterr().err
    assert told in error
    assert error.count("\n") == 1


@pytest.mark.parametrize("missing", ["fsspec", "fsspec.core", "aiohttp"])
def test_without_the_extra_it_is_told_how_to_get_it(site, capsys, monkeypatch, missing):
    monkeypatch.setitem(sys.modules, missing, None)
    if missing == "fsspec":
        monkeypatch.delitem(sys.modules, "fsspec.core")
    assert main(["predict", f"{site.url}/one.wav"]) == 2
    error = capsys.readouterr().err
    assert error == (
        f"{site.url}/one.wav needs an extra. Install it: pip install 'speech-emotion[remote]'\n"
    )
    with pytest.raises(SerError, match=r"\[remote\]"):
        ser_core.load("quick").predict(f"{site.url}/one.wav")
    assert predicted(capsys, "site/one.wav")[0] == 0


def test_what_is_brought_is_never_taken_for_an_address(site):
    """The app and the service hand over bytes with a visitor's name for them."""
    wanted = Wanted([ModelStore().load("quick")], Voices(Adapt.FILE, {}))
    brought = Input(Path(f"{site.url}/one.wav"), content=Path("site/two.flac").read_bytes())
    (found,) = scored(brought, wanted)
    assert found.timeline == ser_core.load("quick").predict("site/two.flac")
    ser_core.decode(brought.content, f"{site.url}/one.wav")
    assert site.asked == []


@pytest.mark.parametrize("name", ["talk.wav", "C:/talk.wav", "C://talk.wav", "a b://x", "://x", ""])
def test_names_of_files_are_no_addresses(name):
    assert not remote.is_address(name)

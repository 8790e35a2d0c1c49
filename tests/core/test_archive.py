"""Downloads from a local server: whole, broken off, altered; archives not to be trusted."""

import dataclasses
import hashlib
import io
import re
import stat
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from ser_core import corpora
from ser_core.corpora import archive
from ser_core.corpora.archive import download, fetch, unpack
from ser_core.errors import CorpusError

CONTENT = {"Actor_01/a.wav": b"sound" * 50_000, "Actor_02/b.wav": bytes(range(256)) * 900}


def zipped(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as bundle:
        for name, content in members.items():
            bundle.writestr(name, content)
    return buffer.getvalue()


class Server(BaseHTTPRequestHandler):
    """Serves one file with ranges; `cut` bytes are sent before the connection drops."""

    content = b""
    cut: int | None = None
    ranges = True
    asked: list[str]

    def do_GET(self):
        wanted = self.headers.get("Range", "")
        self.asked.append(wanted)
        match = re.fullmatch(r"bytes=(\d+)-", wanted) if self.ranges else None
        start = int(match[1]) if match else 0
        body = self.content[start:]
        self.send_response(206 if match else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: self.cut])

    def log_message(self, *_):
        """Stay quiet."""


@pytest.fixture
def server():
    handler = type("Handler", (Server,), {"content": zipped(CONTENT), "asked": []})
    http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    handler.url = f"http://127.0.0.1:{http.server_port}/archive.zip"
    yield handler
    http.shutdown()
    http.server_close()
    thread.join()


@pytest.fixture
def info(server):
    return dataclasses.replace(
        corpora.get("ravdess").info,
        url=server.url,
        archive="archive.zip",
        bytes=len(server.content),
        md5=hashlib.md5(server.content).hexdigest(),
    )


@pytest.fixture
def corpus(info, monkeypatch):
    fake = dataclasses.replace(corpora.get("ravdess"), info=info)
    monkeypatch.setattr(archive, "get", lambda name: fake)
    return fake


def test_a_corpus_is_fetched_unpacked_and_tidied(corpus, tmp_path):
    steps = []
    root = download("ravdess", tmp_path / "new" / "ravdess", lambda *step: steps.append(step))
    files = {p.relative_to(root).as_posix(): p.read_bytes() for p in root.rglob("*.*")}
    assert files == CONTENT
    assert steps[-1] == (corpus.info.bytes, corpus.info.bytes)
    assert steps == sorted(steps)


def test_a_broken_download_goes_on_where_it_stopped(server, info, tmp_path):
    server.cut = 100_000
    with pytest.raises(CorpusError, match="what has arrived is kept"):
        fetch(info, tmp_path)
    part = (tmp_path / "archive.zip.part").stat().st_size
    assert 0 < part <= 100_000
    server.cut = None
    assert fetch(info, tmp_path).read_bytes() == server.content
    assert server.asked == ["", f"bytes={part}-"]


def test_a_server_without_ranges_sends_everything_again(server, info, tmp_path):
    server.ranges = False
    (tmp_path / "archive.zip.part").write_bytes(b"rubbish")
    assert fetch(info, tmp_path).read_bytes() == server.content


def test_a_wrong_checksum_leaves_nothing_behind(server, info, tmp_path):
    server.content = server.content[:-1] + b"x"
    with pytest.raises(CorpusError, match="wrong checksum"):
        fetch(info, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def unlisted(info, monkeypatch):
    """A corpus whose archive has neither a published size nor a checksum."""
    unlisted = dataclasses.replace(info, bytes=None, md5=None)
    fake = dataclasses.replace(corpora.get("ravdess"), info=unlisted)
    monkeypatch.setattr(archive, "get", lambda name: fake)
    return unlisted


def test_without_a_published_checksum_a_warning_says_so(unlisted, tmp_path, caplog):
    steps = []
    root = download("ravdess", tmp_path, lambda *step: steps.append(step))
    assert "No checksum of archive.zip is published" in caplog.text
    assert {p.relative_to(root).as_posix() for p in root.rglob("*.*")} == set(CONTENT)
    assert steps[-1][0] == steps[-1][1]  # the server told the size


def test_without_a_published_size_a_broken_download_is_noticed_and_goes_on(
    server, unlisted, tmp_path
):
    server.cut = 100_000
    with pytest.raises(CorpusError, match="what has arrived is kept"):
        fetch(unlisted, tmp_path)
    server.cut = None
    assert fetch(unlisted, tmp_path).read_bytes() == server.content
    assert len(server.asked) == 2


def test_without_a_published_size_there_is_a_largest_one(unlisted, tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "_MAX_BYTES", 1000)
    with pytest.raises(CorpusError, match="Do not trust"):
        fetch(unlisted, tmp_path)


def test_a_damaged_archive_without_checksum_does_not_stay(server, unlisted, tmp_path):
    whole, server.content = server.content, server.content[:5000]
    with pytest.raises(CorpusError, match="not a readable zip"):
        download("ravdess", tmp_path)
    server.content = whole
    download("ravdess", tmp_path)
    assert (tmp_path / "Actor_01/a.wav").read_bytes() == CONTENT["Actor_01/a.wav"]


def test_no_network_is_told_with_the_way_out(info, tmp_path):
    nowhere = dataclasses.replace(info, url="http://127.0.0.1:9/archive.zip")
    with pytest.raises(CorpusError, match="Check the network"):
        fetch(nowhere, tmp_path)


def test_a_missing_page_is_told(server, info, tmp_path, monkeypatch):
    monkeypatch.setattr(server, "do_GET", lambda self: self.send_error(404))
    with pytest.raises(CorpusError, match="HTTPError"):
        fetch(info, tmp_path)


def test_a_full_disk_is_told(corpus, tmp_path, monkeypatch):
    usage = type("Usage", (), {"free": 1000})()
    monkeypatch.setattr(archive.shutil, "disk_usage", lambda _: usage)
    with pytest.raises(CorpusError, match="is full"):
        download("ravdess", tmp_path)


@pytest.mark.parametrize(
    "name", ["../evil.wav", "Actor_01/../../evil.wav", "/tmp/evil.wav", "C:/evil.wav"]
)
def test_no_member_is_written_outside(tmp_path, name):
    file = tmp_path / "bad.zip"
    file.write_bytes(zipped({"Actor_01/fine.wav": b"x", name: b"x"}))
    root = tmp_path / "in" / "side"
    root.mkdir(parents=True)
    with pytest.raises(CorpusError, match="do not trust"):
        unpack(file, root)
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == [file]


def test_links_are_refused(tmp_path):
    link = zipfile.ZipInfo("Actor_01/link.wav")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    file = tmp_path / "bad.zip"
    with zipfile.ZipFile(file, "w") as bundle:
        bundle.writestr(link, "/etc/passwd")
    with pytest.raises(CorpusError, match="link"):
        unpack(file, tmp_path)


def test_a_decompression_bomb_is_refused(tmp_path):
    file = tmp_path / "bad.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr("Actor_01/huge.wav", bytes(5_000_000))
    with pytest.raises(CorpusError, match="Do not trust"):
        unpack(file, tmp_path)
    assert list(tmp_path.iterdir()) == [file]


def test_a_damaged_archive_is_told(tmp_path):
    file = tmp_path / "bad.zip"
    file.write_bytes(zipped(CONTENT)[:5000])
    with pytest.raises(CorpusError, match="not a readable zip"):
        unpack(file, tmp_path)

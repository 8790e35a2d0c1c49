"""Downloads from a local server: whole, broken off, altered; archives not to be trusted."""

import dataclasses
import errno
import hashlib
import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from ser_core.corpora import registry as corpora
from ser_core.corpora.fetch import archive
from ser_core.corpora.fetch.archive import arrived, download, fetch
from ser_core.errors import CancelledError, CorpusError
from tests.archives import CONTENT, serving, zipped


@pytest.fixture
def server():
    with serving(zipped(CONTENT)) as handler:
        yield handler


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


def test_what_is_here_of_an_archive_is_known(server, info, tmp_path):
    assert arrived(info, tmp_path / "nowhere") == 0
    part = tmp_path / "archive.zip.part"
    part.write_bytes(bytes(1234))
    assert arrived(info, tmp_path) == 1234
    part.write_bytes(bytes(info.bytes + 1))  # of another archive: it is not gone on with
    assert arrived(info, tmp_path) == 0
    (tmp_path / "archive.zip").write_bytes(server.content)
    assert arrived(info, tmp_path) == info.bytes


def test_a_cancelled_download_goes_on_from_the_same_byte(server, info, tmp_path):
    def cancel(done, _):
        if done >= 100_000:
            raise CancelledError("Enough.")

    with pytest.raises(CancelledError):
        fetch(info, tmp_path, cancel)
    part = (tmp_path / "archive.zip.part").read_bytes()
    assert 100_000 <= len(part) < info.bytes
    assert part == server.content[: len(part)]
    assert fetch(info, tmp_path).read_bytes() == server.content
    assert server.asked == ["", f"bytes={len(part)}-"]


@pytest.mark.parametrize("cut", [0, 131_072], ids=["at once", "in the middle"])
def test_a_server_that_falls_silent_counts_as_gone(server, info, tmp_path, monkeypatch, cut):
    monkeypatch.setattr("ser_core.download._SILENCE_S", 0.2)
    server.cut, server.silence = cut, threading.Event()
    with pytest.raises(CorpusError, match="what has arrived is kept"):
        fetch(info, tmp_path)
    server.silence.set()
    assert arrived(info, tmp_path) == cut


def test_a_download_that_was_cancelled_after_its_last_byte_asks_for_nothing(server, info, tmp_path):
    def cancel(done, total):
        if done == total:
            raise CancelledError

    with pytest.raises(CancelledError):
        fetch(info, tmp_path, cancel)
    assert arrived(info, tmp_path) == info.bytes
    assert fetch(info, tmp_path).read_bytes() == server.content
    assert len(server.asked) == 1


def test_a_part_that_is_longer_than_the_archive_is_thrown_away(server, info, tmp_path):
    (tmp_path / "archive.zip.part").write_bytes(bytes(info.bytes + 1))
    assert fetch(info, tmp_path).read_bytes() == server.content
    assert server.asked == [""]


def test_an_archive_that_became_shorter_is_asked_for_anew(server, unlisted, tmp_path, monkeypatch):
    (tmp_path / "archive.zip.part").write_bytes(bytes(len(server.content) + 5))
    serve = server.do_GET

    def refuse_what_is_beyond(self):
        wanted = self.headers.get("Range", "")
        self.send_error(416) if wanted else serve(self)

    monkeypatch.setattr(server, "do_GET", refuse_what_is_beyond)
    with pytest.raises(CorpusError, match="answered “416"):
        fetch(unlisted, tmp_path)
    assert fetch(unlisted, tmp_path).read_bytes() == server.content


def test_a_server_that_sends_too_much_is_not_trusted(server, info, tmp_path):
    short = dataclasses.replace(info, bytes=info.bytes - 100_000)
    with pytest.raises(CorpusError, match="Do not trust"):
        fetch(short, tmp_path)
    assert arrived(short, tmp_path) == 0


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
    """A corpus whose archive has neither a published size nor any checksum."""
    unlisted = dataclasses.replace(info, bytes=None, md5=None, checksummed=False)
    fake = dataclasses.replace(corpora.get("ravdess"), info=unlisted)
    monkeypatch.setattr(archive, "get", lambda name: fake)
    return unlisted


def test_without_a_published_checksum_a_warning_says_so(unlisted, tmp_path, caplog):
    steps = []
    root = download("ravdess", tmp_path, lambda *step: steps.append(step))
    assert "No checksum of archive.zip is published" in caplog.text
    assert {p.relative_to(root).as_posix() for p in root.rglob("*.*")} == set(CONTENT)
    assert steps[-1][0] == steps[-1][1]  # the server told the size


def test_without_a_published_size_a_broken_download_goes_on(server, unlisted, tmp_path):
    server.cut = 100_000
    with pytest.raises(CorpusError, match="what has arrived is kept"):
        fetch(unlisted, tmp_path)
    server.cut = None
    assert fetch(unlisted, tmp_path).read_bytes() == server.content
    assert len(server.asked) == 2


def test_without_a_published_size_there_is_a_largest_one(unlisted, tmp_path, monkeypatch):
    monkeypatch.setattr("ser_core.download._MAX_BYTES", 1000)
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
    with pytest.raises(CorpusError, match="answered “404 Not Found”"):
        fetch(info, tmp_path)


def test_a_full_disk_is_told(corpus, tmp_path, monkeypatch):
    usage = type("Usage", (), {"free": 1000})()
    monkeypatch.setattr(archive.shutil, "disk_usage", lambda _: usage)
    with pytest.raises(CorpusError, match="is full"):
        download("ravdess", tmp_path)


class FullDisk:
    """A file on a disk that fills up."""

    def __init__(self, file):
        self._file = file

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._file.close()

    def write(self, content):
        if self._file.tell() > 60_000:
            raise OSError(errno.ENOSPC, "No space left on device")
        return self._file.write(content)


@pytest.mark.parametrize("suffix", [".part", ".wav"], ids=["downloading", "unpacking"])
def test_a_disk_that_fills_up_is_told_and_what_came_is_kept(corpus, tmp_path, monkeypatch, suffix):
    opened = Path.open

    def full(self, mode="r", *rest):
        file = opened(self, mode, *rest)
        return FullDisk(file) if self.suffix == suffix else file

    monkeypatch.setattr(archive, "_PIECE_BYTES", 50_000)
    with monkeypatch.context() as while_full:
        while_full.setattr(Path, "open", full)
        with pytest.raises(CorpusError, match=r"disk is full.*is kept"):
            download("ravdess", tmp_path)
    assert arrived(corpus.info, tmp_path) > 60_000
    assert not list(tmp_path.rglob("*.wav"))
    download("ravdess", tmp_path)
    assert (tmp_path / "Actor_01/a.wav").read_bytes() == CONTENT["Actor_01/a.wav"]


_FETCH = """
import dataclasses, json, sys
from pathlib import Path
from ser_core.corpora import registry
from ser_core.corpora.fetch import archive
from ser_core.errors import CancelledError, CorpusError
corpus = registry.get("ravdess")
info = dataclasses.replace(corpus.info, archive="archive.zip", **json.loads(sys.argv[1]))
archive.get = lambda name: dataclasses.replace(corpus, info=info)
try:
    archive.download("ravdess", Path(sys.argv[2]), lambda *_: print("going", flush=True))
    print("done")
except CorpusError as error:
    print(error)
"""


def test_two_processes_do_not_fetch_into_one_folder(server, info, tmp_path):
    server.cut, server.silence = 131_072, threading.Event()
    settings = json.dumps({"url": info.url, "bytes": info.bytes, "md5": info.md5})
    command = [sys.executable, "-c", _FETCH, settings, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout.readline() == "going\n"  # it holds the folder, the server is silent
        second = subprocess.run(command, capture_output=True, text=True, check=True)
        assert "Another program is filling" in second.stdout
        server.cut = None
        server.silence.set()
        first.communicate()
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.endswith("done\n")
    assert (tmp_path / "Actor_01/a.wav").read_bytes() == CONTENT["Actor_01/a.wav"]


def test_a_place_that_cannot_be_written_is_told_without_the_whole_path(corpus, tmp_path):
    (tmp_path / "data").write_bytes(b"a file, not a folder")
    with pytest.raises(CorpusError, match=r"data/ravdess cannot be written.*SER_DATA_DIR") as told:
        download("ravdess", tmp_path / "data" / "ravdess")
    assert str(tmp_path) not in str(told.value)


def test_cancelling_while_unpacking_keeps_the_archive_alone(server, corpus, tmp_path):
    def cancel(done, total):
        assert total == sum(map(len, CONTENT.values()))
        if done > len(CONTENT["Actor_01/a.wav"]):
            raise CancelledError("Enough.")

    with pytest.raises(CancelledError):
        download("ravdess", tmp_path, unpacking=cancel)
    assert [p.name for p in tmp_path.iterdir()] == ["archive.zip"]
    download("ravdess", tmp_path)
    assert {p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*.*")} == set(CONTENT)
    assert len(server.asked) == 1

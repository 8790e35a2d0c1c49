"""The page's download and check of a corpus: offered, watched, cancelled, for the whole server."""

import dataclasses
import hashlib
import io
import threading
import zipfile

import pandas as pd
import pytest

from pages.shared.dataset import corpus_fetch
from pages.shared.ui.background import Job
from ser_core.corpora import published
from ser_core.corpora import registry as corpora
from ser_core.corpora.fetch.verification import Verification
from ser_core.errors import CorpusError
from tests.archives import serving
from tests.corpus import make_corpus
from tests.pages.demo import told
from tests.pages.map_page import explorer, keys

FINE = Verification(1440, (), (), (), ())
MB = "\N{NO-BREAK SPACE}MB"


def test_fetching_shows_progress_and_then_the_recordings(folder, monkeypatch):
    reported, arrive = threading.Event(), threading.Event()
    started = []

    def download(name, root, progress, unpacking):
        started.append(name)
        progress(50_000_000, 200_000_000)
        reported.set()
        arrive.wait(20)
        unpacking(1, 4)
        return root

    monkeypatch.setattr(corpus_fetch.archive, "download", download)
    monkeypatch.setattr(corpus_fetch, "verify", lambda *_, **__: FINE)
    at = explorer()
    at.button(key="fetch").click()
    at.run()
    assert reported.wait(20)
    other = explorer()  # another visitor sees the same
    assert "fetch" not in keys(other)
    assert "fetch-cancel" in keys(other)
    assert "50 of 200 MB" in other.get("progress")[0].proto.text
    job = corpus_fetch.fetch_of("ravdess")
    job.start()  # a second click changes nothing
    arrive.set()
    job.wait(20)
    assert job.error is None
    assert started == ["ravdess"]
    assert job.progress == (0.25, f"Unpacking, 25{MB[0]}%")


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (CorpusError("It could not be fetched. Check the network."), "Check the network."),
        (RuntimeError("secret path"), "the server’s log says why"),
    ],
    ids=["expected", "unexpected"],
)
def test_a_failed_fetch_is_explained_and_may_be_repeated(folder, monkeypatch, error, message):
    def download(*_):
        raise error

    monkeypatch.setattr(corpus_fetch.archive, "download", download)
    at = explorer()
    at.button(key="fetch").click().run()
    corpus_fetch.fetch_of("ravdess").wait(20)
    at.run()
    assert message in told(at.error)[0]
    assert "secret" not in told(at.error)[0]
    assert at.button(key="fetch")


def test_a_fetched_corpus_with_altered_files_is_refused_and_the_finding_kept(folder, monkeypatch):
    bad = Verification(1439, ("Actor_01/x.wav",), (), (), ())
    monkeypatch.setattr(corpus_fetch.archive, "download", lambda name, root, *_: root)
    monkeypatch.setattr(corpus_fetch, "verify", lambda *_, **__: bad)
    job = corpus_fetch.fetch_of("ravdess")
    job.start()
    job.wait(20)
    assert "1 recording missing" in job.error
    assert corpus_fetch.check_of("ravdess").result == bad


def test_what_an_earlier_attempt_left_is_named_on_the_button(folder):
    folder.mkdir(parents=True)
    with (folder / "Audio_Speech_Actors_01-24.zip.part").open("wb") as part:
        part.truncate(50_000_000)
    assert explorer().button(key="fetch").label == f"Go on, 50 of 208{MB} are here"
    other = folder.with_name("emodb")
    other.mkdir()
    with (other / "download.zip.part").open("wb") as part:
        part.truncate(7_000_000)
    health = explorer(corpus="emodb", part="Health")
    assert health.button(key="fetch-health").label == f"Go on, 7{MB} are here"


def test_a_download_of_unknown_size_shows_how_much_has_come(folder, monkeypatch):
    def download(name, root, progress, unpacking):
        progress(7_000_000, 0)
        return root

    monkeypatch.setattr(corpus_fetch.archive, "download", download)
    monkeypatch.setattr(corpus_fetch, "verify", lambda *_, **__: FINE)
    job = corpus_fetch.fetch_of("emodb")
    job.start()
    job.wait(20)
    assert job.error is None
    assert job.progress == (0.0, "Fetching the recordings, 7\N{NO-BREAK SPACE}MB so far")


# from a local server


@pytest.fixture
def served(folder, monkeypatch, tmp_path):
    """A server with the archive of a made-up corpus of two actors, which the page takes for it."""
    made = make_corpus(tmp_path / "made", (1, 2))
    files = {f"{f.parent.name}/{f.name}": f.read_bytes() for f in made.glob("*/*.wav")}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as bundle:
        for name, content in files.items():
            bundle.writestr(name, content)
    index = corpora_index(files)
    monkeypatch.setattr(published, "INDEXES_DIR", tmp_path / "indexes")
    (tmp_path / "indexes").mkdir()
    index.to_parquet(tmp_path / "indexes" / "ravdess.parquet")
    with serving(buffer.getvalue()) as server:
        real = corpora.get("ravdess")
        info = dataclasses.replace(
            real.info,
            url=server.url,
            bytes=len(server.content),
            md5=hashlib.md5(server.content).hexdigest(),
        )
        fake = dataclasses.replace(real, info=info)
        monkeypatch.setitem(corpora._CORPORA, "ravdess", fake)
        yield server


def corpora_index(files: dict[str, bytes]) -> pd.DataFrame:
    index = pd.read_parquet(published.INDEXES_DIR / "ravdess.parquet")
    index = index[index["path"].isin(files)].reset_index(drop=True)
    return index.assign(sha256=[hashlib.sha256(files[path]).hexdigest() for path in index["path"]])


def test_one_click_brings_the_sound(served, folder):
    at = explorer()
    assert not at.get("audio")
    at.button(key="fetch").click().run()
    job = corpus_fetch.fetch_of("ravdess")
    job.wait(20)
    at.run()
    assert (job.error, job.result.checked) == (None, 16)
    assert len(at.get("audio")) == 1
    assert "fetch" not in keys(at)
    assert {p.suffix for p in folder.rglob("*") if p.is_file()} == {".wav"}


def test_cancelled_on_the_page_it_goes_on_from_the_same_byte(served, folder, monkeypatch):
    monkeypatch.setattr("ser_core.download._SILENCE_S", 60)
    served.cut, served.silence = 131_072, threading.Event()
    at = explorer()
    at.button(key="fetch").click().run()
    part = folder / "Audio_Speech_Actors_01-24.zip.part"
    job = corpus_fetch.fetch_of("ravdess")
    while job.running and job.progress[0] == 0:
        threading.Event().wait(0.01)
    at.run()
    at.button(key="fetch-cancel").click().run()
    served.silence.set()  # until then the download waits, however slow the page is
    job.wait(20)
    at.run()
    assert at.info[0].value == "Stopped. What has arrived is kept."
    assert at.button(key="fetch").label.startswith("Go on, ")
    have = part.stat().st_size
    assert have == 131_072
    served.cut = None
    at.button(key="fetch").click().run()
    job.wait(20)
    assert job.error is None
    assert served.asked == ["", f"bytes={have}-"]
    assert len(explorer().get("audio")) == 1


def test_after_a_broken_connection_the_page_offers_to_go_on(served, folder):
    served.cut = 131_072
    at = explorer()
    at.button(key="fetch").click().run()
    corpus_fetch.fetch_of("ravdess").wait(20)
    at.run()
    assert "the connection to 127.0.0.1 failed" in told(at.error)[0]
    assert str(folder) not in told(at.error)[0]
    assert at.button(key="fetch").label.startswith("Go on, ")


def test_a_wrong_checksum_is_told_on_the_page(served, folder):
    served.content = served.content[:-1] + b"x"
    at = explorer()
    at.button(key="fetch").click().run()
    corpus_fetch.fetch_of("ravdess").wait(20)
    at.run()
    assert "has a wrong checksum, so it was thrown away. Fetch it again" in told(at.error)[0]
    assert at.button(key="fetch").label.startswith("Fetch ")
    assert not list(folder.rglob("*.*"))


# the work behind it


def test_a_job_that_is_cancelled_while_it_checks_keeps_its_last_result(folder, monkeypatch):
    monkeypatch.setattr(corpus_fetch, "_CHECK_REST_S", 0.0)
    make_corpus(folder, (1, 2))
    job = corpus_fetch.check_of("ravdess")
    job.start()
    job.wait(20)
    first, when = job.result, job.ended_at
    assert first.checked == 16
    seen = []

    def stop(share, text):
        seen.append(text)
        job._cancel.set()

    real = job._report
    job._report = lambda share, text: (real(share, text), stop(share, text))
    job.start()
    job.wait(20)
    assert job.cancelled
    assert len(seen) == 1
    assert (job.result, job.ended_at) == (first, when)


def test_a_job_rests_after_it_came_to_its_end():
    runs = []
    job = Job("job", runs.append, "failed", rest_s=60.0)
    for _ in range(2):  # the second press comes too early
        job.start()
        job.wait(20)
    assert job.resting
    assert len(runs) == 1
    job.ended_at -= 60.0
    job.start()
    job.wait(20)
    assert len(runs) == 2


def test_a_job_that_fails_can_be_started_again():
    attempts = []

    def work(report):
        attempts.append(1)
        if len(attempts) == 1:
            raise CorpusError("Not yet.")
        return "done"

    job = Job("test", work, "It failed.")
    job.start()
    job.wait(20)
    assert (job.error, job.result) == ("Not yet.", None)
    job.start()
    job.wait(20)
    assert (job.error, job.result, job.cancelled) == (None, "done", False)


def test_a_server_can_keep_downloads_to_itself(folder, monkeypatch):
    monkeypatch.setenv("SER_FETCH", "off")
    at = explorer()
    assert "fetch" not in [button.key for button in at.button]
    assert "python -m train download ravdess" in " ".join(
        element.proto.body for element in at.get("html")
    )

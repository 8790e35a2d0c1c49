"""The page's download of a corpus: offered, watched, failed, for the whole server."""

import threading

import pytest

from pages.shared import corpus_fetch
from ser_core.corpora.verify import Verification
from ser_core.errors import CorpusError
from tests.pages.demo import told
from tests.pages.test_dataset_explorer import explorer, healthy

pytestmark = pytest.mark.usefixtures("fresh_caches")


@pytest.fixture
def no_sound(monkeypatch, tmp_path):
    monkeypatch.setenv("SER_DATA_DIR", str(tmp_path / "data"))


def test_fetching_shows_progress_and_then_the_recordings(no_sound, monkeypatch):
    reported, arrive = threading.Event(), threading.Event()

    def download(name, root, progress):
        progress(50_000_000, 200_000_000)
        reported.set()
        arrive.wait(20)
        return root

    fine = Verification(1440, (), (), (), ())
    monkeypatch.setattr(corpus_fetch.archive, "download", download)
    monkeypatch.setattr(corpus_fetch, "verify", lambda *_, **__: fine)
    at = explorer()
    at.button(key="fetch").click()
    at.run()
    assert reported.wait(20)
    at.run()
    assert healthy(at)
    assert not [b for b in at.button if b.key == "fetch"]
    assert "50 of 200 MB" in at.get("progress")[0].proto.text
    fetch = corpus_fetch.fetch_of("ravdess")
    fetch.start()  # a second visitor's click changes nothing
    arrive.set()
    fetch._thread.join(20)
    assert fetch.error is None


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (CorpusError("It could not be fetched. Check the network."), "Check the network."),
        (RuntimeError("secret path"), "the server's log says why"),
    ],
    ids=["expected", "unexpected"],
)
def test_a_failed_fetch_is_explained_and_may_be_repeated(no_sound, monkeypatch, error, message):
    def download(*_):
        raise error

    monkeypatch.setattr(corpus_fetch.archive, "download", download)
    at = explorer()
    at.button(key="fetch").click().run()
    corpus_fetch.fetch_of("ravdess")._thread.join(20)
    at.run()
    assert healthy(at)
    assert message in told(at.error)[0]
    assert "secret" not in told(at.error)[0]
    assert at.button(key="fetch")


def test_a_fetched_corpus_with_altered_files_is_refused(no_sound, monkeypatch):
    bad = Verification(1439, ("Actor_01/x.wav",), (), (), ())
    monkeypatch.setattr(corpus_fetch.archive, "download", lambda name, root, progress: root)
    monkeypatch.setattr(corpus_fetch, "verify", lambda *_, **__: bad)
    fetch = corpus_fetch.Fetch("ravdess")
    fetch.start()
    fetch._thread.join(20)
    assert "1 recording missing" in fetch.error

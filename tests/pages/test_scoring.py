"""A visitor's files are scored beside the page: each is told when it is done, and any may stop."""

import gc
import threading
import time
from itertools import count

import pytest
from streamlit.proto.Common_pb2 import FileURLs
from streamlit.runtime.uploaded_file_manager import UploadedFile, UploadedFileRec

from pages.shared.live import scoring as scoring_module
from pages.shared.live.scoring import Scoring
from pages.shared.live.tasks import Failed, Task
from pages.shared.ui.background import Turns
from ser_core.analysis.result import Result
from ser_core.decoding.decode import decode
from ser_core.errors import ModelError
from tests.pages.demo import SPOKEN, demo, files, html, press, scored, wav
from tests.voice import voice

pytestmark = pytest.mark.usefixtures("two_models")
LONG = wav(voice(6.0))
_ids = count()


def a_file(name: str, content: bytes = SPOKEN) -> UploadedFile:
    return UploadedFile(UploadedFileRec(f"{name}-{next(_ids)}", name, "", content), FileURLs())


class Reading:
    """Stands before the decoder: it counts, and holds a file called "long.wav" until let go."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.reached, self.let_go = threading.Event(), threading.Event()

    def __call__(self, content, name, **wanted):
        self.names.append(name)
        if name == "long.wav":
            self.reached.set()
            assert self.let_go.wait(60)
        return decode(content, name, **wanted)


@pytest.fixture
def reading(monkeypatch):
    made = Reading()
    monkeypatch.setattr(scoring_module, "decode", made)
    yield made
    made.let_go.set()


def uploaded(*named: tuple[str, bytes]):
    at = demo("Upload")
    at.file_uploader[0].set_value([(name, content, "audio/wav") for name, content in named])
    return at.run()


def labels(at) -> list[str]:
    return [button.label for button in at.button]


def test_what_is_known_is_shown_while_a_long_file_is_scored(browser, reading):
    at = uploaded(("long.wav", LONG), ("bad.txt", b"text"), ("short.wav", SPOKEN))
    assert reading.reached.wait(60)
    at.run()
    long, bad, short = files(at)
    assert long == "long.wav Reading"
    assert bad.startswith("bad.txt bad.txt is not audio.")
    assert short.startswith("short.wav Sounds angry")
    assert "Good enough to judge" in html(at)  # the result of the short one, to be explored
    assert "Cancel" in labels(at)
    reading.let_go.set()
    assert files(scored(at))[0].startswith("long.wav Sounds angry")
    assert "Cancel" not in labels(at)
    assert "short.wav" in html(at).split("Files")[1]  # what is being explored stays
    assert reading.names == ["bad.txt", "short.wav", "long.wav"]


def test_cancelled_what_is_done_stays_and_the_rest_goes_on(browser, reading):
    at = uploaded(("long.wav", LONG), ("short.wav", SPOKEN))
    assert reading.reached.wait(60)
    press(at.run(), "Cancel")
    long, short = files(at)
    assert long == "long.wav Cancelled"
    assert short.startswith("short.wav Sounds angry")
    reading.let_go.set()
    press(at, "Go on")
    assert files(scored(at))[0].startswith("long.wav Sounds angry")
    assert reading.names.count("short.wav") == 1


def test_a_single_file_can_be_cancelled(browser, reading):
    at = uploaded(("long.wav", LONG))
    assert reading.reached.wait(60)
    press(at.run(), "Cancel")
    assert files(at) == ["long.wav Cancelled"]
    reading.let_go.set()
    press(at, "Go on")
    assert "Sounds angry" in html(scored(at))


def test_what_failed_may_be_tried_again(browser, monkeypatch):
    model = scoring_module.cache.model

    def broken(name):
        raise ModelError("The model is being exchanged. Try again.")

    monkeypatch.setattr(scoring_module.cache, "model", broken)
    at = scored(uploaded(("a.wav", SPOKEN), ("bad.txt", b"text")))
    assert "The model is being exchanged." in files(at)[0]
    monkeypatch.setattr(scoring_module.cache, "model", model)
    press(at, "Try again")
    first, second = files(scored(at))
    assert first.startswith("a.wav Sounds angry")
    assert second.startswith("bad.txt bad.txt is not audio.")
    assert "Try again" not in labels(at)  # no trying makes a text audio


def test_a_fault_that_nobody_foresaw_is_told_and_the_next_file_scored(monkeypatch):
    def broken(content, name, **wanted):
        if name == "a.wav":
            raise RuntimeError("a fault")
        return decode(content, name, **wanted)

    monkeypatch.setattr(scoring_module, "decode", broken)
    tasks = [Task(a_file(name), "angry") for name in ("a.wav", "b.wav")]
    scoring = Scoring()
    scoring.want(tasks)
    scoring.wait(60)
    first, second = (scoring[task.key].found for task in tasks)
    assert isinstance(first, Failed)
    assert first.message.startswith("The file could not be scored")
    assert isinstance(second, Result)


def test_a_file_that_was_taken_off_is_scored_no_further(reading):
    long, short = (Task(a_file(name), "angry") for name in ("long.wav", "short.wav"))
    scoring = Scoring()
    scoring.want([long, short])
    assert reading.reached.wait(60)
    assert scoring.want([short]) == set()
    assert list(scoring) == [short.key]
    assert scoring.active
    reading.let_go.set()
    scoring.wait(60)
    assert isinstance(scoring[short.key].found, Result)
    assert list(scoring) == [short.key]


def test_another_model_reads_nothing_again_and_loses_no_answer(reading):
    file = a_file("a.wav")
    angry, sad = Task(file, "angry"), Task(file, "sad")
    scoring = Scoring()
    for task in (angry, sad, angry):
        scoring.want([task])
        scoring.wait(60)
        assert scoring[task.key].found.timeline.verdict.emotion == task.model
    assert reading.names == ["a.wav"]
    assert scoring.kept_s == 4.0  # one sound, two answers
    assert scoring[sad.key].found.clip is scoring[angry.key].found.clip
    scoring.want([])
    assert not scoring
    assert scoring.kept_s == 0


def test_the_work_ends_with_the_session(reading):
    tasks = [Task(a_file(name), "angry") for name in ("long.wav", "short.wav")]
    scoring = Scoring()
    scoring.want(tasks)
    assert reading.reached.wait(60)
    (thread,) = (t for t in threading.enumerate() if t.name == "A file's scoring")
    del scoring
    gc.collect()
    reading.let_go.set()
    thread.join(60)
    assert not thread.is_alive()
    assert reading.names == ["long.wav"]


def test_turns_are_bounded_and_taken_in_order():
    turns, order, at_once = Turns(1), [], []
    working = 0

    def work(name: str) -> None:
        nonlocal working
        for _ in range(3):
            with turns.turn():
                working += 1
                at_once.append(working)
                order.append(name)
                working -= 1

    with turns.turn():
        threads = []
        for name in "abc":
            threads.append(threading.Thread(target=work, args=(name,)))
            threads[-1].start()
            while len(turns._waiting) < len(threads):
                time.sleep(0.001)
        turns_before = list(order)
    for thread in threads:
        thread.join(10)
    assert turns_before == []
    assert order[:3] == ["a", "b", "c"]
    assert sorted(order) == sorted("abc" * 3)
    assert set(at_once) == {1}


def test_a_long_turn_lets_those_who_wait_go_first():
    turns, order = Turns(1), []

    def short() -> None:
        with turns.turn():
            order.append("short")

    with turns.turn():
        thread = threading.Thread(target=short)
        thread.start()
        while not turns._waiting:
            time.sleep(0.001)
        turns.let_others()
        order.append("long")
    thread.join(10)
    assert order == ["short", "long"]

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

pytest.importorskip("tqdm")

from benchmarks import live_sessions
from benchmarks.live_client import Seen
from benchmarks.live_sessions import main
from benchmarks.page import BenchmarkError
from ser_core.bundles.store import ModelStore

IN_BUFFER_S = 0.3  # what a receiver holds back when the sound ends


@pytest.mark.measures
def test_a_visitor_is_heard_and_answered(tmp_path, monkeypatch, capsys):
    if not ModelStore().names():
        pytest.skip("needs a model: python -m train fit mlp")
    monkeypatch.setenv("SER_DATA_DIR", str(tmp_path))  # made-up voices, on every machine
    assert main(["--sessions", "1", "--seconds", "8", "--json"]) == 0
    outcome = json.loads(capsys.readouterr().out)
    (met,) = outcome["sessions"]
    assert outcome["sound"] == "made-up voice"
    assert met["problems"] == []
    assert met["whole"]
    assert met["sent_s"] > 8
    assert met["sent_s"] - IN_BUFFER_S < met["heard_s"] <= met["sent_s"]
    assert met["told_lost_s"] == 0
    assert met["clock_s"] > 8
    assert "Speech" in met["states"]
    assert met["answers"] >= 1
    if Path("/proc/self/stat").exists():
        assert outcome["server_cpu_percent"] > 0
        assert len(outcome["memory_mb"]) == 3


def test_a_folder_without_recordings_is_told(tmp_path, capsys):
    assert main(["--sessions", "1", "--clips", str(tmp_path)]) == 1
    assert "No recording in" in capsys.readouterr().err


def test_no_app_is_told(capsys):
    assert main(["--sessions", "1", "--url", "http://127.0.0.1:9"]) == 1
    assert "No app answers at http://127.0.0.1:9" in capsys.readouterr().err


def test_an_unknown_model_is_told(capsys):
    assert main(["--sessions", "1", "--model", "none"]) == 1
    assert "none" in capsys.readouterr().err


def test_a_visitor_for_whom_the_app_is_too_busy_is_a_figure(monkeypatch, capsys):
    class Busy:
        """Stands for visitors of an app that has time for one of two."""

        started = 0

        def __init__(self, *_):
            self.seen, self.voice = Seen(clock_s=3), SimpleNamespace(sent_s=4.0)
            self.page = SimpleNamespace(turns_s=[], failures=[])
            self.sent_s = self.heard_s = 4.0

        async def start(self):
            Busy.started += 1
            if Busy.started > 1:
                raise BenchmarkError("No running clock within 60 s.")

        def forget_warm_up(self):
            pass

        async def stop(self):
            pass

        leave = stop

    monkeypatch.setattr(live_sessions, "Visitor", Busy)
    monkeypatch.setattr(live_sessions, "WARM_UP_S", 0.0)
    arguments = ["--sessions", "2", "--seconds", "1", "--url", "http://127.0.0.1:9"]
    assert main(arguments) == 0
    told = capsys.readouterr().out
    assert "1 of 2 sessions came from Start to the result, 0 were told that it is full" in told
    assert "Session 2: No running clock within 60 s." in told


@pytest.mark.skipif(not ModelStore().names(), reason="needs a model: python -m train fit mlp")
def test_a_visitor_for_whom_there_is_no_place_is_counted(monkeypatch, capsys):
    monkeypatch.setenv("SER_LIVE_SESSIONS", "1")
    monkeypatch.setattr(live_sessions, "WARM_UP_S", 0.0)
    assert main(["--sessions", "2", "--seconds", "1", "--json"]) == 0
    first, second = json.loads(capsys.readouterr().out)["sessions"]
    assert [met["whole"] for met in (first, second)] == [True, False]
    assert [met["refused"] for met in (first, second)] == [False, True]
    assert second["problems"] == ["The page says that it is full."]

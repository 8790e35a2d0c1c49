import json
import re
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

pytest.importorskip("tqdm")
pytest.importorskip("playwright")

from benchmarks import addresses, batch, fuzz, live_latency, page_load, pages, service, upload
from benchmarks.inference import main
from benchmarks.live_browser import Watched
from benchmarks.page import BenchmarkError
from benchmarks.process import peak_mb
from ser_core.bundles.model import EmotionModel
from ser_core.bundles.store import ModelStore
from ser_core.decoding.decode import decode
from tests.bundles import make_bundle
from tests.corpus import require, require_ravdess
from tests.voice import voice
from train.config import configure

ROOT = Path(__file__).parents[1]
NUMBER = re.compile(r"\d+(\.\d+)?")


def columns(text: str) -> list[list[str]]:
    """Cells of a table of aligned columns."""
    return [re.split(r"  +", line.strip()) for line in text.splitlines()]


def cells(text: str) -> list[list[str]]:
    return [[c.strip() for c in s.strip("|").split("|")] for s in text.splitlines() if "|" in s]


@pytest.mark.measures
def test_every_bundle_has_a_line_of_numbers(tmp_path, capsys):
    make_bundle(tmp_path, "one")
    make_bundle(tmp_path, "two", kind="statistics")
    assert main(["--models", str(tmp_path), "--windows", "2", "--markdown"]) == 0
    text = capsys.readouterr().out
    header, _, *lines = cells(text)
    assert header[0] == "model"
    assert [line[0] for line in lines] == ["one", "two"]
    for line in lines:
        assert len(line) == len(header)
        assert all(NUMBER.fullmatch(cell) for cell in line[1:-1])
        assert line[-1] == "–"  # nothing that Keras could build
    assert "3 s, 2 windows, one thread" in text
    assert "Python 3" in text


@pytest.mark.measures
def test_a_network_is_timed_beside_keras(tmp_path, capsys):
    pytest.importorskip("tensorflow")
    make_bundle(tmp_path, "mlp", kind="statistics", recipe=asdict(configure("mlp")))
    assert main(["--models", str(tmp_path), "--windows", "1"]) == 0
    header, _, line, *_ = capsys.readouterr().out.splitlines()
    assert header.split()[0] == "model"
    assert all(NUMBER.fullmatch(cell) for cell in line.split()[1:])
    assert len(line.split()) == 9


def test_a_damaged_bundle_is_told_in_a_sentence(tmp_path, capsys):
    (make_bundle(tmp_path, "tiny") / "model.onnx").write_bytes(b"")
    assert main(["--models", str(tmp_path), "--windows", "1"]) == 1
    assert "model.onnx of 'tiny' was altered" in capsys.readouterr().err


def test_no_bundle_is_told(tmp_path, capsys):
    assert main(["--models", str(tmp_path)]) == 1
    assert "train fit" in capsys.readouterr().err


def test_memory_is_of_the_process_itself_not_of_its_parent():
    held = np.ones(25_000_000)  # 200 MB
    code = "import numpy; from benchmarks.process import peak_mb; print(peak_mb())"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert 20 < float(done.stdout) < peak_mb() - 100
    assert held.nbytes == 200_000_000


@pytest.mark.parametrize("form", ["wav", "flac", "mp3", "m4a", "webm", "opus"])
def test_a_long_file_holds_the_same_sound_in_each_format(form, tmp_path):
    spoken = voice(2.0)
    upload.encode(tmp_path / f"long.{form}", upload.recording([spoken], 3.0, room=0.001))
    found = decode(tmp_path / f"long.{form}").clip.samples
    lag = np.correlate(found[:32_000], spoken[4_000:24_000], "full").argmax() - 23_999
    assert abs(lag) <= 16  # 1 ms
    assert found.size == pytest.approx(48_000, abs=320)


@pytest.mark.measures
def test_a_long_file_is_measured_in_each_format(tmp_path, capsys):
    make_bundle(tmp_path, "tiny")
    asked = ["--models", str(tmp_path), "--minutes", "0.2", "--formats", "wav", "m4a", "opus"]
    assert upload.main([*asked, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["minutes"] == 0.2
    for measured in found["models"]["tiny"].values():
        assert measured["duration_s"] == pytest.approx(12, abs=0.1)
        assert measured["segments"] > 0
        peaks = [measured[stage] for stage in ("loaded_mb", "decoded_mb", "drawn_mb")]
        assert peaks == pytest.approx(sorted(peaks), abs=1)  # the kernel counts in batches
        assert peaks[0] > 0
    assert upload.main([*asked[:-2], "--markdown"]) == 0
    header, _, line = cells(capsys.readouterr().out)
    assert (header[0], *line[:2]) == ("model", "tiny", "wav")
    *numbers, off_ms = line[2:]
    assert all(NUMBER.fullmatch(cell) for cell in numbers)
    assert off_ms == "0, 0"  # the first file is compared with itself


@pytest.mark.measures
def test_odd_addresses_are_tried_one_batch_after_another(monkeypatch, capsys):
    if not ModelStore().names():
        pytest.skip("needs a model: python -m train fit mlp")
    monkeypatch.setattr(addresses, "_BATCH", 1)
    assert addresses.main(["--pages", "3", "--jobs", "1"]) == 0
    assert "3 odd addresses and as many times odd values" in capsys.readouterr().out


@pytest.mark.measures
def test_a_batch_is_measured_with_what_sizes_are_planned_with(capsys):
    require("ravdess")
    asked = ["--files", "6", "--sample", "2", "--kills", "0", "--joined", "2"]
    assert batch.main([*asked, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [found[way]["rows"] for way in ("alone", "one", "all")] == [2, 2, 6]
    assert found["mean_s"] == pytest.approx(8.4, abs=0.2)
    assert min(found[name] for name in ("core_s", "hand_out_ms", "worker_mb", "row_bytes")) > 0
    assert batch.main(asked) == 0
    assert "of a core a file" in capsys.readouterr().out


@pytest.mark.measures
def test_a_service_is_asked_by_many_and_refuses_by_503_alone(monkeypatch, capsys):
    require_ravdess()
    if not ModelStore().names():
        pytest.skip("needs a model: python -m train fit mlp")
    monkeypatch.setattr(service, "_SPEECH_S", 5.0)
    asked = ["--clients", "8", "--seconds", "3", "--queue", "1", "--streams", "2", "--json"]
    assert service.main(asked) == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found["statuses"]) == {"200", "503"}
    for times_s in ("took_s", "health_s", "delay_s"):
        assert 0 < found[times_s][0] <= found[times_s][1]
    assert found["start_mb"] < found["peak_mb"] < found["warm_mb"] + 200


def test_damaged_files_are_tried_and_counted(capsys):
    assert fuzz.main(["--files", "60", "--jobs", "1"]) == 0
    counts, memory = capsys.readouterr().out.splitlines()
    tried = re.match(r"(\d+) files: 0 tracebacks, 0 hangs, 0 answers", counts)
    assert int(tried[1]) > 60  # and the files that claim very much
    assert re.match(r"Peak memory \d+ MB; slowest \d+\.\d\d s \(.+\)\.", memory)


def test_own_recordings_are_repeated_with_pauses(tmp_path, capsys):
    sf.write(tmp_path / "word.wav", voice(2.0), 16_000)
    parts = list(upload.recording(upload._phrases(None, tmp_path), 5.0))
    assert sum(part.size for part in parts) == 5 * 16_000
    assert len(upload._phrases(tmp_path / "word.wav", None)) == 1
    (tmp_path / "word.wav").unlink()
    assert upload.main(["--folder", str(tmp_path)]) == 1
    assert "no sound file" in capsys.readouterr().err


def test_an_unknown_model_is_told(tmp_path, capsys):
    make_bundle(tmp_path, "tiny")
    assert upload.main(["--models", str(tmp_path), "--model", "huge"]) == 1
    assert "no model 'huge'" in capsys.readouterr().err


def test_an_answer_is_late_by_the_time_since_its_phrase_ended():
    heard = [(0.02 * n, 0.1 if 1 < 0.02 * n % 4 < 3 else 0.0) for n in range(400)]  # two phrases
    answers = [(2.5, "1.0"), (3.5, "2.0"), (6.0, "4.5"), (7.9, "6.1")]
    watched = Watched(heard, answers, seconds=8.0, server_cpu_s=1.0)
    assert live_latency.latencies(watched, 2) == pytest.approx([0.5, 0.9], abs=0.03)
    with pytest.raises(BenchmarkError, match="heard 2 of 3"):
        live_latency.latencies(watched, 3)
    part = Watched(heard, [*answers[:3], (7.5, "5.4")], seconds=8.0, server_cpu_s=1.0)
    with pytest.raises(BenchmarkError, match="for all of it"):
        live_latency.latencies(part, 2)
    silent = Watched(heard, answers[:2], seconds=8.0, server_cpu_s=1.0)
    with pytest.raises(BenchmarkError, match="Phrase 2 of 2 got no answer"):
        live_latency.latencies(silent, 2)


def test_phrases_lie_apart_in_the_microphone(tmp_path):
    file = tmp_path / "phrases.wav"
    length_s = live_latency.write_phrases(file, 3, root=None)
    samples, rate_hz = sf.read(file)
    assert length_s == pytest.approx(samples.size / rate_hz)
    loud = np.flatnonzero(np.abs(samples) > 0.1) / rate_hz
    assert loud[0] > 2.9
    assert np.abs(samples).max() == pytest.approx(0.5, abs=0.01)
    assert np.count_nonzero(np.diff(loud) > 1.5) == 2


@pytest.mark.measures
def test_pages_and_clicks_are_timed(capsys):
    if len(ModelStore().names()) < 2:
        pytest.skip("needs two models: python -m train fit mlp")
    assert pages.main(["--runs", "2", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [*found["first_s"]] == [*found["visits_s"]] == [*pages.PAGES]
    clicks = {"open a cell", "filter by sex", "other protocol", "other classes"}
    clicks |= {"Dataset, filter by speaker", "Dataset, other clip", "Dataset, open Descriptors"}
    assert clicks <= {*found["clicks_s"]}
    for times in (*found["visits_s"].values(), *found["clicks_s"].values()):
        assert len(times) == 2
        assert min(times) > 0
    assert found["opened"] in (0, None)  # no click reads a network again
    for pairs in found["browser_s"].values():
        assert len(pairs) == 2
        assert all(0 < picture <= quiet for picture, quiet in pairs)


def test_the_load_of_a_page_is_printed_or_why_it_cannot_be(monkeypatch, capsys):
    asked = []

    def measured(runs, audio):
        asked.append((runs, audio))
        return {"Home": {"empty cache": [2.0, 3.0, 2.5], "comes back": [1.0]}}

    monkeypatch.setattr(page_load, "benchmark", measured)
    assert page_load.main(["--runs", "3", "--no-audio"]) == 0
    told = capsys.readouterr().out
    assert ["Home", "empty cache", "2.50", "3.00", "3.0"] in columns(told)
    assert ["Home", "comes back", "1.00", "1.00", "1.5"] in columns(told)
    assert "without audio; 3 browsers" in told
    assert asked == [(3, False)]

    def refused(*_, **__):
        raise BenchmarkError("No Chromium found.")

    monkeypatch.setattr(page_load, "benchmark", refused)
    assert page_load.main([]) == 1
    assert "No Chromium" in capsys.readouterr().err


def test_slow_clicks_are_named():
    visits = dict.fromkeys(pages.PAGES, 0.2)
    clicks = {"open a cell": [0.1, 0.3, 0.2], "other classes": [0.2, 0.6, 0.1]}
    browser = {"other tab": [(0.3, 1.2), (0.4, 1.6), (0.2, 0.9)]}
    outcome = pages.Outcome(visits, {t: [0.1] for t in visits}, clicks, 0, 5, "this one", browser)
    text = pages.as_text(outcome, 3)
    assert ["open a cell", "200", "300", "500"] in columns(text)
    assert ["other tab", "300", "400", "500", "1200", "1600", "1500"] in columns(text)
    assert "500 ms: exceeded by other classes. Files of networks opened" in text


def test_opened_networks_are_counted(tmp_path, monkeypatch):
    if not sys.platform.startswith("linux"):
        pytest.skip("needs inotify, which is Linux")
    folder = make_bundle(tmp_path, "tiny")
    monkeypatch.setenv("SER_MODELS_DIR", str(tmp_path))
    with pages._watched() as opened:
        assert opened() == 0
        EmotionModel(folder)
        assert opened() > 0
        assert opened() == 0


def test_pages_without_models_are_not_timed(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("SER_MODELS_DIR", str(tmp_path))
    assert pages.main([]) == 1
    assert "python -m train fit cnn" in capsys.readouterr().err

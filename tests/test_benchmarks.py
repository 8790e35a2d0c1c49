import re
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("tqdm")

from benchmarks.inference import main
from benchmarks.measure import peak_mb
from tests.bundles import make_bundle
from train.config import configure

ROOT = Path(__file__).parents[1]
NUMBER = re.compile(r"\d+(\.\d+)?")


def cells(text: str) -> list[list[str]]:
    return [[c.strip() for c in s.strip("|").split("|")] for s in text.splitlines() if "|" in s]


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
    code = "from benchmarks.measure import peak_mb; print(peak_mb())"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert 20 < float(done.stdout) < peak_mb() - 100
    assert held.nbytes == 200_000_000

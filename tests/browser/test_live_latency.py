import json
import subprocess
import sys
from pathlib import Path

import pytest

from ser_core.bundles.store import ModelStore
from tests.app import ROOT

pytestmark = pytest.mark.browser


@pytest.mark.measures
def test_the_wait_for_an_answer_is_measured(launch_chromium, tmp_path, monkeypatch):
    if not ModelStore().names():
        pytest.skip("needs a model: python -m train fit mlp")
    monkeypatch.setenv("SER_DATA_DIR", str(tmp_path))  # made-up voices, on every machine
    command = [sys.executable, "-m", "benchmarks.live_latency", "--phrases", "1", "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    outcome = json.loads(done.stdout)
    assert outcome["sound"] == "made-up voice"
    assert len(outcome["latencies_s"]) == 1
    assert 0 < outcome["median_s"] == outcome["max_s"]
    if Path("/proc/self/stat").exists():
        assert outcome["server_cpu_percent"] > 0

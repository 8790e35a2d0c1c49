"""The rules that keep the parts apart, executed."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FORBIDDEN = {
    "ser_core": {
        "streamlit",
        "streamlit_webrtc",
        "tensorflow",
        "keras",
        "sklearn",
        "pages",
        "train",
    },
    "pages": {"tensorflow", "keras", "sklearn", "imblearn", "onnxruntime", "train"},
    "app.py": {"tensorflow", "keras", "onnxruntime", "train"},
    "train": {"streamlit", "pages"},
}
SOURCES = [
    path
    for part in ("app.py", "pages", "ser_core", "train", "tests", "benchmarks")
    for path in ([ROOT / part] if part.endswith(".py") else sorted((ROOT / part).rglob("*.py")))
]


def imported_roots(file: Path) -> set[str]:
    roots = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            roots |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            roots.add(node.module.split(".")[0])
    return roots


@pytest.mark.parametrize("part", FORBIDDEN)
def test_dependency_direction(part):
    files = [f for f in SOURCES if f.relative_to(ROOT).parts[0] == part]
    assert files
    for file in files:
        bad = imported_roots(file) & FORBIDDEN[part]
        assert not bad, f"{file.relative_to(ROOT)} must not import {sorted(bad)}"


@pytest.mark.parametrize("file", SOURCES, ids=lambda f: str(f.relative_to(ROOT)))
def test_no_file_is_longer_than_300_lines(file):
    assert len(file.read_text(encoding="utf-8").splitlines()) <= 300


def test_the_core_does_not_load_what_it_need_not():
    code = "import sys, ser_core.cli; print(*sorted(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = {name.split(".")[0] for name in done.stdout.split()}
    assert not loaded & {"streamlit", "tensorflow", "keras", "plotly", "aiortc"}

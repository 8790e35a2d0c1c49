"""Rules that the import contracts in pyproject.toml cannot tell."""

import ast
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
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


def test_the_entry_point_leaves_models_to_the_core():
    assert not imported_roots(ROOT / "app.py") & {"tensorflow", "keras", "onnxruntime", "train"}


def test_no_file_is_longer_than_300_lines():
    lengths = {f: len(f.read_text(encoding="utf-8").splitlines()) for f in SOURCES}
    assert {str(f.relative_to(ROOT)): n for f, n in lengths.items() if n > 300} == {}


def test_the_core_does_not_load_what_it_need_not():
    code = "import sys, ser_core.cli; print(*sorted(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = {name.split(".")[0] for name in done.stdout.split()}
    assert not loaded & {
        "streamlit",
        "tensorflow",
        "keras",
        "plotly",
        "aiortc",
        "fastapi",
        "uvicorn",
    }

"""What `pip install` brings: everything that an answer and the app need, and nothing else."""

import asyncio
import os
import re
import socket
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

pytest.importorskip("tqdm")
pytest.importorskip("hatchling")

import numpy as np
import soundfile as sf
from packaging.requirements import Requirement

from benchmarks.page import Page
from ser_core import __version__
from ser_core.bundles.store import ModelStore
from tests.app import until_healthy
from tests.voice import RATE_HZ, silence, voice

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """The wheel as pip unpacks it."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def command(installed: Path, *arguments: str) -> dict:
    """How a process is started far from any checkout."""
    return {
        "args": [sys.executable, "-m", "ser_core", *arguments],
        "cwd": installed.parent,
        "env": os.environ | {"PYTHONPATH": str(installed), "XDG_DATA_HOME": str(installed.parent)},
    }


def run(installed: Path, *arguments: str) -> str:
    done = subprocess.run(**command(installed, *arguments), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_wheel_holds_what_git_holds_and_no_more(installed):
    tracked = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "ser_core", "pages", "models", "app.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if tracked.returncode:
        pytest.skip("not a checkout")
    app = "speech_emotion_app/"
    wanted = {n if n.startswith("ser_core") else app + n for n in tracked.stdout.split()}
    held = {str(f.relative_to(installed)) for f in installed.rglob("*") if f.is_file()}
    held = {name for name in held if ".dist-info/" not in name}
    assert held == wanted | {f"{app}.streamlit/config.toml"}


def test_it_answers_like_the_checkout(installed):
    if not ModelStore().names():
        pytest.skip("needs a model: python -m train fit mlp")
    sf.write(installed.parent / "talk.wav", np.concatenate([silence(0.5), voice(3.0)]), RATE_HZ)
    arguments = ("predict", "talk.wav", "--format", "json")
    here = subprocess.run(
        **command(ROOT, *arguments) | {"cwd": installed.parent}, capture_output=True, text=True
    )
    assert run(installed, *arguments) == here.stdout != ""
    assert run(installed, "--version") == f"speech-emotion {__version__}\n"


def test_it_serves_the_app(installed):
    told = []

    async def visit(url: str) -> None:
        page = Page(url, "about", lambda element: told.append(element.html.body))
        await page.open()
        await page.until(lambda: any("Privacy" in html for html in told), 60, "page")
        assert not page.failures
        await page.close()

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = ("--server.headless=true", f"--server.port={port}")
    with subprocess.Popen(**command(installed, "app", *settings)) as app:
        try:
            until_healthy(app, url := f"http://127.0.0.1:{port}")
            asyncio.run(visit(url))
        finally:
            app.terminate()


def test_bounds_are_what_was_tested():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    lines = (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    pin = re.compile(r"([\w-]+)(?:\[\w+\])?==([\d.]+)(?:  #.*)?")
    pinned = dict(pin.fullmatch(line).groups() for line in lines[1:] if line)
    bounds = [*project["dependencies"], *project["optional-dependencies"]["app"]]
    found = {(each := Requirement(bound)).name: each.specifier for bound in bounds}
    assert sorted(found) == sorted(pinned)
    for name, specifier in found.items():
        assert f">={pinned[name]}" in str(specifier)
        assert pinned[name] in specifier

"""What the README and the tutorial show is run, and the pages are built without a warning."""

import doctest
import glob
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

import ser_core
from ser_core.bundles.store import ModelStore
from ser_core.cli import build_parser, main
from tests.bundles import make_bundle
from tests.corpus import require_words
from tests.films import drawn_face, film_of
from tests.recordings import film
from tests.voice import RATE_HZ, deep_and_high, silence, voice

ROOT = Path(__file__).parents[1]
README, TUTORIAL = ROOT / "README.md", ROOT / "docs/tutorial.md"
PAGES = [README, *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(?P<kind>\w*)(?P<title>[^\n]*)\n(?P<text>.*?)^```$", re.M | re.S)
FETCHED = re.compile(
    r'(?:<script[^>]+src|<img[^>]+src|<link rel="(?:stylesheet|icon|preconnect)"[^>]*href)'
    r'="(?:https?:)?//'
)


@pytest.fixture
def sounds(tmp_path, monkeypatch):
    """The folder in which a reader of the texts is taken to be."""
    if "transformer" not in ModelStore().names():
        pytest.skip("needs the transformer: python -m train fit transformer")
    monkeypatch.chdir(tmp_path)

    def written(name: str, sound: np.ndarray) -> None:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        sf.write(name, sound, RATE_HZ)

    pause = silence(0.5)
    said = [pause, voice(2.0), pause, pause, voice(4.5, seed=5), pause]
    written("talk.wav", np.concatenate(said))
    written("meeting.wav", deep_and_high())
    written("call.wav", np.stack([voice(2.0), voice(2.0, 200, seed=1)], axis=1))
    for day in (1, 2):
        written(f"day/{day:02d}.wav", voice(2.0, seed=day))
    written("recordings/anna/one.wav", voice(2.0, 200, seed=1))
    written("recordings/anna/two.flac", voice(2.0, 200, seed=2))
    written("recordings/ben/one.wav", voice(2.0, seed=3))
    Path("recordings/notes.txt").write_text("no sound")
    Path("film.mp4").write_bytes(film_of([drawn_face()] * 20, voice(2.0)))


def texts_of(pattern: str) -> str:
    return "\n".join(page.read_text(encoding="utf-8") for page in sorted(ROOT.glob(pattern)))


def commands_of(page: Path) -> list[str]:
    """The commands of this program that a page shows, whatever else stands in its blocks."""
    return [line for block in blocks(page) for line in commands_in(block["text"])]


def commands_in(text: str) -> list[str]:
    lines = [re.sub(r"^(?:[A-Z_0-9]+=\S+ )+", "", line.strip()) for line in text.splitlines()]
    plain = [re.sub(r"\$\w+", "1", re.split(r" \|\| | > ", line)[0]) for line in lines]
    shown = [line.replace("python -m ser_core", "speech-emotion") for line in plain]
    return [line for line in shown if line.startswith("speech-emotion ")]


def blocks(page: Path) -> Iterator[re.Match[str]]:
    yield from BLOCK.finditer(page.read_text(encoding="utf-8"))


def examples_fail(name: str, text: str, known: dict[str, object] | None = None) -> int:
    """How many examples of an interactive session give something else; there are some."""
    test = doctest.DocTestParser().get_doctest(text, {}, name, name, 0)
    assert test.examples
    test.globs = {} if known is None else known  # what a block defines, later ones know
    return doctest.DocTestRunner(verbose=False).run(test, clear_globs=False).failed


def words_of(line: str) -> list[str]:
    """A command's arguments; a pattern without quotes stands for the files that fit."""
    program, *given = shlex.split(line, comments=True)
    assert program == "speech-emotion"
    return [
        word
        for each in given
        for word in (sorted(glob.glob(each)) if f" {each}" in line else []) or [each]
    ]


def ran(line: str, capsys: pytest.CaptureFixture[str]) -> str:
    """What a command prints that ends well."""
    assert main(words_of(line)) == 0, f"{line}\n{capsys.readouterr().err}"
    return capsys.readouterr().out


@pytest.fixture
def elsewhere(monkeypatch) -> tuple[str, ...]:
    """Beginnings of commands that are not tried here: they fetch, serve, or end the process."""
    not_here = ("pip install", "speech-emotion app", "speech-emotion words", "speech-emotion --ver")
    try:
        monkeypatch.setenv("SER_WORDS_DIR", str(require_words()))
    except pytest.skip.Exception:
        talks = ("talk.wav", "talk.m4a")
        return (*not_here, *(f"speech-emotion predict {talk} --words" for talk in talks))
    return not_here


def test_the_tutorial_does_what_it_shows(sounds, elsewhere, capsys):
    printed, checker, known, done = "", doctest.OutputChecker(), {}, set()
    for block in blocks(TUTORIAL):
        text = block["text"]
        match block["kind"]:
            case "sh":
                for line in text.splitlines():
                    if not line.startswith(elsewhere):
                        printed = ran(line, capsys)
            case "text" if file := re.search(r'title="(.+)"', block["title"]):
                Path(file[1]).write_text(text, encoding="utf-8")
            case "text" if commands_in(text):
                continue  # they need a network; whether they are commands is tested below
            case "text":
                assert checker.check_output(text, printed, doctest.NORMALIZE_WHITESPACE)
            case "pycon":
                assert examples_fail(TUTORIAL.name, text, known) == 0
            case kind:
                pytest.fail(f"a block of {kind!r} is not run")
        done.add(block["kind"])
    assert done == {"sh", "text", "pycon"}


def test_the_readme_does_what_it_shows(sounds):
    sf.write("talk.wav", voice(2.0), RATE_HZ)
    assert examples_fail(README.name, README.read_text(encoding="utf-8")) == 0


def test_the_commands_of_the_readme_end_well(sounds, elsewhere, capsys, monkeypatch, tmp_path):
    make_bundle(tmp_path / "models", "quick")
    monkeypatch.setenv("SER_MODELS_DIR", str(tmp_path / "models"))
    Path("talk.m4a").write_bytes(film([voice(2.0)]))
    Path("film.mkv").write_bytes(film([voice(2.0), voice(2.0, seed=1)], "matroska"))
    shutil.copytree("recordings", "folder")
    shutil.copy("talk.wav", "day/03.wav")
    Path("who.csv").write_text("file,speaker\n01.wav,anna\n02.wav,ben\n03.wav,anna\n")
    done = 0
    for line in commands_of(README):
        if not line.startswith((*elsewhere, "speech-emotion serve")) and "://" not in line:
            ran(line, capsys)
            done += 1
    assert done > 10


@pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])
def test_every_command_that_is_shown_is_one(page):
    for line in commands_of(page):
        words = words_of(line)
        if words != ["--version"]:  # which ends the process
            options, rest = build_parser().parse_known_args(words)
            assert options.run
            assert not rest or words[0] == "app"


def test_the_public_names_are_described():
    described = re.findall(r"^::: (ser_core\.\w+)$", texts_of("docs/api/*.md"), re.M)
    assert {f"ser_core.{name}" for name in ser_core.__all__} <= {*described}


def test_the_scores_at_the_start_are_those_of_the_readme():
    opening = README.read_text(encoding="utf-8").partition("\n## ")[0]
    shown = re.findall(r"\d+ %", texts_of("docs/index.md"))
    assert shown
    assert {*shown} <= {*re.findall(r"\d+ %", opening)}


def test_the_pages_look_like_the_app():
    theme = tomllib.loads((ROOT / ".streamlit/config.toml").read_text("utf-8"))["theme"]
    style = (ROOT / "docs/assets/site.css").read_text(encoding="utf-8")
    for mode, rules in zip(("light", "dark"), re.findall(r"\{(.*?)\}", style, re.S), strict=False):
        for name in ("backgroundColor", "textColor", "linkColor", "codeBackgroundColor"):
            assert theme[mode][name] in rules
    icon = (ROOT / "docs/assets/icon.svg").read_bytes()
    assert icon == (ROOT / "pages/shared/ui/icon.svg").read_bytes()


def test_the_pages_are_built_without_a_warning(tmp_path):
    for library in ("mkdocs", "material", "mkdocstrings_handlers"):
        pytest.importorskip(library, reason="pip install -r requirements-dev.txt")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", tmp_path],
        cwd=ROOT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    built = {page.relative_to(tmp_path) for page in tmp_path.rglob("*.html")}
    assert {Path("index.html"), Path("tutorial.html"), Path("api/models.html")} <= built
    for page in built:  # nothing is fetched from elsewhere when it is read
        assert not FETCHED.search((tmp_path / page).read_text(encoding="utf-8")), page


SCALE = ROOT / "docs/scale.md"


def titled(page: Path, title: str) -> str:
    """The block with this title."""
    (text,) = (block["text"] for block in blocks(page) if f'title="{title}"' in block["title"])
    return text


@pytest.fixture
def jobs(tmp_path) -> dict[str, str]:
    """The scripts of a cluster's jobs, by the variable that holds a job's number."""
    manifest = pytest.importorskip("yaml").safe_load(titled(SCALE, "batch.yaml"))
    spec = manifest["spec"]
    (container,) = spec["template"]["spec"]["containers"]
    assert (manifest["kind"], spec["completionMode"]) == ("Job", "Indexed")
    assert f"-v n={spec['completions']} " in container["args"][0]
    assert container["command"] == ["sh", "-c"]
    volumes = {volume["name"] for volume in spec["template"]["spec"]["volumes"]}
    assert {mount["name"] for mount in container["volumeMounts"]} == volumes
    scripts = {
        "JOB_COMPLETION_INDEX": container["args"][0],
        "SLURM_ARRAY_TASK_ID": titled(SCALE, "batch.sbatch"),
    }
    folders = re.compile(r"(?<=[ ])/(?=(archive|results|scratch|tmp)/)")
    return {name: folders.sub(f"{tmp_path}/", script) for name, script in scripts.items()}


def run_job(script: str, **variables: object) -> None:
    folder = os.path.dirname(sys.executable)
    found = {"PATH": f"{folder}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    given = {name: str(value) for name, value in variables.items()}
    subprocess.run(["sh", "-ec", script], env=os.environ | found | given, check=True)


def test_the_parts_of_a_cluster_hold_every_file_once(jobs, tmp_path):
    names = [f"/archive/{nth:03d}.wav" for nth in range(300)]
    for folder in ("archive", "results", "scratch/parts", "tmp"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "archive/files.csv").write_text("\n".join(["file", *names, ""]))
    for variable, script in jobs.items():
        (split,) = re.findall(r"^awk .* > (?:\S+)$", script, re.M)
        found = []
        for nth in range(64):
            given = {variable: nth, "SLURM_ARRAY_TASK_COUNT": 64}
            run_job(f"i={nth}\n{split}\n", **given)
            part = Path(split.rpartition("> ")[2].replace("$i", str(nth)))
            head, *rest = part.read_text().splitlines()
            assert head == "file"
            found += rest
        assert sorted(found) == names


def test_the_jobs_of_a_cluster_judge_their_part(jobs, tmp_path, monkeypatch, capsys):
    make_bundle(tmp_path / "models", "quick")
    monkeypatch.setenv("SER_MODELS_DIR", str(tmp_path / "models"))
    for folder in ("archive", "results", "tmp"):
        (tmp_path / folder).mkdir()
    sf.write(tmp_path / "archive/good.wav", voice(1.5), RATE_HZ)
    (tmp_path / "archive/bad.wav").write_text("no sound")
    names = [str(tmp_path / "archive" / name) for name in ("good.wav", "bad.wav")]
    (tmp_path / "archive/files.csv").write_text("\n".join(["file", *names, ""]))
    run_job(jobs["JOB_COMPLETION_INDEX"], JOB_COMPLETION_INDEX=2)
    run_job(
        jobs["SLURM_ARRAY_TASK_ID"],
        SLURM_ARRAY_TASK_ID=0,
        SLURM_ARRAY_TASK_COUNT=1,
        SLURM_CPUS_PER_TASK=1,
    )
    sums = {
        path.parent.name: json.loads(path.read_text())
        for path in tmp_path.glob("results/*/summary.json")
    }
    assert {name: told["rows"] for name, told in sums.items()} == {"2": 1, "0": 2}
    found: dict[str, object] = {}
    for block in blocks(SCALE):
        if block["kind"] == "python":
            exec(block["text"].replace('"/results/', f'"{tmp_path}/results/'), found)
    assert float(capsys.readouterr().out) > 0
    assert found["failed"].to_pydict()["file"] == [str(tmp_path / "archive/bad.wav")]

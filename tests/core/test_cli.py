"""The command line as a person or a script meets it."""

import csv
import io
import json
import os
import subprocess
import sys

import numpy as np
import pytest
import soundfile as sf

from ser_core import cli
from tests.bundles import make_bundle
from tests.recordings import film, sound_file
from tests.voice import silence, voice


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Run the command in a folder with two models; gives (exit status, stdout, stderr)."""
    for name in ("tiny", "other"):
        make_bundle(tmp_path / "models", name)
    monkeypatch.setenv("SER_MODELS_DIR", str(tmp_path / "models"))

    def command(*arguments):
        status = cli.main([str(a) for a in arguments])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return command


@pytest.fixture
def clips(tmp_path):
    folder = tmp_path / "clips"
    folder.mkdir()
    sf.write(folder / "a voice.wav", voice(2.0), 16_000)
    sf.write(folder / "stille.flac", silence(2.0), 16_000)
    (folder / "empty.wav").touch()
    (folder / "text.wav").write_text("not sound")
    (folder / "readme.txt").write_text("left alone")
    return folder


def test_one_good_file(run, clips):
    status, out, _ = run("predict", clips / "a voice.wav", "--model", "tiny", "--format", "json")
    (record,) = json.loads(out)
    assert status == 0
    assert record["file"].endswith("a voice.wav")
    assert record["model"] == "tiny"
    assert record["duration_s"] == 2.0
    assert sum(record["probabilities"].values()) == pytest.approx(1, abs=1e-3)
    assert record["segments"][0]["start_s"] < 0.2
    assert record["error"] is None


def test_bad_files_have_their_error_and_the_others_still_come(run, clips):
    status, out, _ = run(
        "predict", clips, clips / "gone.wav", "--model", "tiny", "--format", "json"
    )
    records = {record["file"].rsplit("/")[-1]: record for record in json.loads(out)}
    assert status == 1
    scored = {"a voice.wav", "stille.flac", "empty.wav", "text.wav", "gone.wav"}
    assert set(records) == scored | {"readme.txt"}
    assert records["a voice.wav"]["error"] is None
    assert records["stille.flac"] | {"file": ""} == {
        **{"file": "", "track": None, "channel": None, "model": "tiny", "answer": "no_speech"},
        **{"duration_s": 2.0, "speech_s": 0},
        **{"emotion": None, "confidence": None, "probabilities": {}, "segments": []},
        **{"adapted_to_utterances": 0, "unlike_training": False, "live": None},
        **{"warnings": [], "error": None},
    }
    assert "is empty" in records["empty.wav"]["error"]
    assert "is not audio" in records["text.wav"]["error"]
    assert "not found" in records["gone.wav"]["error"]
    left_out = records["readme.txt"]
    assert (left_out["answer"], left_out["error"]) == ("left_out", None)
    assert left_out["warnings"] == ["Left out: is a text."]


def test_what_lies_beside_recordings_is_named_and_no_failure(run, tmp_path):
    folder = tmp_path / "day"
    folder.mkdir()
    sf.write(folder / "voice.wav", voice(1.0), 16_000)
    for name in ("labels.csv", "cover.jpg", ".DS_Store"):
        (folder / name).write_text("x")
    status, out, _ = run("predict", folder, "--model", "all", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert status == 0
    assert [(row["file"].rsplit("/")[-1], row["warnings"]) for row in rows] == [
        (".DS_Store", "Left out: is hidden, or the system's own."),
        ("cover.jpg", "Left out: is a picture."),
        ("labels.csv", "Left out: is a table."),
        ("voice.wav", ""),
        ("voice.wav", ""),
    ]


def test_a_folder_takes_whatever_a_file_is_taken_as(run, tmp_path):
    folder = tmp_path / "phone"
    (folder / "a folder.wav").mkdir(parents=True)
    content = io.BytesIO()
    sf.write(content, voice(1.0), 16_000, format="WAV")
    names = (b"caf\xe9.wav", b"no ending", b"a.3gp", b"b.bin")
    for name in names:
        with open(os.fsencode(folder) + b"/" + name, "wb") as file:
            file.write(content.getvalue())
    (folder / "packed.zip").write_bytes(b"PK")
    (folder / "empty.wav").touch()
    os.symlink(tmp_path / "models", folder / "linked")
    status, out, _ = run("predict", folder, "--model", "tiny", "--format", "json")
    errors = {r["file"].rsplit("/")[-1]: r["error"] for r in json.loads(out)}
    assert status == 1
    assert {name for name, error in errors.items() if error is None} == {
        r"caf\xe9.wav", "no ending", "a.3gp", "b.bin"
    }  # fmt: skip
    assert errors["packed.zip"] == "packed.zip is an archive; unpack it first."
    assert errors["linked"] == "linked is a link to a folder; give that folder."
    assert "is empty" in errors["empty.wav"]


def test_an_empty_folder_among_others_is_told(run, clips, tmp_path):
    (tmp_path / "empty").mkdir()
    status, out, _ = run(
        *("predict", clips / "a voice.wav", tmp_path / "empty", "--format", "json")
    )
    assert status == 1
    assert [record["error"] for record in json.loads(out)] == [
        None, "empty holds no sound files."
    ]  # fmt: skip


def test_a_terminal_without_a_letter_still_gets_the_answer(tmp_path):
    make_bundle(tmp_path / "models")
    sf.write(tmp_path / "ж.wav", np.zeros(16_000), 16_000)
    done = subprocess.run(
        [sys.executable, "-m", "ser_core", "predict", str(tmp_path / "ж.wav")],
        env={"SER_MODELS_DIR": str(tmp_path / "models"), "PATH": "", "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert r"\u0436.wav" in done.stdout


@pytest.mark.parametrize(
    "table", ["file,speaker\n{},anna\n", "sep=;\nFile Name;Speaker ID\n{};anna\n"]
)
def test_a_table_names_the_voices(run, clips, tmp_path, table):
    (tmp_path / "who.csv").write_text(table.format("a voice.wav"))
    status, *_ = run("predict", clips / "a voice.wav", "--speakers", tmp_path / "who.csv")
    assert status == 0


def test_a_table_without_speakers_says_what_it_has(run, clips, tmp_path):
    (tmp_path / "who.csv").write_text("file,who\na voice.wav,anna\n")
    status, _, err = run("predict", clips / "a voice.wav", "--speakers", tmp_path / "who.csv")
    assert status == 2
    assert "no column speaker; found: file, who" in err


def test_channels_and_tracks(run, tmp_path):
    call = tmp_path / "call.wav"
    sides = np.zeros((64_000, 2), np.float32)
    sides[:32_000, 0] = sides[32_000:, 1] = voice(2.0)
    call.write_bytes(sound_file(sides))
    status, out, _ = run("predict", call, "--channels", "each", "--format", "json")
    records = json.loads(out)
    assert status == 0
    assert [record["channel"] for record in records] == [1, 2]
    left, right = (record["segments"][0]["start_s"] for record in records)
    assert (left, right) == pytest.approx((0.0, 2.0), abs=0.2)
    movie = tmp_path / "film.mkv"
    movie.write_bytes(film([voice(3.0), silence(3.0)], "matroska", default=0))
    for track, answer in ((1, "sounds"), (2, "no_speech"), (3, None)):
        _, out, _ = run("predict", movie, "--track", track, "--format", "json")
        (record,) = json.loads(out)
        assert record["track"] == (track if answer else None)
        assert record["answer"] == answer


def test_all_models_and_csv(run, clips):
    _, out, _ = run("predict", clips / "a voice.wav", "--model", "all", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert {row["model"] for row in rows} == {"tiny", "other"}
    total = sum(float(v) for k, v in rows[0].items() if k.startswith("p_"))
    assert total == pytest.approx(1, abs=1e-3)


def test_a_file_name_is_no_formula_in_a_csv(run, clips, monkeypatch):
    (clips / "a voice.wav").rename(clips / "=1+1.wav")
    monkeypatch.chdir(clips)
    _, out, _ = run("predict", "=1+1.wav", "--format", "csv")
    (row,) = csv.DictReader(io.StringIO(out))
    assert row["file"] == "'=1+1.wav"


def test_timeline_to_a_file(run, clips, tmp_path):
    target = tmp_path / "out.csv"
    status, out, _ = run(
        *("predict", clips / "a voice.wav", "--timeline", "--format", "csv", "--out", target)
    )
    assert (status, out) == (0, "")
    (row,) = csv.DictReader(io.StringIO(target.read_text()))
    assert float(row["end_s"]) > float(row["start_s"])


def test_the_table_is_for_reading(run, clips):
    _, out, _ = run("predict", clips / "a voice.wav")
    header, row = out.splitlines()
    assert header.split() == [
        "file",
        "model",
        "duration_s",
        "speech_s",
        "answer",
        *header.split()[5:],
    ]
    assert "2.00" in row


def test_models(run):
    _, out, _ = run("models", "--format", "json")
    assert {row["model"] for row in json.loads(out)} == {"tiny", "other"}


def test_an_altered_model_does_not_hide_the_others(run, tmp_path):
    (tmp_path / "models" / "other" / "card.json").write_text("{")
    status, out, _ = run("models", "--format", "json")
    rows = {row["model"]: row for row in json.loads(out)}
    assert status == 0
    assert rows["tiny"]["labels"]
    assert "does not fit" in rows["other"]["error"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["predict", "x.wav", "--model", "huge"], "Choose from:"),
        (["predict", "."], "holds no sound files"),
    ],
)
def test_wrong_usage(run, tmp_path, monkeypatch, arguments, message):
    empty = tmp_path / "empty"
    empty.mkdir()
    monkeypatch.chdir(empty)
    status, out, err = run(*arguments)
    assert (status, out) == (2, "")
    assert message in err


def test_an_unwritable_result_says_so(run, clips, tmp_path):
    status, _, err = run("predict", clips / "a voice.wav", "--out", tmp_path / "no" / "out.txt")
    assert status == 2
    assert "cannot be written" in err


def test_the_module_runs_from_a_shell(tmp_path):
    make_bundle(tmp_path / "models")
    sf.write(tmp_path / "clip.wav", np.zeros(16_000), 16_000)
    done = subprocess.run(
        [sys.executable, "-m", "ser_core", "predict", str(tmp_path / "clip.wav")],
        env={"SER_MODELS_DIR": str(tmp_path / "models"), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "no_speech" in done.stdout
    with pytest.raises(SystemExit) as caught:
        cli.main(["predict"])
    assert caught.value.code == 2

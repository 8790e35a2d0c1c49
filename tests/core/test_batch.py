"""Many files into a folder of results: a row each, whatever happens and whenever it is stopped."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile as sf

from ser_core.batch import command, engine, work
from ser_core.batch.results import Results
from ser_core.batch.work import Group, Order
from ser_core.bundles.store import ModelStore
from ser_core.cli import main
from ser_core.errors import SerError
from ser_core.inputs import Input
from tests.bundles import make_bundle
from tests.voice import RATE_HZ, silence, voice

FILES = 12


@pytest.fixture
def sounds(tmp_path, monkeypatch) -> Path:
    """Sounds, one file that is none, a text, and a model that is quick."""
    make_bundle(tmp_path / "models", "quick")
    monkeypatch.setenv("SER_MODELS_DIR", str(tmp_path / "models"))
    folder = tmp_path / "in"
    folder.mkdir()
    for nth in range(FILES):
        sound = np.concatenate([silence(0.3), voice(1.5, seed=nth)])
        sf.write(folder / f"{nth:02d}.wav", sound, RATE_HZ)
    (folder / "bad.wav").write_text("no sound")
    (folder / "notes.txt").write_text("no sound")
    return folder


def batch(*arguments: object) -> int:
    return main(["batch", *map(str, arguments)])


def rows(out: Path) -> pd.DataFrame:
    return pd.read_parquet(out / "parts").sort_values("file", ignore_index=True)


def told(out: Path) -> dict:
    return json.loads((out / "summary.json").read_text())


def test_every_file_has_a_row_with_what_predict_says(sounds, tmp_path, capsys):
    assert batch(sounds, "--out", tmp_path / "out", "--jobs", 2) == 1
    found = rows(tmp_path / "out")
    assert list(found["file"].map(lambda file: Path(file).name)) == sorted(os.listdir(sounds))
    assert told(tmp_path / "out")["rows"] == FILES + 2
    assert told(tmp_path / "out")["failed"] == told(tmp_path / "out")["left_out"] == 1
    assert "bad.wav is not audio" in found["error"].dropna().item()
    capsys.readouterr()
    main(["predict", str(sounds), "--format", "json"])
    records = {r["file"]: r for r in json.loads(capsys.readouterr().out)}
    for row in found.to_dict("records"):
        record = records[row["file"]]
        for key in ("answer", "emotion", "confidence", "error"):
            assert row[key] == record[key] or (pd.isna(row[key]) and record[key] is None)
        assert [s["end_s"] for s in row["segments"]] == [s["end_s"] for s in record["segments"]]


def test_what_was_done_is_not_done_again_unless_it_changed(sounds, tmp_path):
    out = tmp_path / "out"
    batch(sounds, "--out", out)
    before = rows(out)
    os.utime(sounds / "00.wav", (1, 1))  # another date, the same content
    sf.write(sounds / "01.wav", voice(2.5, seed=99), RATE_HZ)
    sf.write(sounds / "new.wav", voice(1.5), RATE_HZ)
    batch(sounds, "--out", out)
    after = rows(out)
    assert len(after) == len(before) + 1 == after["file"].nunique()
    both = before.merge(after, on="file", suffixes=("", "_after"))
    again = both[both["took_s"] != both["took_s_after"]]["file"]
    assert list(again.map(lambda file: Path(file).name)) == ["01.wav"]


def test_what_failed_is_tried_again_if_asked(sounds, tmp_path):
    out, bad = tmp_path / "out", Input(sounds / "bad.wav")
    batch(sounds, "--out", out)
    results = Results(out, json.loads((out / "order.json").read_text()))
    assert results.done([bad], retry=False) == {bad.name}
    assert results.done([bad], retry=True) == set()
    results.close()
    shutil.copy(sounds / "00.wav", bad.path)
    assert batch(sounds, "--out", out) == 0
    assert len(rows(out)) == FILES + 2


def test_a_folder_holds_answers_to_one_order(sounds, tmp_path, capsys):
    batch(sounds, "--out", tmp_path / "out")
    assert batch(sounds, "--out", tmp_path / "out", "--adapt", "none") == 2
    assert "other settings" in capsys.readouterr().err


def test_two_batches_do_not_share_a_folder(tmp_path):
    first = Results(tmp_path, {})
    with pytest.raises(SerError, match="Another batch"):
        Results(tmp_path, {})
    first.close()
    Results(tmp_path, {}).close()


def test_patterns_and_tables_name_files(sounds, tmp_path, capsys):
    table = sounds / "list.csv"
    table.write_text("file,what\n00.wav,a\n01.wav,b\n")
    assert [each.path.name for each in command.listed(str(table))] == ["00.wav", "01.wav"]
    pattern = str(sounds / "0*.wav")
    assert [each.path.name for each in command.listed(pattern)] == [f"0{i}.wav" for i in range(10)]
    with pytest.raises(SerError, match="No file fits"):
        command.listed(str(sounds / "x*.wav"))
    table.write_text("path name,what\n")
    with pytest.raises(SerError, match="no column file"):
        command.listed(str(table))


def test_a_speaker_s_files_are_one_session(sounds, tmp_path):
    table = tmp_path / "who.csv"
    lines = [f"{nth:02d}.wav,{'anna' if nth < 4 else 'ben'}" for nth in range(8)]
    table.write_text("\n".join(["file,speaker", *lines]))
    inputs = [Input(sounds / f"{nth:02d}.wav") for nth in range(FILES)]
    speakers = {each.path.as_posix(): "anna" for each in inputs[:4]}
    done = {each.name for each in inputs[1:]}
    groups = command.grouped(inputs, speakers, done)
    assert groups == [Group(tuple(inputs[:4]), "anna")]
    batch(sounds, "--out", tmp_path / "out", "--speakers", table)
    (sounds / "02.wav").unlink()
    sf.write(sounds / "02.wav", voice(2.0, seed=7), RATE_HZ)
    batch(sounds, "--out", tmp_path / "out", "--speakers", table)
    assert len(rows(tmp_path / "out")) == FILES + 2


def test_a_file_that_nobody_foresaw_has_a_row(sounds, monkeypatch):
    def scored(given, wanted):
        raise ZeroDivisionError

    monkeypatch.setattr(work, "scored", scored)
    work._models.cache_clear()
    (record,) = work.judge(Order(("quick",)), Group((Input(sounds / "00.wav"),)))
    assert "ZeroDivisionError" in record["error"]
    assert len(record["sha256"]) == 64


def test_a_file_that_was_left_alone_is_done(sounds, tmp_path):
    given = Input(sounds / "00.wav")
    results = Results(tmp_path / "out", {})
    results.add(work.given_up(Order(("quick",)), Group((given,))))
    results.flush()
    assert results.done([given], retry=False) == {given.name}
    assert results.done([given], retry=True) == set()
    results.close()


def end_at_bad(order: Order, group: Group) -> list[dict]:
    if "bad" in group.inputs[0].name:
        os._exit(1)
    return work.failed(group.inputs[0], order.models, "none")


def test_a_file_that_ends_its_process_is_left_alone_and_found(monkeypatch):
    monkeypatch.setattr(engine, "judge", end_at_bad)
    names = [f"{nth}.wav" for nth in range(10)] + ["bad.wav", "bad too.wav"]
    random.Random(3).shuffle(names)
    groups = [Group((Input(Path(name)),)) for name in names]
    pool = lambda: engine.local_pool(2)  # noqa: E731
    found = {
        group.inputs[0].name: records[0]["error"]
        for group, records in engine.judged(Order(("quick",)), groups, pool, 2)
    }
    assert sorted(found) == sorted(names)
    ended = sorted(name for name, error in found.items() if error != "none")
    assert ended == ["bad too.wav", "bad.wav"]


def test_each_group_comes_once_where_a_cluster_gives_up():
    def pool():
        return ThreadPoolExecutor(2)

    groups = [Group((Input(Path(f"{nth}.wav")),)) for nth in range(5)]
    found = list(engine.judged(Order(("no such model",)), groups, pool, 2))
    assert sorted(group.inputs[0].name for group, _ in found) == [f"{i}.wav" for i in range(5)]
    assert all("came to its end" in records[0]["error"] for _, records in found)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGKILL")
def test_killed_three_times_it_ends_with_every_row_once(sounds, tmp_path, monkeypatch):
    many = tmp_path / "many"
    many.mkdir()
    for nth in range(300):
        (many / f"{nth:03d}.wav").symlink_to(sounds / f"{nth % FILES:02d}.wav")
    out = tmp_path / "out"
    parts = "import ser_core.batch.results as r; r._PART_ROWS = 20; import sys; "
    run = [sys.executable, "-c", f"{parts}from ser_core.cli import main; sys.exit(main())"]
    run += ["batch", str(many), "--out", str(out), "--jobs", "2"]

    def part_count() -> int:
        return len(list((out / "parts").glob("*.parquet")))

    for _ in range(3):
        before = part_count()
        process = subprocess.Popen(run, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        end = time.monotonic() + 60
        while part_count() < before + 2 and process.poll() is None and time.monotonic() < end:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert len(rows(out)) < 300
    assert subprocess.run(run, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL).returncode == 0
    assert len(rows(out)) == rows(out)["file"].nunique() == 300


@pytest.mark.slow
def test_a_cluster_gives_the_same_rows_though_a_worker_dies(sounds, tmp_path, monkeypatch):
    distributed = pytest.importorskip("dask.distributed")
    if not ModelStore().names():
        pytest.skip("needs a model")
    batch(sounds, "--out", tmp_path / "alone")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None
    ) as cluster:
        (first, *_) = cluster.workers.values()
        judged = engine.judged

        def killing(*arguments):
            for nth, each in enumerate(judged(*arguments)):
                if nth == 2:
                    os.kill(first.pid, signal.SIGKILL)
                yield each

        monkeypatch.setattr(command, "judged", killing)
        batch(sounds, "--out", tmp_path / "out", "--scheduler", cluster.scheduler_address)
    same = ["file", "answer", "confidence", "error", "sha256"]
    pd.testing.assert_frame_equal(rows(tmp_path / "out")[same], rows(tmp_path / "alone")[same])

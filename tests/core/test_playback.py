"""The copies that come with the code: all of EMO-DB can be heard, nothing learns from them."""

import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ser_core.audio.levels import peaks
from ser_core.corpora import playback
from ser_core.corpora.examples import EXAMPLES, ONE_VOICE, example
from ser_core.corpora.fetch.verification import verify
from ser_core.corpora.index.reading import clip_path, find_root, load_index, require_root
from ser_core.corpora.playback.__main__ import opus
from ser_core.corpora.registry import names
from ser_core.decoding.decode import decode
from ser_core.errors import CorpusError
from tests.corpus import require

ROOT = Path(__file__).parents[2]
INDEX = load_index("emodb")


def test_emodb_alone_is_copied_every_clip_of_it_and_with_the_proof_beside():
    assert [name for name in names() if playback.has(name)] == ["emodb"]
    with zipfile.ZipFile(playback.archive("emodb")) as copies:
        held = [Path(name).stem for name in copies.namelist()]
    assert sorted(held) == sorted(INDEX["clip"])
    assert playback.archive("emodb").stat().st_size < 5e6
    proof = (playback.FOLDER / "emodb.md").read_text(encoding="utf-8")
    assert "https://creativecommons.org/publicdomain/zero/1.0/" in proof
    assert "10.21437/Interspeech.2005-446" in proof


@pytest.mark.parametrize("row", [*INDEX[::40].itertuples()], ids=lambda row: row.clip)
def test_a_copy_sounds_like_its_recording_to_the_millisecond(row):
    clip = decode(playback.sound("emodb", row.clip)).clip
    assert clip.duration_s == pytest.approx(row.duration_s, abs=0.001)
    assert np.corrcoef(peaks(clip.samples, len(row.envelope)), row.envelope)[0, 1] > 0.95


def test_the_copies_are_made_from_the_recordings():
    root = require("emodb")
    for clip in INDEX["clip"][::90]:
        made = decode(opus(clip_path("emodb", clip, root))).clip.samples
        np.testing.assert_allclose(
            made, decode(playback.sound("emodb", clip)).clip.samples, atol=0.01
        )


def test_what_there_is_no_copy_of_is_not_there():
    assert playback.sound("emodb", "03a02La") is None  # boredom
    assert playback.sound("emodb", "../emodb") is None
    assert playback.sound("ravdess", "03-01-01-01-01-01-01") is None
    assert not playback.has("a folder of somebody's own")
    with pytest.raises(CorpusError, match="There is no corpus"):
        playback.archive("../emodb")


def unpacked(folder: Path) -> Path:
    """The copies as if somebody had put them where a corpus lies."""
    (folder / "wav").mkdir()
    with zipfile.ZipFile(playback.archive("emodb")) as copies:
        copies.extractall(folder / "wav")
    return folder


def test_no_copy_is_taken_for_a_recording(tmp_path):
    for folder in (playback.FOLDER, unpacked(tmp_path)):
        assert find_root("emodb", folder) is None
        with pytest.raises(CorpusError, match="No recordings of 'emodb'"):
            require_root("emodb", folder)
        assert len(verify("emodb", folder).missing) == len(INDEX)


def test_a_copy_under_the_name_of_a_recording_has_another_sound():
    row = INDEX.iloc[0]
    samples = decode(playback.sound("emodb", row["clip"])).clip.samples
    whole = np.clip(np.rint(samples * 32768), -32768, 32767).astype(np.int16)
    assert hashlib.sha256(whole.tobytes()).hexdigest() != row["sound_sha256"]


@pytest.mark.parametrize("command", ["verify", "index"])
def test_training_refuses_the_copies(tmp_path, command):
    pytest.importorskip("sklearn")
    done = subprocess.run(
        [sys.executable, "-m", "train", command, "emodb", "--root", str(unpacked(tmp_path))],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "No recordings of 'emodb'" in done.stderr


def test_training_and_scoring_do_not_even_load_them():
    code = (
        "import sys, train.__main__, ser_core.cli, ser_core.evaluation.scores; "
        "print(*sorted(sys.modules))"
    )
    pytest.importorskip("sklearn")
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "ser_core.corpora.registry" in done.stdout.split()
    assert "ser_core.corpora.playback" not in done.stdout.split()


def test_the_examples_are_those_that_people_recognise():
    rows = INDEX.set_index("clip").loc[[each.clip for each in EXAMPLES]]
    assert len(rows) == 8
    assert rows["recognised"].min() >= 0.95
    assert rows["natural"].min() >= 0.8
    assert set(rows["emotion"]) == set(INDEX["emotion"])
    assert rows["speaker"].nunique() == 5
    one = rows.loc[[each.clip for each in ONE_VOICE]]
    assert (one["speaker"].nunique(), one["statement"].nunique()) == (1, 1)
    assert one["emotion"].nunique() == 4


def test_an_example_says_who_speaks_and_what():
    assert example("03a04Fd").who == "man, 31"
    assert example("03a04Fd").speaker == "a man of 31"
    assert example("03a04Fd").english == "I could tell him tonight"
    assert example("03a04Fd").record.emotion == "happy"
    assert example("03a05Wb") is None
    assert pd.Series([each.english for each in EXAMPLES]).str.len().min() > 10

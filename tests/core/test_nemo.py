import hashlib

import numpy as np
import pandas as pd
import pytest
import soundfile as sf

from ser_core.corpora.fetch.archive import fetch
from ser_core.corpora.fetch.verification import verify
from ser_core.corpora.index.reading import find_root, load_index, load_official
from ser_core.corpora.nemo import INFO, parse_name
from ser_core.corpora.splits import folds
from ser_core.emotions import Emotion
from ser_core.errors import CorpusError
from tests.corpus import require

NAMED = [
    ("EB0_anger_1.wav", Emotion.ANGRY, "1", 1, "female"),
    ("nEMO-main/samples/KS0_happiness_90.flac", Emotion.HAPPY, "90", 4, "male"),
    ("MK0_neutral_10", Emotion.NEUTRAL, "10", 5, "female"),
    ("WR0_surprised_64.wav", Emotion.SURPRISED, "64", 9, "male"),
    ("MP0_fear_9.wav", Emotion.FEARFUL, "9", 6, "male"),
    ("TP0_sadness_55.wav", Emotion.SAD, "55", 8, "male"),
]
FOREIGN = [
    "",
    "03a01Fa.wav",
    "XX0_anger_1.wav",  # no such speaker
    "EB0_disgust_1.wav",  # no such emotion
    "EB0_anger_0.wav",
    "EB0_anger_01.wav",
    "EB0_anger_91.wav",
    "EB0_anger_1_2.wav",
    "eb0_anger_1.wav",
    "EB0_anger_١.wav",
]


@pytest.mark.parametrize(("name", "emotion", "statement", "number", "sex"), NAMED)
def test_names_are_read(name, emotion, statement, number, sex):
    record = parse_name(name)
    assert (record.emotion, record.statement, record.sex) == (emotion, statement, sex)
    assert record.speaker == f"nemo/{number:02d}"
    assert record.clip.startswith(INFO.speaker_names[number])
    assert record.path == f"samples/{record.clip}.wav"


@pytest.mark.parametrize("name", FOREIGN)
def test_foreign_names_are_refused(name):
    with pytest.raises(CorpusError, match="not the name of an nEMO"):
        parse_name(name)


def test_the_classes_count_as_published():
    assert dict(load_official("nemo").emotion.value_counts()) == {
        "neutral": 809, "sad": 769, "angry": 749, "happy": 749, "fearful": 736, "surprised": 669
    }  # fmt: skip


def test_every_fold_tests_a_woman_a_man_and_every_emotion():
    index = load_index("nemo")
    for fold in folds("nemo"):
        tested = index[index.speaker.isin(fold.test)]
        assert set(tested.sex) == {"female", "male"}
        assert set(tested.emotion) == set(INFO.classes)


def test_its_archive_is_fetched_without_a_warning(tmp_path, caplog):
    (tmp_path / INFO.archive).write_bytes(b"here already")
    fetch(INFO, tmp_path)
    assert not caplog.records  # its recordings are compared one by one


@pytest.fixture
def fetched(tmp_path):
    """Two recordings as the archive has them, in one more folder, and what is known of them."""
    samples = tmp_path / "nEMO-main" / "samples"
    samples.mkdir(parents=True)
    (samples.parent / "data.tsv").write_text("hello")
    rows = []
    for clip, known_s in (("EB0_anger_1", 1.0), ("EB0_anger_10", float("nan"))):
        file = samples / f"{clip}.wav"
        sf.write(file, np.random.default_rng(1).normal(0, 0.1, 24_000), 24_000)
        checksum = hashlib.sha256(file.read_bytes()).hexdigest()
        rows.append((f"samples/{file.name}", clip, checksum, known_s))
    return tmp_path, pd.DataFrame(rows, columns=["path", "clip", "sha256", "duration_s"])


def test_a_recording_that_nobody_described_is_verified_by_its_checksum(fetched):
    root, index = find_root("nemo", fetched[0]), fetched[1]
    assert root == fetched[0] / "nEMO-main"
    found = verify("nemo", root, index)
    assert (found.checked, found.missing, found.altered, found.unverifiable) == (2, (), (), ())
    with (root / index.path[1]).open("ab") as file:
        file.write(b"x")
    assert verify("nemo", root, index).altered == (index.path[1],)


def test_a_copy_of_a_recording_that_nobody_described_is_unverifiable(fetched):
    root, index = find_root("nemo", fetched[0]), fetched[1]
    for path in index.path:
        samples, rate_hz = sf.read(root / path)
        sf.write((root / path).with_suffix(".flac"), samples, rate_hz)
        (root / path).unlink()
    assert len(verify("nemo", root, index).unverifiable) == 2


def test_missing_recordings_are_those_that_are_not_here(tmp_path):
    with pytest.raises(CorpusError, match=r"4481 recording.*train download nemo"):
        verify("nemo", tmp_path).raise_if_bad("nemo")


def test_real_recordings_match_the_index():
    found = verify("nemo", require("nemo"))
    assert found.checked + len(found.missing) == INFO.clips
    assert (found.altered, found.duplicates) == ((), ())

import hashlib
import os

import numpy as np
import pandas as pd
import pytest
import soundfile as sf

from ser_core.corpora.fetch.verification import verify
from ser_core.corpora.index.reading import (
    clip_path,
    find_root,
    load_index,
    load_official,
    recordings,
    require_root,
)
from ser_core.corpora.ravdess import parse_name
from ser_core.corpora.registry import get, names
from ser_core.corpora.splits import folds
from ser_core.emotions import Emotion
from ser_core.errors import CorpusError
from tests.corpus import make_corpus, require_ravdess

# the table of the corpus' own documentation
NAMED = [
    ("03-01-01-01-01-01-01.wav", Emotion.NEUTRAL, "normal", "kids", 1, "01", "male"),
    ("a/b/03-01-05-02-02-02-24.flac", Emotion.ANGRY, "strong", "dogs", 2, "24", "female"),
    ("03-01-08-01-02-01-13", Emotion.SURPRISED, "normal", "dogs", 1, "13", "male"),
    ("03-01-07-02-01-01-02.wav", Emotion.DISGUST, "strong", "kids", 1, "02", "female"),
]
FOREIGN = [
    "",
    "hello.wav",
    "03-02-01-01-01-01-01.wav",  # song
    "01-01-01-01-01-01-01.mp4",  # video
    "03-01-09-01-01-01-01.wav",
    "03-01-01-01-01-01-25.wav",
    "03-01-01-01-01-01-00.wav",
    "03-01-01-01-01-01-01-01.wav",
    "../03-01-01-01-01-01-0१.wav",
]


@pytest.mark.parametrize("name", names())
def test_every_corpus_tells_its_facts(name):
    info = get(name).info
    assert info.name == name
    assert info.licence
    assert info.citation
    assert info.homepage.startswith(("https://", "http://"))
    assert bool(info.url) == bool(info.archive) == info.trains
    assert not info.url or info.url.startswith(("https://", "http://"))
    assert (info.md5 is None) == (info.bytes is None)
    assert info.md5 is None or (len(info.md5) == 32 and info.url.startswith("https://"))
    assert list(info.classes) == [e for e in Emotion if e in info.classes]
    assert set(info.intensities) <= {"normal", "strong"}
    for left_out, clips in info.left_out.items():
        assert left_out not in set(Emotion)
        assert f"{clips} more clips, of {left_out}, are left out" in info.left_out_note()


@pytest.mark.parametrize("name", names())
def test_every_corpus_keeps_its_own_promises(name):
    info, index, official = get(name).info, load_index(name), load_official(name)
    whole = len(index) == info.clips
    assert len(official) == info.clips or not info.checksummed
    assert set(index["clip"]) <= set(official["clip"])
    assert official.sha256.notna().all() == info.checksummed
    assert index.speaker.nunique() == info.speakers or not whole
    assert official["clip"].is_unique
    assert official.path.is_monotonic_increasing
    assert set(index.emotion) == set(info.classes)
    assert set(index.intensity) == set(info.intensities)
    assert set(official.statement) <= set(info.statements)
    assert set(index.statement) == set(info.statements) or not whole
    assert (index.offset_s <= index.duration_s + 1e-3).all()
    assert (index.onset_s < index.offset_s).all()
    assert all(len(e) == 96 and e.max() == 255 for e in index.envelope)
    for row in official.itertuples():
        r = get(name).parse(row.path)
        assert (r.corpus, r.path, r.clip, r.speaker) == (name, row.path, row.clip, row.speaker)
        assert (r.sex, r.emotion, r.intensity) == (row.sex, row.emotion, row.intensity)
        assert (r.statement, r.repetition) == (row.statement, row.repetition)


@pytest.mark.parametrize("name", names())
def test_folds_of_every_corpus_are_disjoint_and_complete(name):
    parts, heard = folds(name), set(load_index(name).speaker)
    everyone = sorted(s for fold in parts for s in fold.test)
    assert heard <= set(everyone)
    assert len(everyone) == len(set(everyone)) == get(name).info.speakers
    for fold in parts:
        assert sorted(fold.train + fold.validation + fold.test) == everyone
    for part in ("test", "validation"):
        assert sorted(s for f in parts for s in getattr(f, part)) == everyone


def test_an_unknown_corpus_is_answered_with_the_known_ones():
    with pytest.raises(CorpusError, match="ravdess"):
        get("nope")


@pytest.mark.parametrize(
    ("name", "emotion", "intensity", "statement", "take", "actor", "sex"), NAMED
)
def test_names_are_read(name, emotion, intensity, statement, take, actor, sex):
    record = parse_name(name)
    assert (record.emotion, record.intensity, record.statement) == (emotion, intensity, statement)
    assert (record.repetition, record.speaker, record.sex) == (take, f"ravdess/{actor}", sex)
    assert record.path == f"Actor_{actor}/{record.clip}.wav"


@pytest.mark.parametrize("name", FOREIGN)
def test_foreign_names_are_refused(name):
    with pytest.raises(CorpusError, match="not the name of a RAVDESS"):
        parse_name(name)


def test_the_folds_are_those_of_the_published_table():
    parts = folds("ravdess")
    assert [len(f.test) for f in parts] == [4] * 6
    assert parts[0].test == ("ravdess/01", "ravdess/11", "ravdess/20", "ravdess/21")


def test_a_speaker_in_two_test_parts_is_refused(tmp_path):
    (tmp_path / "ravdess.json").write_text('{"test": {"1": ["a", "b"], "2": ["b"]}}')
    with pytest.raises(CorpusError, match="b in two test parts"):
        folds("ravdess", tmp_path)


def test_the_index_holds_the_whole_corpus():
    index = load_index("ravdess")
    counts = index.emotion.value_counts()
    assert counts.pop("neutral") == 96
    assert set(counts) == {192}
    assert index.sha256.str.fullmatch("[0-9a-f]{64}").all()


def test_changing_the_index_changes_no_copy_of_it():
    mine = load_index("ravdess")
    mine["emotion"] = "happy"
    assert load_index("ravdess").emotion.nunique() == 8


@pytest.mark.parametrize("suffix", [".wav", ".flac"])
def test_recordings_are_found_in_both_formats(tmp_path, suffix):
    root = make_corpus(tmp_path / "ravdess", (1,), suffix)
    (root / "Actor_01" / "notes.txt").write_text("hello")
    (root / "Actor_01" / "hello.wav").write_bytes(b"")
    assert find_root("ravdess", root) == root
    assert len(list(recordings("ravdess", root))) == 8
    file = clip_path("ravdess", "03-01-05-01-01-01-01", root)
    assert file == root / "Actor_01" / f"03-01-05-01-01-01-01{suffix}"
    assert clip_path("ravdess", "03-01-05-01-01-01-02", root) is None


def test_a_clip_name_cannot_reach_other_files(tmp_path):
    (tmp_path / "secret.wav").write_bytes(b"x")
    with pytest.raises(CorpusError):
        clip_path("ravdess", "../secret", tmp_path / "ravdess")


def test_the_root_comes_from_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("SER_DATA_DIR", str(tmp_path))
    assert find_root("ravdess") is None
    with pytest.raises(CorpusError, match="train download ravdess"):
        require_root("ravdess")
    root = make_corpus(tmp_path / "ravdess", (1,))
    assert require_root("ravdess") == root


def test_a_wrapped_corpus_is_found(tmp_path):
    wrapped = tmp_path / "Audio_Speech_Actors_01-24"
    make_corpus(wrapped, (1,))
    assert find_root("ravdess", tmp_path) == wrapped


def test_a_corpus_is_found_without_a_look_into_every_folder(tmp_path, monkeypatch):
    root, listed, scandir = make_corpus(tmp_path / "ravdess", (1, 2, 3)), [], os.scandir
    monkeypatch.setattr(os, "scandir", lambda folder: listed.append(folder) or scandir(folder))
    assert find_root("ravdess", root) == root
    assert len(listed) == 2  # the corpus and one actor


@pytest.fixture
def small(tmp_path):
    """A corpus of eight clips with its own index."""
    root = make_corpus(tmp_path / "ravdess", (3,))
    rows = []
    for file in recordings("ravdess", root):
        checksum = hashlib.sha256(file.read_bytes()).hexdigest()
        record = parse_name(file.name)
        rows.append((record.path, record.clip, checksum, sf.info(file).duration))
    return root, pd.DataFrame(rows, columns=["path", "clip", "sha256", "duration_s"])


def test_a_sound_corpus_is_verified(small):
    root, index = small
    found = verify("ravdess", root, index)
    assert (found.checked, found.missing, found.altered) == (8, (), ())
    assert (found.unverifiable, found.duplicates) == ((), ())
    found.raise_if_bad("ravdess")


def test_missing_and_altered_files_are_named(small):
    root, index = small
    files = list(recordings("ravdess", root))
    files[0].unlink()
    content = bytearray(files[1].read_bytes())
    content[-1] ^= 1
    files[1].write_bytes(content)
    files[2].write_bytes(b"")
    found = verify("ravdess", root, index)
    assert found.missing == (index.path[0],)
    assert found.altered == (index.path[1], index.path[2])
    with pytest.raises(CorpusError, match="1 recording missing, 2 altered"):
        found.raise_if_bad("ravdess")


def test_the_same_sound_under_another_name_and_container_is_a_duplicate(small):
    root, index = small
    file = next(recordings("ravdess", root))
    samples, rate_hz = sf.read(file, dtype="int16")
    copy = root / "again" / "copy.flac"
    copy.parent.mkdir()
    sf.write(copy, samples, rate_hz, subtype="PCM_16")
    found = verify("ravdess", root, index)
    assert found.duplicates == (("Actor_03/" + file.name, "again/copy.flac"),)
    found.raise_if_bad("ravdess")


def test_flac_copies_are_checked_by_length_alone(small):
    root, index = small
    for file in list(recordings("ravdess", root)):
        samples, rate_hz = sf.read(file, dtype="int16")
        sf.write(file.with_suffix(".flac"), samples, rate_hz, subtype="PCM_16")
        file.unlink()
    short = root / index.path[0].replace(".wav", ".flac")
    sf.write(short, np.zeros(800, np.int16), 16_000)
    found = verify("ravdess", root, index)
    assert len(found.unverifiable) == 7
    assert found.altered == ("Actor_03/" + short.name,)


def test_the_real_corpus_matches_the_index():
    root = require_ravdess()
    found = verify("ravdess", root)
    assert (found.checked, found.missing, found.altered) == (1440, (), ())
    # two takes of actor 7 are one recording in the official archive
    pair = [sorted(p.rpartition("/")[2][:20] for p in group) for group in found.duplicates]
    assert pair == [["03-01-03-01-02-01-07", "03-01-03-01-02-02-07"]]

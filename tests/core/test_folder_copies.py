"""Copies are found by their sound, and the same sound is never on both sides of a split."""

from dataclasses import replace

import numpy as np
import pytest
import soundfile as sf
import soxr

from ser_core.audio.clip import AudioClip
from ser_core.corpora import registry as corpora
from ser_core.corpora.folder import store
from ser_core.corpora.folder.copies import Sounds
from ser_core.corpora.folder.reader import read_labels
from ser_core.corpora.folder.screening import read_folder
from ser_core.corpora.index.building import index_folder
from ser_core.corpora.splits import folds
from ser_core.errors import CorpusError
from tests.own_folder import make_folder
from tests.voice import RATE_HZ, silence, voice

SPOKEN = np.concatenate([silence(0.4), voice(2.5, seed=1), silence(0.4)])


@pytest.fixture(autouse=True)
def own_dir(tmp_path, monkeypatch):
    monkeypatch.setenv("SER_OWN_DIR", str(tmp_path / "own"))
    monkeypatch.setattr(corpora, "_OPENED", {})


def noisy(samples):
    noise = np.random.default_rng(0).normal(size=samples.size)
    return samples + 0.001 * noise.astype(np.float32)


@pytest.mark.parametrize(
    "change",
    [
        lambda x: x,
        lambda x: 0.2 * x,
        lambda x: -x,
        lambda x: np.concatenate([silence(0.777), x, silence(0.3)]),
        lambda x: x[4801:-3200],
        lambda x: soxr.resample(soxr.resample(x, RATE_HZ, 8000), 8000, RATE_HZ),
        noisy,
    ],
)
def test_a_copy_is_found_whatever_was_done_to_it(change):
    sounds = Sounds()
    for number in range(20):
        sounds.add(f"other {number}", AudioClip(voice(2.5, seed=100 + number)))
    sounds.add("one", AudioClip(SPOKEN))
    sounds.add("copy", AudioClip(change(SPOKEN).astype(np.float32)))
    assert sounds.groups() == [["one", "copy"]]


def test_no_sound_and_no_folder_have_no_copies():
    sounds = Sounds()
    assert sounds.groups() == []
    sounds.add("still", AudioClip(silence(1.0)))
    sounds.add("short", AudioClip(voice(0.1)))
    assert sounds.groups() == []


def test_one_of_each_copy_is_kept_and_it_is_said(tmp_path):
    root = make_folder(tmp_path / "voices", ("anna", "ben"), ("sad", "angry"))
    again = root / "voices" / "sad" / "anna"
    again.mkdir(parents=True)
    samples, rate = sf.read(root / "sad/anna/take.wav")
    sf.write(again / "loud.flac", 1.5 * samples, rate)
    found = read_folder(root)
    assert (found.corpus.info.clips, found.corpus.info.speakers) == (4, 2)
    (skipped,) = found.skipped
    assert skipped.file == "voices/sad/anna/loud.flac"
    assert skipped.why == "holds the same sound as sad/anna/take.wav"
    assert "Copies of other recordings by their sound: 1." in found.notes[-1]


@pytest.fixture
def shared(tmp_path):
    """Six people; anna and ben are said to have spoken the same recording."""
    root = make_folder(tmp_path / "voices", tuple("abcdeg"), ("sad", "angry"))
    (root / "sad/b/take.wav").write_bytes((root / "sad/a/take.wav").read_bytes())
    return root


def test_who_shares_a_recording_stays_on_one_side_of_each_split(shared):
    found = read_folder(shared)
    assert found.corpus.twins == (("sad/a/take.wav", "sad/b/take.wav"),)
    assert "several labels: sad/a/take.wav = sad/b/take.wav. Which is right?" in found.notes[-1]
    assert found.corpus.info.clips == 12
    parts = folds(corpora.open_own(found))
    assert len(parts) == 5
    for fold in parts:
        for side in (fold.train, fold.validation, fold.test):
            assert ("voices/01" in side) == ("voices/02" in side)


def test_people_who_all_share_recordings_are_no_unseen_speakers(tmp_path):
    root = make_folder(tmp_path / "voices", tuple("abc"), ("sad", "angry"))
    for who in "bc":
        (root / "sad" / who / "take.wav").write_bytes((root / "sad/a/take.wav").read_bytes())
    name = corpora.open_own(read_folder(root))
    with pytest.raises(CorpusError, match="names 3 speakers, 1 without a recording in common"):
        folds(name)


def test_what_shares_a_sound_is_stored(shared):
    found, index = index_folder(read_folder(shared), lambda path: shared / path)
    store.save(found, index)
    assert store.load("voices").corpus.twins == found.corpus.twins


def test_clips_that_nobody_is_named_for_are_in_no_fold_nor_is_who_shares_one(tmp_path):
    files = [f"sad/{who}/{i}.wav" for who in "abcd" for i in "12"] + ["sad/1.wav"]
    found = read_labels("v", files)
    assert "Nobody says who speaks in 1 clip:" in found.notes[-1]
    for twins, tested in ((), "abcd"), ((("sad/1.wav", "sad/a/1.wav"),), "bcd"):
        corpus = replace(found.corpus, twins=twins)
        corpora._OPENED["v"] = replace(found, corpus=corpus)
        names = {f"v/{number:02d}": who for number, who in corpus.info.speaker_names.items()}
        for fold in folds("v"):
            everyone = [names[s] for s in fold.train + fold.validation + fold.test]
            assert sorted(everyone) == [*tested]
        assert sorted(names[s] for fold in folds("v") for s in fold.test) == [*tested]
    few = read_labels("w", [file for file in files if "/a/" not in file and "/b/" not in file])
    with pytest.raises(CorpusError, match="names 2 speakers"):
        folds(corpora.open_own(few))

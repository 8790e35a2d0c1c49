"""A person's own folder becomes a corpus, whatever lies in it."""

import unicodedata

import numpy as np
import pandas as pd
import pytest
import soundfile as sf

from ser_core.corpora import registry as corpora
from ser_core.corpora.folder import screening, store
from ser_core.corpora.folder.own import short_name
from ser_core.corpora.folder.reader import describe, read_labels
from ser_core.corpora.folder.screening import read_clip, read_folder
from ser_core.corpora.index.building import index_folder, index_row
from ser_core.corpora.index.reading import clip_path, find_root, load_index, located, require_root
from ser_core.corpora.splits import folds
from ser_core.emotions import Emotion
from ser_core.errors import CorpusError
from tests.own_folder import EMOTIONS, SPEAKERS, make_folder


@pytest.fixture(autouse=True)
def own_dir(tmp_path, monkeypatch):
    monkeypatch.setenv("SER_OWN_DIR", str(tmp_path / "own"))
    monkeypatch.setattr(corpora, "_OPENED", {})
    return tmp_path / "own"


def skipped(found) -> dict[str, str]:
    return {s.file: s.why for s in found.skipped}


def labels(found) -> dict[str, tuple[str, str]]:
    return {
        r.path: (str(r.emotion), found.corpus.info.speaker_names[int(r.speaker.rpartition("/")[2])])
        for r in found.corpus.records.values()
    }


@pytest.mark.parametrize(
    ("path", "emotion", "speaker"),
    [
        ("angry/1.wav", "angry", "unknown"),
        ("Anger/anna/1.wav", "angry", "anna"),
        ("anna/JOY/b c.FLAC", "happy", "anna"),
        ("session 1/anna/fear/1.opus", "fearful", "anna"),
    ],
)
def test_folders_name_emotion_and_speaker(path, emotion, speaker):
    assert labels(read_labels("mine", [path])) == {path: (emotion, speaker)}


def test_what_is_no_clip_is_skipped_with_its_reason():
    found = read_labels(
        "mine", ["sad/1.wav", "1.wav", "bored/2.wav", "sad/angry/3.wav", "sad/a.png", "notes.txt"]
    )
    assert list(labels(found)) == ["sad/1.wav"]
    assert skipped(found) == {
        "1.wav": "no folder names its emotion",
        "bored/2.wav": "no folder names its emotion",
        "sad/angry/3.wav": "two folders name an emotion",
        "sad/a.png": "is a picture",
        "notes.txt": "is a text",
    }
    assert "5 skipped" in describe(found)
    assert "1.wav, bored/2.wav: no folder names its emotion" in describe(found)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_table_names_file_emotion_and_speaker(separator):
    rows = [
        ("File", "Emotion", "Speaker", "sex", "statement"),
        ("a.wav", "Angry", "anna", "F", "door"),
        (".\\sub\\b.wav", "sadness", "ben", "male", ""),
        ("c.wav", "bored", "ben", "", ""),
        ("gone.wav", "sad", "ben", "", ""),
        ("f.wav", "anger", "anna", "", ""),
        ("f.wav", "sad", "anna", "", ""),
        ("../../etc/passwd", "sad", "ben", "", ""),
        ("notes.md", "sad", "ben", "", ""),
        ("e.wav",),
    ]
    table = "\ufeff" + "\r\n".join(separator.join(row) for row in rows)
    files = ["a.wav", "sub/b.wav", "c.wav", "d.wav", "e.wav", "f.wav", "notes.md", "labels.csv"]
    found = read_labels("mine", files, {"labels.csv": table.encode()})
    assert labels(found) == {"a.wav": ("angry", "anna"), "sub/b.wav": ("sad", "ben")}
    first, second = found.corpus.records.values()
    assert (first.sex, first.statement, second.sex, second.statement) == (
        "female", "door", "male", "unknown"
    )  # fmt: skip
    assert skipped(found) == {
        "c.wav": "“bored” is none of the eight emotions",
        "gone.wav": "is not in the folder",
        "f.wav": "has rows that contradict each other: “anger”, “sad”; keep the right one",
        "../../etc/passwd": "is not in the folder",
        "d.wav": "is not in the table",
        "e.wav": "an empty field is none of the eight emotions",
        "notes.md": "is a text",
    }


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("", "no column file"),
        ("x,emotion\na.wav,sad", "no column file; found: x, emotion"),
        ("file,speaker\na.wav,anna", "no column emotion"),
        ("file,emotion\n", "No recording in the folder has a label"),
    ],
)
def test_a_table_that_cannot_serve_says_what_it_lacks(table, message):
    with pytest.raises(CorpusError, match=message):
        read_labels("mine", ["a.wav"], {"labels.csv": table.encode()})


def test_tables_of_old_spreadsheets_are_read():
    found = read_labels(
        "mine", ["a.wav", "b.wav"], {"l.csv": b"file,emotion\ra.wav,sad\rb.wav,happy\r"}
    )
    assert {path: e for path, (e, _) in labels(found).items()} == {"a.wav": "sad", "b.wav": "happy"}


def test_a_quote_that_never_ends_is_told():
    with pytest.raises(CorpusError, match="quotes in pairs"):
        read_labels("mine", ["a.wav"], {"l.csv": b'file,emotion\na.wav,"' + b"x" * 200_000})


def test_umlauts_are_one_or_two_characters():
    one, two = (unicodedata.normalize(form, "für.wav") for form in ("NFC", "NFD"))
    assert one != two
    for named, file in ((one, two), (two, one)):
        table = {"labels.csv": f"file,emotion\n{named},sad".encode()}
        assert list(labels(read_labels("mine", [file], table))) == [file]


def test_a_folder_without_labels_says_how_to_give_them():
    with pytest.raises(CorpusError, match=r"labels\.csv with the columns file, emotion, speaker"):
        read_labels("mine", ["a.wav"])


def test_names_are_unique_and_speakers_numbered():
    found = read_labels("mine", ["sad/ben/1.wav", "sad/ben/1.flac", "sad/anna/1.wav"])
    clips = [(r.clip, r.speaker, r.repetition) for r in found.corpus.records.values()]
    assert clips == [
        ("sad-anna-1", "mine/01", 1),
        ("sad-ben-1", "mine/02", 1),
        ("sad-ben-1-2", "mine/02", 2),
    ]
    found = read_labels("mine", ["sad/take-2.wav", "sad/take.flac", "sad/take.wav", "sad/take.ogg"])
    by_path = {r.path: r.clip for r in found.corpus.records.values()}
    assert by_path["sad/take-2.wav"] == "sad-take-2"
    assert len(set(by_path.values())) == 4
    long = read_labels("mine", ["sad/12345678901234567890/1.wav", "sad/2/1.wav"])
    assert list(long.corpus.info.speaker_names) == [1, 2]  # no numbers of twenty digits
    numbered = read_labels("mine", ["sad/07/1.wav", "sad/12/1.wav"])
    assert dict(numbered.corpus.info.speaker_names) == {7: "07", 12: "12"}


def test_a_folder_on_disk_is_read_and_what_is_damaged_is_skipped(tmp_path):
    root = make_folder(tmp_path / "My Clips")
    (root / "sad" / "broken.wav").write_bytes(b"RIFF, but not really")
    (root / "sad" / "empty.wav").write_bytes(b"")
    sf.write(root / "sad" / "silent.wav", np.zeros(16_000), 16_000)
    sf.write(root / "sad" / "click.wav", np.ones(100), 16_000)
    found = read_folder(root)
    info = found.corpus.info
    assert (info.name, info.clips, info.speakers) == ("my-clips", 20, 4)
    assert list(info.classes) == [e for e in Emotion if e in EMOTIONS]
    assert set(info.speaker_names.values()) == set(SPEAKERS)
    assert "is not audio" in skipped(found)["sad/broken.wav"]
    assert "is empty" in skipped(found)["sad/empty.wav"]
    assert "holds silence" in skipped(found)["sad/silent.wav"]
    assert "too short for a voice" in skipped(found)["sad/click.wav"]


def test_a_folder_of_damaged_files_alone_is_refused(tmp_path):
    (tmp_path / "sad").mkdir()
    (tmp_path / "sad" / "x.wav").write_bytes(b"x")
    with pytest.raises(CorpusError, match="No recording can be used"):
        read_folder(tmp_path)


def test_the_table_may_have_any_name_if_it_is_the_only_one_or_named(tmp_path):
    sf.write(tmp_path / "a.wav", 0.1 * np.ones(16_000), 16_000)
    (tmp_path / "what.csv").write_text("file;emotion\na.wav;disgust\n", "cp1252")
    assert labels(read_folder(tmp_path)) == {"a.wav": ("disgust", "unknown")}
    (tmp_path / "other.csv").write_text("file,emotion\na.wav,sad\n")
    with pytest.raises(CorpusError, match="Several tables"):
        read_folder(tmp_path)
    assert labels(read_folder(tmp_path / "other.csv"))["a.wav"][0] == "sad"
    (tmp_path / "labels.csv").write_text("file,emotion\na.wav,happy\n")
    assert labels(read_folder(tmp_path))["a.wav"][0] == "happy"


def test_a_conversation_is_no_clip(tmp_path, monkeypatch):
    root = make_folder(tmp_path / "voices", SPEAKERS[:1])
    monkeypatch.setattr(screening, "LONGEST_S", 1.0)
    with pytest.raises(CorpusError, match="holds one utterance"):
        read_folder(root)


def test_more_sound_than_a_page_can_take_is_told(tmp_path):
    root = make_folder(tmp_path / "voices", SPEAKERS[:1])
    with pytest.raises(CorpusError, match=r"longer than 3\sseconds together"):
        index_folder(read_folder(root), lambda path: root / path, most_s=3.0)


def test_no_such_folder_is_told(tmp_path):
    with pytest.raises(CorpusError, match="There is no folder"):
        read_folder(tmp_path / "nowhere")


def test_short_names_fit_paths_and_addresses():
    assert short_name("Meine Stimmen (2026)") == "meine-stimmen-2026"
    assert short_name("../..") == "own"


def test_an_own_corpus_is_found_like_any_other(tmp_path):
    root = make_folder(tmp_path / "voices", SPEAKERS[:3])
    name = corpora.open_own(read_folder(root))
    assert name == "voices"
    assert find_root(name) == require_root(name) == root.resolve()
    found = dict((record.path, file) for record, file in located(name, root))
    assert len(found) == 15
    assert clip_path(name, "sad-ben-take", root) == root / "sad/ben/take.wav"
    assert clip_path(name, "../secret", root) is None
    with pytest.raises(CorpusError, match="Build it: python -m train index"):
        load_index(name)
    for file in found.values():
        file.unlink()
    with pytest.raises(CorpusError, match="no longer in"):
        require_root(name)


def test_a_published_name_is_not_given_away(tmp_path):
    with pytest.raises(CorpusError, match="Rename your folder"):
        corpora.open_own(read_folder(make_folder(tmp_path / "ravdess", SPEAKERS[:1])))
    assert not corpora.is_own("ravdess")


def test_a_stored_corpus_outlives_the_process(tmp_path, monkeypatch):
    root = make_folder(tmp_path / "voices", SPEAKERS[:2])
    (root / "odd.wav").write_bytes(b"x")
    found = read_folder(root)
    rows = [index_row(r, read_clip(root / p, p)) for p, r in found.corpus.records.items()]
    store.save(found, pd.DataFrame(rows))
    assert corpora.own_names() == ["voices"]
    again = corpora.own_folder("voices")
    assert again.corpus.records == found.corpus.records
    assert again.corpus.info == found.corpus.info
    assert again.skipped == found.skipped
    assert len(load_index("voices")) == 10
    (tmp_path / "own" / "voices.json").write_text("{}")
    with pytest.raises(CorpusError, match="damaged"):
        store.load("voices")


def test_another_folder_does_not_take_a_stored_name(tmp_path):
    for parent in ("one", "two"):
        found = read_folder(make_folder(tmp_path / parent / "voices", SPEAKERS[:1]))
        rows = [
            index_row(r, read_clip(found.corpus.root / p, p))
            for p, r in found.corpus.records.items()
        ]
        if parent == "one":
            store.save(found, pd.DataFrame(rows))
            store.save(found, pd.DataFrame(rows))  # the same folder again
    with pytest.raises(CorpusError, match="Another folder is stored as 'voices'"):
        store.save(found, pd.DataFrame(rows))


def test_speakers_with_many_clips_are_dealt_first(tmp_path):
    files = [
        f"sad/{s}/{i}.wav"
        for s, n in zip("abcdegh", (1, 1, 1, 1, 1, 1, 9), strict=True)
        for i in range(n)
    ]
    name = corpora.open_own(read_labels("v", files))
    first, *_, last = folds(name)
    assert first.test == ("v/06", "v/07")
    assert len(last.test) == 1


def test_folds_of_an_own_corpus_are_disjoint_and_complete(tmp_path):
    name = corpora.open_own(
        read_labels("v", [f"sad/{s}/{i}.wav" for s in "abcdeghi" for i in "12"])
    )
    everyone = {r.speaker for r in corpora.get(name).records.values()}
    parts = folds(name)
    assert len(parts) == 6
    for fold in parts:
        assert sorted(fold.train + fold.validation + fold.test) == sorted(everyone)
    assert sorted(s for f in parts for s in f.test) == sorted(everyone)


def test_too_few_speakers_for_unseen_ones_is_told():
    name = corpora.open_own(read_labels("v", ["sad/a/1.wav", "sad/b/1.wav"]))
    with pytest.raises(CorpusError, match="names 2 speakers"):
        folds(name)

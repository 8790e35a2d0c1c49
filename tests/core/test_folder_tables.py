"""Tables of labels as people and their programs write them."""

import io
import json

import pandas as pd
import pytest

from ser_core.corpora.folder.reader import read_labels
from ser_core.corpora.folder.tables import tables_among
from ser_core.errors import CorpusError

FILES = ["rec/1.wav", "rec/2.wav"]
PLAIN = "file,emotion,speaker\nrec/1.wav,angry,anna\nrec/2.wav,sad,ben\n"


def read(tables, files=FILES):
    """The corpus of some files; tables are texts or bytes by their path."""
    contents = {p: t.encode() if isinstance(t, str) else t for p, t in tables.items()}
    assert tables_among([*files, *contents]) == sorted(contents)
    return read_labels("mine", [*files, *contents], contents)


def told(found) -> dict[str, tuple[str, str, str]]:
    names = found.corpus.info.speaker_names
    return {
        r.path: (str(r.emotion), names[int(r.speaker.rpartition("/")[2])], r.sex)
        for r in found.records.values()
    }


def excel(rows) -> bytes:
    buffer = io.BytesIO()
    pd.DataFrame(rows[1:], columns=rows[0]).to_excel(buffer, index=False)
    return buffer.getvalue()


ROWS = [line.split(",") for line in PLAIN.split()]


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("labels.csv", PLAIN),
        ("labels.csv", "\ufeff" + PLAIN.replace(",", ";")),
        ("labels.csv", PLAIN.replace(",", "\t").encode("utf-16")),
        ("labels.txt", PLAIN.replace(",", "\t").encode("utf-16-le")),
        ("labels.csv", "sep=;\r\n" + PLAIN.replace(",", ";")),
        ("labels.csv", ("\ufeffsep=\t\r\n" + PLAIN.replace(",", "\t")).encode("utf-16-be")),
        ("labels.csv", "My recordings,,\n\n" + PLAIN),
        ("labels.tsv", PLAIN.replace(",", "\t")),
        ("answers.csv", PLAIN.replace("file,emotion,speaker", "File Name,Label,Speaker-ID")),
        ("a.csv", PLAIN.replace("file,emotion,speaker", "path,class,actor")),
        ("a.csv", PLAIN.replace("file,emotion,speaker", "Datei,Gefühl,Sprecherin")),
        ("labels.csv", PLAIN.replace("rec/", "C:\\Users\\me\\rec\\")),
        ("labels.csv", PLAIN.replace("rec/", "/home/me/data/rec/")),
        ("labels.csv", PLAIN.replace("rec/", "")),
        ("labels.csv", PLAIN.replace(".wav", "")),
        ("labels.csv", PLAIN.replace(".wav", ".WAV").replace("rec", "REC")),
        ("labels.csv", PLAIN.replace(".wav", ".flac")),
        ("labels.xlsx", excel(ROWS)),
        ("labels.csv", excel(ROWS)),
        (
            "metadata.jsonl",
            "\n".join(
                json.dumps({"file_name": file, "emotion": emotion, "speaker": speaker})
                for file, emotion, speaker in ROWS[1:]
            ),
        ),
    ],
)
def test_a_table_is_taken_however_it_was_written(path, content):
    assert told(read({path: content})) == {
        "rec/1.wav": ("angry", "anna", "unknown"),
        "rec/2.wav": ("sad", "ben", "unknown"),
    }


def test_which_column_was_taken_for_what_is_said():
    found = read({"l.csv": "path,label,spk,gender\nrec/1.wav,angry,7,M\nrec/2.wav,sad,8,weiblich"})
    assert told(found) == {"rec/1.wav": ("angry", "7", "male"), "rec/2.wav": ("sad", "8", "female")}
    assert found.notes == (
        "l.csv: file in “path”, emotion in “label”, speaker in “spk”, sex in “gender”.",
    )


def test_no_column_for_the_speaker_is_said_with_what_was_found():
    found = read({"labels.csv": "file,emotion,who\nrec/1.wav,angry,anna\nrec/2.wav,sad,ben"})
    assert "no column speaker; found: file, emotion, who" in found.notes[0]
    assert "Nobody says who speaks" in found.notes[1]
    assert {speaker for _, speaker, _ in told(found).values()} == {"unknown"}


@pytest.mark.parametrize("nobody", ["", "NA", "-", "null", "Anonymous", "n.a."])
def test_what_stands_for_no_name_is_nobody(nobody):
    found = read({"l.csv": f"file,emotion,speaker\nrec/1.wav,sad,anna\nrec/2.wav,sad,{nobody}\n"})
    assert [speaker for _, speaker, _ in told(found).values()] == ["anna", "unknown"]
    assert "Nobody says who speaks in 1 clip:" in found.notes[1]


def test_of_two_columns_the_one_with_emotions_is_taken():
    found = read({"labels.csv": "id,file,label,emotion\n1,rec/1.wav,0,angry\n2,rec/2.wav,1,sad"})
    assert [emotion for emotion, _, _ in told(found).values()] == ["angry", "sad"]


def test_each_split_of_a_data_set_may_bring_its_own_table():
    split = "file_name,emotion,speaker_id\na.wav,{},{}\n"
    found = read(
        {
            "train/metadata.csv": split.format("joy", "anna"),
            "test/metadata.csv": split.format("fear", "ben"),
        },
        ["train/a.wav", "test/a.wav"],
    )
    assert told(found) == {
        "train/a.wav": ("happy", "anna", "unknown"),
        "test/a.wav": ("fearful", "ben", "unknown"),
    }


def test_tables_share_the_work_as_in_audformat():
    found = read(
        {
            "db.emotion.csv": "file,emotion,emotion.confidence\nwav/a.wav,anger,1\nwav/b.wav,joy,",
            "db.emotion.categories.train.gold_standard.csv": "file,emotion\nwav/a.wav,anger\n",
            "db.files.csv": "file,speaker,transcription\nwav/a.wav,3,a01\nwav/b.wav,8,",
            "db.speaker.csv": "speaker,age,gender\n3,31,male\n8,34,female\n",
        },
        ["wav/a.wav", "wav/b.wav"],
    )
    assert told(found) == {
        "wav/a.wav": ("angry", "3", "male"),
        "wav/b.wav": ("happy", "8", "female"),
    }
    assert found.records["wav/a.wav"].statement == "a01"


def test_tables_that_contradict_each_other_are_refused_unless_one_is_named():
    tables = {"one.csv": PLAIN, "two.csv": PLAIN.replace("angry", "sad")}
    with pytest.raises(CorpusError, match=r"contradict.*rec/1\.wav is “angry”, by two\.csv “sad”"):
        read(tables)
    assert told(read({**tables, "labels.csv": PLAIN}))["rec/1.wav"][0] == "angry"


def test_a_table_of_something_else_leaves_the_folders_to_speak():
    found = read({"prices.csv": "apple,3\npear,4\n"}, ["sad/anna/1.wav"])
    assert told(found) == {"sad/anna/1.wav": ("sad", "anna", "unknown")}
    assert "no column file" in found.notes[0]
    found = read({"old.xlsx": b"PK damaged"}, ["sad/anna/1.wav"])
    assert "cannot be read as a table" in found.notes[0]


def test_answers_of_a_model_are_no_labels():
    answers = "file,model,emotion,p_neutral\nsad/1.wav,cnn,happy,0.1\n"
    assert told(read({"out.csv": answers}, ["sad/1.wav"]))["sad/1.wav"][0] == "sad"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"PK\3\4 no workbook", "cannot be read as a table"),
        (b"\xd0\xcf\x11\xe0 old", "before 2007 or with a password"),
        (b"{not json", "no column file"),
    ],
)
def test_a_damaged_table_is_told(content, message):
    with pytest.raises(CorpusError, match=message):
        read({"labels.csv": content})


def test_a_name_that_may_mean_several_files_is_given_to_none():
    found = read(
        {"labels.csv": "file,emotion\n1.wav,sad\nc/2.wav,happy\n"},
        ["a/1.wav", "b/1.wav", "c/2.wav"],
    )
    assert list(told(found)) == ["c/2.wav"]
    assert ("1.wav", "may be any of several files") in {(s.file, s.why) for s in found.skipped}


def test_two_rows_that_may_mean_one_file_label_it_not():
    table = "file,emotion\nx/1.wav,sad\ny/1.wav,happy\nrec/2.wav,sad\n"
    found = read({"labels.csv": table})
    assert list(told(found)) == ["rec/2.wav"]
    assert any("several rows: x/1.wav, y/1.wav" in s.why for s in found.skipped)


@pytest.mark.parametrize(("one", "two"), [("rec/1.wav", "rec/2.wav"), ("1", "2")])
def test_of_several_raters_most_are_right(one, two):
    said = [(one, "angry"), (one, "sad"), (one, "wut"), (two, "sad"), (two, ""), (two, "Trauer")]
    found = read({"labels.csv": "file,emotion\n" + "\n".join(map(",".join, said))})
    assert [emotion for emotion, _, _ in told(found).values()] == ["angry", "sad"]
    assert found.skipped == ()
    assert "1 file has several rows that differ" in found.notes[1]


@pytest.mark.parametrize(("one", "two"), [("rec/1.wav", "rec/2.wav"), ("1", "2")])
def test_a_file_whose_rows_contradict_each_other_is_left_out(one, two):
    said = [(one, "angry"), (one, "sad"), (two, "sad")]
    found = read({"labels.csv": "file,emotion\n" + "\n".join(map(",".join, said))})
    assert list(told(found)) == ["rec/2.wav"]
    (skipped,) = found.skipped
    assert (skipped.file, skipped.why) == (
        "rec/1.wav", "has rows that contradict each other: “angry”, “sad”; keep the right one"
    )  # fmt: skip


def test_a_folder_around_everything_is_no_obstacle():
    found = read({"top/labels.csv": PLAIN}, [f"top/{file}" for file in FILES])
    assert told(found)["top/rec/1.wav"] == ("angry", "anna", "unknown")


def test_the_uppermost_tables_count_wherever_they_lie():
    found = read(
        {"a/notes.csv": PLAIN.replace("rec", "wav")}, ["a/wav/1.wav", "a/wav/2.wav", "b/x"]
    )
    assert [speaker for _, speaker, _ in told(found).values()] == ["anna", "ben"]
    deep = ["notes.csv", "a/more.csv", "a/metadata.csv", ".hidden.csv", "a/readme.txt"]
    assert tables_among(deep) == ["a/metadata.csv", "notes.csv"]


def test_a_table_of_speakers_tells_their_sex_and_parquet_is_read():
    buffer = io.BytesIO()
    rows = {"ActorID": [1001.0, 1002.0, None], "Sex (m/f)": ["Male", "Female", None]}
    pd.DataFrame(rows).to_parquet(buffer)
    files = ["AudioWAV/1001_DFA_ANG_XX.wav", "AudioWAV/1002_DFA_SAD_XX.wav"]
    found = read({"people.parquet": buffer.getvalue()}, files)
    assert [(who, sex) for _, who, sex in told(found).values()] == [
        ("1001", "male"), ("1002", "female")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("word", "emotion"),
    [
        ("Freude", "happy"),
        ("pleasant_surprise", "surprised"),
        ("ps", "surprised"),
        ("COLÈRE", "angry"),
        ("miedo", "fearful"),
        ("tristezza", "sad"),
        ("wstręt", "disgust"),
        ("Überrascht", "surprised"),
    ],
)
def test_emotions_go_by_many_names(word, emotion):
    assert (
        told(read({"labels.csv": f"file,emotion\nrec/1.wav,{word}\n"}))["rec/1.wav"][0] == emotion
    )


def test_an_unknown_name_is_told_with_the_nearest():
    found = read({"labels.csv": "file,emotion\nrec/1.wav,freudee\nrec/2.wav,sad\n"})
    (skipped,) = found.skipped
    assert skipped.why == "“freudee” is none of the eight emotions (freude: happy?)"

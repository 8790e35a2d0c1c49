"""Labels in the files' own names, where neither a table nor a folder tells."""

import pytest

from ser_core.corpora.folder.reader import describe, read_labels


@pytest.mark.parametrize(
    ("names", "speakers"),
    [
        ("anna_angry_01 anna_sad_01 ben-angry-01 ben-sad-02", "anna anna ben ben"),
        ("angry.anna(1) sad.anna(1) angry.ben sad.ben", "anna anna ben ben"),
        ("anna/angry1 anna/x_sad ben/angry1 ben/x_sad", "anna anna ben ben"),
        ("door_angry door_sad", "unknown unknown"),  # nobody to tell it from
        ("dog_angry cat_sad cat_angry", "unknown unknown unknown"),  # a word, not a person
        ("rec_01_wut rec_02_freude", "unknown unknown"),
    ],
)
def test_file_names_tell_where_nothing_else_does(names, speakers):
    files = [f"{name}.wav" for name in names.split()]
    found = read_labels("mine", [*files, "noise.wav"])
    people = found.corpus.info.speaker_names
    spoken = {r.path: people[int(r.speaker[-1])] for r in found.corpus.records.values()}
    assert spoken == dict(zip(files, speakers.split(), strict=True))
    assert {str(r.emotion) for r in found.corpus.records.values()} <= {"angry", "sad", "happy"}
    assert {s.file: s.why for s in found.skipped} == {"noise.wav": "no folder names its emotion"}
    assert "read from the files' names: " in describe(found)


def test_file_names_say_nothing_beside_folders_that_do():
    found = read_labels("mine", ["sad/1.wav", "happy_birthday.wav"])
    assert [r.path for r in found.corpus.records.values()] == ["sad/1.wav"]

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
        ("angry_01 angry_02 sad_01 sad_02", "unknown unknown unknown unknown"),  # takes
        ("train/angry(1) train/sad(1) test/sad(2)", "unknown unknown unknown"),
        (
            "speaker1_angry speaker1_sad speaker2_angry speaker2_sad",
            "speaker1 speaker1 speaker2 speaker2",
        ),
        ("s1_anna_angry s2_anna_sad s1_ben_angry s2_ben_sad", "anna anna ben ben"),
        ("01_anna_angry 02_anna_sad 01_ben_angry 02_ben_sad", "anna anna ben ben"),
        ("anna/angry_01 anna/sad_01 ben/angry_01 ben/sad_01", "anna anna ben ben"),
        ("anna/angry_dog anna/sad_cat ben/angry_cat ben/sad_dog", "anna anna ben ben"),
        ("anna_angry/1 anna_sad/1 ben_angry/1 ben_sad/1", "anna anna ben ben"),
        ("AnnaAngry1 AnnaSad1 BenAngry1 BenSad1", "Anna Anna Ben Ben"),
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
    whose = "folders'" if "_angry/" in names else "files'"
    assert f"Labels are read from the {whose} names: " in describe(found)


def test_file_names_say_nothing_beside_folders_that_do():
    found = read_labels("mine", ["sad/1.wav", "happy_birthday.wav"])
    assert [r.path for r in found.corpus.records.values()] == ["sad/1.wav"]

"""Speakers of a folder are people, and published corpora are known by their files' names."""

from itertools import product

import pytest

from ser_core.corpora.folder.people import person_of
from ser_core.corpora.folder.reader import read_labels


def speakers(files) -> set[str]:
    return {*read_labels("mine", files).corpus.info.speaker_names.values()}


@pytest.mark.parametrize(
    ("names", "person"),
    [
        (
            ("Anna", "anna", "ANNA ", "Anna_train", "anna (2)", "Anna - Copy", "Kopie von Anna"),
            "anna",
        ),
        (("spk01", "SPK 1", "spk_1", "spk-001", "spk1_session2"), "spk 1"),
        (("train", "Test", "dev", "valid", "evaluation", "fold 3", "session1", "2024-05-01"), ""),
        (("José", "Jose"), "jose"),
        (("Jürgen", "juergen"), "jurgen"),
        (("Anna-Lena", "anna lena", "annalena"), "annalena"),
        (("trainset", "Hold-out", "fold_A", "part one", "5fold_3", "kfold4", "fold 1 of 5"), ""),
        (("train-clean-100", "test-other", "Validierung", "entraînement", "scene 3", "utt2"), ""),
        (("anna_2024-05-01", "Anna 2024-05-02"), "anna"),
        (("Ses01F", "ses 1 f"), "ses 1 f"),
        (("0011", "11"), "11"),
    ],
)
def test_spellings_splits_sessions_and_copies_make_no_new_person(names, person):
    assert {person_of(name) for name in names} == {person}


def crossed(pattern: str, *names: str) -> list[str]:
    """A clip in each pair or triple of folders."""
    return [pattern.format(*each) for each in product(*(some.split() for some in names))]


@pytest.mark.parametrize(
    ("files", "people"),
    [
        (crossed("{}/{}/{}/1.wav", "anna ben", "phone laptop", "sad angry"), {"anna", "ben"}),
        (crossed("{}/{}/sentence{}/1.wav", "anna ben", "sad angry", "1 2 3"), {"anna", "ben"}),
        (crossed("{}/{}/{}/1.wav", "anna ben", "sad angry", "dog cat bird"), {"anna", "ben"}),
        (crossed("speaker{}/sad/{}/1.wav", "1 2", "a b c d e"), {"speaker1", "speaker2"}),
        (crossed("{}/{}/sad/1.wav", "english german french", "anna ben"), {"anna", "ben"}),
        (
            crossed("{}/{}/sad/1.wav", "lab cafe", "ann ben cleo dan eve"),
            set("ann ben cleo dan eve".split()),
        ),
        (crossed("{}/{}/sad/1.wav", "dev-clean test-clean", "1089 2300"), {"1089", "2300"}),
        (crossed("{}/{}/1.wav", "trainset valset recording1 wav_16000", "sad"), {"unknown"}),
        (
            ["mine/anna/sad/1.wav", "mine/ben/sad/1.wav", "mine/sad/1.wav"],
            {"anna", "ben", "unknown"},
        ),
        (["angry/Anna/1.wav", "sad/anna/1.wav", "sad/Ben/1.wav"], {"Anna", "Ben"}),
        (["anna/train/sad/1.wav", "anna/test/sad/2.wav", "ben/dev/sad/1.wav"], {"anna", "ben"}),
        (["train/sad/anna/1.wav", "test/sad/anna/2.wav"], {"anna"}),
        (["my/sad/anna/1.wav", "my/sad/ben/1.wav", "my/my/sad/anna/2.wav"], {"anna", "ben"}),
        (["sad/anna/1.wav", "backup/sad/anna/2.wav", "sad/ben/3.wav"], {"anna", "ben"}),
        (["sad/anna/session 1/1.wav", "sad/anna/session 2/1.wav"], {"anna"}),
        (["wav/sad/1.wav", "wav/angry/2.wav"], {"unknown"}),
        (["laptop/anna/sad/1.wav", "phone/anna/sad/2.wav", "phone/ben/sad/1.wav"], {"anna", "ben"}),
        (["female/anna/01_sad/1.wav", "male/ben/02_angry/1.wav"], {"anna", "ben"}),
    ],
)
def test_folders_name_people(files, people):
    assert speakers(files) == people


def test_what_was_not_taken_for_people_is_said():
    found = read_labels("mine", ["anna/train/sad/1.wav", "Anna/test/sad/2.wav"])
    assert found.notes == ("Not taken for people: test, train.", "One person, not 2: Anna, anna.")


def test_a_folder_of_women_tells_the_sex():
    found = read_labels("mine", ["women/anna/sad/1.wav", "men/ben/sad/1.wav"])
    assert [r.sex for r in found.records.values()] == ["male", "female"]


@pytest.mark.parametrize(
    ("file", "speaker", "emotion", "sex"),
    [
        ("Actor_07/03-01-05-02-01-01-07.wav", "07", "angry", "male"),
        ("03-02-04-01-01-01-08.wav", "08", "sad", "female"),
        ("wav/03a01Fa.wav", "03", "happy", "male"),
        ("samples/EB0_fear_12.wav", "EB0", "fearful", "female"),
        ("AudioWAV/1001_DFA_ANG_XX.wav", "1001", "angry", "unknown"),
        ("OAF_Pleasant_surprise/OAF_back_ps.wav", "OAF", "surprised", "female"),
        ("YAF_angry/YAF_dog_angry.wav", "YAF", "angry", "female"),
        ("OA_bite_neutral.wav", "OAF", "neutral", "female"),
        ("AudioData/DC/sa04.wav", "DC", "sad", "male"),
        ("ALL/KL_su11.wav", "KL", "surprised", "male"),
        ("ESD/0011/Angry/train/0011_000371.wav", "0011", "angry", "unknown"),
        ("flat/0020_001401.wav", "0020", "surprised", "unknown"),
    ],
)
def test_copies_of_published_corpora_label_themselves(file, speaker, emotion, sex):
    found = read_labels("mine", [file])
    (record,) = found.records.values()
    assert (record.emotion, record.sex) == (emotion, sex)
    assert {*found.corpus.info.speaker_names.values()} == {speaker}
    assert "Files are named as in" in found.notes[0]


def test_speakers_of_two_corpora_are_not_one_by_their_numbers():
    files = ["a/03-01-05-02-01-01-03.wav", "b/03a01Fa.wav", "c/03-01-04-02-01-01-03.wav"]
    assert speakers(files) == {"RAVDESS 03", "EMO-DB 03"}


def test_a_class_without_counterpart_is_skipped_with_its_reason():
    found = read_labels("mine", ["wav/03a01La.wav", "wav/03a01Fa.wav"])
    (skipped,) = found.skipped
    assert skipped.file == "wav/03a01La.wav"
    assert skipped.why == "its name, as in EMO-DB, tells none of the eight emotions"

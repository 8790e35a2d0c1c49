"""ASED and TurEV-DB: corpora for tests alone, in whatever folder people keep them."""

import numpy as np
import pytest
import soundfile as sf

from ser_core.corpora import ased, turev
from ser_core.corpora.fetch.archive import download
from ser_core.corpora.fetch.verification import verify
from ser_core.corpora.index.reading import (
    clip_path,
    find_root,
    load_index,
    located,
    require_root,
)
from ser_core.corpora.registry import get, names
from ser_core.corpora.splits import folds
from ser_core.emotions import Emotion
from ser_core.errors import CorpusError
from tests.corpus import require

ASED = [
    ("a5-03-01-02-50.wav", Emotion.ANGRY, "a03", 1, "50", "male"),
    ("x/y/n1-07-02-01-01.flac", Emotion.NEUTRAL, "n07", 2, "01", "female"),
    ("F2-01-01-02-65.WAV", Emotion.FEARFUL, "f01", 1, "65", "male"),  # some are in capitals
    ("h3-02-02-01-09", Emotion.HAPPY, "h02", 2, "09", "female"),
    ("s4-05-01-02-34.wav", Emotion.SAD, "s05", 1, "34", "male"),
]
TUREV = [
    ("1157_kz_acik.wav", Emotion.ANGRY, "acik", "1157"),
    ("Sound Source/Happy/7895_mt_kustah.flac", Emotion.HAPPY, "kustah", "7895"),
    ("1984_sk_cay", Emotion.CALM, "cay", "1984"),
    ("7895_hl_ogul1.wav", Emotion.SAD, "ogul", "7895"),  # the only one with a digit
]
FOREIGN = {
    ased: [
        "",
        "03-01-05-02-01-01-07.wav",
        "a5-08-01-02-50.wav",  # no such sentence
        "a5-03-03-02-50.wav",
        "a5-03-01-03-50.wav",
        "a5-03-01-02-66.wav",  # no such speaker
        "a5-03-01-02-00.wav",
        "d6-03-01-02-50.wav",  # no such emotion
        "ſ4-05-01-02-34.wav",  # in Unicode a lower-case s, too
        "a5-03-01-02-50-1.wav",
    ],
    turev: [
        "",
        "1158_kz_acik.wav",  # no such speaker
        "1157_xx_acik.wav",  # no such emotion
        "1157_kz_.wav",
        "1157_kz_acik_1.wav",
        "1157_kz_açık.wav",
    ],
}
TESTED = [name for name in names() if not get(name).info.trains]


@pytest.mark.parametrize(("name", "emotion", "statement", "take", "speaker", "sex"), ASED)
def test_names_of_ased_are_read(name, emotion, statement, take, speaker, sex):
    record = ased.parse_name(name)
    assert (record.emotion, record.statement, record.repetition) == (emotion, statement, take)
    assert (record.speaker, record.sex, record.corpus) == (f"ased/{speaker}", sex, "ased")
    assert record.path == f"{record.clip}.wav"


@pytest.mark.parametrize(("name", "emotion", "word", "speaker"), TUREV)
def test_names_of_turev_are_read(name, emotion, word, speaker):
    record = turev.parse_name(name)
    assert (record.emotion, record.statement, record.speaker) == (emotion, word, f"turev/{speaker}")
    assert record.sex == "unknown"
    assert record.path == f"{record.clip}.wav"


@pytest.mark.parametrize(
    ("corpus", "name"), [(c, n) for c, names in FOREIGN.items() for n in names]
)
def test_foreign_names_are_refused(corpus, name):
    with pytest.raises(CorpusError, match="is not the name of"):
        corpus.parse_name(name)


def test_no_speaker_of_ased_has_two_sexes_and_every_fold_tests_both():
    index = load_index("ased")
    assert (index.groupby("speaker").sex.nunique() == 1).all()
    for fold in folds("ased"):
        tested = index[index.speaker.isin(fold.test)]
        assert set(tested.sex) == {"female", "male"}
        assert set(tested.emotion) == set(ased.INFO.classes)


def test_every_fold_of_turev_tests_every_emotion():
    index = load_index("turev")
    for fold in folds("turev"):
        assert set(index[index.speaker.isin(fold.test)].emotion) == set(turev.INFO.classes)


def test_they_are_ased_and_turev():
    assert TESTED == ["ased", "turev"]


@pytest.mark.parametrize("folder", ["", "Angry", "Sound Source/Angry"])
@pytest.mark.parametrize(
    ("corpus", "file"),
    [
        ("turev", "1157_kz_acik.wav"),
        ("ased", "A5-03-01-02-50.WAV"),
        ("ased", "a5-03-01-02-50.flac"),
    ],
)
def test_recordings_are_found_in_any_folder(tmp_path, folder, corpus, file):
    path = tmp_path / folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    sf.write(path, np.zeros(1600), 16_000)
    path.with_name("notes.wav").write_bytes(b"")
    assert require_root(corpus, tmp_path) == tmp_path
    assert [(r.clip, f) for r, f in located(corpus, tmp_path)] == [(path.stem, path)]
    assert clip_path(corpus, path.stem, tmp_path) == path
    index = load_index(corpus).iloc[:1].assign(clip=path.stem, path=f"{path.stem}.wav")
    found = verify(corpus, tmp_path, index.assign(duration_s=0.1))
    assert (found.checked, found.missing, found.altered) == (1, (), ())
    assert found.unverifiable == (path.relative_to(tmp_path).as_posix(),)


@pytest.mark.parametrize("name", TESTED)
def test_they_are_not_downloaded_and_it_is_said_where_they_are(name, tmp_path, monkeypatch):
    monkeypatch.setenv("SER_DATA_DIR", str(tmp_path))
    assert find_root(name) is None
    where = f"Get them from {get(name).info.homepage} and put them into .*/{name}"
    with pytest.raises(CorpusError, match=f"not offered for download. {where}"):
        download(name)
    with pytest.raises(CorpusError, match=f"{where}, pass their folder as --root"):
        require_root(name)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", TESTED)
def test_real_recordings_match_the_index(name):
    found = verify(name, require(name))
    assert (found.checked, found.missing, found.altered) == (len(load_index(name)), (), ())

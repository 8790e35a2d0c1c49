import numpy as np
import pytest
import soundfile as sf

from ser_core.corpora.emodb import INFO, parse_name
from ser_core.corpora.fetch.verification import verify
from ser_core.corpora.index.reading import clip_path, find_root, load_index, recordings
from ser_core.corpora.published import SUFFIXES
from ser_core.corpora.registry import get
from ser_core.corpora.splits import folds
from ser_core.emotions import Emotion
from ser_core.errors import CorpusError
from tests.corpus import require

# the table of the corpus' own documentation
NAMED = [
    ("03a01Fa.wav", Emotion.HAPPY, "a01", 1, "03", "male"),
    ("wav/03a01Nc.flac", Emotion.NEUTRAL, "a01", 3, "03", "male"),
    ("08b10Wd", Emotion.ANGRY, "b10", 4, "08", "female"),
    ("x/y/16b02Eb.wav", Emotion.DISGUST, "b02", 2, "16", "female"),
    ("14a07Aa.wav", Emotion.FEARFUL, "a07", 1, "14", "female"),
    ("10b03Tf.wav", Emotion.SAD, "b03", 6, "10", "male"),
]
FOREIGN = [
    "",
    "hello.wav",
    "03-01-05-02-01-01-07.wav",
    "01a01Fa.wav",  # no such speaker
    "03a03Fa.wav",  # no such sentence
    "03a01Xa.wav",  # no such emotion
    "03a01Fg.wav",
    "03a01F.wav",
    "03a01fa.wav",
    "03a01Fa.b.wav",
    "../03a01Fa1.wav",
    "0٣a01Fa.wav",
]


@pytest.mark.parametrize(("name", "emotion", "statement", "take", "actor", "sex"), NAMED)
def test_names_are_read(name, emotion, statement, take, actor, sex):
    record = parse_name(name)
    assert (record.emotion, record.statement, record.repetition) == (emotion, statement, take)
    assert (record.speaker, record.sex, record.corpus) == (f"emodb/{actor}", sex, "emodb")
    assert record.path == f"wav/{record.clip}.wav"


@pytest.mark.parametrize("name", FOREIGN)
def test_foreign_names_are_refused(name):
    with pytest.raises(CorpusError, match="not the name of an EMO-DB"):
        parse_name(name)


def test_boredom_is_refused_by_its_name():
    with pytest.raises(CorpusError, match="boredom, which has no counterpart"):
        parse_name("03a01La.wav")


def test_what_is_left_out_is_told():
    assert INFO.left_out_note() == (
        "81 more clips, of boredom, are left out: boredom has no counterpart among the eight "
        "emotions."
    )
    assert get("ravdess").info.left_out_note() == ""


def test_the_classes_count_as_published():
    counts = dict(load_index("emodb").emotion.value_counts())
    assert counts == {
        "angry": 127, "neutral": 79, "happy": 71, "fearful": 69, "sad": 62, "disgust": 46
    }  # fmt: skip
    assert sum(counts.values()) + sum(INFO.left_out.values()) == 535


def test_every_fold_tests_a_man_a_woman_and_every_emotion():
    index = load_index("emodb")
    for fold in folds("emodb"):
        tested = index[index.speaker.isin(fold.test)]
        assert tested.groupby("sex").speaker.nunique().to_dict() == {"female": 1, "male": 1}
        assert tested.emotion.value_counts().reindex(INFO.classes).min() >= 5


@pytest.fixture(params=[".wav", ".flac"])
def small(request, tmp_path):
    """Three clips of the corpus, one of them of boredom, made of noise."""
    (tmp_path / "wav").mkdir()
    (tmp_path / "erkennung.txt").write_text("hello")
    noise = np.random.default_rng(1)
    for clip in ("03a01Fa", "03a01Nc", "03a02La"):
        samples = noise.normal(0, 0.1, 16_000)
        sf.write(tmp_path / "wav" / f"{clip}{request.param}", samples, 16_000, subtype="PCM_16")
    return tmp_path


def test_recordings_are_found_without_boredom(small):
    assert find_root("emodb", small) == small
    assert [file.stem for file in recordings("emodb", small)] == ["03a01Fa", "03a01Nc"]
    assert clip_path("emodb", "03a01Fa", small).stem == "03a01Fa"
    with pytest.raises(CorpusError, match="boredom"):
        clip_path("emodb", "03a02La", small)


def test_without_official_checksums_a_file_is_unverifiable_or_of_the_wrong_length(small):
    index = load_index("emodb")
    index = index[index["clip"].isin(["03a01Fa", "03a01Nc"])].assign(duration_s=[1.0, 2.0])
    found = verify("emodb", small, index)
    suffix = next(recordings("emodb", small)).suffix
    assert (found.checked, found.missing) == (2, ())
    assert found.unverifiable == (f"wav/03a01Fa{suffix}",)
    assert found.altered == (f"wav/03a01Nc{suffix}",)


def test_the_real_corpus_matches_the_index():
    found = verify("emodb", require("emodb"))
    assert (found.checked, found.missing, found.altered) == (454, (), ())
    assert len(found.unverifiable) == 454
    assert found.duplicates == ()


def test_every_real_name_is_read_but_those_of_boredom():
    files = [file for file in (require("emodb") / "wav").iterdir() if file.suffix in SUFFIXES]
    bored = [file for file in files if file.stem[5] == "L"]
    assert (len(files), len(bored)) == (535, 81)
    for file in bored:
        with pytest.raises(CorpusError, match="boredom"):
            parse_name(file.name)
    for file in set(files) - set(bored):
        record = parse_name(file.name)
        spelled = record.speaker.removeprefix("emodb/") + record.statement
        assert file.stem[:5] == spelled
        assert file.stem[6] == "abcdef"[record.repetition - 1]

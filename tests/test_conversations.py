"""The dialogues that conversations are measured on, and how answers are counted."""

import numpy as np
import pytest

from benchmarks import dialogues
from benchmarks.conversations import DEVELOPMENT, REPORTED, main, right_s, spoken_alone
from benchmarks.dialogues import Dialogue, Plan, Spoken, build
from benchmarks.word_errors import WordErrors, word_errors
from ser_core.analysis.timeline import Segment, Timeline
from ser_core.audio.clip import AudioClip
from ser_core.emotions import Emotion
from tests.corpus import make_corpus, require, require_words

SPEAKERS = ("ravdess/01", "ravdess/02", "ravdess/03")


@pytest.fixture
def made_up(tmp_path, monkeypatch):
    make_corpus(tmp_path / "ravdess", (1, 2, 3))
    monkeypatch.setenv("SER_DATA_DIR", str(tmp_path))
    dialogues._clips.cache_clear()
    dialogues._trimmed.cache_clear()
    yield
    dialogues._clips.cache_clear()
    dialogues._trimmed.cache_clear()


def test_a_seed_makes_the_same_dialogue_again(made_up):
    plan = Plan("ravdess", SPEAKERS, 2, "room", 3, 12.0)
    one, two = build(plan), build(plan)
    np.testing.assert_array_equal(one.clip.samples, two.clip.samples)
    assert one.spoken == two.spoken
    other = build(Plan("ravdess", SPEAKERS, 2, "room", 4, 12.0))
    assert other.spoken != one.spoken


@pytest.mark.parametrize(("room", "louder"), [("studio", 20), ("room", 3)])
def test_the_truth_lies_where_sound_is(made_up, room, louder):
    dialogue = build(Plan("ravdess", SPEAKERS, 3, room, 0, 15.0))
    assert len({each.voice for each in dialogue.spoken}) == 3
    spoken = np.zeros(dialogue.clip.samples.size, bool)
    for each in dialogue.spoken:
        spoken[round(each.onset_s * 16_000) : round(each.offset_s * 16_000)] = True
    power = dialogue.clip.samples.astype(float) ** 2
    assert power[spoken].mean() > louder * power[~spoken].mean()
    assert np.abs(dialogue.clip.samples).max() <= 0.99 + 1e-6


def test_what_is_said_stands_in_the_order_in_which_it_starts(made_up):
    text = build(Plan("ravdess", SPEAKERS, 2, "studio", 0, 8.0)).text
    sentence = "Kids are talking by the door"  # the only one of the made-up clips
    assert len(text) > 3 * len(sentence)
    assert text.replace(sentence, "").strip() == ""


def test_wrong_words_are_counted_by_their_letters_alone():
    assert word_errors("Kids are talking", "kids, ARE talking.").rate == 0
    assert word_errors("Kids are talking", "Kids were talking now") == WordErrors(2, 3)
    assert word_errors("Kids are talking", "") == WordErrors(3, 3)
    assert (WordErrors(1, 4) + WordErrors(1, 1)).rate == 0.4


def test_nobody_is_reported_on_who_helped_to_choose():
    for corpus, chosen in DEVELOPMENT.items():
        assert not {*chosen} & {*REPORTED[corpus]}


def test_only_what_one_voice_says_alone_counts():
    spoken = (
        Spoken(0.0, 4.0, "a", Emotion.SAD),
        Spoken(3.0, 6.0, "b", Emotion.HAPPY),
        Spoken(7.0, 8.0, "b", Emotion.SAD),
    )
    dialogue = Dialogue("x", AudioClip(np.zeros(1, np.float32)), spoken, 2)
    assert list(spoken_alone(dialogue)) == [
        (0.0, 3.0, "sad"),
        (4.0, 6.0, "happy"),
        (7.0, 8.0, "sad"),
    ]


def test_an_answer_is_right_for_as_long_as_it_stands():
    sad, happy = ({Emotion.SAD: p, Emotion.HAPPY: 1 - p} for p in (0.6, 0.4))
    segments = (Segment(0.0, 2.0, None, sad), Segment(2.0, 5.0, Emotion.HAPPY, happy))
    timeline = Timeline("tiny", 5.0, ((0.0, 5.0),), (), segments)
    assert right_s(timeline, 1.0, 4.0, "sad") == 1.0
    assert right_s(timeline, 1.0, 4.0, "happy") == 2.0
    assert right_s(timeline, 6.0, 7.0, "happy") == 0.0


@pytest.mark.measures
def test_the_benchmark_prints_its_tables(monkeypatch, capsys):
    require("nemo")
    monkeypatch.setenv("SER_WORDS_DIR", str(require_words()))
    assert main(["--seeds", "1", "--length", "20", "--corpora", "nemo", "--words"]) == 0
    text = capsys.readouterr().out
    assert "DER 0.25 s" in text
    assert "own baseline" in text
    assert "error rate (WER)" in text
    assert "a second of sound" in text

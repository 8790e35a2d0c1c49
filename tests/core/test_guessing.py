from collections import Counter

import pytest

from ser_core.corpora.index.reading import load_index
from ser_core.emotions import Emotion
from ser_core.evaluation.intervals import wilson
from ser_core.evaluation.quiz import Round, drawn

LABELS = tuple(e.value for e in Emotion)


@pytest.fixture(scope="module")
def rows():
    return load_index("ravdess")[["clip", "speaker", "emotion"]]


def emotions(clips) -> Counter:
    return Counter(clip.emotion for clip in clips)


def test_ten_different_clips_of_every_emotion(rows):
    known = rows.set_index("clip")["emotion"]
    for seed in range(20):
        ten = drawn(rows, LABELS, seed).waiting[:10]
        assert len({clip.name for clip in ten}) == 10
        assert all(known[clip.name] == clip.emotion for clip in ten)
        assert {clip.corpus for clip in ten} == {"ravdess"}
        assert sorted(emotions(ten).values()) == [1] * 6 + [2] * 2


def test_a_round_is_drawn_anew_with_another_seed_only(rows):
    assert drawn(rows, LABELS, 1) == drawn(rows, LABELS, 1)
    assert drawn(rows, LABELS, 1).waiting != drawn(rows, LABELS, 2).waiting


def test_an_emotion_may_come_twice_before_each_came_once(rows):
    rounds = [drawn(rows, LABELS, seed).waiting for seed in range(20)]
    assert any(max(emotions(clips[:8]).values()) > 1 for clips in rounds)
    firsts = {clips[0].emotion for clips in rounds}
    assert len(firsts) > 4


def test_emotions_are_as_even_as_the_clips_allow(rows):
    few = rows[rows["emotion"].isin(["sad", "calm"])].groupby("emotion").head(20)
    assert emotions(drawn(few, LABELS, 3).waiting[:10]) == {"sad": 5, "calm": 5}
    one_sad = few[(few["emotion"] == "calm") | ~few["emotion"].duplicated()]
    assert emotions(drawn(one_sad, LABELS, 3).waiting[:10]) == {"sad": 1, "calm": 9}


def test_few_clips_make_a_short_round(rows):
    played = drawn(rows.iloc[:3], LABELS, 0)
    assert played.total == 3
    for _ in range(3):
        assert not played.finished
        played = played.guess("sad")
    assert played.finished
    assert {clip.name for clip in played.heard} == {*rows.iloc[:3]["clip"]}


def test_guesses_go_with_their_clips(rows):
    start = drawn(rows, LABELS, 5)
    played = start
    for number in range(10):
        assert not played.finished
        played = played.guess(LABELS[number % 8])
    assert played.finished
    assert played.heard == start.waiting[:10]
    assert played.guesses == (*LABELS, *LABELS[:2])
    assert start.guesses == ()


def test_a_skipped_clip_is_replaced_while_there_are_others(rows):
    played = drawn(rows, LABELS, 5)
    bad = played.waiting[0]
    played = played.skip()
    assert played.total == 10
    for _ in range(10):
        played = played.guess("sad")
    assert played.finished
    assert bad not in played.heard
    short = drawn(rows.iloc[:3], LABELS, 0).guess("sad").skip()
    assert (short.total, short.finished) == (2, False)
    assert short.skip().finished


def test_nothing_to_draw_from(rows):
    assert drawn(rows.iloc[:0], LABELS, 0) == Round(0, LABELS, 0, ())


@pytest.mark.parametrize("of", [1, 3, 10])
def test_interval_ends_where_a_share_would_be_that_unlikely(of):
    """Wilson: the share that was seen lies 1.96 of an end's standard errors from it."""
    for right in range(of + 1):
        for end in wilson(right, of):
            variance = end * (1 - end) / of
            assert (right / of - end) ** 2 == pytest.approx(1.959964**2 * variance, abs=1e-6)

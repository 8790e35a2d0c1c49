"""Words on the time axis of a result, and what is told where voice and words disagree."""

from pages.shared.live import word_rows
from pages.shared.ui.player import Piece
from ser_core.analysis.said import Said
from ser_core.analysis.timeline import Segment, Timeline
from ser_core.emotions import Emotion
from ser_core.formatting import percent
from ser_core.words.transcript import Word

SAD, HAPPY = {Emotion.SAD: 0.7, Emotion.HAPPY: 0.3}, {Emotion.SAD: 0.2, Emotion.HAPPY: 0.8}
SEGMENTS = (
    Segment(0.0, 1.0, Emotion.SAD, SAD, "A"),
    Segment(1.0, 2.0, None, SAD, "B"),
    Segment(2.0, 3.0, Emotion.HAPPY, HAPPY, "A"),
    Segment(3.0, 4.0, Emotion.HAPPY, HAPPY, "C"),
)
TIMELINE = Timeline("tiny", 4.0, ((0.0, 4.0),), (), SEGMENTS)
WORDS = (
    (Word("Well,", 0.1, 0.4, 0.9), Word("no.", 0.5, 0.9, 0.9)),
    (Word("Oh", 1.2, 1.4, 0.9),),
    (Word("Yes.", 2.2, 2.4, 0.9),),
    (),
)


def test_each_voice_has_a_row_in_the_colours_of_its_answers():
    first, second = word_rows.rows(TIMELINE, WORDS, {"A": "Ann", "B": "Bob", "C": "Cyd"}.get)
    assert (first.name, second.name) == ("Ann, words", "Bob, words")
    assert first.items == [
        Piece(0.1, 0.4, "Well,", Emotion.SAD),
        Piece(0.5, 0.9, "no.", Emotion.SAD),
        Piece(2.2, 2.4, "Yes.", Emotion.HAPPY),
    ]
    assert second.items == [Piece(1.2, 1.4, "Oh", None)]


def test_where_voices_were_not_told_apart_there_is_one_row():
    alone = Timeline("tiny", 1.0, ((0.0, 1.0),), (), (Segment(0.0, 1.0, Emotion.SAD, SAD),))
    (row,) = word_rows.rows(alone, WORDS[:1])
    assert (row.name, [item.text for item in row.items]) == ("Words", ["Well,", "no."])
    assert word_rows.rows(alone, [()]) == []


def test_what_disagrees_is_told_in_a_sentence():
    fine = Said(61.5, 63.0, "A", "I'm fine.", 0.2, Emotion.SAD, SAD)
    good = Said(70.0, 71.0, "B", "Good.", 0.4, Emotion.HAPPY, HAPPY)
    bad = Said(80.0, 81.0, None, "Bad", -1.0, Emotion.HAPPY, HAPPY)
    sad, happy = percent(0.7), percent(0.8)
    assert word_rows.disagreements([fine, good, bad], lambda name: f"Voice {name}") == [
        f"Voice A, 1:01.5: “I'm fine.” The words are positive, the voice sounds sad ({sad}).",
        f"1:20.0: “Bad” The words are negative, the voice sounds happy ({happy}).",
    ]

"""How a recording goes: the emotions that follow one another, as far as that is clear."""

import pytest

from ser_core.analysis.course import Part, course_of, frequent, longest
from ser_core.analysis.timeline import Segment, Timeline
from ser_core.emotions import Emotion

ANGRY, SAD, CALM = Emotion.ANGRY, Emotion.SAD, Emotion.CALM


def timeline(*parts: tuple[float, float, Emotion | None]) -> Timeline:
    even = dict.fromkeys(Emotion, 1 / len(Emotion))
    segments = tuple(Segment(start, end, emotion, even) for start, end, emotion in parts)
    return Timeline("tiny", parts[-1][1], tuple(part[:2] for part in parts), (), segments)


def test_neighbours_of_one_emotion_are_one_part_across_a_pause():
    course = course_of(timeline((0, 2, SAD), (3, 5, SAD), (6, 9, ANGRY)))
    assert course == (Part(SAD, 0, 5, 4), Part(ANGRY, 6, 9, 3))


def test_what_is_brief_or_unsure_interrupts_nothing():
    course = course_of(
        timeline((0, 3, SAD), (3, 3.5, CALM), (3.5, 4, None), (4, 7, SAD), (8, 12, ANGRY))
    )
    assert course == (Part(SAD, 0, 7, 6), Part(ANGRY, 8, 12, 4))


def test_brief_is_measured_by_the_whole():
    sentence = timeline((0, 2, SAD), (2, 4, ANGRY))
    assert len(course_of(sentence)) == 2
    # the same within minutes
    hour = timeline(
        (0, 60, SAD), (60, 62, ANGRY), (62, 64, CALM), (64, 120, SAD), (120, 180, ANGRY)
    )
    assert [part.emotion for part in course_of(hour)] == [SAD, ANGRY]


@pytest.mark.parametrize(
    "parts",
    [
        [(0, 5, SAD)],
        [(0, 2, SAD), (2, 4, ANGRY), (4, 10, None)],
        [(2 * i, 2 * i + 2, (SAD, ANGRY)[i % 2]) for i in range(9)],
    ],
    ids=["one", "mostly unsure", "too many"],
)
def test_what_tells_no_story_has_no_course(parts):
    assert course_of(timeline(*parts)) == ()


def test_the_longest_parts_keep_their_order():
    parts = course_of(timeline((0, 2, SAD), (2, 7, ANGRY), (7, 8.5, CALM), (8.5, 12, SAD)))
    assert [part.emotion for part in longest(parts, 2)] == [ANGRY, SAD]
    assert longest(parts, 9) == parts


def test_frequent_emotions_hold_much_of_the_speech():
    assert frequent(timeline((0, 3, SAD), (3, 8, ANGRY), (8, 9, CALM), (9, 10, None))) == [
        ANGRY,
        SAD,
    ]

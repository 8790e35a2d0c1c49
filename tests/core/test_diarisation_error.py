"""The scorer of diarisations, against cases counted by hand.

What pyannote.metrics 4.2 gives for the same cases (its collar is the sum of both sides) is equal.
"""

import pytest

from benchmarks.diarisation_error import Errors, errors

TRUTH = [(0.0, 10.0, "ann"), (12.0, 20.0, "bob"), (18.0, 24.0, "ann")]


def test_the_truth_itself_is_free_of_errors_whatever_voices_are_called():
    found = [(0.0, 10.0, "2"), (12.0, 20.0, "1"), (18.0, 24.0, "2")]
    assert errors(TRUTH, found) == Errors(24.0)


def test_every_kind_of_error_is_counted_in_seconds():
    found = [(1.0, 11.0, "1"), (12.0, 18.0, "2"), (18.0, 22.0, "1"), (22.0, 24.0, "2")]
    counted = errors(TRUTH, found)
    # missed: 0-1 of ann, 18-20 of bob; false: 10-11; confused: 22-24
    assert counted == Errors(24.0, missed_s=3.0, false_s=1.0, confused_s=2.0)
    assert counted.rate == pytest.approx(6 / 24)


def test_voices_are_matched_so_that_most_time_is_right():
    found = [(0.0, 4.0, "1"), (4.0, 10.0, "2"), (12.0, 20.0, "1"), (18.0, 24.0, "2")]
    assert errors(TRUTH, found) == Errors(24.0, confused_s=4.0)


def test_a_voice_too_many_has_no_counterpart():
    found = [(0.0, 10.0, "1"), (12.0, 20.0, "2"), (18.0, 24.0, "3")]
    assert errors(TRUTH, found) == Errors(24.0, confused_s=6.0)


def test_nothing_counts_near_a_border_of_the_truth():
    found = [(0.2, 10.2, "1"), (12.0, 20.0, "2"), (18.0, 24.0, "1")]
    assert errors(TRUTH, found).rate == pytest.approx(0.4 / 24)
    # 10 - 2 * 0.25, 18 - 12 - 0.5, twice 20 - 18 - 0.5, 24 - 20 - 0.5
    assert errors(TRUTH, found, collar_s=0.25) == Errors(pytest.approx(9.5 + 5.5 + 3.0 + 3.5))


def test_nobody_found_misses_all_and_anybody_in_silence_is_false():
    assert errors(TRUTH, []) == Errors(24.0, missed_s=24.0)
    assert errors([], [(0.0, 1.0, "1")]) == Errors(false_s=1.0)

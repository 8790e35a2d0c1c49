"""How sessions of voices that take turns are counted."""

import numpy as np
import pytest

from benchmarks.turns import Session, chosen, right_share, told

X, Y = np.eye(192, dtype=np.float32)[:2]


def near(cosine: float) -> np.ndarray:
    return (cosine * X + np.sqrt(1 - cosine**2) * Y).astype(np.float32)


def session(speakers: str, *vectors: np.ndarray) -> Session:
    return Session(tuple(speakers), (2.0,) * len(vectors), vectors)


def test_shares_are_those_of_the_best_pairing():
    assert right_share("xxyy", "BBAA") == 1.0
    assert right_share("xxyy", "AAAA") == 0.5
    assert right_share("xxyz", "AABB") == 0.75
    assert right_share("xxxx", "AABC") == 0.5


def test_what_is_told_at_once_and_in_the_end():
    outcome = told(session("xxyy", X, X, near(0.4), near(0.4)), 0.5)
    assert (outcome.most, outcome.voices) == (2, 2)
    assert (outcome.at_once, outcome.in_the_end) == (0.75, 1.0)
    assert told(session("xxyy", X, X, near(0.6), near(0.6)), 0.5).most == 1
    counted = told(session("xxyy", X, X, near(0.5), near(0.5)), None)
    assert counted.voices == 2


def test_the_distance_is_the_smallest_at_which_one_voice_stays_one():
    alone = [session("xxxx", X, X, near(0.475), near(0.475))] * 3
    assert chosen(alone) == pytest.approx(0.53)  # the halves lie 0.525 apart
    assert chosen([*alone, session("xxyy", X, X, Y, Y)]) == pytest.approx(0.53)

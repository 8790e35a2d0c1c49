"""Damaged files of every container: an answer or a message, never less sound without a word.

`python -m benchmarks.fuzz` tries thousands.
"""

import numpy as np
import pytest

from tests.fuzzing import attempt, bombs, ffmpeg_s, mutated, recordings

ORIGINALS = recordings()
BOMBS = bombs()


@pytest.mark.parametrize("name", ORIGINALS)
def test_an_undamaged_file_is_read_to_its_end(name):
    outcome = attempt(ORIGINALS[name])
    assert outcome.problem == ""
    assert outcome.read_s >= ffmpeg_s(ORIGINALS[name]) - 0.15
    assert outcome.read_s == pytest.approx(1.5, abs=0.15)


@pytest.mark.parametrize("name", ORIGINALS)
def test_a_damaged_file_gives_an_answer_or_a_message(name, capfd):
    rng = np.random.default_rng(list(ORIGINALS).index(name))
    others = list(ORIGINALS.values())
    for _ in range(8):
        content = mutated(ORIGINALS[name], others[rng.integers(len(others))], rng)
        assert attempt(content).problem == ""
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("name", BOMBS)
def test_a_small_file_cannot_take_much(name):
    assert attempt(BOMBS[name]).problem == ""

from types import SimpleNamespace

import numpy as np
import pytest

from ser_core.analysis import explanation as explained
from ser_core.analysis.explanation import Deletion, explain, window_to_explain
from ser_core.analysis.result import result_of
from ser_core.analysis.timeline import Segment, Timeline, Window
from ser_core.audio.clip import AudioClip, to_wav
from ser_core.decoding.decode import decode
from ser_core.emotions import Emotion
from ser_core.errors import AudioError
from ser_core.plots.result.explanation import why_alt, why_table
from ser_core.plots.result.player import curve
from tests.voice import voice

RATE_HZ = 16_000
EMOTIONS = tuple(Emotion)


class Listener:
    """Takes for anger how much sound there is between 1.0 and 1.5 s, and for joy all the rest."""

    card = SimpleNamespace(labels=(Emotion.ANGRY, Emotion.HAPPY))

    def __init__(self) -> None:
        self.heard: list[np.ndarray] = []

    def probabilities(self, samples: np.ndarray) -> np.ndarray:
        self.heard.append(samples)
        angry = float(np.abs(samples[RATE_HZ : RATE_HZ * 3 // 2]).mean())
        return np.array([angry, 1 - angry])


class Deaf(Listener):
    """Hears the same in everything."""

    def probabilities(self, samples: np.ndarray) -> np.ndarray:
        return np.array([0.6, 0.4])


@pytest.fixture
def noise() -> AudioClip:
    return AudioClip(np.full(3 * RATE_HZ, 0.8, np.float32))


def test_the_moment_that_the_model_leans_on_stands_out(noise):
    found = explain(noise, Listener(), Emotion.ANGRY, start_s=10.0)
    time_s, drop = found.peak
    assert 11.0 <= time_s <= 11.5
    assert drop == pytest.approx(40, abs=4)  # half of what counts
    elsewhere = (found.times_s < 10.85) | (found.times_s > 11.65)
    np.testing.assert_allclose(found.drops[elsewhere], 0, atol=1e-9)
    assert found.probability == pytest.approx(0.8)
    assert (found.start_s, found.end_s) == (10.0, 13.0)
    assert len(found.drops) == len(found.times_s) <= 31


def test_what_matters_passes_the_deletion_check(noise):
    check = explain(noise, Listener(), Emotion.ANGRY).deletion
    assert check.deleted_s == pytest.approx(0.5)
    assert check.drop > check.random_drop + 20
    assert check.better_than_chance
    assert len(check.random_drops) == explained.DRAWS


def test_an_explanation_of_nothing_says_so(noise):
    found = explain(noise, Deaf(), Emotion.ANGRY)
    assert not found.deletion.better_than_chance
    assert "does not hang on any single piece" in why_alt(found)


@pytest.mark.parametrize(("as_good", "believed"), [(0, True), (2, True), (3, False)])
def test_a_tenth_of_the_draws_may_be_lucky(as_good, believed):
    draws = (10.0,) * as_good + (1.0,) * (20 - as_good)
    assert Deletion(0.5, 10.0, draws).better_than_chance is believed
    assert not Deletion(0.5, -1.0, (-2.0,) * 20).better_than_chance


def test_the_same_sound_is_explained_the_same_way(noise):
    first, second = (explain(noise, Listener(), Emotion.ANGRY) for _ in range(2))
    assert first.deletion == second.deletion


def test_pieces_are_silenced_with_soft_edges_and_nothing_else_is_touched(noise):
    model, shares = Listener(), []
    explain(noise, model, Emotion.HAPPY, progress=shares.append)
    whole, first = model.heard[:2]
    np.testing.assert_array_equal(whole, noise.samples)
    silent = np.flatnonzero(first == 0)
    assert silent[-1] - silent[0] + 1 == silent.size  # one piece
    assert silent.size / RATE_HZ == pytest.approx(explained.PIECE_S - 0.04, abs=0.001)
    assert np.abs(np.diff(first)).max() < 0.01
    np.testing.assert_array_equal(first[RATE_HZ // 2 :], noise.samples[RATE_HZ // 2 :])
    assert shares[-1] == 1.0
    assert shares == sorted(shares)
    # every deletion takes the same amount away
    sizes = {int((sound == 0).sum()) for sound in model.heard[-explained.DRAWS - 1 :]}
    assert len(sizes) == 1


@pytest.mark.parametrize("n", [1, 100, 4_000, 4_001, 9_000])
def test_short_sounds_are_explained_too(n):
    found = explain(AudioClip(np.ones(n, np.float32)), Deaf(), Emotion.HAPPY)
    assert np.isfinite(found.drops).all()


def test_no_sound_cannot_be_explained():
    with pytest.raises(AudioError, match="no sound to explain"):
        explain(AudioClip(np.zeros(0, np.float32)), Deaf(), Emotion.HAPPY)


def test_a_real_bundle_is_explained(two_utterances, tiny_model):
    result = result_of(decode(to_wav(two_utterances)), "two.wav", tiny_model)
    long = result.timeline.segments[-1]
    window = window_to_explain(result.timeline, long)
    emotion = explained.emotion_to_explain(long)
    found = explain(
        result.clip.cut(window.start_s, window.end_s), tiny_model, emotion, window.start_s
    )
    assert found.probability == pytest.approx(window.probabilities[emotion], abs=1e-12)


def test_the_window_with_the_highest_score_is_explained():
    def heard(angry: float) -> dict[Emotion, float]:
        return {Emotion.ANGRY: angry, Emotion.SAD: 1 - angry}

    windows = tuple(Window(i, i + 3.0, heard(p)) for i, p in enumerate((0.6, 0.9, 0.7)))
    segment = Segment(0.0, 5.0, Emotion.ANGRY, heard(0.7))
    timeline = Timeline("tiny", 5.0, ((0.0, 5.0),), windows, (segment,))
    assert window_to_explain(timeline, segment) is windows[1]
    unsure = Segment(0.0, 5.0, None, heard(0.4))
    assert explained.emotion_to_explain(unsure) is Emotion.SAD


def test_the_curve_and_the_table_span_the_window():
    found = explain(AudioClip(voice(3.0)), Listener(), Emotion.ANGRY, start_s=7.0)
    drawn = curve(found)
    assert (drawn.times[0], drawn.times[-1]) == (7.0, 10.0)
    assert drawn.emotion == "angry"
    np.testing.assert_allclose(drawn.drops[1:-1], found.drops, atol=0.01)
    assert drawn.low <= min(drawn.drops) <= max(drawn.drops) <= drawn.high
    table = why_table(found)
    assert len(table) == len(found.drops)
    assert table["start_s"][0] == pytest.approx(7.0)
    assert table["end_s"].iloc[-1] == pytest.approx(10.0)


def test_small_drops_look_small(noise):
    drawn = curve(explain(noise, Deaf(), Emotion.HAPPY))
    assert (drawn.low, drawn.high) == (0.0, 10.0)


def test_the_alt_text_tells_the_finding(noise):
    found = explain(noise, Listener(), Emotion.ANGRY)
    assert why_alt(found).startswith(
        "The score for angry, 80\N{NO-BREAK SPACE}%, falls most, by 37\N{NO-BREAK SPACE}points"
    )
    assert "around 0:01.1 is" in why_alt(found)

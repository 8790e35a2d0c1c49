import tracemalloc

import numpy as np
import pytest

from ser_core.audio.clip import AudioClip, to_wav
from ser_core.audio.levels import FLOOR_DBFS, dbfs, loudness_dbfs
from ser_core.audio.quality import quality
from tests.voice import silence, voice

RATE = 16_000


def sine(amplitude: float, seconds: float) -> np.ndarray:
    t = np.arange(round(seconds * RATE)) / RATE
    return (amplitude * np.sin(2 * np.pi * 200 * t)).astype(np.float32)


def test_a_sine_lies_3_db_below_its_peak():
    found = quality(AudioClip(sine(0.5, 2.0)), speech_s=2.0)
    assert found.peak_dbfs == pytest.approx(-6.0206, abs=0.01)
    assert found.loudness_dbfs == pytest.approx(-9.0309, abs=0.01)


def test_pauses_do_not_make_a_voice_quieter():
    alone = loudness_dbfs(AudioClip(sine(0.1, 4.0)))
    with_pauses = AudioClip(np.concatenate([silence(5), sine(0.1, 4.0), silence(5)]))
    # blocks that straddle an edge are a little quieter
    assert loudness_dbfs(with_pauses) == pytest.approx(alone, abs=0.5)


def test_gain_is_a_shift():
    clip = voice(3.0)
    loud, soft = AudioClip(clip), AudioClip(clip * np.float32(0.5))
    assert loudness_dbfs(loud) - loudness_dbfs(soft) == pytest.approx(6.0206, abs=0.01)


@pytest.mark.parametrize("samples", [np.zeros(0, np.float32), silence(0.01), silence(2.0)])
def test_nothing_to_hear_gives_the_floor(samples):
    found = quality(AudioClip(samples), speech_s=0.0)
    assert found.loudness_dbfs == found.peak_dbfs == FLOOR_DBFS
    assert found.verdict == "No speech to judge"


def test_one_sample():
    assert quality(AudioClip(np.ones(1, np.float32)), speech_s=0.0).peak_dbfs == 0.0


def test_verdicts_start_with_what_matters_most():
    good = AudioClip(voice(3.0))
    assert quality(good, 2.5).verdict == "Good enough to judge"
    assert (
        quality(AudioClip(good.samples * np.float32(1e-4)), 2.5).verdict
        == "Very quiet; the answer may be off."
    )
    raised = quality(good, 2.5, raised_db=80)
    assert raised.verdict == "Very quiet; the answer may be off."
    assert raised.loudness_dbfs == pytest.approx(quality(good, 2.5).loudness_dbfs - 80)
    assert quality(good, 0.4).verdict == "Little speech; the answer may be off."


def test_clipping_is_told_with_its_share():
    samples = sine(0.9, 1.0)
    samples[: len(samples) // 25] = 1.0
    found = quality(AudioClip(samples), speech_s=1.0)
    assert found.clipped_share == pytest.approx(0.04)
    assert (
        found.verdict == "Clipped in 4.0\N{NO-BREAK SPACE}% of its samples; the answer may be off."
    )


def test_a_share_that_was_counted_before_resampling_wins():
    found = quality(AudioClip(voice(2.0)), speech_s=2.0, clipped_share=0.25)
    assert found.clipped_share == 0.25
    assert found.verdict.startswith("Clipped in 25.0")


def test_decibels_of_nothing_are_finite():
    assert dbfs(0.0) == FLOOR_DBFS
    assert dbfs(1.0) == 0.0


def test_a_long_recording_takes_no_memory_beyond_its_own():
    sound = AudioClip(np.random.default_rng(0).normal(0, 0.1, 600 * 16_000).astype(np.float32))
    tracemalloc.start()
    quality(sound, 1.0)
    wav = to_wav(sound)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1.5 * len(wav) + 20e6  # the squares of all samples would be 77 MB

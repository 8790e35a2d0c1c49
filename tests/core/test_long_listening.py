"""Hours at the microphone: what is no speech has no emotion, and memory stays where it was."""

import tracemalloc

import numpy as np
import pytest

from ser_core.live.listener import Listener, State
from tests.voice import RATE_HZ, silence, voice

MINUTE_S = 60


def noise(seed: int = 0) -> np.ndarray:
    samples = np.random.default_rng(seed).normal(0, 0.1, MINUTE_S * RATE_HZ)
    return samples.astype(np.float32)


def hum() -> np.ndarray:
    """Noise whose power falls with frequency, as of a fan or a street."""
    spectrum = np.fft.rfft(noise(1))
    shaped = np.fft.irfft(spectrum / np.sqrt(np.arange(spectrum.size) + 1.0))
    return (0.2 * shaped / np.abs(shaped).max()).astype(np.float32)


def tones() -> np.ndarray:
    """A melody over chords, each tone with harmonics, decay and vibrato, two tones a second."""
    rng, parts = np.random.default_rng(2), []
    time = np.arange(RATE_HZ // 2) / RATE_HZ
    for _ in range(2 * MINUTE_S):
        tone = np.zeros(time.size)
        for semitone in rng.choice((0, 2, 4, 5, 7, 9, 11, 12), 3, replace=False):
            f0 = 220 * 2 ** (semitone / 12)
            phase = 2 * np.pi * f0 * time + 0.1 * np.sin(2 * np.pi * 5 * time)
            tone += sum(np.sin(k * phase) / k**1.5 for k in range(1, 7))
        parts.append(tone * np.exp(-3 * time))
    music = np.concatenate(parts)
    return (0.4 * music / np.abs(music).max()).astype(np.float32)


@pytest.mark.parametrize("sound", [lambda: silence(MINUTE_S), noise, hum, tones])
def test_a_minute_without_speech_has_no_emotion(sound, tiny_model):
    listener, states = Listener(tiny_model), set()
    for part in np.array_split(sound(), 2 * MINUTE_S):
        listener.push(part)
        states.add(listener.state)
    assert listener.answer is None
    assert listener.emotion is None
    assert not listener.history
    assert states <= {State.LISTENING, State.SILENCE}
    assert listener.finish()[1].verdict.kind == "no_speech"


@pytest.mark.slow
def test_four_minutes_leave_memory_where_it_was_after_one(tiny_model):
    minute = np.concatenate([voice(MINUTE_S - 1), silence(1)])

    def speak(listener: Listener) -> int:
        for part in np.array_split(minute, 2 * MINUTE_S):
            listener.push(part)
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        listener = Listener(tiny_model)
        after_one = speak(listener)
        after_four = [speak(listener) for _ in range(3)][-1]
    finally:
        tracemalloc.stop()
    assert listener.duration_s == pytest.approx(4 * MINUTE_S)
    assert len(listener.so_far()[1].utterances) > 10  # it was judged
    assert after_four - after_one < 2e6  # bytes: the answers, not the sound

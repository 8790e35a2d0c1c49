"""What one turn of the live page takes from the microphone."""

import av
import numpy as np
import pytest

from pages.shared.live import hearing
from pages.shared.live.microphone import Microphone
from ser_core.audio.clip import SAMPLE_RATE_HZ
from ser_core.live.listener import Listener
from tests.voice import silence, voice

FRAME_S = 0.02


@pytest.fixture
def microphone(monkeypatch):
    """A microphone that goes on while somebody waits, by `later` first and then by silence."""
    mic = Microphone()
    mic.later, mic.waits = np.zeros(0, np.float32), 0

    def wait(seconds: float) -> None:
        size = round(seconds * SAMPLE_RATE_HZ)
        now, mic.later = mic.later[:size], mic.later[size:]
        say(mic, np.pad(now, (0, size - now.size)))
        mic.waits += 1

    monkeypatch.setattr(hearing.time, "sleep", wait)
    mic.begin()
    return mic


def say(mic: Microphone, samples: np.ndarray) -> None:
    for start in range(0, samples.size, size := round(FRAME_S * SAMPLE_RATE_HZ)):
        part = (samples[start : start + size] * 32767).astype(np.int16)[None]
        frame = av.AudioFrame.from_ndarray(part, "s16", "mono")
        frame.sample_rate = SAMPLE_RATE_HZ
        mic.receive(frame)


@pytest.mark.parametrize("pause_s", [0.08, 0.2])  # the detector still hears the voice, and no more
def test_a_voice_that_just_fell_silent_is_answered_in_the_same_turn(
    microphone, tiny_model, pause_s
):
    listener = Listener(tiny_model)
    say(microphone, np.concatenate([voice(2.0), silence(pause_s)]))
    sound = hearing.push(listener, microphone)
    assert 1 <= microphone.waits <= 7
    assert 2.0 <= listener.answer.end_s < 2.3  # all of it, and the detector's margin
    assert sound.size == listener.duration_s * SAMPLE_RATE_HZ > (2.0 + pause_s) * SAMPLE_RATE_HZ


def test_nobody_waits_while_a_voice_goes_on_or_is_long_gone(microphone, tiny_model):
    listener = Listener(tiny_model)
    for sound in (silence(1.0), voice(2.0), np.concatenate([voice(1.0, seed=2), silence(0.6)])):
        say(microphone, sound)
        hearing.push(listener, microphone)
    assert microphone.waits == 0


def test_a_voice_that_goes_on_after_a_stop_is_waited_for_no_longer(microphone, tiny_model):
    listener = Listener(tiny_model)
    say(microphone, np.concatenate([voice(2.0), silence(0.08)]))
    microphone.later = voice(1.0, seed=2)
    hearing.push(listener, microphone)
    assert microphone.waits < 3
    assert listener.state.value == "Speech"


def test_a_voice_that_fades_for_ever_is_not(microphone, tiny_model, monkeypatch):
    monkeypatch.setattr(Listener, "fading", True)
    hearing.push(Listener(tiny_model), microphone)
    assert microphone.waits == 7

import threading
import time

import av
import numpy as np
import pytest
import soxr

from pages.shared.live.microphone import Microphone
from tests.voice import voice


def frame(samples: np.ndarray, rate: int = 16_000, layout: str = "mono", pts: int | None = None):
    """An audio frame; samples of shape (n, channels), int16, packed as browsers send them."""
    made = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout=layout)
    made.sample_rate = rate
    made.pts = pts
    return made


def ramp(start: int, count: int) -> np.ndarray:
    return np.arange(start, start + count, dtype=np.int16)[:, None]


def test_integers_come_out_as_they_went_in():
    microphone = Microphone()
    for i in range(50):
        microphone.receive(frame(ramp(320 * i - 8000, 320), pts=320 * i))
    got = microphone.drain()
    assert got.dtype == np.float32
    np.testing.assert_array_equal(got * 32768, np.arange(-8000, 8000))


def test_drained_samples_are_gone():
    microphone = Microphone()
    microphone.receive(frame(ramp(0, 100), pts=0))
    assert microphone.waiting_s == pytest.approx(100 / 16_000)
    assert microphone.drain().size == 100
    assert microphone.drain().size == 0
    assert microphone.waiting_s == 0


def test_stereo_48_khz_frames_match_one_pass_over_the_whole_sound():
    rng = np.random.default_rng(1)
    left = (3000 * rng.standard_normal(48_000)).astype(np.int16)
    stereo = np.stack([left, left // 2], axis=1)
    microphone = Microphone()
    for i in range(50):
        block = stereo[960 * i : 960 * (i + 1)]
        microphone.receive(frame(block, 48_000, "stereo", pts=960 * i))
    got = microphone.drain()
    want = soxr.resample(stereo.mean(1, dtype=np.float32) / 32768, 48_000, 16_000)
    assert got.size > 15_000  # the resampler holds the last few samples back
    # no seams between the 20 ms frames
    np.testing.assert_allclose(got, want[: got.size], atol=2e-4)
    assert microphone.source == (48_000, 2, 0.0)


@pytest.mark.parametrize("factor", [-1.0, -0.9, 0.0])
def test_a_second_channel_that_cancels_the_voice_or_is_dead_is_left_out(factor):
    left = (30_000 * voice(2.0)).astype(np.int16)
    both = np.stack([left, (factor * left).astype(np.int16)], axis=1)
    microphone = Microphone()
    for start in range(0, len(both), 320):
        microphone.receive(frame(both[start : start + 320], layout="stereo", pts=start))
    np.testing.assert_array_equal(microphone.drain(), left.astype(np.float32) / 32_768)


def test_memory_is_bounded_and_the_newest_sound_stays():
    microphone = Microphone(capacity_s=1.0)
    for i in range(100):
        microphone.receive(frame(np.full((320, 1), i, np.int16), pts=320 * i))
    assert microphone.waiting_s <= 1.0
    got = microphone.drain()
    assert got[-1] * 32768 == 99
    assert got.size + microphone.dropped == 32_000
    (told,) = microphone.warnings()
    assert "1.0\N{NO-BREAK SPACE}s of sound were lost" in told


def test_clipping_is_counted_before_it_is_smoothed_away():
    rng = np.random.default_rng(3)
    # full scale in one channel for single samples: no sample at 16 kHz reaches full scale
    left = (9000 * rng.standard_normal(48_000)).clip(-30_000, 30_000).astype(np.int16)
    left[::100] = 32_767
    stereo = np.stack([left, left // 4], axis=1)
    microphone = Microphone()
    for i in range(50):
        block = stereo[960 * i : 960 * (i + 1)]
        microphone.receive(frame(block, 48_000, "stereo", pts=960 * i))
    assert np.abs(microphone.drain()).max() < 0.999
    assert microphone.clipped_share == pytest.approx(0.01)
    for i in range(50, 100):
        microphone.receive(frame(stereo[:960] // 2, 48_000, "stereo", pts=960 * i))
    assert microphone.clipped_share == 0  # a second later it is over


@pytest.mark.parametrize("between", ["a pause", "a reconnect"])
def test_clipping_counts_over_the_whole_session(between):
    loud = np.full((960, 1), 32_767, np.int16)
    microphone = Microphone()
    microphone.receive(frame(loud, 48_000, pts=960 * 5))
    if between == "a pause":
        microphone.deaf = True
        microphone.receive(frame(loud, 48_000, pts=960 * 6))
        assert microphone.source == (48_000, 1, 1.0)
        microphone.deaf = False
    for i in range(3):  # after a reconnect the clock starts again
        microphone.receive(
            frame(loud // 2, 48_000, pts=960 * (i if between == "a reconnect" else 7 + i))
        )
    assert microphone.source == (48_000, 1, 0.25)


def test_a_frame_on_its_way_when_the_microphone_goes_deaf_is_not_kept():
    microphone = Microphone()

    class Slow:
        """The page pauses while this frame is being converted."""

        def __init__(self):
            self.frame = frame(ramp(1, 160))

        def __getattr__(self, name):
            microphone.deaf = True
            microphone.drain()
            return getattr(self.frame, name)

    microphone.receive(Slow())
    assert microphone.drain().size == 0


def test_nothing_heard_is_not_clipped():
    assert Microphone().clipped_share == 0


def test_a_reconnect_starts_a_new_sound():
    tone = (20_000 * np.sin(np.arange(960) / 3)).astype(np.int16)[:, None]
    silent = np.zeros((960, 1), np.int16)
    microphone = Microphone()
    for i in range(10):
        microphone.receive(frame(tone, 48_000, pts=960 * i))
    microphone.drain()
    for i in range(10):
        microphone.receive(frame(silent, 48_000, pts=960 * i))  # the clock starts again
    # the old resampler would still hold the end of the tone
    assert not microphone.drain().any()


def test_frames_that_never_came_are_told():
    microphone = Microphone()
    for i in (100, 101, 126, 127):  # the clock starts anywhere; 24 frames of 20 ms are missing
        microphone.receive(frame(ramp(0, 960), 48_000, pts=960 * i))
    assert microphone.dropped == 24 * 320
    (told,) = microphone.warnings()
    assert "0.5\N{NO-BREAK SPACE}s of sound were lost" in told


def test_sound_is_missing_until_the_connection_ends(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    microphone = Microphone()
    microphone.begin()
    microphone.receive(frame(ramp(0, 100)))
    now[0] += 2
    assert microphone.missing_s == 2
    microphone.close()
    now[0] += 60
    assert microphone.missing_s == 2
    microphone.begin()
    assert microphone.missing_s == 0


def test_another_rate_starts_a_new_sound():
    microphone = Microphone()
    microphone.receive(frame(ramp(0, 480), 48_000, pts=0))
    microphone.receive(frame(ramp(0, 160), 16_000, pts=480))
    assert microphone.source[0] == 16_000
    np.testing.assert_array_equal(microphone.drain()[-160:] * 32768, np.arange(160))


def test_frames_without_a_clock_are_one_sound():
    microphone = Microphone()
    for i in range(4):
        microphone.receive(frame(ramp(100 * i, 100)))
    np.testing.assert_array_equal(microphone.drain() * 32768, np.arange(400))


def test_planar_floats_are_read_too():
    made = av.AudioFrame.from_ndarray(np.full((2, 160), 0.25, np.float32), "fltp", "stereo")
    made.sample_rate = 16_000
    microphone = Microphone()
    microphone.receive(made)
    np.testing.assert_array_equal(microphone.drain(), np.full(160, 0.25, np.float32))


def test_two_threads_lose_nothing():
    microphone, count, got = Microphone(), 2000, []
    frames = [frame(np.full((16, 1), i, np.int16), pts=16 * i) for i in range(count)]

    def send() -> None:
        for each in frames:
            microphone.receive(each)

    sender = threading.Thread(target=send)
    sender.start()
    end = time.monotonic() + 30
    while sender.is_alive() and time.monotonic() < end:
        got.append(microphone.drain())
    sender.join(10)
    got.append(microphone.drain())
    np.testing.assert_array_equal(np.concatenate(got) * 32768, np.repeat(np.arange(count), 16))


def test_the_end_of_a_connection_is_told_once():
    microphone = Microphone()
    assert not microphone.take_ended()
    microphone.close()
    assert microphone.take_ended()
    assert not microphone.take_ended()

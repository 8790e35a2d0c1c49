"""Which channels and tracks are read, and what is put right about their level."""

import tracemalloc

import numpy as np
import pytest

from ser_core.decoding import folding
from ser_core.decoding.decode import decode
from ser_core.decoding.folding import center, fit_full_scale, raise_quiet
from ser_core.errors import AudioError
from ser_core.speech.trimming import speech_span
from tests.recordings import film, likeness, sound_file
from tests.voice import voice

VOICE, OTHER = voice(3.0), voice(2.0, 200, seed=5)
QUIET_END = np.concatenate([VOICE, np.zeros(16_000, np.float32)])
NOISE = np.random.default_rng(3).normal(0, 0.05, VOICE.size).astype(np.float32)

# channels


@pytest.mark.parametrize(
    ("second", "told"),
    [
        (-VOICE, "cancel each other; the left one"),
        (-0.95 * VOICE, "cancel each other; the left one"),
        (0 * VOICE, "is silent; the left one"),
        (0.005 * NOISE, "is silent; the left one"),
        (NOISE, "without a clear voice; the left one"),
        (4 * NOISE, "without a clear voice; the left one"),
        (0.2 * np.sin(np.arange(VOICE.size) * 0.02).astype(np.float32), "without a clear voice"),
    ],
    ids="inverted inverted-quieter dead nearly-dead noise loud-noise hum".split(),
)
def test_the_good_channel_is_judged_and_the_other_one_named(second, told):
    decoded = decode(sound_file(np.stack([VOICE, second], axis=1), subtype="FLOAT"))
    np.testing.assert_allclose(decoded.clip.samples, VOICE, atol=1e-4)
    (note,) = decoded.warnings
    assert told in note
    swapped = decode(sound_file(np.stack([second, VOICE], axis=1), subtype="FLOAT"))
    if "cancel" not in told:
        np.testing.assert_allclose(swapped.clip.samples, VOICE, atol=1e-4)
        assert "the right one was judged" in swapped.warnings[0]


@pytest.mark.parametrize("second", [VOICE, 0.5 * VOICE, np.roll(VOICE, 8) + 0.05 * NOISE])
def test_ordinary_stereo_is_averaged(second):
    decoded = decode(sound_file(np.stack([VOICE, second], axis=1), subtype="FLOAT"))
    assert (decoded.warnings, decoded.apart) == ((), False)
    np.testing.assert_allclose(decoded.clip.samples, (VOICE + second) / 2, atol=1e-5)


def test_a_voice_in_one_of_six_channels_is_found():
    music = np.stack([0.1 * np.sin(np.arange(VOICE.size) * f) for f in (0.1, 0.13, 0.2, 0.3, 0.4)])
    samples = np.insert(music, 2, VOICE, axis=0).T.astype(np.float32)
    decoded = decode(sound_file(samples, subtype="FLOAT"))
    np.testing.assert_allclose(decoded.clip.samples, VOICE, atol=1e-4)
    assert decoded.warnings == ("Of 6 channels, those with the voice were judged: 3.",)


def test_a_call_is_recognised_and_either_side_can_be_heard_alone():
    left = np.concatenate([VOICE, np.zeros_like(VOICE)])
    right = np.concatenate([np.zeros_like(VOICE), VOICE[::-1]])
    content = sound_file(np.stack([left, right], axis=1))
    decoded = decode(content)
    assert decoded.apart
    assert "a voice of its own" in decoded.warnings[0]
    np.testing.assert_allclose(decoded.clip.samples, (left + right) / 2, atol=1e-4)
    for channel, side in enumerate((left, right), 1):
        alone = decode(content, channel=channel)
        np.testing.assert_allclose(alone.clip.samples, side, atol=1e-4)
        assert (alone.channel, alone.warnings) == (channel, ())
    with pytest.raises(AudioError, match="no channel 3, but 2"):
        decode(content, channel=3)


def _in_turn(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """One after the other, each in a channel of its own: shape (n, 2)."""
    channels = np.zeros((first.size + second.size, 2), np.float32)
    channels[: first.size, 0], channels[first.size :, 1] = first, second
    return channels


def _heard_across(channels: np.ndarray, gain: float, delay: int = 0, noise: float = 0.0):
    """Two channels that let each other's sound through, shape (n, 2)."""
    hiss = np.random.default_rng(4).normal(0, noise, channels.shape)
    return channels + gain * np.roll(channels[:, ::-1], delay, axis=0) + hiss


@pytest.mark.parametrize(
    ("gain", "delay", "noise"),
    [(0.003, 0, 0), (0.01, 400, 3e-4), (0.05, 0, 0), (0.1, 400, 1e-3), (0.2, 0, 0), (0.2, 1000, 0)],
)
@pytest.mark.parametrize("turns", [(VOICE, OTHER), (OTHER, VOICE)], ids=["deep", "high"])
def test_a_call_is_recognised_though_each_channel_lets_through_some_of_the_other(
    turns, gain, delay, noise
):
    heard = _heard_across(_in_turn(*turns), gain, delay, noise)
    decoded = decode(sound_file(heard, subtype="FLOAT"))
    assert decoded.apart
    assert "a voice of its own" in decoded.warnings[0]
    np.testing.assert_allclose(decoded.clip.samples, heard.mean(axis=1), atol=1e-4)


def test_a_call_is_recognised_though_an_echo_outlasts_each_word():
    pause = np.zeros(4_800, np.float32)
    words = [np.concatenate([np.append(w, pause) for w in np.split(v, 10)]) for v in (VOICE, OTHER)]
    heard = _heard_across(_in_turn(*words), 0.2, 2_000)
    assert decode(sound_file(heard, subtype="FLOAT")).apart


def test_a_call_is_recognised_though_one_of_them_says_little():
    long = np.concatenate([VOICE, OTHER, VOICE, OTHER])
    heard = _heard_across(_in_turn(long, VOICE[:16_000]), 0.01, 400, 3e-4)
    assert decode(sound_file(heard, subtype="FLOAT")).apart


@pytest.mark.parametrize("gain_db", [-3, -6])
def test_two_people_in_a_room_are_no_call(gain_db):
    heard = _heard_across(_in_turn(VOICE, OTHER), 10 ** (gain_db / 20), 8, 1e-3)
    decoded = decode(sound_file(heard, subtype="FLOAT"))
    assert (decoded.warnings, decoded.apart) == ((), False)
    np.testing.assert_allclose(decoded.clip.samples, heard.mean(axis=1), atol=1e-4)


@pytest.mark.parametrize("gain_db", [-6, -12, -20])
def test_one_voice_beside_its_quieter_noisy_copy_is_no_call(gain_db):
    pause = np.zeros(8_000, np.float32)  # too short to end an utterance
    spoken = np.concatenate([np.append(word, pause) for word in np.split(VOICE, 4)])
    heard = np.stack([spoken, 10 ** (gain_db / 20) * spoken], axis=1)
    heard[:, 1] += np.random.default_rng(4).normal(0, 0.002, spoken.size)  # louder in the pause
    for channels in (heard, heard[:, ::-1]):
        assert not decode(sound_file(channels, subtype="FLOAT")).apart


# tracks


def test_of_several_tracks_the_marked_one_with_speech_is_read():
    silent = np.zeros_like(VOICE)
    for tracks, default, number in (
        ([silent, VOICE], 0, 2),
        ([VOICE, silent], 1, 1),
        ([OTHER, VOICE], 1, 2),
        ([VOICE, OTHER], None, 1),
    ):
        content = film(tracks, "matroska", default=default)
        decoded = decode(content)
        assert (decoded.track, decoded.tracks) == (number, 2)
        assert decoded.warnings == (f"The file has 2 sound tracks; track {number} was read.",)
        other = decode(content, track=3 - number)
        assert (other.track, other.warnings[0][-16:]) == (
            3 - number,
            f"rack {3 - number} was read.",
        )
    with pytest.raises(AudioError, match=r"no sound track 3\. Choose from: 1, 2"):
        decode(content, track=3)


# level


@pytest.mark.parametrize("offset", [0.05, 0.1, -0.3])
def test_a_constant_offset_is_taken_out(offset):
    quiet = 0.02 * VOICE
    decoded = decode(sound_file(quiet + np.float32(offset), subtype="FLOAT"))
    np.testing.assert_allclose(decoded.clip.samples, quiet - quiet.mean(), atol=1e-5)


@pytest.mark.parametrize("silent_s", [0.1, 1.0, 10.0])
def test_a_constant_offset_is_taken_out_beside_silence_that_was_put_in(silent_s):
    pad = np.zeros(round(16_000 * silent_s), np.float32)
    decoded = decode(sound_file(np.concatenate([pad, 0.1 * VOICE + 0.05, pad]), subtype="FLOAT"))
    samples = decoded.clip.samples
    assert not samples[: pad.size].any()
    assert not samples[-pad.size :].any()
    assert abs(samples[pad.size : -pad.size].mean()) < 1e-5


def test_a_sound_is_put_right_piece_by_piece_as_in_one(monkeypatch):
    sound = np.float32(0.05) * VOICE + np.float32(0.05)
    sound[-100:] = 0
    found = [sound.copy(), sound.copy()]
    center(found[0])
    monkeypatch.setattr(folding, "_PIECE", 1_000)
    center(found[1])
    np.testing.assert_allclose(found[1], found[0], atol=1e-8)
    assert abs(found[1][:-100].mean()) < 1e-5
    assert not found[1][-100:].any()  # silence that was put in


def test_putting_a_long_sound_right_takes_little_beside_it():
    long = np.tile(np.float32(0.003) * VOICE + np.float32(0.01), 100)
    tracemalloc.start()
    center(long)
    fit_full_scale(long)
    assert raise_quiet(long) > 0
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < long.nbytes / 8


def test_float_samples_in_units_of_integers_clip_nothing():
    for unit in (2**15, 2**23, 2**31):
        decoded = decode(sound_file(VOICE * np.float32(unit), subtype="FLOAT"))
        assert decoded.clipped_share == 0
        np.testing.assert_allclose(decoded.clip.samples, VOICE, atol=1e-6)


@pytest.mark.parametrize("gain_db", [-60, -90])
def test_a_very_quiet_voice_is_raised_until_it_can_be_judged(gain_db):
    samples = QUIET_END.astype(np.float64) * 10 ** (gain_db / 20)
    decoded = decode(sound_file(samples, subtype="PCM_32"))
    assert "very quiet" in decoded.warnings[0]
    assert speech_span(decoded.clip)[1] == pytest.approx(3, abs=0.3)
    assert likeness(decoded.clip.samples, VOICE) > 0.99


@pytest.mark.parametrize("gain", [1e-4, 1e-2, 1.0])
@pytest.mark.parametrize("kind", ["noise", "hum", "dither", "silence"])
def test_what_is_no_speech_stays_none_however_quiet(kind, gain):
    n, rng = 64_000, np.random.default_rng(1)
    sounds = {
        "noise": rng.normal(0, 0.1, n),
        "hum": 0.1 * sum(np.sin(2 * np.pi * 50 * k * np.arange(n) / 16_000) / k for k in (1, 2, 3)),
        "dither": rng.integers(-1, 2, n) / 2**15,
        "silence": np.zeros(n),
    }
    assert speech_span(decode(sound_file(gain * sounds[kind], subtype="FLOAT")).clip) is None

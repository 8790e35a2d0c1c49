"""Recordings as people have them: none of the sound is lost, and what is wrong with it is told."""

import os
import re

import numpy as np
import pytest

from ser_core.decoding import folding
from ser_core.decoding.decode import decode
from ser_core.errors import AudioError
from ser_core.speech.segmenter import speech_span
from tests.recordings import film, sound_file, with_data_size
from tests.voice import voice

VOICE, OTHER = voice(3.0), voice(2.0, 200, seed=5)
QUIET_END = np.concatenate([VOICE, np.zeros(16_000, np.float32)])
NOISE = np.random.default_rng(3).normal(0, 0.05, VOICE.size).astype(np.float32)
WAV = sound_file(VOICE)


def likeness(got: np.ndarray, want: np.ndarray) -> float:
    """Greatest correlation of a second inside the wanted sound with the same time of another."""
    part = want[16_000:32_000]
    around = got[12_000:36_000]
    products = np.correlate(around, part, "valid")
    return products.max() / (np.linalg.norm(part) * np.linalg.norm(got[16_000:32_000]) + 1e-12)


# length


@pytest.mark.parametrize(
    ("content", "seconds"),
    [
        (film([VOICE], "mp3", "libmp3lame", options={"write_xing": "0"}), 3),
        (film([VOICE], "adts"), 3),
        (film([VOICE], "mp4", picture_s=8.0), 3),
        (with_data_size(WAV, 0), 3),
        (with_data_size(WAV, 0xFFFF_FFFF), 3),
        (with_data_size(WAV, 0x7FFF_FFFF), 3),
        (with_data_size(WAV, 32_000), 3),
        (WAV[:4] + bytes(4) + WAV[8:], 3),
        (WAV + b"LIST\x10\0\0\0" + bytes(16), 3),
        (WAV + b"TAG" + bytes(125), 3),
        (WAV + bytes(40_000), 3),
    ],
    ids="piped-mp3 adts film zero unsized unsized31 small no-riff list tag padded".split(),
)
def test_all_the_sound_is_read_and_nothing_is_told(content, seconds):
    decoded = decode(content)
    assert decoded.warnings == ()
    assert decoded.clip.duration_s == pytest.approx(seconds, abs=0.15)
    assert likeness(decoded.clip.samples, VOICE) > 0.9


@pytest.mark.parametrize(
    "kind",
    [
        lambda x: film([x], "mp3", "libmp3lame"),
        lambda x: film([x], "ogg", "libopus"),
        lambda x: film([x], "webm", "libopus"),
        lambda x: film([x], "mp4"),
        lambda x: film([x], "adts"),
        lambda x: sound_file(x, kind="OGG", subtype="VORBIS"),
        lambda x: sound_file(x, kind="FLAC"),
        lambda x: sound_file(x, kind="AIFF"),
        lambda x: sound_file(x, kind="W64"),
        lambda x: sound_file(x, kind="RF64"),
        lambda x: sound_file(x, kind="AU"),
        sound_file,
    ],
    ids="mp3 ogg webm mp4 adts vorbis flac aiff w64 rf64 au wav".split(),
)
def test_every_part_of_a_joined_file_is_read(kind):
    first, second = kind(VOICE), kind(OTHER)
    decoded = decode(first + second)
    alone = decode(second).clip.duration_s
    assert decoded.warnings == ()
    assert decoded.clip.duration_s == pytest.approx(3 + alone, abs=0.2)
    tail = decoded.clip.samples[-round(16_000 * alone) :]
    assert likeness(tail, OTHER) > 0.9


def test_a_rate_that_changes_inside_the_stream_changes_neither_pitch_nor_length():
    decoded = decode(film([VOICE], "adts", rate=44_100) + film([OTHER], "adts", rate=48_000))
    assert decoded.clip.duration_s == pytest.approx(5, abs=0.2)
    assert likeness(decoded.clip.samples[-32_000:], OTHER) > 0.9


@pytest.mark.parametrize(
    ("content", "share"),
    [
        *((sound_file(VOICE, kind=k), 0.5) for k in ("WAV", "AIFF", "W64", "RF64", "AU", "FLAC")),
        (film([VOICE], "mp3", "libmp3lame"), 0.5),
        (film([VOICE], "mp4", options={"movflags": "faststart"}), 0.7),
        (film([VOICE], "webm", "libopus"), 0.5),
        (film([VOICE], "matroska", picture_s=3.0), 0.8),
    ],
    ids="wav aiff w64 rf64 au flac mp3 mp4 webm mkv".split(),
)
def test_a_cut_file_tells_how_much_is_there_of_how_much(content, share):
    decoded = decode(content[: round(share * len(content))])
    assert 0.5 < decoded.clip.duration_s < 2.9
    (told,) = [w for w in decoded.warnings if "ends early" in w]
    read_s, whole_s = map(float, re.findall(r"[\d.]+", told)[:2])
    assert (read_s, whole_s) == pytest.approx((decoded.clip.duration_s, 3), abs=0.6)


def test_a_little_that_is_missing_at_the_end_of_an_exact_file_is_told():
    content = sound_file(VOICE, kind="FLAC")
    assert any("ends early" in w for w in decode(content[:-500]).warnings)


def test_an_upload_without_its_index_is_incomplete_not_another_format():
    content = film([VOICE], "mp4")
    for cut in (content[:-300], content[: len(content) // 2]):
        with pytest.raises(AudioError, match=r"^a\.m4a is incomplete"):
            decode(cut, "a.m4a")


@pytest.mark.parametrize("container", ["webm", "matroska"])
def test_the_limit_is_told_whatever_the_container_says(container, monkeypatch):
    monkeypatch.setattr(folding, "MAX_DURATION_S", 2)
    live = film([VOICE], container, "libopus", options={"live": "1"})  # as a browser: no duration
    decoded = decode(live)
    assert decoded.clip.duration_s == pytest.approx(2, abs=0.01)
    assert decoded.warnings == ("Only the first 0 minutes were read.",)


# damage, clocks and names


def test_a_damaged_packet_costs_its_own_sound_and_is_named():
    content = bytearray(film([np.tile(VOICE, 3)], "mp4"))
    middle = content.index(b"mdat") + 4 + 30_000
    content[middle : middle + 900] = np.random.default_rng(0).bytes(900)
    decoded = decode(bytes(content))
    assert decoded.clip.duration_s == pytest.approx(9, abs=0.1)
    (told,) = decoded.warnings
    assert re.match(r"The file is damaged (after|in \d+ places).* the rest was read", told)


def test_times_are_those_of_the_film():
    late = decode(film([VOICE], "mp4", picture_s=8.0, late_s=4.0))
    assert late.warnings == ()
    assert speech_span(late.clip)[0] == pytest.approx(4.0, abs=0.2)
    gap = decode(film([VOICE], "matroska", "libopus", picture_s=3, gap=(1.5, 5.0)))
    assert gap.warnings == ()
    assert gap.clip.duration_s == pytest.approx(8, abs=0.2)
    assert np.abs(gap.clip.samples[2 * 16_000 : 6 * 16_000]).max() < 1e-3


def test_a_clock_that_starts_late_with_the_sound_starts_the_sound_at_once():
    assert decode(film([VOICE], "mpegts", late_s=100.0)).clip.duration_s == pytest.approx(
        3, abs=0.2
    )


def test_a_tag_that_is_not_utf8_costs_nothing():
    content = film([VOICE], "mp4").replace(b"SoundHandler", b"Gr\xfc\xdfe, Laute")
    assert decode(content).clip.duration_s == pytest.approx(3, abs=0.1)


@pytest.mark.parametrize("name", [b"2024-05-01T10:30:22.wav", b"gr\xfc\xdfe.wav", b"concat:a.wav"])
def test_a_name_is_only_a_name(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = type(tmp_path)(os.fsdecode(name))
    path.write_bytes(film([VOICE], "mp4"))
    assert decode(path).clip.duration_s == pytest.approx(3, abs=0.1)


def test_a_playlist_opens_nothing(tmp_path):
    (tmp_path / "other.ts").write_bytes(film([VOICE], "mpegts"))
    for text in (
        f"#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\nfile://{tmp_path}/other.ts\n#EXT-X-ENDLIST\n",
        f"ffconcat version 1.0\nfile '{tmp_path}/other.ts'\n",
    ):
        with pytest.raises(AudioError, match="is not audio"):
            decode(text.encode(), "list.m3u8")


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

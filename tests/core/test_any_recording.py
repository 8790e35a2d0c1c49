"""Recordings as people have them: none of the sound is lost, and what is wrong with it is told."""

import os
import re

import numpy as np
import pytest

from ser_core.decoding import folding
from ser_core.decoding.decode import decode
from ser_core.errors import AudioError
from ser_core.speech.trimming import speech_span
from tests.recordings import film, likeness, sound_file, with_data_size
from tests.voice import voice

VOICE, OTHER = voice(3.0), voice(2.0, 200, seed=5)
WAV = sound_file(VOICE)


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


@pytest.mark.parametrize(
    "content",
    [
        film([VOICE], "mp3", "libmp3lame", options={"write_xing": "0"}),
        film([VOICE], "mp3", "libmp3lame", options={"write_xing": "0"}, rate=24_000),
        film([VOICE], "mp3", "libmp3lame"),
        film([VOICE], "ipod"),
        film([VOICE], "webm", "libopus", options={"live": "1"}),
        film([VOICE], "ogg", "libopus"),
    ],
    ids="piped-mp3 piped-mp3-of-short-frames mp3 m4a webm ogg".split(),
)
def test_what_a_codec_puts_before_the_sound_makes_no_answer_late(content):
    decoded = decode(content).clip.samples[:32_000]
    lag = np.correlate(decoded, VOICE[4_000:24_000], "full").argmax() - 23_999
    assert abs(lag) <= 16  # 1 ms


# damage, clocks and names


def whole_mp4(samples):
    return film([samples], "mp4", options={"movflags": "faststart"})


@pytest.mark.parametrize("damage", ["noise", "zeros", "missing"])
@pytest.mark.parametrize(
    "kind",
    [
        whole_mp4,
        lambda x: film([x], "mp3", "libmp3lame"),
        lambda x: film([x], "ogg", "libopus"),
        lambda x: film([x], "adts"),
        lambda x: film([x], "asf", "wmav2"),
        lambda x: film([x], "mpegts", "mp2"),
        lambda x: sound_file(x, kind="OGG", subtype="VORBIS"),
        lambda x: sound_file(x, kind="FLAC"),
    ],
    ids="mp4 mp3 opus aac wma mpegts vorbis flac".split(),
)
def test_damage_costs_its_own_sound_and_is_named(kind, damage):
    content = bytearray(kind(np.tile(VOICE, 3)))
    middle = slice(len(content) // 2, len(content) // 2 + 1_500)
    content[middle] = {
        "noise": np.random.default_rng(0).bytes(1_500),
        "zeros": bytes(1_500),
        "missing": b"",
    }[damage]
    decoded = decode(bytes(content))
    if damage == "missing" and kind is whole_mp4:  # its index points beside every later packet
        assert "only the part before was read" in " ".join(decoded.warnings)
        return
    assert decoded.clip.duration_s == pytest.approx(9, abs=0.3)
    (told,) = [w for w in decoded.warnings if "ends early" not in w]
    time_s = re.match(r"The file is damaged after ([\d.]+)\ss; the rest was read", told)[1]
    assert float(time_s) == pytest.approx(4.5, abs=1)


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

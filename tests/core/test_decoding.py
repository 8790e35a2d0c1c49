"""Every container and every kind of broken file."""

import io
import wave
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile as sf

from ser_core.audio.clip import AudioClip, MonoStream, to_wav
from ser_core.decoding import folding
from ser_core.decoding.decode import decode
from ser_core.errors import AudioError
from tests.voice import voice

VOICE = voice(2.0)


def wav(samples: np.ndarray, rate: int, subtype: str = "PCM_16", kind: str = "WAV") -> bytes:
    buffer = io.BytesIO()
    sf.write(buffer, samples, rate, subtype=subtype, format=kind)
    return buffer.getvalue()


def encoded(container: str, codec: str, rate: int = 48_000) -> bytes:
    """Encode VOICE with FFmpeg."""
    buffer = io.BytesIO()
    samples = np.interp(np.arange(2 * rate) / rate, np.arange(VOICE.size) / 16_000, VOICE)
    with av.open(buffer, "w", format=container) as output:
        stream = output.add_stream(codec, rate=rate, layout="mono")
        stream.bit_rate = 64_000
        frame = av.AudioFrame.from_ndarray(samples.astype(np.float32)[None], "fltp", "mono")
        frame.rate = rate
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            output.mux(packet)
    return buffer.getvalue()


CONTAINERS = {
    "clip.flac": lambda: wav(VOICE, 16_000, kind="FLAC"),
    "clip.ogg": lambda: wav(VOICE, 16_000, "VORBIS", "OGG"),
    "clip.mp3": lambda: wav(VOICE, 16_000, "MPEG_LAYER_III", "MP3"),
    "clip.aiff": lambda: wav(VOICE, 16_000, kind="AIFF"),
    "clip.m4a": lambda: encoded("ipod", "aac"),
    "clip.mp4": lambda: encoded("mp4", "aac"),
    "clip.webm": lambda: encoded("webm", "libopus"),
    "clip.wma": lambda: encoded("asf", "wmav2"),
    "mp3-inside.wav": lambda: encoded("wav", "libmp3lame"),
    "wrong-name.mp3": lambda: encoded("webm", "libopus"),
}


@pytest.mark.parametrize("name", CONTAINERS)
def test_every_container_gives_the_same_sound(name):
    decoded = decode(CONTAINERS[name](), name)
    assert decoded.warnings == ()
    assert decoded.clip.duration_s == pytest.approx(2.0, abs=0.1)  # codecs add up to 0.1 s
    lag = np.correlate(decoded.clip.samples, VOICE[8_000:16_000], "valid").argmax() - 8_000
    aligned = decoded.clip.samples[8_000 + lag :][:8_000]
    assert np.corrcoef(aligned, VOICE[8_000:16_000])[0, 1] > 0.9


@pytest.mark.parametrize(
    ("rate", "channels", "subtype"),
    [
        (8_000, 1, "PCM_16"),
        (11_025, 1, "PCM_U8"),
        (44_100, 2, "FLOAT"),
        (96_000, 6, "PCM_24"),
        (48_000, 1, "DOUBLE"),
    ],
)
def test_every_rate_and_width_becomes_mono_16_khz(rate, channels, subtype):
    tone = 0.4 * np.sin(2 * np.pi * 440 * np.arange(rate) / rate)
    decoded = decode(wav(np.tile(tone[:, None], channels), rate, subtype), "tone.wav")
    assert (decoded.source_rate_hz, decoded.channels) == (rate, channels)
    assert decoded.clip.samples.dtype == np.float32
    want = 0.4 * np.sin(2 * np.pi * 440 * np.arange(16_000) / 16_000)
    inner = slice(1_000, 15_000)
    tolerance = 0.01 if subtype == "PCM_U8" else 2e-3
    np.testing.assert_allclose(decoded.clip.samples[inner], want[inner], atol=tolerance)


def test_a_refused_file_is_closed_at_once(monkeypatch, tmp_path):
    path, opened, really_open = tmp_path / "odd.wav", [], Path.open
    path.write_bytes(wav(np.zeros(16_000), 1))
    monkeypatch.setattr(Path, "open", lambda *a: opened.append(really_open(*a)) or opened[-1])
    with pytest.raises(AudioError, match="claims 1 samples a second"):
        decode(path)
    assert [file.closed for file in opened] == [True]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"just some text", "is not audio"),
        (bytes(5_000), "is not audio"),
        (wav(np.zeros(0), 16_000), "contains no sound"),
        (wav(np.zeros(16_000), 1), "claims 1 samples a second"),
    ],
    ids=["empty", "text", "zeros", "no frames", "a bomb"],
)
def test_unusable_files_say_what_is_wrong(content, message):
    with pytest.raises(AudioError, match=message) as caught:
        decode(content, "notes.docx")
    assert str(caught.value).startswith("notes.docx")


def test_a_missing_path_and_a_folder_are_refused(tmp_path):
    for path in (tmp_path, tmp_path / "nothing.wav"):
        with pytest.raises(AudioError, match="not found, or is a folder"):
            decode(path)


def test_a_video_without_sound_is_refused():
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as output:
        stream = output.add_stream("mpeg4", rate=10)
        stream.width = stream.height = 16
        frame = av.VideoFrame.from_ndarray(np.zeros((16, 16, 3), np.uint8))
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            output.mux(packet)
    with pytest.raises(AudioError, match="no sound track"):
        decode(buffer.getvalue(), "film.mp4")


def test_a_path_and_its_bytes_give_the_same(tmp_path):
    path = tmp_path / "ein Käse, #1.wav"
    path.write_bytes(wav(VOICE, 16_000))
    np.testing.assert_array_equal(decode(path).clip.samples, decode(path.read_bytes()).clip.samples)


def test_a_truncated_recording_says_how_much_was_read():
    whole = encoded("webm", "libopus")
    decoded = decode(whole[: len(whole) // 2], "cut.webm")
    assert 0.2 < decoded.clip.duration_s < 1.5
    assert "of 2.0\N{NO-BREAK SPACE}s; the file ends early" in decoded.warnings[0]


def test_samples_that_are_not_numbers_become_silence():
    samples = VOICE.copy()
    samples[:3200] = np.nan
    samples[3200] = np.inf
    decoded = decode(wav(samples, 16_000, "FLOAT"), "nan.wav")
    assert np.isfinite(decoded.clip.samples).all()
    assert "10.0\N{NO-BREAK SPACE}% of the samples are not numbers" in decoded.warnings[0]


@pytest.mark.parametrize("name", ["clip.m4a", "clip.webm", "clip.wma", "mp3-inside.wav"])
def test_damaged_files_give_an_answer_or_a_message(name):
    whole, rng = CONTAINERS[name](), np.random.default_rng(5)
    for _ in range(40):
        content = bytearray(whole)
        for at in rng.integers(0, 800, 8):  # headers break in more ways than sound does
            content[at % len(content)] = rng.integers(256)
        try:
            assert np.isfinite(decode(bytes(content), name).clip.samples).all()
        except AudioError:
            continue  # any other error fails the test


def test_extreme_samples_do_not_overflow():
    samples = np.tile(VOICE[:, None], 6)
    samples[100] = 3e38
    decoded = decode(wav(samples, 16_000, "FLOAT"), "odd.wav")
    assert np.isfinite(decoded.clip.samples).all()
    assert decoded.clip.samples.max() == pytest.approx(VOICE.max(), abs=0.01)


def test_a_float_file_beyond_full_scale_is_scaled_to_it():
    decoded = decode(wav(VOICE * 100, 16_000, "FLOAT"), "loud.wav")
    assert np.abs(decoded.clip.samples).max() == pytest.approx(1.0, abs=0.01)
    assert decoded.clipped_share == 0  # a float holds what is beyond


def test_a_single_sample_is_a_clip():
    assert decode(wav(np.ones(1) * 0.1, 16_000), "click.wav").clip.samples.size == 1


def test_longer_files_are_cut_at_the_limit(monkeypatch):
    monkeypatch.setattr(folding, "MAX_DURATION_S", 60)
    decoded = decode(wav(np.zeros(70 * 8_000), 8_000), "long.wav")
    assert decoded.clip.duration_s == pytest.approx(60, abs=0.01)
    assert decoded.warnings == ("Only the first 1 minutes were read.",)


def test_blocks_join_without_seams():
    tone = np.sin(2 * np.pi * 440 * np.arange(48_000) / 48_000).astype(np.float32)[:, None]
    whole = MonoStream(48_000).push(tone, last=True)
    stream, parts = MonoStream(48_000), []
    for start in range(0, len(tone), 960):
        parts.append(stream.push(tone[start : start + 960], last=start + 960 >= len(tone)))
    np.testing.assert_allclose(np.concatenate(parts), whole, atol=1e-6)


def test_wav_round_trip():
    content = to_wav(AudioClip(VOICE))
    with wave.open(io.BytesIO(content)) as file:  # the standard library as the second opinion
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (16_000, 1, 2)
        samples = np.frombuffer(file.readframes(file.getnframes()), np.int16) / 32_768
    np.testing.assert_allclose(samples, VOICE, atol=0.5 / 32_768)


def test_what_was_written_as_16_bits_is_read_and_written_again_unchanged():
    every = np.arange(-(2**15), 2**15).astype(np.float32) / 2**15
    first = decode(to_wav(AudioClip(every))).clip
    np.testing.assert_array_equal(first.samples, every)
    assert to_wav(first) == to_wav(AudioClip(every))


def test_an_audio_clip_is_mono_float32():
    with pytest.raises(AudioError, match="mono float32"):
        AudioClip(np.zeros((10, 2), np.float32))
    with pytest.raises(AudioError, match="mono float32"):
        AudioClip(np.zeros(10))

"""A stream gets the answers of the command line, and whoever misbehaves loses it alone."""

import asyncio
import contextlib
import json
import socket

import av
import numpy as np
import pytest
import soundfile as sf
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from ser_core.audio.clip import to_int16
from ser_core.corpora.index.reading import clip_path, load_index
from ser_core.service import stream
from tests.corpus import require_ravdess
from tests.service.server import predicted, serving, until, wav
from tests.voice import RATE_HZ, silence, voice

CLIPS = 10


def recording(clips: int = CLIPS) -> np.ndarray:
    parts = [x for n in range(clips) for x in (voice(1.2 + n % 3 / 2, 90 + 9 * n, n), silence(0.9))]
    return to_int16(np.concatenate([silence(0.5), *parts]))


def streamed(url: str, samples: np.ndarray, chunk: int = 3201) -> list[dict]:
    """All messages of a stream; chunks need not end between samples."""
    content = samples.astype("<i2").tobytes()
    with connect(url, max_size=None) as line:
        for start in range(0, len(content), chunk):
            line.send(content[start : start + chunk])
        line.send("end")
        return [json.loads(message) for message in line]


@pytest.mark.parametrize("adapt", ["file", "none"])
def test_a_stream_of_ten_clips_gets_the_answers_of_the_command_line(
    server, tmp_path, monkeypatch, capsys, adapt
):
    monkeypatch.chdir(tmp_path)
    samples = recording()
    (tmp_path / "stream").write_bytes(wav(samples))
    *answers, result = streamed(f"{server.stream}?adapt={adapt}", samples)
    record = result["record"]
    (told,) = predicted(capsys, "stream", "--adapt", adapt)
    assert record["live"]["emotion"] == answers[-1]["emotion"]
    assert record | {"live": None} == told
    assert len(record["segments"]) >= CLIPS
    assert record["duration_s"] == round(samples.size / RATE_HZ, 3)
    # they came while it went on, and in order
    ends = [each["end_s"] for each in answers if each["end_s"]]
    assert len(ends) > CLIPS
    assert ends == sorted(ends)
    assert all(each["at_s"] >= each["end_s"] for each in answers if each["end_s"])


def test_ten_clips_of_a_corpus_at_their_own_rate(tmp_path, monkeypatch, capsys):
    root = require_ravdess()
    clips = [clip_path("ravdess", clip, root) for clip in load_index("ravdess")["clip"][:CLIPS]]
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SER_MODELS_DIR")
    parts = [sf.read(clip, dtype="int16") for clip in clips]
    (rate_hz,) = {rate for _, rate in parts}
    samples = np.concatenate([np.atleast_2d(part.T)[0] for part, _ in parts])
    (tmp_path / "stream").write_bytes(wav(samples, rate_hz))
    with serving() as server:
        if server.service.shelf.default == "adapting":
            pytest.skip("needs a model: python -m train fit mlp")
        *_, result = streamed(f"{server.stream}?rate={rate_hz}", samples, 96_000)
    (told,) = predicted(capsys, "stream")
    record = result["record"]
    assert record["answer"] == told["answer"]
    assert [s["emotion"] for s in record["segments"]] == [s["emotion"] for s in told["segments"]]
    for ours, theirs in zip(record["segments"], told["segments"], strict=True):
        assert ours["start_s"] == pytest.approx(theirs["start_s"], abs=0.05)
        assert ours["probabilities"] == pytest.approx(theirs["probabilities"], abs=0.02)


def test_opus_gets_the_answers_of_the_file_that_holds_its_packets(
    server, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    packets = []
    with av.open("stream.ogg", "w") as file:
        track = file.add_stream("libopus", rate=48_000, layout="mono", bit_rate=64_000)
        for start in range(0, (samples := recording(4)).size - 960, 960):
            frame = av.AudioFrame.from_ndarray(samples[None, start : start + 960], "s16", "mono")
            frame.sample_rate = RATE_HZ
            for packet in track.encode(frame):
                packets.append(bytes(packet))
                file.mux(packet)
        file.mux(track.encode(None))
    with connect(f"{server.stream}?format=opus") as line:
        for packet in [*packets[:5], b"", *packets[5:]]:
            line.send(packet)
        line.send("end")
        *answers, result = [json.loads(message) for message in line]
    (told,), record = predicted(capsys, "stream.ogg"), result["record"]
    assert len(answers) > 4
    assert record["duration_s"] == pytest.approx(told["duration_s"], abs=0.05)
    assert record["answer"] == told["answer"]
    assert len(record["segments"]) == len(told["segments"]) >= 4
    for ours, theirs in zip(record["segments"], told["segments"], strict=True):
        assert ours["emotion"] == theirs["emotion"]
        assert ours["start_s"] == pytest.approx(theirs["start_s"], abs=0.05)
        assert ours["probabilities"] == pytest.approx(theirs["probabilities"], abs=0.02)


def test_what_is_no_opus_ends_a_stream(server):
    with connect(f"{server.stream}?format=opus") as line:
        line.send(b"\xff" * 9)
        assert closed(line) == 1007


def test_files_and_streams_share_one_model(server):
    (first,) = server.service.shelf.models(None)
    streamed(server.stream, recording(1))
    assert server.service.shelf.models(None) == [first]


def test_a_closed_line_frees_its_place():
    with serving(streams=1) as server:
        line = connect(server.stream, legacy=True)
        line.send(recording(1).tobytes())
        line.recv()
        with pytest.raises(InvalidStatus) as refused:
            connect(server.stream)
        assert refused.value.response.status_code == 503
        assert refused.value.response.headers["Retry-After"]
        assert b"application/problem+json" in bytes(refused.value.response.serialize())
        line.socket.shutdown(socket.SHUT_RDWR)  # without a word
        until(lambda: server.service.streams == 0)
        assert streamed(server.stream, recording(1))[-1]["type"] == "result"


@pytest.mark.parametrize("query", ["rate=1", "rate=x", "adapt=session", "model=gone", "model=all"])
def test_wrong_options_are_told_before_a_stream_begins(server, query):
    with pytest.raises(InvalidStatus) as refused:
        connect(f"{server.stream}?{query}")
    assert refused.value.response.status_code == 422
    assert json.loads(refused.value.response.body)["detail"]
    assert server.service.streams == 0


def closed(line) -> int:
    with contextlib.suppress(ConnectionClosed):
        while True:
            line.recv(timeout=20)
    return line.close_code


def test_other_texts_end_a_stream(server):
    with connect(server.stream) as line:
        line.send("stop")
        assert closed(line) == 1003


def test_a_message_has_at_most_a_megabyte(server):
    with connect(server.stream) as line:
        line.send(bytes(1_100_000))
        assert closed(line) == 1009


def test_a_client_that_sends_nothing_loses_its_stream():
    with serving(patience_s=0.3) as server, connect(server.stream) as line:
        assert closed(line) == 1008
        until(lambda: server.service.streams == 0)


def test_a_client_that_takes_nothing_loses_its_stream(monkeypatch):
    plain = stream.Ear.hear

    def talkative(ear, content):  # as many answers as hours would give
        return plain(ear, content) * 20_000

    monkeypatch.setattr(stream.Ear, "hear", talkative)
    with serving(patience_s=1.0) as server:
        line = connect(server.stream, max_queue=1, compression=None, legacy=True)
        line.send(recording(1).tobytes())
        line.recv()
        assert server.service.streams == 1
        until(lambda: server.service.streams == 0)
        line.close_socket()


def test_a_stream_ends_at_its_longest():
    with serving(stream_s=2.0) as server:
        result = streamed(server.stream, recording(4))[-1]
        assert result["type"] == "result"
        assert result["record"]["duration_s"] < 4


def test_a_fault_closes_one_stream_alone(server, monkeypatch):
    def fails(ear, content):
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(stream.Ear, "hear", fails)
    with connect(server.stream) as line:
        line.send(b"12")
        assert closed(line) == 1011
    monkeypatch.undo()
    assert server.http.get("/health").status_code == 200


def test_hearing_does_not_hold_up_others(server):
    """Several streams and a file at once, each as if alone."""
    samples = recording(3)

    async def together() -> list:
        tasks = [asyncio.to_thread(streamed, server.stream, samples) for _ in range(4)]
        return await asyncio.gather(*tasks)

    alone = streamed(server.stream, samples)[-1]
    assert [each[-1] for each in asyncio.run(together())] == [alone] * 4

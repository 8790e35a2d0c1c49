"""Files that were joined, tagged, cut or left unfinished in ways that FFmpeg does not foresee."""

import pytest

from ser_core.decoding.decode import decode
from tests.recordings import likeness, sound_file
from tests.voice import voice

VOICE, OTHER = voice(3.0), voice(2.0, 200, seed=5)
TAG = b"TAG" + bytes(125)


# what follows the sound


@pytest.mark.parametrize("kind", ["CAF", "W64"])
@pytest.mark.parametrize("tail", [TAG, b"TAG" + b"title".ljust(125), b"\xff" * 100, None])
def test_what_sends_a_reader_far_beyond_the_end_of_a_file_costs_nothing(kind, tail, tmp_path):
    content, path = sound_file(VOICE, kind=kind), tmp_path / "a"
    path.write_bytes(content + (content if tail is None else tail))  # bytes can seek anywhere
    assert likeness(decode(path).clip.samples, VOICE) > 0.9

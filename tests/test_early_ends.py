import numpy as np
import pytest

from benchmarks.early_ends import main, pauses_inside
from ser_core.audio.clip import AudioClip
from tests.voice import silence, voice


def clip(*parts: np.ndarray) -> AudioClip:
    return AudioClip(np.concatenate(parts))


def test_a_pause_after_which_speech_goes_on_is_counted_once():
    (pause,) = pauses_inside(clip(silence(0.5), voice(1.5), silence(0.4), voice(1.5), silence(1)))
    assert pause == pytest.approx(0.4, abs=0.15)


def test_the_end_of_an_utterance_is_no_pause_inside():
    assert pauses_inside(clip(silence(0.5), voice(2.0), silence(1.5), voice(2.0), silence(1))) == []


def test_without_recordings_it_says_what_to_do(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("SER_DATA_DIR", str(tmp_path))
    assert main([]) == 1
    assert "python -m train download ravdess" in capsys.readouterr().err

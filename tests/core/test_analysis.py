"""File and stream are one path; what is served does not depend on chunking, sharing or gain."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from ser_core.analysis import analyser as analysis
from ser_core.analysis.analyser import Analyser, analyse
from ser_core.analysis.spoken import window_bounds
from ser_core.audio.clip import AudioClip
from ser_core.bundles.model import EmotionModel
from ser_core.bundles.store import ModelStore
from tests.voice import silence, voice


class Listener:
    """A model that remembers the samples it was given."""

    def __init__(self, model: EmotionModel) -> None:
        self.card, self._model, self.heard = model.card, model, []

    def probabilities(self, samples: np.ndarray) -> np.ndarray:
        self.heard.append(samples.copy())
        return self._model.probabilities(samples)


@pytest.mark.parametrize("chunk", [320, 960, 8_000, 50_001])
def test_file_and_stream_hear_bit_equal_windows(two_utterances, tiny_model, chunk):
    by_file, by_stream = Listener(tiny_model), Listener(tiny_model)
    from_file = analyse(two_utterances, by_file)
    analyser = Analyser(by_stream)
    for start in range(0, two_utterances.samples.size, chunk):
        analyser.push(two_utterances.samples[start : start + chunk])
    assert analyser.finish() == from_file
    assert len(by_file.heard) == len(by_stream.heard) > 3
    for a, b in zip(by_file.heard, by_stream.heard, strict=True):
        np.testing.assert_array_equal(a, b)


def test_live_gives_the_same_timeline_and_running_answers_besides(two_utterances, tiny_model):
    live = Analyser(tiny_model, live=True)
    for start in range(0, two_utterances.samples.size, 8_000):
        live.push(two_utterances.samples[start : start + 8_000])
    assert live.finish() == analyse(two_utterances, tiny_model)
    ends = [answer.window.end_s for answer in live.recent]
    assert ends == sorted(ends)
    # 2 s and 4.5 s of voice, an answer each half second from the first second on, and the two last
    assert 8 <= len(ends) <= 14
    assert sum(answer.whole for answer in live.recent) == 2


def test_live_scores_no_window_twice(two_utterances, tiny_model):
    model = Listener(tiny_model)
    live = Analyser(model, live=True)
    for start in range(0, two_utterances.samples.size, 4_000):
        live.push(two_utterances.samples[start : start + 4_000])
    windows = live.finish().windows
    heard = {samples.tobytes() for samples in model.heard}
    assert len(heard) == len(model.heard)
    # of the windows that the timeline holds, only the last of each utterance is no running one
    assert len(model.heard) - len(windows) <= 2 * 3 + 4.5 / analysis.RUNNING_HOP_S


def test_live_memory_is_bounded(tiny_model, monkeypatch):
    monkeypatch.setattr(analysis, "LIVE_MEMORY_S", 30.0)
    live = Analyser(tiny_model, live=True)
    for _ in range(150):
        live.push(voice(1.0))
    assert len(live.recent) == live.recent.maxlen == 120
    kept = live.timeline()
    assert kept.duration_s == 150
    assert min(end for _, end in kept.utterances) > 90
    assert len(kept.windows) < 60


@pytest.mark.parametrize(
    ("seconds", "want"),
    [
        (0.5, [(0, 0.5)]),
        (3.0, [(0, 3)]),
        (3.2, [(0, 3), (0.2, 3.2)]),
        (5.0, [(0, 3), (1, 4), (2, 5)]),
        (5.5, [(0, 3), (1, 4), (2, 5), (2.5, 5.5)]),
    ],
)
def test_windows_cover_the_utterance(seconds, want):
    bounds = window_bounds(round(seconds * 16_000), window_s=3.0, hop_s=1.0)
    assert [(a / 16_000, b / 16_000) for a, b in bounds] == want


def test_windows_and_segments_tile_the_utterances(two_utterances, tiny_model):
    result = analyse(two_utterances, tiny_model)
    assert len(result.utterances) == 2
    assert result.speech_s == pytest.approx(sum(s.duration_s for s in result.segments))
    assert result.duration_s == two_utterances.duration_s
    for window in result.windows:
        assert sum(window.probabilities.values()) == pytest.approx(1)


def test_silence_and_noise_have_no_emotion(tiny_model):
    noise = np.random.default_rng(0).normal(0, 0.1, 80_000).astype(np.float32)
    for samples in (silence(5.0), noise, np.zeros(0, np.float32)):
        result = analyse(AudioClip(samples), tiny_model)
        assert result.verdict.kind == "no_speech"
        assert result.windows == ()


def test_progress_reaches_the_end(two_utterances, tiny_model):
    seen = []
    analyse(two_utterances, tiny_model, seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == two_utterances.duration_s


def test_a_model_may_be_shared_by_threads(two_utterances, tiny_model):
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: analyse(two_utterances, tiny_model), range(8)))
    assert all(result == results[0] for result in results)


@pytest.mark.parametrize("name", ModelStore().names())
@pytest.mark.parametrize("gain_db", [-12, 12])
def test_gain_does_not_change_the_answer_of_a_shipped_model(name, gain_db):
    model = ModelStore().load(name)
    for seed in range(3):
        samples = np.concatenate([silence(0.5), 0.4 * voice(2.5, 140 + 40 * seed, seed)])
        plain = model.probabilities(samples)
        changed = model.probabilities(samples * np.float32(10 ** (gain_db / 20)))
        # float32 rounding of the gain can tip an 8-bit rounding inside the transformer
        atol = 0.03 if name == "transformer" else 0.01
        np.testing.assert_allclose(changed, plain, atol=atol)

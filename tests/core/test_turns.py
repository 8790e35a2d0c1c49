"""A live session of several people: each is heard against what else they say."""

import numpy as np
import pytest

from ser_core.analysis.analyser import analyse
from ser_core.bundles.model import EmotionModel
from ser_core.live.listener import Listener
from ser_core.speakers import known
from tests.bundles import make_adapting_bundle
from tests.voice import deep_and_high, silence, voice

RATE_HZ = 16_000


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return EmotionModel(make_adapting_bundle(tmp_path_factory.mktemp("models")))


def hear(listener: Listener, samples: np.ndarray) -> None:
    for start in range(0, samples.size, RATE_HZ // 2):
        listener.push(samples[start : start + RATE_HZ // 2])


@pytest.fixture
def talk(model):
    listener = Listener(model)
    listener.expect(2)
    hear(listener, np.concatenate([deep_and_high(6, pause_s=1.0), silence(0.3)]))
    return listener


def voices(listener: Listener) -> list[str]:
    return [name for _, _, name in listener.said]


def test_each_voice_has_a_baseline_of_its_own(talk, model):
    assert voices(talk) == list("ABABAB")
    spoken = talk._analyser.spoken
    assert spoken[0].voice is spoken[2].voice is spoken[4].voice
    assert spoken[1].voice is spoken[3].voice is not spoken[0].voice
    for nth in (0, 1):  # also of those that were taken for the other at first
        own = [each for each in spoken if each.voice is spoken[nth].voice]
        assert own[0].voice.utterances == 3
        want = sum(min(e.speech_s, 6.0) * np.clip(e.vector, -3, 3) for e in own)
        want = want / (10.0 + sum(e.speech_s for e in own))
        np.testing.assert_allclose(own[0].voice.baseline, want, rtol=1e-4, atol=1e-6)
    assert talk.adapted_to == 3


def test_an_answer_is_heard_against_its_own_voice_alone(talk, model):
    last = talk._analyser.spoken[-1]
    others = [e for e in talk._analyser.spoken[:-1] if e.voice is last.voice]
    assert len(others) == 2
    seconds = sum(e.speech_s for e in others)
    baseline = sum(e.speech_s * np.clip(e.vector, -3, 3) for e in others) / (10 + seconds)
    rows = model.again(np.stack(last.vectors), baseline[None].astype(np.float32))
    got = [list(window.probabilities.values()) for window in last.windows]
    np.testing.assert_allclose(got, rows, atol=1e-4)


def test_answers_tell_whose_they_are(talk):
    whose = [talk.voice_of(window) for window in talk.history]
    assert list(dict.fromkeys(filter(None, whose))) == ["A", "B"]
    assert whose[-1] == "B"
    talk.turns.known.rename(talk.turns.known.voices[1], "Ann")
    assert talk.voice_of(talk.history[-1]) == "Ann"


def test_the_end_of_a_session_is_that_of_its_file(talk, model):
    clip, timeline = talk.finish()
    want = analyse(clip, model)
    assert [s.emotion for s in timeline.segments] == [s.emotion for s in want.segments]
    for got, expected in zip(timeline.segments, want.segments, strict=True):
        assert got.probabilities == pytest.approx(expected.probabilities, abs=1e-5)
    assert clip.duration_s == pytest.approx(talk.duration_s)


def test_one_person_after_several_starts_anew_and_back(talk):
    talk.expect(None)
    assert (talk.turns, talk.adapted_to, talk.said) == (None, 0, ())
    hear(talk, np.concatenate([voice(2.0, seed=3), silence(1.0)]))
    assert talk.adapted_to == 1
    assert talk.voice_of(talk.history[-1]) is None
    talk.expect(0)
    hear(talk, np.concatenate([voice(2.0, seed=4), silence(1.0)]))
    assert voices(talk) == ["A"]


def test_without_adaptation_voices_are_told_all_the_same(model):
    listener = Listener(model)
    listener.adapt(False)
    listener.expect(2)
    hear(listener, np.concatenate([deep_and_high(4, pause_s=1.0), silence(0.3)]))
    assert voices(listener) == list("ABAB")
    assert listener.adapted_to == 0
    listener.finish()


def test_another_model_keeps_the_voices_and_forgets_how_they_sounded(talk, tmp_path):
    talk.use(EmotionModel(make_adapting_bundle(tmp_path)))
    hear(talk, np.concatenate([deep_and_high(2, pause_s=1.0), silence(0.3)]))
    assert voices(talk) == list("ABABABAB")
    assert talk.adapted_to == 1


def test_an_utterance_costs_one_embedding_though_it_is_answered_early(model, monkeypatch):
    calls, embed = [], known.embed
    monkeypatch.setattr(known, "embed", lambda bands: calls.append(1) or embed(bands))
    listener = Listener(model)
    listener.expect(0)
    for sentence in range(3):
        spoken = np.concatenate([voice(2.0, seed=sentence), silence(1.0)])
        for start in range(0, spoken.size, 800):
            listener.push(spoken[start : start + 800])
    assert len(calls) == 3


def test_what_was_said_counts_from_the_start_of_what_is_kept(talk, monkeypatch):
    whole = talk.said
    monkeypatch.setattr(type(talk._recording), "duration_s", talk.duration_s - 10.0)
    kept = talk.said
    assert len(kept) < len(whole)
    assert kept[-1][:2] == pytest.approx([t - 10.0 for t in whole[-1][:2]])

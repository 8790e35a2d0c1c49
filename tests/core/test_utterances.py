"""Where speech starts and ends, whatever the chunking."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ser_core.audio.clip import AudioClip
from ser_core.speech.segmenter import Segmenter, find_utterances
from ser_core.speech.trimming import speech_span
from tests.voice import silence, voice

RNG = np.random.default_rng(3)
TIME = np.arange(20 * 16_000) / 16_000
NOT_SPEECH = {
    "silence": silence(20),
    "white noise": 0.1 * RNG.normal(size=TIME.size),
    "faint noise": 1e-4 * RNG.normal(size=TIME.size),
    "brown noise": 1e-3 * np.cumsum(RNG.normal(size=TIME.size)),
    "noise bursts": 0.2 * RNG.normal(size=TIME.size) * (np.sin(2 * np.pi * 3 * TIME) > 0),
    "tone": 0.3 * np.sin(2 * np.pi * 440 * TIME),
    "chord": sum(0.1 * np.sin(2 * np.pi * f * TIME) for f in (220, 277, 330)),
    "sweep": 0.3 * np.sin(2 * np.pi * (100 + 50 * TIME) * TIME),
    "clicks": (np.arange(TIME.size) % 16_000 == 0).astype(float),
}


@pytest.mark.parametrize("name", NOT_SPEECH)
def test_noise_and_tones_are_no_speech(name):
    assert find_utterances(AudioClip(NOT_SPEECH[name].astype(np.float32))) == []


def test_utterances_lie_where_the_voice_is(two_utterances):
    first, second = find_utterances(two_utterances)
    # the pad reaches 0.1 s out; the detector works in 32 ms steps and lets go late
    assert first.onset_s == pytest.approx(0.65, abs=0.1)
    assert first.offset_s == pytest.approx(2.8, abs=0.15)
    assert second.onset_s == pytest.approx(3.65, abs=0.1)
    assert second.offset_s == pytest.approx(8.3, abs=0.15)
    assert speech_span(two_utterances) == (first.onset_s, second.offset_s)


def test_samples_are_those_between_onset_and_offset(two_utterances):
    for utterance in find_utterances(two_utterances):
        cut = two_utterances.cut(utterance.onset_s, utterance.offset_s)
        np.testing.assert_array_equal(utterance.samples, cut.samples)


@given(st.lists(st.integers(0, 9_000), max_size=30))
@settings(max_examples=10, deadline=None)
def test_chunking_never_changes_an_utterance(two_utterances, sizes):
    segmenter, got, at = Segmenter(), [], 0
    for size in [*sizes, two_utterances.samples.size]:
        got += segmenter.push(two_utterances.samples[at : at + size])
        at += size
    got += segmenter.flush()
    want = find_utterances(two_utterances)
    assert [(u.onset_s, u.offset_s) for u in got] == [(u.onset_s, u.offset_s) for u in want]
    for a, b in zip(got, want, strict=True):
        np.testing.assert_array_equal(a.samples, b.samples)


def test_speech_up_to_the_last_sample_is_kept():
    clip = AudioClip(np.concatenate([silence(0.5), voice(1.0)])[:-100])
    (utterance,) = find_utterances(clip)
    assert utterance.offset_s == clip.duration_s


def test_a_monologue_is_cut_and_nothing_is_lost():
    clip = AudioClip(voice(40.0))
    found = find_utterances(clip)
    assert len(found) == 3
    for a, b in pairwise(found):
        assert 0 <= b.onset_s - a.offset_s < 0.2


def test_memory_is_bounded():
    segmenter = Segmenter()
    for _ in range(60):
        segmenter.push(voice(1.0))
        segmenter.push(silence(1.0))
    assert segmenter._audio.size < 16 * 16_000


@pytest.mark.parametrize("n", [0, 1, 511, 512, 3_200])
def test_very_short_clips_are_no_speech(n):
    assert find_utterances(AudioClip(voice(1.0)[:n])) == []
    assert speech_span(AudioClip(voice(1.0)[:n])) is None


def test_open_utterance_grows_while_the_voice_goes_on():
    segmenter = Segmenter()
    segmenter.push(silence(0.5))
    assert segmenter.open_utterance() is None
    lengths = []
    for second in np.split(voice(3.0), 3):
        segmenter.push(second)
        lengths.append(segmenter.open_utterance().samples.size)
    assert segmenter.in_speech
    assert lengths == sorted(lengths)
    assert lengths[-1] > 2.5 * 16_000

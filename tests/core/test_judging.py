import numpy as np
import pytest

from ser_core.analysis.analyser import analyse
from ser_core.analysis.result import judge, opinion
from ser_core.audio.clip import to_wav
from ser_core.audio.decoding import decode
from ser_core.bundles.model import EmotionModel
from tests.bundles import make_bundle


@pytest.fixture(scope="module")
def judged(two_utterances, tiny_model):
    return judge(decode(to_wav(two_utterances), "two.wav"), "two.wav", tiny_model)


def test_a_judged_file_has_the_timeline_of_its_sound(judged, two_utterances, tiny_model):
    want = analyse(decode(to_wav(two_utterances)).clip, tiny_model)
    assert judged.timeline == want
    assert judged.quality.speech_s == pytest.approx(want.speech_s)


def test_a_cut_gives_back_the_samples(judged, two_utterances):
    cut = judged.cut(1.0, 2.5)
    # 16-bit rounding
    np.testing.assert_allclose(cut.samples, two_utterances.cut(1.0, 2.5).samples, atol=1e-4)
    assert judged.cut(100.0, 101.0).samples.size == 0


def test_the_opinion_of_the_same_model_is_its_answer(judged, tiny_model):
    for segment in judged.timeline.segments:
        again = opinion(judged, segment, tiny_model)
        for emotion, probability in segment.probabilities.items():
            # the sound went through 16 bits once more
            assert again[emotion] == pytest.approx(probability, abs=0.01)


def test_another_model_may_differ(judged, tmp_path):
    stubborn = EmotionModel(make_bundle(tmp_path, "sad", favourite="sad"))
    found = opinion(judged, judged.timeline.segments[0], stubborn)
    assert max(found, key=found.__getitem__) == "sad"
    assert sum(found.values()) == pytest.approx(1)

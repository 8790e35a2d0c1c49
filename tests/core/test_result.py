import pytest

from ser_core.analysis.analyser import analyse
from ser_core.analysis.result import opinion, result_of
from ser_core.bundles.model import EmotionModel
from ser_core.decoding.decode import Decoded
from tests.bundles import make_bundle


@pytest.fixture(scope="module")
def result(two_utterances, tiny_model):
    # no 16-bit file holds these samples: what is scored must not be read back from one
    return result_of(Decoded(two_utterances, 16_000, 1, 0.0), "two.wav", tiny_model)


def test_a_scored_file_has_the_timeline_of_its_sound(result, two_utterances, tiny_model):
    want = analyse(two_utterances, tiny_model)
    assert result.timeline == want
    assert result.quality.speech_s == pytest.approx(want.speech_s)


def test_the_opinion_of_the_same_model_is_its_answer(result, tiny_model):
    for segment in result.timeline.segments:
        again = opinion(result, segment, tiny_model)
        for emotion, probability in segment.probabilities.items():
            assert again[emotion] == pytest.approx(probability, abs=1e-9)


def test_another_model_may_differ(result, tmp_path):
    stubborn = EmotionModel(make_bundle(tmp_path, "sad", favourite="sad"))
    found = opinion(result, result.timeline.segments[0], stubborn)
    assert max(found, key=found.__getitem__) == "sad"
    assert sum(found.values()) == pytest.approx(1)

import json

import numpy as np
import pytest

from ser_core.analysis.analyser import Analyser
from ser_core.audio.clip import AudioClip
from ser_core.bundles.adaptation import (
    AdaptedModel,
    Measured,
    VoiceAdaptation,
    log_probabilities,
    shifted,
)
from ser_core.bundles.model import EmotionModel
from ser_core.bundles.store import ModelStore
from ser_core.emotions import Emotion
from ser_core.errors import ModelError
from tests.bundles import LABELS, make_bundle
from tests.voice import voice as sound_of

K = len(Emotion)


def measured(utterances: int, strength: float) -> Measured:
    return Measured(
        utterances=utterances,
        strength=strength,
        fold_strengths={"1": strength, "2": 0.5},
        ua_before=0.6,
        ua_after=0.65,
        ci95=(0.01, 0.09),
        ece_before=0.05,
        ece_after=0.04,
        better=20,
        worse=4,
        not_neutral={Emotion.ANGRY: -0.05},
    )


def softmax(z: np.ndarray) -> np.ndarray:
    raised = np.exp(z - z.max(axis=-1, keepdims=True))
    return raised / raised.sum(axis=-1, keepdims=True)


@pytest.fixture
def rng():
    return np.random.default_rng(3)


@pytest.fixture
def voice(rng):
    reference = dict(zip(Emotion, np.log(softmax(rng.normal(size=K))).tolist(), strict=True))
    steps = tuple(measured(n, s) for n, s in ((1, 0.3), (2, 0.4), (3, 0.5)))
    return VoiceAdaptation(True, reference, steps)


@pytest.fixture
def model(tmp_path):
    return EmotionModel(make_bundle(tmp_path))


def ordered(values, labels) -> np.ndarray:
    return np.array([values[label] for label in labels])


def test_a_voice_like_all_others_changes_nothing(voice, model):
    usual = np.exp(ordered(voice.reference, LABELS))
    samples = sound_of(1.0)
    got = voice.adapted(model, [usual, usual]).probabilities(samples)
    np.testing.assert_allclose(got, model.probabilities(samples), atol=1e-12)


def test_probabilities_sum_to_one_even_where_some_are_zero(voice, model, rng):
    sure = np.eye(K)[0]
    row = voice.adapted(model, [sure]).probabilities(sound_of(1.0))
    assert row.shape == (K,)
    assert row.sum() == pytest.approx(1)
    assert np.isfinite(row).all()
    table = shifted(softmax(rng.normal(size=(5, K))), rng.normal(size=K))
    np.testing.assert_allclose(table.sum(axis=1), 1)
    assert shifted(sure, 1000 * rng.normal(size=K)).sum() == pytest.approx(1)


def test_behind_a_linear_head_it_moves_the_features(voice, rng):
    weights, bias, n, strength = rng.normal(size=(5, K)), rng.normal(size=K), 3, 0.5
    own, others, x = rng.normal(size=(n, 5)), rng.normal(size=(20, 5)), rng.normal(size=5)

    def head(features):
        return softmax(features @ weights + bias)

    reference = dict(zip(Emotion, log_probabilities(head(others)).mean(axis=0), strict=True))
    here = VoiceAdaptation(True, reference, voice.measured)
    assert here.by(n).strength == strength
    got = shifted(head(x), strength * here.offset(head(own), tuple(Emotion)))
    np.testing.assert_allclose(got, head(x - strength * (own.mean(0) - others.mean(0))))


def test_what_stands_out_in_neutral_speech_becomes_less_probable(voice):
    rough = np.exp(ordered(voice.reference, LABELS))
    angry = LABELS.index(Emotion.ANGRY)
    rough[angry] *= 3
    offset = voice.offset([rough / rough.sum()], LABELS)
    assert offset.argmax() == angry
    even = np.full(K, 1 / K)
    mild, full = shifted(even, 0.3 * offset), shifted(even, offset)
    assert full[angry] < mild[angry] < even[angry]
    # odds against any other emotion fall to the power of the strength
    assert mild[angry] / mild[0 if angry else 1] == pytest.approx(3**-0.3)


def test_neither_the_order_of_phrases_nor_a_constant_in_the_reference_matters(voice, rng):
    rows, p = softmax(rng.normal(size=(3, K))), softmax(rng.normal(size=K))
    raised = {emotion: value + 1 for emotion, value in voice.reference.items()}
    other = VoiceAdaptation(True, raised, voice.measured)
    want = shifted(p, voice.offset(rows, LABELS))
    np.testing.assert_allclose(shifted(p, voice.offset(rows[::-1], LABELS)), want)
    np.testing.assert_allclose(shifted(p, other.offset(rows, LABELS)), want)


def test_columns_follow_the_card(voice, rng):
    row = softmax(rng.normal(size=K))
    by_emotion = dict(zip(LABELS, voice.offset([row], LABELS), strict=True))
    display = tuple(Emotion)
    assert display != LABELS
    other = voice.offset([row[[LABELS.index(e) for e in display]]], display)
    np.testing.assert_allclose(other, ordered(by_emotion, display))


def test_the_strength_is_that_of_the_utterances_spoken(voice, model, rng):
    rows, samples = softmax(rng.normal(size=(5, K))), sound_of(1.0)
    plain = model.probabilities(samples)
    for n, strength in ((1, 0.3), (2, 0.4), (3, 0.5), (5, 0.5)):
        want = shifted(plain, strength * voice.offset(rows[:n], LABELS))
        got = voice.adapted(model, rows[:n]).probabilities(samples)
        np.testing.assert_allclose(got, want)
    assert [voice.by(n).utterances for n in (0, 1, 2, 3, 9)] == [1, 1, 2, 3, 3]
    assert voice.by(2).gain == pytest.approx(0.05)


def test_an_analyser_takes_it_for_a_model(model):
    shift = np.zeros(K)
    shift[LABELS.index(Emotion.HAPPY)] = -50.0
    analyser = Analyser(AdaptedModel(model, shift))
    analyser.push(AudioClip(sound_of(2.0)).samples)
    timeline = analyser.finish()
    assert timeline.model == model.card.name
    assert timeline.verdict.emotion is Emotion.HAPPY


def test_what_was_not_shown_to_help_is_refused(voice, model):
    useless = VoiceAdaptation(False, voice.reference, voice.measured)
    with pytest.raises(ModelError, match=r"not shown to help 'tiny'\. Go on without it"):
        useless.adapted(model, [np.full(K, 1 / K)])


@pytest.mark.parametrize("rows", [[], [np.full(K - 1, 0.1)], np.full(K, 1 / K)])
def test_rows_of_another_shape_are_refused(voice, model, rows):
    with pytest.raises(ValueError, match="Expected shape"):
        voice.adapted(model, rows)


def test_it_survives_saving_and_loading(voice, tmp_path):
    assert VoiceAdaptation.find(tmp_path) is None
    assert voice.save(tmp_path) == tmp_path / "voice.json"
    assert VoiceAdaptation.load(tmp_path) == voice


def test_a_file_that_does_not_fit_is_refused(voice, tmp_path):
    path = voice.save(tmp_path)
    good = json.loads(path.read_text())
    for changes, message in (
        ({"reference": {"neutral": 0}}, "reference of an emotion is missing"),
        ({"measured": good["measured"][1:]}, "one utterance was not measured"),
    ):
        path.write_text(json.dumps(good | changes))
        with pytest.raises(ModelError, match=rf"{message}.*python -m train voice"):
            VoiceAdaptation.load(tmp_path)


@pytest.mark.parametrize("name", ModelStore().names())
def test_the_installed_models_offer_what_their_intervals_allow(name):
    found = VoiceAdaptation.load(ModelStore().folder / name)
    assert [m.utterances for m in found.measured] == [1, 2, 3]
    assert found.offered == all(m.ci95[0] > 0 for m in found.measured)
    for m in found.measured:
        assert m.ci95[0] <= m.gain <= m.ci95[1]
        assert m.better + m.worse <= 24
        assert set(m.not_neutral) == set(Emotion) - {Emotion.NEUTRAL}

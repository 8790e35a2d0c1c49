import subprocess
import sys

import numpy as np
import pytest

from ser_core.bundles.metrics import Scores
from ser_core.bundles.model import EmotionModel
from ser_core.emotions import Emotion
from ser_core.features.extraction import extract
from tests.bundles import make_bundle
from train.data import waveforms
from train.data.rows import LABELS, load_rows
from train.protocol import robustness
from train.protocol.evaluate import served_probabilities
from train.protocol.robustness import CONDITIONS, Scene, Voices, disturb, score


@pytest.fixture(scope="module")
def rows(tiny_corpus):
    return load_rows("ravdess", tiny_corpus)


@pytest.fixture(scope="module")
def voices(rows):
    return Voices.of(rows)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return EmotionModel(make_bundle(tmp_path_factory.mktemp("models")))


def test_the_babble_is_neutral_where_several_are(rows, voices):
    assert {row.record.emotion for row in voices.rows} == {Emotion.NEUTRAL}
    lively = [row for row in rows if row.record.emotion != Emotion.NEUTRAL]
    assert Voices.of(lively).rows == tuple(lively)
    assert Voices.of(lively).beside(rows[0].record.speaker)


def test_every_condition_is_repeatable_and_gives_sound(rows, voices):
    for name in CONDITIONS:
        samples = disturb(rows[0], name, voices)
        assert samples.dtype == np.float32
        assert np.isfinite(samples).all()
        np.testing.assert_array_equal(samples, disturb(rows[0], name, voices))
        factor = float(name.split()[1]) if name.startswith("speed") else 1.0
        assert samples.size == pytest.approx(rows[0].clip().samples.size / factor, abs=640)


def test_clips_and_conditions_have_noise_of_their_own(rows, voices):
    def noise(row, condition):
        return disturb(row, condition, voices) - row.clip().samples

    a, b = noise(rows[0], "white noise 10 dB"), noise(rows[1], "white noise 10 dB")
    c = noise(rows[0], "white noise 20 dB")
    assert abs(np.corrcoef(a, b)[0, 1]) < 0.05
    assert abs(np.corrcoef(a, c)[0, 1]) < 0.05


@pytest.mark.parametrize("kind", ["white noise", "babble"])
@pytest.mark.parametrize("snr_db", [20, 10, 0])
def test_the_ratio_counts_the_speech_and_not_the_pauses(rows, voices, kind, snr_db):
    row = rows[0]
    noise = disturb(row, f"{kind} {snr_db} dB", voices) - row.clip().samples
    ratio_db = 10 * np.log10(np.mean(row.speech() ** 2) / np.mean(noise**2))
    assert ratio_db == pytest.approx(snr_db, abs=0.1)


def test_the_babble_has_no_voice_of_the_speaker(rows, voices, monkeypatch):
    heard = []
    babble = waveforms.babble

    def spy(n, others, rng):
        heard.extend(others)
        return babble(n, others, rng)

    monkeypatch.setattr(waveforms, "babble", spy)
    neutral = [row for row in rows if row.record.emotion == "neutral"]
    row = neutral[0]
    disturb(row, "babble 10 dB", voices)
    assert len(heard) == len(neutral) - 1
    assert not any(np.array_equal(voice, row.speech()) for voice in heard)


def test_gain_does_not_clip(rows, voices):
    loud = disturb(rows[0], "gain +12 dB", voices)
    assert np.abs(loud).max() > 1
    np.testing.assert_allclose(loud, rows[0].clip().samples * 10**0.6, rtol=1e-5)


def test_gain_changes_no_answer_but_by_where_speech_is_found(rows, voices, model):
    for row in rows[:4]:
        plain = model.probabilities(row.clip().samples)
        for name in ("gain -12 dB", "gain +12 dB"):
            changed = model.probabilities(disturb(row, name, voices))
            np.testing.assert_allclose(changed, plain, atol=1e-4)
            # float noise of the features alone
            features = extract(disturb(row, name, voices), model.card.features)
            want = extract(row.clip().samples, model.card.features)
            np.testing.assert_allclose(features, want, atol=0.05)


def test_scoring_an_undisturbed_clip_gives_what_serving_gives(rows, voices, model, monkeypatch):
    monkeypatch.setitem(CONDITIONS, "nothing", lambda scene, _: scene.samples)
    want, _ = served_probabilities(rows[:5], model, "test")
    np.testing.assert_array_equal(score(rows[:5], model, "nothing", voices), want)


def test_a_clip_that_lost_its_speech_is_one_window(rows, voices, model, monkeypatch):
    monkeypatch.setitem(CONDITIONS, "hum", lambda s, _: np.sin(np.arange(20_000, dtype=np.float32)))
    (got,) = score(rows[:1], model, "hum", voices)
    window = dict(zip(LABELS, got, strict=True))
    want = model.probabilities(disturb(rows[0], "hum", voices))
    np.testing.assert_array_equal([window[e] for e in model.card.labels], want)


def test_speech_is_looked_for_once(rows, voices, model, monkeypatch):
    first = score(rows[:2], model, "telephone 8 kHz", voices)
    monkeypatch.setattr(robustness, "find_utterances", lambda _: pytest.fail("looked for again"))
    np.testing.assert_array_equal(score(rows[:2], model, "telephone 8 kHz", voices), first)


def test_two_processes_answer_like_one(rows, voices, model, tmp_path, monkeypatch):
    bundle = make_bundle(tmp_path)
    names = ("gain +12 dB", "babble 10 dB")
    monkeypatch.setattr(robustness, "CONDITIONS", {name: CONDITIONS[name] for name in names})
    got = robustness.answers(rows[:3], bundle, voices, "test")
    assert tuple(got) == names
    for name in names:
        np.testing.assert_array_equal(got[name], score(rows[:3], model, name, voices))


def test_the_workers_load_no_tensorflow():
    code = "import sys, train.protocol.robustness; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.split(".")[0] for name in done.stdout.split()}
    assert not loaded & {"tensorflow", "keras", "sklearn"}


def test_the_summary_is_over_classes_and_over_clips():
    truth = np.array([0, 0, 0, 1])
    right = np.eye(8)[[0, 0, 0, 1]]
    lazy = np.eye(8)[[0, 0, 0, 0]]
    assert robustness.summary({"a": right, "b": lazy}, truth) == {
        "a": Scores(1.0, 1.0),
        "b": Scores(0.5, 0.75),
    }


def test_a_scene_reads_its_clip(rows, voices):
    np.testing.assert_array_equal(Scene(rows[0], voices).samples, rows[0].clip().samples)

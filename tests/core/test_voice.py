"""Sessions: what is known of a voice, and the same answers live, from files and by command."""

import csv
import json

import numpy as np
import pytest

from ser_core import load
from ser_core.analysis.analyser import Adapt, Analyser, analyse
from ser_core.analysis.timeline import STUCK, UNLIKE
from ser_core.analysis.voice import LIMIT, LONGEST_S, TRUST_S, Voice, baseline_of
from ser_core.audio.clip import AudioClip, to_wav
from ser_core.bundles.model import EmotionModel
from ser_core.cli import main
from ser_core.live.listener import Listener
from tests.bundles import make_adapting_bundle, make_bundle
from tests.voice import silence, voice


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return EmotionModel(make_adapting_bundle(tmp_path_factory.mktemp("models")))


@pytest.fixture(scope="module")
def talk():
    """Four utterances of one voice, the second of 4.5 s."""
    lengths_s = (2.0, 4.5, 1.5, 2.5)
    parts = [
        piece
        for seed, length_s in enumerate(lengths_s)
        for piece in (voice(length_s, 110 + 20 * seed, seed), silence(1.0))
    ]
    return AudioClip(np.concatenate([silence(0.5), *parts]))


def answers(timeline):
    return np.array([list(window.probabilities.values()) for window in timeline.windows])


def test_a_baseline_is_the_shrunk_mean_of_clipped_vectors():
    vectors = np.array([[1.0, 9.0], [-2.0, 0.5]], np.float32)
    seconds = [2.0, 20.0]
    weighed = 2.0 * vectors[0].clip(-LIMIT, LIMIT) + LONGEST_S * vectors[1]
    want = weighed / (TRUST_S + 2.0 + LONGEST_S)
    np.testing.assert_allclose(baseline_of(vectors, seconds), want, rtol=1e-6)
    known = Voice()
    assert known.baseline is None
    for vector, speech_s in zip(vectors, seconds, strict=True):
        known.add(vector, speech_s)
    np.testing.assert_allclose(known.without(vectors[1], 20.0), baseline_of(vectors[:1], [2.0]))
    assert known.utterances == 2


def test_a_model_without_a_baseline_takes_the_voice_of_all(model):
    samples = voice(2.0)
    alone = model.hear(samples)
    np.testing.assert_array_equal(alone.probabilities, model.probabilities(samples))
    zeros = np.zeros_like(alone.vector)
    np.testing.assert_array_equal(alone.probabilities, model.hear(samples, zeros).probabilities)


def test_hearing_again_needs_no_sound(model):
    """The head alone gives what features and baseline give together."""
    baseline = np.linspace(-1, 1, 80).astype(np.float32)
    sounds = [voice(length_s, seed=seed) for seed, length_s in enumerate((1.0, 2.0, 3.0))]
    vectors = np.stack([model.hear(samples).vector for samples in sounds])
    want = [model.hear(samples, baseline).probabilities for samples in sounds]
    for baselines in (baseline[None], np.tile(baseline, (3, 1))):
        np.testing.assert_allclose(model.again(vectors, baselines), want, atol=1e-6)


def test_in_a_file_every_utterance_is_heard_against_all_others(model, talk):
    found = analyse(talk, model)
    assert found.adapted_to == 4
    analyser = Analyser(model, voice=Voice())
    analyser.push(talk.samples)
    analyser.finish()
    spoken = analyser._spoken
    for index, one in enumerate(spoken):
        others = [other for place, other in enumerate(spoken) if place != index]
        baseline = baseline_of(
            np.stack([other.vector for other in others]), [other.speech_s for other in others]
        )
        want = model.again(np.stack(one.vectors), baseline[None])
        inside = [one.onset_s <= window.start_s < one.offset_s for window in found.windows]
        np.testing.assert_allclose(answers(found)[inside], want, atol=1e-6)


def test_alone_nothing_is_adapted_and_one_utterance_has_no_others(model, talk):
    alone = analyse(talk, model, adapt=Adapt.NONE)
    assert alone.adapted_to == 0
    assert np.abs(answers(alone) - answers(analyse(talk, model))).max() > 0.01
    first = AudioClip(talk.samples[: 3 * 16_000])
    np.testing.assert_allclose(
        answers(analyse(first, model)), answers(analyse(first, model, adapt=Adapt.NONE)), atol=1e-6
    )


def test_a_session_knows_what_came_before_and_nothing_else(model, talk):
    known = Voice()
    first = analyse(talk, model, adapt=Adapt.SESSION, voice=known)
    assert known.utterances == 4
    again = analyse(talk, model, adapt=Adapt.SESSION, voice=known)
    assert known.utterances == again.adapted_to == 8
    single = AudioClip(talk.samples[: 3 * 16_000])
    assert analyse(single, model, adapt=Adapt.SESSION, voice=known).adapted_to == 9
    assert analyse(single, model).adapted_to == 0
    one = answers(first)[0]
    np.testing.assert_allclose(one, answers(analyse(talk, model, adapt=Adapt.NONE))[0], atol=1e-6)
    assert np.abs(answers(again)[0] - one).max() > 1e-3


def test_live_file_and_command_line_answer_alike(model, talk, tmp_path, monkeypatch, capsys):
    listener = Listener(model)
    for start in range(0, talk.samples.size, 7001):
        listener.push(talk.samples[start : start + 7001])
    assert listener.adapted_to >= 3
    clip, live = listener.finish()
    np.testing.assert_allclose(answers(live), answers(analyse(clip, model)), atol=1e-6)
    (tmp_path / "talk.wav").write_bytes(to_wav(clip))
    monkeypatch.setenv("SER_MODELS_DIR", str(model.folder.parent))
    by_library = load().predict(tmp_path / "talk.wav")
    assert main(["predict", str(tmp_path / "talk.wav"), "--format", "json"]) == 0
    (record,) = json.loads(capsys.readouterr().out)
    assert record["adapted_to_utterances"] == 4
    for segment, found in zip(record["segments"], by_library.segments, strict=True):
        assert segment["probabilities"] == {
            e: pytest.approx(p, abs=1e-4) for e, p in found.probabilities.items()
        }
    np.testing.assert_allclose(answers(by_library), answers(live), atol=2e-3)


def test_a_new_speaker_starts_over_and_a_switch_turns_it_off(model, talk):
    listener = Listener(model)
    listener.push(talk.samples)
    assert listener.adapts
    assert listener.adapted_to >= 3
    listener.new_speaker()
    assert listener.adapted_to == 0
    listener.push(talk.samples)
    listener.adapt(False)
    assert not listener.adapts
    listener.new_speaker()
    assert not listener.adapts
    _, timeline = listener.finish()
    assert len(timeline.utterances) == 8


def test_hearing_again_tells_how_many_answers_changed(model, talk):
    listener = Listener(model)
    listener.push(talk.samples)
    before = listener.so_far()[1]
    _, after = listener.finish()
    first = [segment.emotion for segment in before.segments]
    assert (listener.changed > 0) == (first != [segment.emotion for segment in after.segments])


def test_a_change_of_model_forgets_the_vectors_of_the_other(model, talk, tmp_path):
    listener = Listener(model)
    listener.push(talk.samples)
    listener.use(EmotionModel(make_bundle(tmp_path)))
    assert not listener.adapts
    listener.use(model)
    assert listener.adapted_to == 0
    listener.finish()
    assert listener.changed == 0


def test_speakers_of_a_folder_are_sessions_of_their_own(model, talk, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("SER_MODELS_DIR", str(model.folder.parent))
    for name in ("a1", "a2", "b1"):
        (tmp_path / f"{name}.wav").write_bytes(to_wav(talk))
    table = tmp_path / "people.csv"
    with table.open("w", newline="") as lines:
        rows = [("file", "speaker"), ("a1.wav", "anna"), ("a2.wav", "anna"), ("b1.wav", "ben")]
        csv.writer(lines).writerows(rows)
    files = [str(tmp_path / f"{name}.wav") for name in ("a1", "a2", "b1")]
    command = ["predict", *files, "--format", "json"]
    assert main([*command, "--speakers", str(table)]) == 0
    a1, a2, b1 = (record["probabilities"] for record in json.loads(capsys.readouterr().out))
    assert a1 == b1
    assert a1 != a2
    assert main([*command, "--adapt", "session"]) == 0
    *_, last = json.loads(capsys.readouterr().out)
    assert last["probabilities"] not in (a1, a2)
    table.write_text("name,speaker\nx,y\n")
    assert main([*command, "--speakers", str(table)]) == 2
    assert "no column file; found: name, speaker" in capsys.readouterr().err


def test_what_is_far_from_all_that_was_learned_is_told(talk, tmp_path):
    near = EmotionModel(make_adapting_bundle(tmp_path, "near", unlike_above=1e6))
    far = EmotionModel(make_adapting_bundle(tmp_path, "far", unlike_above=1e-6))
    silent = EmotionModel(make_adapting_bundle(tmp_path, "silent"))
    assert [analyse(talk, m).unlike for m in (near, far, silent)] == [False, True, False]
    assert analyse(talk, near).cautions == ()
    assert analyse(talk, far).cautions in ((UNLIKE,), (STUCK,))
    assert analyse(talk, far, adapt=Adapt.NONE).unlike  # whether or not it adapts
    quiet = AudioClip(silence(2.0))
    assert analyse(quiet, far).cautions == ()

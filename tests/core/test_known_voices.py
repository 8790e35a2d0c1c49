"""Voices that are known again while somebody speaks: by hand, made up, and of actors."""

import numpy as np
import pytest

from benchmarks.dialogues import Plan, taking_turns
from benchmarks.turns import right_share
from ser_core.errors import VoiceError
from ser_core.speakers import embedding, known
from ser_core.speakers.corrections import called_as
from ser_core.speakers.diarisation import Diarisation, Turn
from ser_core.speakers.known import KnownVoices
from tests.corpus import require
from tests.voice import deep_and_high, silence, voice

RATE_HZ = 16_000


def directions(count: int) -> np.ndarray:
    rng = np.random.default_rng(5)
    return np.linalg.qr(rng.normal(size=(192, count)))[0].T.astype(np.float32)


def like(mean: np.ndarray, seed: int, cosine: float = 0.8) -> np.ndarray:
    """A vector as near to a direction as utterances of one voice are."""
    other = np.random.default_rng(seed).normal(size=mean.size)
    other -= (other @ mean) * mean
    other /= np.linalg.norm(other)
    return (cosine * mean + np.sqrt(1 - cosine**2) * other).astype(np.float32)


def told(voices: KnownVoices, whose: str, seconds: float = 2.0) -> list[str]:
    """The names given to utterances of the speakers of a text, as each ends."""
    means = dict(zip("xyz", directions(3), strict=True))
    start_s = voices.said[-1][1] + 1 if voices.said else 0.0
    return [
        voices.add(
            start_s + 4 * i, start_s + 4 * i + seconds, like(means[who], 97 * i + ord(who))
        ).name
        for i, who in enumerate(whose)
    ]


def names(voices: KnownVoices) -> str:
    return "".join(name for _, _, name in voices.said)


def test_one_person_stays_one():
    voices = KnownVoices()
    assert told(voices, "x" * 30) == ["A"] * 30
    assert [each.name for each in voices.voices] == ["A"]


def test_who_was_heard_before_is_known_again():
    voices = KnownVoices()
    assert told(voices, "xxyyxzzyx") == list("AABBACCBA")


def test_what_is_near_to_all_is_somebody_new_only_with_a_second_utterance():
    (x, y), voices = directions(2), KnownVoices()
    near = (0.55 * x + 0.835 * y).astype(np.float32)
    for i in range(3):
        voices.add(4.0 * i, 4.0 * i + 2, like(x, i))
    assert voices.add(12.0, 14.0, like(near, 7, 0.95)).name == "A"
    assert voices.add(16.0, 18.0, like(near, 8, 0.95)).name == "B"
    assert names(voices) == "AAABB"  # the first one, too


def test_voices_that_turn_out_to_be_one_keep_the_first_name():
    (x, y), voices = directions(2), KnownVoices()
    near = (0.45 * x + 0.893 * y).astype(np.float32)
    for i, vector in enumerate((x, x, near, near)):
        voices.add(4.0 * i, 4.0 * i + 2, like(vector, i, 0.95))
    assert names(voices) == "AABB"
    between = ((x + near) / np.linalg.norm(x + near)).astype(np.float32)
    for i in range(4, 24):
        voices.add(4.0 * i, 4.0 * i + 2, like(between, i, 0.95))
    assert names(voices) == "A" * 24
    assert voices.add(100.0, 102.0, -x).name == "B"


def test_short_utterances_begin_no_voice():
    x, y = directions(2)
    voices = KnownVoices()
    assert voices.add(0.0, 0.3, None).name == "A"
    assert voices.add(2.0, 4.0, like(x, 0)).name == "A"
    assert voices.add(6.0, 6.9, like(y, 1)).name == "A"
    assert voices.add(8.0, 10.0, like(y, 2)).name == "B"
    assert voices.add(12.0, 12.4, None).name == "B"  # who spoke last
    assert voices.add(14.0, 14.8, like(x, 3)).name == "A"  # known again all the same


def test_an_utterance_that_goes_on_replaces_what_it_was():
    x, y = directions(2)
    voices = KnownVoices()
    voices.add(0.0, 2.0, like(x, 0))
    assert voices.add(4.0, 5.6, like(y, 1)).name == "B"
    first = voices.voices[1]
    voices.rename(first, "Ann")
    assert voices.add(4.0, 7.0, like(y, 2)) is first
    assert voices.said == [(0.0, 2.0, "A"), (4.0, 7.0, "Ann")]
    assert voices.add(4.0, 8.0, like(x, 3)).name == "A"
    assert [each.name for each in voices.voices] == ["A"]


def test_no_more_voices_than_told():
    voices = KnownVoices(2, counted=True)
    assert set(told(voices, "xxyyzzxyz")) == {"A", "B"}
    assert len(voices.voices) == 2


def test_voices_that_come_back_together_have_their_names_and_nobody_else_s():
    *known_before, new = directions(4)
    voices = KnownVoices()
    for i, vector in enumerate(known_before * 2):
        voices.add(4.0 * i, 4.0 * i + 2, like(vector, i))
    assert names(voices) == "ABCABC"
    voices.most, voices.counted = 1, True
    voices.add(24.0, 26.0, like(known_before[0], 6))
    assert names(voices) == "A" * 7
    voices.most, voices.counted = 8, False
    assert voices.add(28.0, 30.0, like(new, 7)).name == "D"
    assert names(voices) == "ABCABCAD"


def test_names_are_given_once():
    voices = KnownVoices()
    told(voices, "xxyy")
    first, second = voices.voices
    voices.rename(first, "  Ann ")
    with pytest.raises(VoiceError, match="Another voice is called Ann"):
        voices.rename(second, "Ann")
    with pytest.raises(VoiceError, match="needs a name"):
        voices.rename(second, " ")
    assert told(voices, "xyz") == ["Ann", "B", "A"]  # the letter is free again


def test_the_name_of_a_voice_that_was_another_s_can_be_given_to_that_one():
    x, y = directions(2)
    voices = KnownVoices()
    voices.add(0.0, 2.0, like(x, 0))
    voices.add(4.0, 5.6, like(y, 1))
    voices.rename(voices.voices[1], "Ann")
    voices.add(4.0, 8.0, like(x, 3))
    assert names(voices) == "AA"
    voices.rename(voices.voices[0], "Ann")
    assert voices.add(12.0, 14.0, like(y, 4)).name == "A"
    assert [each.name for each in voices.voices] == ["Ann", "A"]


def test_a_long_session_remembers_its_last_utterances():
    voices = KnownVoices()
    told(voices, "xy" * 150)
    assert len(voices.said) == known._REMEMBERED
    assert [each.name for each in voices.voices] == ["A", "B"]


def test_made_up_voices_are_told_apart_from_their_sound():
    voices, sound = KnownVoices(), deep_and_high(6)
    step = round(3.7 * RATE_HZ)
    heard = [voices.hear(i * 3.7, sound[i * step :][: step + RATE_HZ // 2]).name for i in range(6)]
    assert names(voices) == "ABABAB"
    assert heard[-2:] == ["A", "B"]
    before = names(voices)
    voices.hear(40.0, silence(0.1))
    assert names(voices) == before + "B"


def test_a_long_utterance_is_heard_once(monkeypatch):
    heard = []
    monkeypatch.setattr(known, "embed", lambda bands: heard.append(len(bands)) or directions(1)[0])
    voices, sound = KnownVoices(), voice(9.0)
    for seconds in (2, 2, 5, 7, 9):
        voices.hear(0.0, sound[: seconds * RATE_HZ])
    assert len(heard) == 2
    assert max(heard) <= 400
    assert voices.said == [(0.0, 9.0, "A")]


def test_without_its_networks_nothing_begins(monkeypatch, tmp_path):
    monkeypatch.setattr(embedding, "MODEL_FILE", tmp_path / "embedding.onnx")
    with pytest.raises(VoiceError, match=r"embedding.onnx is missing"):
        KnownVoices()


@pytest.mark.parametrize(
    ("corpus", "one", "two"),
    [("emodb", "emodb/03", "emodb/08"), ("ravdess", "ravdess/03", "ravdess/04")],
)
def test_actors_who_take_turns_are_known_again(corpus, one, two):
    """Few sessions of those that benchmarks/turns.py counts many of."""
    require(corpus)
    alone, right = [], []
    for seed in range(4):
        single, both = KnownVoices(), KnownVoices(2, counted=True)
        for i, (_, sound) in enumerate(taking_turns(Plan(corpus, (one,), 1, "studio", seed), 10)):
            single.hear(10.0 * i, sound)
        alone.append(len(single.voices))
        said = taking_turns(Plan(corpus, (one, two), 2, "studio", seed), 12)
        for i, (_, sound) in enumerate(said):
            both.hear(10.0 * i, sound)
        right.append(right_share([speaker for speaker, _ in said], names(both)))
    assert alone.count(1) >= 3
    assert sorted(right)[1] >= 0.9


def test_names_that_were_told_carry_over_to_what_is_found():
    turns = (Turn(0.0, 2.0, 0), Turn(3.0, 5.0, 1), Turn(6.0, 8.0, 0), Turn(9.0, 10.0, 2))
    found = Diarisation(turns, 3)
    said = [(0.0, 2.1, "B"), (3.1, 5.2, "Ann"), (6.0, 7.9, "Ann"), (6.5, 8.0, "B")]
    assert called_as(found, said).names == ("B", "Ann", "A")
    assert called_as(found, []).names == ("A", "B", "C")
    assert called_as(found, [(20.0, 30.0, "Ann")]).names == ("A", "B", "C")

"""Who spoke when, put right: by hand, and judged as if it had been found like that."""

import numpy as np
import pytest

from ser_core.analysis import conversation as conversation_module
from ser_core.analysis.analyser import Analyser
from ser_core.analysis.conversation import converse_apart, corrected, judged
from ser_core.audio.clip import AudioClip
from ser_core.bundles.model import EmotionModel
from ser_core.errors import VoiceError
from ser_core.speakers import corrections, diarisation, segmentation
from ser_core.speakers.corrections import given, merged, renamed, retimed, split, unused
from ser_core.speakers.diarisation import Diarisation, Heard, Turn
from ser_core.speakers.segmentation import FRAME_S, Run
from tests.bundles import make_adapting_bundle
from tests.voice import deep_and_high, voice

CLIP = AudioClip(deep_and_high(4))
TURNS = tuple(Turn(0.7 + 3.7 * i, 3.7 + 3.7 * i, i % 2) for i in range(4))
FOUND = Diarisation(TURNS, 2)


def by_name(found: Diarisation) -> list[tuple[float, float, str]]:
    return [
        (round(turn.onset_s, 3), round(turn.offset_s, 3), found.names[turn.voice])
        for turn in found.turns
    ]


def test_voices_have_letters_until_they_get_names():
    assert FOUND.names == ("A", "B")
    named = renamed(FOUND, "B", "  Ann \t Lee\n")
    assert named.names == ("A", "Ann Lee")
    assert named.turns == FOUND.turns
    assert renamed(named, "Ann Lee", "Ann Lee") == named
    assert len(renamed(FOUND, "A", "x" * 100).names[0]) == corrections.LONGEST_NAME


def test_a_name_is_somebodys_own():
    with pytest.raises(VoiceError, match=r"called B\. Merge the two"):
        renamed(FOUND, "A", "B ")
    with pytest.raises(VoiceError, match="needs a name"):
        renamed(FOUND, "A", " \n")


def test_two_voices_become_one_whose_turns_join_where_they_touch():
    found = Diarisation((Turn(0, 2, 0), Turn(1.5, 4, 1), Turn(5, 6, 2), Turn(6.5, 7, 1)), 3)
    assert by_name(merged(found, "B", "A")) == [(0, 4, "A"), (5, 6, "C"), (6.5, 7, "A")]
    assert merged(found, "B", "A").names == ("A", "C")
    assert by_name(merged(found, "A", "B")) == [(0, 4, "B"), (5, 6, "C"), (6.5, 7, "B")]


def test_a_part_of_a_turn_goes_to_another_voice_and_back():
    found = Diarisation((Turn(0, 5, 0), Turn(4, 7, 1)), 2)
    moved = given(found, 1, 2.5, "A", "B")
    assert by_name(moved) == [(0, 1, "A"), (1, 2.5, "B"), (2.5, 5, "A"), (4, 7, "B")]
    assert moved.overlaps == found.overlaps
    assert by_name(given(moved, 1, 2.5, "B", "A")) == by_name(found)
    # what is said at once stays with who else says it
    assert by_name(given(found, 4, 5, "A", "B")) == [(0, 4, "A"), (4, 7, "B")]


def test_a_new_voice_is_given_what_it_says_and_an_empty_one_is_gone():
    found = Diarisation((Turn(0, 5, 0), Turn(6, 7, 1)), 2)
    new = unused(found)
    assert by_name(given(found, 6, 7, "B", new)) == [(0, 5, "A"), (6, 7, "C")]
    assert given(found, 6, 7, "B", new).voices == 2
    assert unused(given(found, 6, 7, "B", new)) == "B"


def test_nine_voices_are_too_many():
    found = Diarisation(tuple(Turn(i, i + 0.9, i) for i in range(8)), 8)
    with pytest.raises(VoiceError, match="8 voices are the most"):
        given(found, 0, 0.4, "A", unused(found))


def heard(start_s, end_s, vector):
    run = Run(round(start_s / FRAME_S), round(end_s / FRAME_S), 0)
    return Heard(run, vector / np.linalg.norm(vector), end_s - start_s)


def a_voice_that_is_two():
    """Runs of directions 0 and 1 that were called one voice, and one of another voice."""
    said = [(0, 4, 0), (5, 9, 1), (10, 14, 0), (15, 19, 2), (20, 24, 1)]
    runs = [heard(a, b, np.eye(192, dtype=np.float32)[who]) for a, b, who in said]
    turns = tuple(
        Turn(r.onset_s, r.offset_s, who == 2) for r, (*_, who) in zip(runs, said, strict=True)
    )
    return Diarisation(turns, 2), runs


def test_a_voice_is_split_by_how_it_sounds_and_the_others_stay():
    found, runs = a_voice_that_is_two()
    parts = split(found, runs, "A")
    assert [name for *_, name in by_name(parts)] == ["A", "C", "A", "B", "C"]
    assert [turn[:2] for turn in by_name(parts)] == [turn[:2] for turn in by_name(found)]


def test_a_voice_that_sounds_alike_is_not_split():
    found, runs = a_voice_that_is_two()
    with pytest.raises(VoiceError, match="sounds like one person"):
        split(found, runs, "B")


@pytest.mark.parametrize(
    ("onset_s", "offset_s", "expected"),
    [
        (2, 4.5, [(0, 2, "A"), (2, 4.5, "B"), (5, 6, "A")]),  # B ends later
        (1.5, 4, [(0, 1.5, "A"), (1.5, 4, "B"), (5, 6, "A")]),  # A gives way
        (2.5, 5.5, [(0, 2, "A"), (2.5, 5.5, "B"), (5.5, 6, "A")]),
        (2, 7, [(0, 2, "A"), (2, 7, "B")]),  # all of a turn gives way
        (8, 9, [(0, 2, "A"), (5, 6, "A"), (8, 9, "B")]),  # somewhere else
    ],
)
def test_borders_are_moved_and_others_give_way(onset_s, offset_s, expected):
    found = Diarisation((Turn(0, 2, 0), Turn(2, 4, 1), Turn(5, 6, 0)), 2)
    assert by_name(retimed(found, found.turns[1], onset_s, offset_s)) == expected


def test_a_turn_ends_after_it_begins():
    with pytest.raises(VoiceError, match="before it begins"):
        retimed(FOUND, FOUND.turns[0], 3.0, 2.0)


@pytest.fixture
def model(tmp_path):
    return EmotionModel(make_adapting_bundle(tmp_path))


def test_what_is_corrected_is_judged_as_if_it_had_been_found(model):
    before = judged(CLIP, FOUND, model)
    wanted = given(FOUND, TURNS[3].onset_s, TURNS[3].offset_s, "B", "A")
    after = corrected(before, wanted, CLIP, model)
    fresh = judged(CLIP, wanted, model)
    assert after.timelines == fresh.timelines
    assert after.timeline == fresh.timeline
    # the voices' own baselines, and so their answers, are others now
    assert after.timelines["B"].windows != before.timelines["B"].windows


def test_nothing_is_heard_twice_but_what_has_other_borders(model, monkeypatch):
    before, scored = judged(CLIP, FOUND, model), []
    score = Analyser.score

    def counting(self, utterance):
        scored.append((utterance.onset_s, utterance.offset_s))
        score(self, utterance)

    monkeypatch.setattr(Analyser, "score", counting)
    corrected(before, merged(FOUND, "B", "A"), CLIP, model)
    named = corrected(before, renamed(FOUND, "A", "Ann"), CLIP, model)
    assert scored == []
    moved = corrected(named, retimed(named.diarisation, TURNS[0], 0.7, 3.0), CLIP, model)
    assert scored == [(0.7, 3.0)]
    corrected(moved, FOUND, CLIP, model)  # the old borders are known still
    assert scored == [(0.7, 3.0)]


def test_a_name_is_all_that_a_new_name_changes(model):
    before = judged(CLIP, FOUND, model)
    after = corrected(before, renamed(FOUND, "A", "Ann"), CLIP, model)
    assert list(after.timelines) == ["Ann", "B"]
    assert {s.voice for s in after.timelines["Ann"].segments} == {"Ann"}
    assert [s.voice for s in after.timeline.segments] == ["Ann", "B", "Ann", "B"]
    assert after.timeline.windows == before.timeline.windows


def test_both_sides_of_a_call_can_be_named(model):
    sides = [AudioClip(voice(3.0)), AudioClip(voice(3.0, 200, seed=5))]
    found = converse_apart(sides, model)
    named = corrected(found, renamed(found.diarisation, "B", "Bob"), sides[0], model)
    assert named.apart
    assert list(named.timelines) == ["A", "Bob"]


def test_without_its_networks_the_reason_is_told(model, monkeypatch, tmp_path):
    assert diarisation.missing() == ""
    monkeypatch.setattr(segmentation, "MODEL_FILE", tmp_path / "segmentation.onnx")
    with pytest.raises(VoiceError, match=r"segmentation\.onnx is missing from"):
        conversation_module.converse(CLIP, model)

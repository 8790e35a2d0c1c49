"""What a visitor puts right about the voices of a file, and what follows from it."""

import numpy as np
import pytest

from pages.shared.live import telling_apart
from ser_core.speakers import diarisation
from tests.pages.demo import choose, html, player, press, scored, told
from tests.pages.voices_page import lines, opened, result_of, rows, uploaded
from tests.recordings import sound_file
from tests.voice import silence, voice

pytestmark = pytest.mark.usefixtures("browser", "two_models")


@pytest.fixture
def listens(monkeypatch) -> list[float]:
    """Lengths of the sounds whose voices were told apart."""
    lengths = []

    def counting(clip, progress=None):
        lengths.append(clip.duration_s)
        return diarisation.listen(clip, progress)

    monkeypatch.setattr(telling_apart, "listen", counting)
    return lengths


def test_another_number_or_model_needs_no_telling_apart_anew(listens):
    at = uploaded(voices="auto")
    assert len(lines(at)) == 2
    scored(at.selectbox(key="voices").select("1").run())
    assert rows(at) == []
    scored(at.selectbox(key="voices").select("3").run())
    scored(at.selectbox(key="live_model").select("sad").run())
    assert all(line.endswith(" sad") for line in lines(at))
    assert len(listens) == 1


def test_a_voice_is_named_and_keeps_its_name_with_another_model(listens):
    at = opened(uploaded(), 1)
    scored(at.text_input[0].set_value("Ann Lee").run())
    assert [line.split(" 5")[0][:7] for line in lines(at)] == ["Voice A", "Ann Lee"]
    assert [name for name, _ in rows(at)] == ["Voice A", "Ann Lee"]
    assert ", Ann Lee, angry, " in player(at)["segments"][1]["words"]
    scored(at.selectbox(key="live_model").select("sad").run())
    assert [name for name, _ in rows(at)] == ["Voice A", "Ann Lee"]
    assert len(listens) == 1


def test_a_name_is_text():
    at = opened(uploaded(), 0)
    scored(at.text_input[0].set_value("<b onclick=x>**!**").run())
    assert "<b onclick" not in " ".join(e.proto.body for e in at.get("html"))
    assert rows(at)[0][0] == "<b onclick=x>**!**"


def test_a_name_that_is_taken_is_refused():
    at = opened(uploaded(), 0)
    at.text_input[0].set_value("Voice B").run()
    assert told(at.error) == ["Another voice is called B. Merge the two if they are one."]
    assert [name for name, _ in rows(at)] == ["Voice A", "Voice B"]


def test_two_voices_are_merged_and_one_is_split_again(listens):
    at = opened(uploaded(), 1)
    (same,) = [box for box in at.selectbox if box.label == "The same person as"]
    scored(same.select("A").run())
    assert rows(at) == [("Voice A", [0, 1, 2, 3])]
    assert result_of(at).conversation.diarisation.voices == 1
    at = scored(press(opened(at, 0), "Split into two voices"))
    assert rows(at) == [("Voice A", [0, 2]), ("Voice B", [1, 3])]
    assert len(listens) == 1


def test_what_sounds_alike_is_not_split():
    at = press(opened(uploaded(), 0), "Split into two voices")
    assert told(at.error)[0].startswith("All of it sounds like one person")


def test_a_segment_is_given_to_another_voice():
    at = choose(uploaded(), 3)
    (said,) = [box for box in at.selectbox if box.label == "Said by"]
    assert said.value == "B"
    assert said.options == ["Voice A", "Voice B", "Another voice"]
    scored(said.select("A").run())
    assert rows(at) == [("Voice A", [0, 2, 3]), ("Voice B", [1])]
    assert "Segment 4 of 4, Voice A, sounds angry" in html(at)
    (said,) = [box for box in at.selectbox if box.label == "Said by"]
    scored(said.select("C").run())
    assert rows(at) == [("Voice A", [0, 2]), ("Voice B", [1]), ("Voice C", [3])]


def test_a_border_is_moved_and_the_neighbour_gives_way():
    at = choose(uploaded(), 1)
    (key,) = at.session_state["results"]
    at.session_state[f"upload-{key}-borders"] = True
    begins, ends = at.run().number_input
    before = [(s["start"], s["end"]) for s in player(at)["segments"]]
    assert (begins.value, ends.value) == (round(before[1][0], 1), round(before[1][1], 1))
    begins.set_value(before[0][1] - 1.0).run()
    scored(press(at, "Move"))
    after = [(s["start"], s["end"]) for s in player(at)["segments"]]
    assert after[0] == pytest.approx((before[0][0], before[0][1] - 1.0))
    assert after[1] == pytest.approx((before[0][1] - 1.0, before[1][1]))
    assert after[2:] == before[2:]


def test_what_was_put_right_holds_for_models_that_judged_before():
    at = uploaded()
    scored(at.selectbox(key="live_model").select("sad").run())
    scored(opened(at, 0, "sad").text_input[0].set_value("Ann").run())
    scored(at.selectbox(key="live_model").select("angry").run())
    assert [name for name, _ in rows(at)] == ["Ann", "Voice B"]
    assert all(line.endswith(" angry") for line in lines(at))


def test_a_call_has_a_voice_a_channel_and_names_alone_can_be_changed():
    left = np.concatenate([voice(2.0), silence(2.0)])
    right = np.concatenate([silence(2.0), voice(1.5, 200), silence(0.5)])
    at = uploaded("call.wav", sound_file(np.stack([left, right], axis=1)), "auto")
    assert "Two voices" in html(at)
    assert not any("judged together" in text for text in told(at.warning))
    assert not [box for box in at.selectbox if box.label == "Said by"]
    at = opened(at, 0)
    assert "Each voice has a channel of its own" in html(at)
    scored(at.text_input[0].set_value("Ann").run())
    scored(at.selectbox(key="live_model").select("sad").run())
    assert [name for name, _ in rows(at)] == ["Ann", "Voice B"]
    scored(at.selectbox(key="voices").select("1").run())
    assert any("judged together" in text for text in told(at.warning))

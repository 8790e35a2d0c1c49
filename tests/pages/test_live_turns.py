"""While several people take turns: whose each answer is, what they are called, and what stays."""

import shutil

import numpy as np
import pytest

from ser_core.speakers import embedding, known
from tests.bundles import make_adapting_bundle
from tests.pages.demo import demo, html, player, say, scored, start, started, stop, strip, told
from tests.voice import deep_and_high, silence, voice

pytestmark = pytest.mark.usefixtures("browser", "two_models")


def taking_turns(browser):
    """The page after two made-up voices have spoken in turn, the first one first."""
    at = demo()
    at.selectbox(key="voices").select("2").run()
    start(at, browser)
    say(at, browser, deep_and_high(6))
    say(at, browser, silence(1.0))
    return at


def buttons(at) -> list[str]:
    """What the voices are called under the strip."""
    return [popover.proto.popover.label for popover in at.get("popover")]


def test_voices_that_take_turns_are_told_and_counted_each(browser, two_models):
    shutil.rmtree(two_models / "angry")
    make_adapting_bundle(two_models, "angry")
    at = taking_turns(browser)
    assert "Adapted to Voice B: 3 utterances" in html(at)
    now = strip(at)
    assert now["several"]
    assert now["answer"]["who"] == "Voice B"
    whose = [who for *_, who in now["history"]]
    assert list(dict.fromkeys(whose)) == ["Voice A", "Voice B"]
    assert whose[-1] == "Voice B"
    assert {"Voice A", "Voice B"} <= set(buttons(at))
    assert "New speaker" not in [button.label for button in at.button]


def test_a_name_that_is_given_while_somebody_speaks_stays_after_stop(browser):
    at = taking_turns(browser)
    at.session_state["live-voice-1"] = True
    at.run()
    (field,) = at.text_input
    field.set_value("Voice A").run()
    assert told(at.error) == [
        "Another voice is called A. Choose another name; if the two are one, they can be merged "
        "after Stop."
    ]
    (field,) = at.text_input
    field.set_value(" Ann Lee ").run()
    assert {"Voice A", "Ann Lee"} <= set(buttons(at))
    assert strip(at)["answer"]["who"] == "Ann Lee"
    heard_s = at.session_state["live"].listener.duration_s
    stop(at, browser)
    scored(at)
    assert "Two voices" in html(at)
    assert [row["name"] for row in player(at)["rows"]] == ["Voice A", "Ann Lee"]
    assert at.session_state["live"].result.clip.duration_s == pytest.approx(heard_s)
    scored(at.selectbox(key="voices").select("1").run())
    assert player(at)["rows"] == []


def test_one_person_is_the_default_and_costs_nothing(browser, monkeypatch):
    speaking = started(browser)
    monkeypatch.setattr(known, "embed", None)
    say(speaking, browser, np.concatenate([voice(2.0, seed=4), silence(1.0)]))
    assert not strip(speaking)["several"]
    assert strip(speaking)["answer"]["who"] == ""
    assert buttons(speaking) == ["Settings", "Data"]


def test_the_choice_may_change_while_somebody_speaks(browser):
    speaking = started(browser)
    speaking.selectbox(key="voices").select("auto").run()
    say(speaking, browser, np.concatenate([silence(1.0), voice(2.0, seed=4), silence(1.0)]))
    assert strip(speaking)["answer"]["who"] == "Voice A"
    speaking.selectbox(key="voices").select("1").run()
    say(speaking, browser, np.concatenate([voice(2.0, seed=5), silence(1.0)]))
    assert strip(speaking)["answer"]["who"] == ""
    assert "Sounds angry" in stop(speaking, browser)


def test_without_the_networks_one_person_is_heard_as_before(browser, monkeypatch, tmp_path):
    monkeypatch.setattr(embedding, "MODEL_FILE", tmp_path / "embedding.onnx")
    at = started(browser)
    assert at.selectbox(key="voices").disabled
    assert "Voices cannot be told apart here: embedding.onnx is missing" in html(at)
    say(at, browser, voice(2.0))
    assert "Sounds angry" in stop(at, browser)

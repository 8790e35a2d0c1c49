import json
import re

import numpy as np
import pytest

from pages.shared.live import downloads, explanation_panel
from ser_core.analysis.result import result_of
from ser_core.bundles.store import ModelStore
from ser_core.decoding.decode import decode
from ser_core.formatting import clock
from tests.bundles import make_bundle
from tests.pages.demo import SPOKEN, ask_for, choose, html, player, uploaded, wav
from tests.voice import silence, voice

pytestmark = pytest.mark.usefixtures("browser", "two_models")

TALK = wav(
    np.concatenate([silence(0.5), voice(2.0), silence(1.5), voice(4.5, seed=5), silence(0.5)])
)


def test_the_player_has_every_segment_with_its_words():
    at = uploaded(("talk.wav", TALK))
    drawn = player(at)
    assert [piece["text"] for piece in drawn["segments"]] == ["angry", "angry"]
    times = r"\d:\d\d\.\d to \d:\d\d\.\d, angry, \d+\N{NO-BREAK SPACE}% sure"
    assert all(re.fullmatch(times, piece["words"]) for piece in drawn["segments"])
    assert drawn["alt"].startswith("talk.wav. Of ")
    assert drawn["duration"] == 9.0
    assert not drawn["small"]


def test_sound_and_picture_are_fetched_and_hold_the_recording():
    at = uploaded(("talk.wav", TALK))
    (line,) = at.session_state["results"].values()
    result = line.found
    found = at.session_state["findings"][result]
    assert found["wav",] == result.wav()
    assert "angry" in json.loads(found["picture",])["edges"]
    drawn = player(at)
    assert drawn["sound"].endswith(".wav")
    assert len(json.dumps(drawn)) < 5000  # what a click sends again


def test_the_chosen_segment_drives_the_rest():
    at = uploaded(("talk.wav", TALK))
    start, later = (piece["start"] for piece in player(at)["segments"])
    assert re.search(rf"Segment 1 of 2 sounds angry <[^>]*>{clock(start)} to", html(at))
    before = player(at)
    choose(at, 1)
    assert re.search(rf"Segment 2 of 2 sounds angry <[^>]*>{clock(later)} to", html(at))
    assert player(at)["sound"] == before["sound"]
    assert player(at)["picture"] == before["picture"]


def test_one_segment_is_the_answer_and_is_not_told_twice():
    at = uploaded(("talk.wav", SPOKEN))
    assert "Segment 1" not in html(at)
    assert "Recording quality" in html(at)
    assert len(player(at)["segments"]) == 1


def test_without_speech_there_is_still_something_to_hear():
    at = uploaded(("quiet.wav", wav(silence(3.0))))
    drawn = player(at)
    assert (drawn["segments"], drawn["offers"], drawn["duration"]) == ([], {}, 3.0)
    assert "no speech" in drawn["alt"]


def test_nothing_is_explained_before_somebody_asks(monkeypatch):
    monkeypatch.setattr(explanation_panel, "explain", None)
    at = uploaded(("talk.wav", TALK))
    assert "Why angry" not in html(at)
    assert player(at)["offers"] == {"spectrogram": "Spectrogram", "why": "Why"}
    assert player(at)["views"] == {}


def test_the_page_says_why_and_checks_it():
    at = ask_for(uploaded(("talk.wav", TALK)), "why")
    text = html(at)
    assert "Why angry?" in text
    assert "How far the score for angry falls when a short piece of sound is silenced" in text
    assert re.search(r"Check: silence the most important 0.50 s and \d+ %", text)
    # this model hears anger in everything: no moment matters
    assert "no better than chance" in text
    assert "does not hang on any single piece" in text
    curve, (segment, _) = player(at)["views"]["why"], player(at)["segments"]
    assert curve["emotion"] == "angry"
    assert curve["times"][0] == pytest.approx(segment["start"], abs=0.11)
    assert curve["times"][-1] == pytest.approx(segment["end"], abs=0.11)


def test_the_spectrogram_is_fetched_and_has_the_axis_of_the_sound():
    seen = player(ask_for(uploaded(("talk.wav", TALK)), "spectrogram"))["views"]["spectrogram"]
    assert (seen["start"], seen["end"], seen["bands"]) == (0.0, 9.0, 80)
    assert "levels" not in seen


def test_a_long_segment_says_which_part_is_explained():
    at = ask_for(choose(uploaded(("talk.wav", TALK)), 1), "why")
    minutes = re.search(r"Shown from 0:([\d.]+) to 0:([\d.]+),", html(at)).groups()
    assert float(minutes[1]) - float(minutes[0]) == pytest.approx(3.0, abs=0.11)


def test_an_unsure_segment_explains_what_came_closest(two_models):
    make_bundle(two_models, "angry", abstain_threshold=0.99)
    at = ask_for(uploaded(("talk.wav", TALK)), "why")
    assert re.search(r"Not sure here; (\w+) came closest. .* score for \1 falls", html(at))
    assert {piece["text"] for piece in player(at)["segments"]} == {"not sure"}
    for segment in player(at)["segments"]:
        assert re.search(r"not sure, \w+ or \w+$", segment["words"])


def test_a_score_of_another_model_or_adaptation_is_told(monkeypatch):
    at = ask_for(uploaded(("talk.wav", TALK)), "why")
    assert "While listening" not in html(at)
    model = explanation_panel.cache.model
    monkeypatch.setattr(explanation_panel.cache, "model", lambda name: model("sad"))
    at.session_state["findings"].clear()
    assert "While listening, that score was" in html(at.run())


def test_an_explanation_is_computed_once_and_forgotten_with_its_recording(monkeypatch):
    computed = []
    explain = explanation_panel.explain

    def counting(*arguments):
        computed.append(arguments[3])
        return explain(*arguments)

    monkeypatch.setattr(explanation_panel, "explain", counting)
    at = ask_for(uploaded(("talk.wav", TALK)), "why")
    at.run()
    assert len(computed) == 1
    choose(choose(at, 1), 0)
    assert len(computed) == 2
    kept = at.session_state["findings"]
    assert len(kept) == 1
    at.file_uploader[0].set_value([]).run()
    assert not kept


def test_the_report_names_the_model_and_repeats_the_record(two_models):
    result = result_of(decode(TALK, "talk.wav"), "talk.wav", ModelStore().load("angry"))
    (record,) = json.loads(downloads.json_text([downloads.record_of(result)]))
    report = downloads.report_of(result)().replace("\N{NO-BREAK SPACE}", " ")
    assert "Sounds angry" in report
    assert "Angry one (test)" in report
    assert f"{100 * record['confidence']:.0f} % sure" in report
    assert "balanced recall" not in report  # it was never scored
    for segment in record["segments"]:
        assert f'<td class="number">{clock(segment["start_s"])}</td>' in report

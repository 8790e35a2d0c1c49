"""Several voices in a file: who speaks how much, how it sounds, and what can be put right."""

import io
import json
import re

import numpy as np
import pandas as pd
import pytest
import srt

from pages.shared.live import downloads, scoring, telling_apart, voice_words
from ser_core.formatting import spelled
from ser_core.speakers import segmentation
from ser_core.speakers.diarisation import Diarisation, Turn
from tests.pages.demo import (
    SPOKEN,
    demo,
    files,
    html,
    player,
    press,
    say,
    scored,
    started,
    stop,
    told,
    wav,
)
from tests.pages.voices_page import TALK, lines, opened, result_of, rows, uploaded
from tests.voice import deep_and_high, silence, voice

pytestmark = pytest.mark.usefixtures("browser", "two_models")
_FIRST, _SECOND = voice(2.0), voice(2.0, 200)
CALL = wav(np.stack([np.pad(_FIRST, (0, 32_000)), np.pad(_SECOND, (32_000, 0))], axis=1))


def test_each_voice_has_a_line_and_a_row():
    at = uploaded()
    assert "Two voices" in html(at)
    first, second = lines(at)
    assert re.fullmatch(r"Voice A \d\.\d s, \d\d % angry", first)
    assert re.fullmatch(r"Voice B \d\.\d s, \d\d % angry", second)
    assert rows(at) == [("Voice A", [0, 2]), ("Voice B", [1, 3])]
    assert [s["voice"] for s in player(at)["segments"]] == ["Voice A", "Voice B"] * 2
    assert ", Voice B, angry, " in player(at)["segments"][1]["words"]
    assert "Segment 1 of 4, Voice A, sounds angry" in html(at)
    assert "adapted to each voice" not in html(at)  # this model does not adapt
    assert not told(at.info)


def test_one_voice_is_the_default_and_is_not_told_apart(monkeypatch):
    monkeypatch.setattr(telling_apart, "listen", None)
    at = demo("Upload")
    assert at.selectbox(key="voices").value == "1"
    at.file_uploader[0].set_value([("talk.wav", TALK, "audio/wav")]).run()
    scored(at)
    assert rows(at) == []
    assert "Sounds angry" in html(at)


def test_one_voice_among_several_is_told():
    at = uploaded("talk.wav", wav(voice(6.0)), "auto")
    assert told(at.info) == ["Only one voice was found. If there are more, say how many."]
    assert "Sounds angry" in html(at)
    assert [name for name, _ in rows(at)] == ["Voice A"]


def test_fewer_voices_than_asked_for_are_told():
    at = uploaded(voices="8")
    found = len(lines(at))
    assert 2 <= found < 8
    assert re.match(rf"Only {spelled(found)} voices were found, not eight: ", told(at.info)[0])


def test_silence_has_no_voice():
    at = uploaded("quiet.wav", wav(silence(3.0)))
    assert "No speech found" in html(at)
    assert (lines(at), rows(at), told(at.info)) == ([], [], [])


def test_without_its_networks_all_is_one_voice_and_the_page_says_why(monkeypatch, tmp_path):
    monkeypatch.setattr(segmentation, "MODEL_FILE", tmp_path / "segmentation.onnx")
    at = demo("Upload")
    control = at.selectbox(key="voices")
    assert control.disabled
    assert "segmentation.onnx is missing" in html(at)
    at.file_uploader[0].set_value([("talk.wav", TALK, "audio/wav")]).run()
    assert "Sounds angry" in html(scored(at))


def test_what_is_said_at_once_is_marked_and_not_judged(monkeypatch):
    turns = (Turn(0.7, 4.0, 0), Turn(3.0, 7.4, 1), Turn(8.1, 11.1, 0))
    monkeypatch.setattr(telling_apart, "told_apart", lambda heard, voices: Diarisation(turns, 2))
    at = uploaded()
    assert "They speak at once for 1.0 s; it is not judged." in html(at)
    for row in player(at)["rows"]:
        (piece,) = row["items"]
        assert (piece["start"], piece["end"], piece["text"]) == (3.0, 4.0, "at once")
        assert piece["emotion"] is None
    ends = [(s["start"], s["end"]) for s in player(at)["segments"]]
    assert all(end <= 3.0 or start >= 4.0 for start, end in ends)
    assert "Several at once; not judged: 0:03.0 to 0:04.0." in downloads.report_of(result_of(at))()


def test_downloads_and_the_report_tell_who():
    at = opened(uploaded(), 0)
    scored(at.text_input[0].set_value("Ann").run())
    result = result_of(at)
    record = downloads.record_of(result)
    assert [each["voice"] for each in record["voices"]] == ["Ann", "B"]
    table = pd.read_csv(io.StringIO(downloads.csv_text(downloads.segment_rows([record]))))
    assert list(table["voice"]) == ["Ann", "B", "Ann", "B"]
    assert json.loads(downloads.json_text([record]))[0]["segments"][0]["voice"] == "Ann"
    text = downloads.annotation(result, downloads.Format.SRT)
    assert [cue.content.split(":")[0] for cue in srt.parse(text)] == ["Ann", "B", "Ann", "B"]
    turns = downloads.annotation(result, downloads.Format.RTTM).splitlines()
    assert [line.split()[7] for line in turns] == ["Ann", "B", "Ann", "B"]
    report = downloads.report_of(result)()
    assert "<h1>Two voices</h1>" in report
    assert "<td>Ann</td>" in report


def test_every_form_can_be_taken_home():
    at = uploaded()
    (key,) = at.session_state["results"]
    at.session_state[f"upload-{key}-download"] = True
    at.run()
    labels = [button.label for button in at.get("download_button")]
    for form in ("SRT", "WebVTT", "TextGrid", "EAF", "Audacity", "RTTM", "CSV", "JSON", "WAV"):
        assert any(form in label for label in labels), form


def test_several_files_have_a_row_a_voice_in_the_table():
    at = demo("Upload")
    at.selectbox(key="voices").select("auto").run()
    named = [("talk.wav", TALK, "audio/wav"), ("one.wav", SPOKEN, "audio/wav")]
    scored(at.file_uploader[0].set_value(named).run())
    assert files(at)[0].startswith("talk.wav Two voices")
    assert files(at)[1].startswith("one.wav Sounds angry")


def test_the_voices_of_a_live_session_are_told_apart_after_stop(browser):
    at = started(browser)
    say(at, browser, deep_and_high(4))
    stop(at, browser)
    assert "Sounds angry" in html(at)
    assert rows(at) == []
    scored(at.selectbox(key="voices").select("2").run())
    assert "Two voices" in html(at)
    assert [name for name, _ in rows(at)] == ["Voice A", "Voice B"]
    assert "Live, the last answer was" in html(at)
    (key,) = [key for key in at.session_state["results"] if key.endswith("-2")]
    at.session_state[f"live-{key}-change-0"] = True
    scored(at.run().text_input[0].set_value("Ann").run())
    assert [name for name, _ in rows(at)] == ["Ann", "Voice B"]
    scored(at.selectbox(key="voices").select("1").run())
    assert "Sounds angry" in html(at)
    press(at, "New recording")
    assert not at.session_state["results"]


@pytest.mark.parametrize("content", [TALK, CALL], ids=["one channel", "a voice a channel"])
def test_progress_names_the_step(content, monkeypatch):
    steps = []
    judged = scoring._judged

    def watching(task, known, report):
        def tell(share, text):
            steps.append((share, text.split(",")[0]))
            report(share, text)

        return judged(task, known, tell)

    monkeypatch.setattr(scoring, "_judged", watching)
    uploaded(content=content)
    names = list(dict.fromkeys(name for _, name in steps))
    assert names == ["Reading", "Telling voices apart", "Scoring"]
    shares = [share for share, _ in steps]
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1.0)


def test_the_words_for_a_number_that_was_not_found():
    assert voice_words.found_voices(0, 2) == voice_words.found_voices(2, 2) == ""
    assert voice_words.found_voices(3, 0) == ""

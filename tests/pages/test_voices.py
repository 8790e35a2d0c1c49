"""Several voices in a file: who speaks how much, how it sounds, and what can be put right."""

import io
import json
import re

import numpy as np
import pandas as pd
import pytest
import srt

from pages.shared.live import downloads, scoring, telling_apart, voice_words
from ser_core.analysis.result import Result
from ser_core.formatting import spelled
from ser_core.speakers import diarisation, segmentation
from ser_core.speakers.diarisation import Diarisation, Turn
from tests.pages.demo import SPOKEN, choose, demo, files, html, player, press, scored, told, wav
from tests.recordings import sound_file
from tests.voice import deep_and_high, silence, voice

pytestmark = pytest.mark.usefixtures("browser", "two_models")
TALK = wav(deep_and_high(4))


def uploaded(name: str = "talk.wav", content: bytes = TALK, voices: str = "2"):
    at = demo("Upload")
    at.selectbox(key="voices").select(voices).run()
    at.file_uploader[0].set_value([(name, content, "audio/wav")]).run()
    return scored(at)


def result_of(at) -> Result:
    (found,) = [line.found for line in at.session_state["results"].values()]
    return found


def opened(at, voice_number: int, model: str = "angry"):
    """The page with the popover of a voice open."""
    (key,) = [key for key in at.session_state["results"] if f"-{model}-" in key]
    at.session_state[f"upload-{key}-change-{voice_number}"] = True
    return at.run()


def lines(at) -> list[str]:
    """The summary of each voice, as text."""
    found = (e.proto.body for e in at.get("html") if 'class="ser-voice"' in e.proto.body)
    return [" ".join(re.sub(r"<[^>]+>", " ", line).split()) for line in found]


def rows(at) -> list[tuple[str, list[int]]]:
    return [(row["name"], row["segments"]) for row in player(at)["rows"]]


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


def test_progress_names_the_step(monkeypatch):
    steps = []
    judged = scoring._judged

    def watching(task, known, report):
        def tell(share, text):
            steps.append((share, text.split(",")[0]))
            report(share, text)

        return judged(task, known, tell)

    monkeypatch.setattr(scoring, "_judged", watching)
    uploaded()
    names = list(dict.fromkeys(name for _, name in steps))
    assert names == ["Reading", "Telling voices apart", "Scoring"]
    shares = [share for share, _ in steps]
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1.0)


def test_the_words_for_a_number_that_was_not_found():
    assert voice_words.found_voices(0, 2) == voice_words.found_voices(2, 2) == ""
    assert voice_words.found_voices(3, 0) == ""

import io
import json
import re

import numpy as np
import pandas as pd
import pytest

from pages.shared.live import downloads, file_panel, scoring
from ser_core.analysis.result import result_of
from ser_core.bundles.store import ModelStore
from ser_core.decoding.decode import decode
from ser_core.reports.records import summary_rows
from tests.bundles import make_bundle
from tests.pages.demo import SPOKEN, files, html, player, scored, told, uploaded, wav
from tests.recordings import film, sound_file
from tests.voice import silence, voice

pytestmark = pytest.mark.usefixtures("browser", "two_models")


def test_an_upload_gives_an_answer_and_what_each_model_says():
    at = uploaded(("talk.wav", SPOKEN))
    text = html(at)
    assert "talk.wav" in text
    assert "4.0 s, 16 kHz, mono" in text
    assert "Sounds angry" in text
    assert "Good enough to judge" in text
    assert "ends angry" in player(at)["alt"]
    charts = [chart.proto.alt for chart in at.get("plotly_chart")]
    assert any("Angry one sounds angry" in alt and "Sad one sounds sad" in alt for alt in charts)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("notes.docx", b"no sound in here " * 50, "notes.docx is not audio. Choose wav"),
        ("empty.wav", b"", "empty.wav is empty (0 bytes)."),
        ("nothing.wav", wav(np.zeros(0)), "nothing.wav contains no sound."),
    ],
)
def test_a_bad_file_gets_a_message_and_no_traceback(name, content, message):
    at = uploaded((name, content))
    assert any(text.startswith(message) for text in told(at.error))


def test_a_bad_file_does_not_take_the_others_along():
    at = uploaded(("a.wav", SPOKEN), ("b.txt", b"text"), ("c.wav", wav(silence(2.0))))
    first, second, third = files(at)
    assert re.match(r"a\.wav Sounds angry \d+ % sure 4\.0 s Good enough to judge", first)
    assert second.startswith("b.txt b.txt is not audio. Choose wav")
    assert third.startswith("c.wav No speech found 2.0 s")
    assert not at.error  # it is told in the file's own line


def test_the_chosen_file_is_shown_and_stays_while_others_come():
    longer = wav(voice(6.0))  # so a.wav is scored first, and therefore shown
    at = uploaded(("a.wav", SPOKEN), ("b.wav", longer))
    assert "a.wav 4.0 s, 16 kHz, mono" in re.sub(r"<[^>]+>", "", html(at))
    shown, other = (b for b in at.button if b.label.startswith("Show"))
    assert (shown.label, shown.disabled) == ("Shown below", True)
    scored(other.click().run())
    assert "b.wav 6.0 s, 16 kHz, mono" in re.sub(r"<[^>]+>", "", html(at))
    more = [(n, SPOKEN, "audio/wav") for n in ("c.wav", "d.wav")]
    more[:0] = [("a.wav", SPOKEN, "audio/wav"), ("b.wav", longer, "audio/wav")]
    at.file_uploader[0].set_value(more)
    scored(at.run())
    assert len(files(at)) == 4


@pytest.mark.parametrize("samples", [silence(3.0), voice(0.1)[:1]], ids=["silence", "one sample"])
def test_silence_is_not_an_emotion(samples):
    at = uploaded(("quiet.wav", wav(samples)))
    text = html(at)
    assert "No speech found" in text
    assert "silent" in text
    assert "The recording is silence or noise." in text
    assert "Sounds" not in text


def test_a_file_name_is_not_markdown():
    name = "![x](https://e.org/p.png) **b**.txt"
    at = uploaded((name, b"text " * 50))
    assert told(at.error)[0].startswith(f"{name} is not audio.")
    assert at.error[0].value.startswith(r"\!\[x\]\(https\:\/\/e\.org\/p\.png\) \*\*b\*\*\.txt is")


def test_a_file_name_is_shown_as_text():
    at = uploaded(("<b onclick=x>.wav", SPOKEN))
    assert "<b onclick" not in " ".join(e.proto.body for e in at.get("html"))


@pytest.fixture
def reads(monkeypatch) -> list[str]:
    """Names of the uploads whose bytes were read, in order."""
    names = []

    def counting(content, name, **wanted):
        names.append(name)
        return decode(content, name, **wanted)

    monkeypatch.setattr(scoring, "decode", counting)
    return names


def test_either_side_of_a_call_can_be_judged():
    left = np.concatenate([voice(2.0), silence(2.0)])
    right = np.concatenate([silence(2.0), voice(1.5, 200), silence(0.5)])
    at = uploaded(("call.wav", sound_file(np.stack([left, right], axis=1))))
    assert any("a voice of its own" in text for text in told(at.caption) + told(at.warning))
    (control,) = at.segmented_control
    assert control.options == ["Both", "Left", "Right"]
    scored(control.set_value(2).run())
    assert "16 kHz, right channel" in html(at)
    assert at.segmented_control[0].value == 2
    scored(at.segmented_control[0].set_value(0).run())
    assert "16 kHz, stereo" in html(at)


def test_another_sound_track_can_be_judged():
    content = film([voice(3.0), silence(3.0)], "matroska", default=0)
    at = uploaded(("film.mkv", content))
    assert "Sounds angry" in html(at)
    scored(at.segmented_control[0].set_value(2).run())
    assert "No speech found" in html(at)
    assert at.segmented_control[0].value == 2


def test_a_file_is_read_and_scored_once(reads):
    at = uploaded(("talk.wav", SPOKEN))
    assert reads == ["talk.wav"]
    at.run()
    assert "Sounds angry" in html(at)
    assert reads == ["talk.wav"]


def test_files_beyond_the_most_are_not_even_read(reads, monkeypatch):
    monkeypatch.setattr(file_panel, "MAX_FILES", 2)
    at = uploaded(*((f"{i}.wav", SPOKEN) for i in range(4)))
    assert told(at.warning) == ["Only the first 2 files are scored."]
    assert [line[:5] for line in files(at)] == reads == ["0.wav", "1.wav"]


def test_the_kept_sound_of_a_visitor_is_bounded(reads, monkeypatch):
    monkeypatch.setattr(scoring, "MAX_KEPT_S", 7)  # two files of 4 s pass it
    three = [(f"{i}.wav", SPOKEN, "audio/wav") for i in range(3)]
    at = uploaded(*(file[:2] for file in three))
    assert files(at)[2].startswith("2.wav")
    assert "Not scored: 60 minutes of sound are kept at a time. Remove other files" in html(at)
    assert reads == ["0.wav", "1.wav"]
    # other files make room
    at.file_uploader[0].set_value(three[2:])
    scored(at.run())
    assert "Not scored" not in html(at)
    assert "2.wav" in html(at)
    assert "Sounds angry" in html(at)


def test_files_that_were_taken_off_are_forgotten():
    at = uploaded(("talk.wav", SPOKEN))
    (key,) = at.session_state["results"]
    at.session_state[f"upload-{key}-choices"] = 1  # segments that were clicked
    at.file_uploader[0].set_value([]).run()
    assert not at.session_state["results"]
    assert f"upload-{key}-choices" not in at.session_state


def test_another_model_gives_its_own_answer():
    at = uploaded(("talk.wav", SPOKEN))
    scored(at.selectbox(key="live_model").select("sad").run())
    assert "Sounds sad" in html(at)


def test_unsure_models_say_so(two_models):
    make_bundle(two_models, "angry", abstain_threshold=0.99)
    at = uploaded(("talk.wav", SPOKEN))
    assert "Not sure" in html(at)


def test_the_json_download_is_the_command_line_s_record():
    result = result_of(decode(SPOKEN, "talk.wav"), "talk.wav", ModelStore().load("angry"))
    (record,) = json.loads(downloads.json_text([downloads.record_of(result)]))
    assert record["file"] == "talk.wav"
    assert record["emotion"] == "angry"
    assert record["segments"]


def test_a_file_name_is_no_formula_in_a_table():
    result = result_of(decode(SPOKEN, "x"), "=1+1.wav", ModelStore().load("angry"))
    table = pd.read_csv(
        io.StringIO(downloads.csv_text(summary_rows([downloads.record_of(result)])))
    )
    assert table["file"][0] == "'=1+1.wav"
    assert table["emotion"][0] == "angry"
    assert table["p_angry"][0] > 0.5

"""Every answer says whose it is; a recording that changes says how."""

import csv
import io
import re
from dataclasses import replace

import numpy as np
import pytest

from pages.shared.live import downloads
from pages.shared.ui import wording
from ser_core.analysis.result import Live, result_of, with_timeline
from ser_core.analysis.timeline import Segment, Timeline
from ser_core.bundles.store import ModelStore
from ser_core.decoding.decode import decode
from ser_core.emotions import Emotion
from ser_core.reports.records import summary_rows
from tests.bundles import make_adapting_bundle
from tests.pages.demo import SPOKEN, html, say, scored, started, stop, strip, uploaded, wav
from tests.voice import silence, voice

pytestmark = pytest.mark.usefixtures("browser", "two_models")
TITLES = {"a": "Model A", "b": "Model B"}
SAD, ANGRY, CALM = Emotion.SAD, Emotion.ANGRY, Emotion.CALM


def changing(*parts: tuple[float, Emotion | None]) -> Timeline:
    """Segments of these lengths, one after another."""
    segments, at = [], 0.0
    for length_s, emotion in parts:
        even = dict.fromkeys(Emotion, 0.1) | {emotion or CALM: 0.3}
        segments.append(Segment(at, at + length_s, emotion, even))
        at += length_s
    spoken = tuple((s.start_s, s.end_s) for s in segments)
    return Timeline("a", at, spoken, (), tuple(segments))


def words(*parts: tuple[float, Emotion | None]) -> str:
    timeline = changing(*parts)
    assert timeline.verdict.kind == "mixed"
    return wording.of_recording(timeline).headline


def test_emotions_that_follow_one_another_are_the_headline():
    assert words((3, SAD), (3, ANGRY), (3, CALM)) == "Sad, then angry, then calm"


def test_of_many_the_longest_are_named():
    found = words((3, SAD), (4, ANGRY), (2, CALM), (4, SAD), (3.5, ANGRY))
    assert found == "Angry, then sad, then angry, and 2 more"


def test_without_an_order_the_frequent_ones_are_named():
    assert words(*[(2.5, SAD), (2, ANGRY)] * 5) == "By turns sad and angry"
    assert words((4, SAD), (5, None), (1, ANGRY)) == "Partly sad"


@pytest.mark.parametrize(
    ("adapted_to", "live", "said"),
    [
        (0, False, "Judged by Model A, not adapted to the voice."),
        (8, False, "Judged by Model A, adapted to 8 utterances as those of one voice; where"),
        (0, True, "Judged by Model A after Stop, as a whole, not adapted to the voice."),
    ],
)
def test_an_answer_says_who_judged(adapted_to, live, said):
    found = wording.judged_by("Model A", adapted_to, live).replace("\N{NO-BREAK SPACE}", " ")
    assert found.startswith(said)


@pytest.mark.parametrize(
    ("live", "said"),
    [
        (
            Live(Emotion.HAPPY, 0.81, 3.0, ((0.0, "a"),)),
            "Live, the last answer was happy, 81 % sure; it rested on the last 3 seconds, this one "
            "on the mean over the whole recording.",
        ),
        (
            Live(SAD, 0.6, 3.0, ((0.0, "a"),)),
            "Live, the last answer was the same, 60 % sure.",
        ),
        (
            Live(None, 0.2, 1.0, ((0.0, "a"), (12.4, "b"))),
            "Live, the last answer was not sure; it rested on the last second, this one on the "
            "mean over the whole recording. Model A answered first, from 0:12 on Model B.",
        ),
    ],
)
def test_what_was_told_live_is_told_beside_the_whole(live, said):
    found = wording.told_live(live, SAD, TITLES).replace("\N{NO-BREAK SPACE}", " ")
    assert found == said


def test_an_upload_names_its_model(two_models):
    at = uploaded(("talk.wav", SPOKEN))
    assert "Judged by Angry one, not adapted to the voice." in html(at)
    scored(at.selectbox(key="live_model").select("sad").run())
    assert "Judged by Sad one, not adapted to the voice." in html(at)


def test_an_adapted_answer_says_to_how_much(two_models):
    for name in ("angry", "sad"):
        (two_models / name / "card.json").unlink()
    make_adapting_bundle(two_models)
    talk = np.concatenate([voice(2.0), silence(1.5), voice(2.0, seed=5), silence(1.0)])
    text = html(uploaded(("talk.wav", wav(talk))))
    assert "Judged by ADAPTING, adapted to 2 utterances as those of one voice" in text


def test_another_model_while_speaking_leaves_its_mark(browser):
    at = started(browser)
    say(at, browser, voice(2.0))
    at.selectbox(key="live_model").select("sad").run()
    assert "Angry one answered first, from 0:02 on Sad one." in strip(at)["answer"]["voice"]
    say(at, browser, np.concatenate([voice(2.0, seed=1), silence(1.0)]))
    text = stop(at, browser)
    assert "Judged by Sad one after Stop, as a whole" in text
    assert "the last answer was the same" in text
    assert "Angry one answered first, from 0:02 on Sad one." in text


def test_reports_say_what_was_told_live():
    decoded = decode(SPOKEN, "talk.wav")
    result = result_of(decoded, "talk.wav", ModelStore().load("angry"))
    assert downloads.record_of(result)["live"] is None
    live = Live(Emotion.HAPPY, 0.81, 3.0, ((0.0, "sad"), (2.0, "angry")))
    spoken = with_timeline(decoded, "talk.wav", result.timeline, live)
    record = downloads.record_of(spoken)
    assert record["live"] == {
        "emotion": "happy",
        "confidence": 0.81,
        "heard_s": 3.0,
        "models": [{"from_s": 0.0, "model": "sad"}, {"from_s": 2.0, "model": "angry"}],
    }
    (row,) = csv.DictReader(io.StringIO(downloads.csv_text(summary_rows([record]))))
    assert (row["live_emotion"], row["live_confidence"]) == ("happy", "0.81")
    report = re.sub(r"\s", " ", downloads.report_of(spoken)())
    assert "Judged by Angry one after Stop, as a whole, not adapted to the voice." in report
    assert "the last answer was happy, 81 % sure" in report
    assert "from 0:02 on Angry one" in report


def test_the_report_of_a_changing_recording_has_its_sequence_and_its_amounts():
    result = result_of(decode(SPOKEN, "talk.wav"), "talk.wav", ModelStore().load("angry"))
    timeline = replace(changing((3, SAD), (3.5, ANGRY)), model="angry", duration_s=6.5)
    changed = replace(result, timeline=timeline)
    report = downloads.report_of(changed)()
    assert "<h1>Sad, then angry</h1>" in report
    assert "Angry 3.5" in report.replace("\N{NO-BREAK SPACE}", " ")

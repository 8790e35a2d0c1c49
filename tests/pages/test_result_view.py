import json
import re

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from pages.shared.live import downloads, explanation_panel
from ser_core.analysis.result import result_of
from ser_core.bundles.store import ModelStore
from ser_core.decoding.decode import decode
from tests.bundles import make_bundle
from tests.pages.demo import html, uploaded, wav
from tests.voice import silence, voice

pytestmark = pytest.mark.usefixtures("browser", "two_models")

TALK = wav(
    np.concatenate([silence(0.5), voice(2.0), silence(1.5), voice(4.5, seed=5), silence(0.5)])
)


def choose(at: AppTest, row: int) -> AppTest:
    """Choose a row of the table of segments, as a click in the chart does."""
    (result,) = at.session_state["results"]
    at.session_state[f"upload-{result}-segments"] = {"selection": {"rows": [row]}}
    return at.run()


def players(at: AppTest) -> list:
    return [element.proto for element in at.get("audio")]


def test_the_chosen_segment_has_its_player_and_drives_the_rest():
    at = uploaded(("talk.wav", TALK))
    whole, first = players(at)
    assert "First segment" in html(at)
    assert not whole.autoplay
    assert not first.autoplay  # nobody chose it
    choose(at, 1)
    assert "Second segment" in html(at)
    assert players(at)[0].url == whole.url
    assert players(at)[1].url != first.url


def test_the_page_says_why_and_checks_it():
    at = uploaded(("talk.wav", TALK))
    text = html(at)
    assert "Why angry?" in text
    assert "How far the score for angry falls when a short piece of sound is silenced" in text
    assert re.search(r"Check: silence the most important 0.5 s and \d+ %", text)
    # this model hears anger in everything: no moment matters
    assert "no better than chance" in text
    alts = [chart.proto.alt for chart in at.get("plotly_chart")]
    assert any("does not hang on any single piece" in alt for alt in alts)


def test_a_long_segment_says_which_part_is_explained():
    at = choose(uploaded(("talk.wav", TALK)), 1)
    start, end = re.search(r"Shown from ([\d.]+) to ([\d.]+) s", html(at)).groups()
    assert float(end) - float(start) == pytest.approx(3.0, abs=0.11)


def test_an_unsure_segment_explains_what_came_closest(two_models):
    make_bundle(two_models, "angry", abstain_threshold=0.99)
    assert re.search(
        r"Not sure here; (\w+) came closest. .* score for \1 falls",
        html(uploaded(("talk.wav", TALK))),
    )


def test_a_score_of_another_model_or_adaptation_is_told(monkeypatch):
    assert "While listening" not in html(uploaded(("talk.wav", TALK)))
    model = explanation_panel.cache.model
    at = uploaded(("talk.wav", TALK))
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
    at = uploaded(("talk.wav", TALK))
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
        assert f'<td class="number">{segment["start_s"]:.1f}</td>' in report

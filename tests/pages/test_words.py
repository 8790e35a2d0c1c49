"""The words of a result: written down where the visitor asks for it, beside the voice."""

import json
import re

import pytest

from pages.shared.live import downloads, words_panel
from pages.shared.ui.background import Job
from ser_core.errors import WordsError
from ser_core.words.transcript import Transcript, Word
from tests.pages.demo import (
    SPOKEN,
    demo,
    html,
    player,
    press,
    say,
    scored,
    start,
    started,
    stop,
    told,
)
from tests.pages.voices_page import result_of
from tests.voice import voice

pytestmark = pytest.mark.usefixtures("browser", "two_models")


class Written:
    """Says the same good news of every utterance, in the language that it was told."""

    def __init__(self, language: str = "en") -> None:
        self.language, self.asked = language, []

    def transcribe(self, utterances, language, progress):
        self.asked.append(language)
        progress(0.5)
        words = [
            word
            for u in utterances
            for word in (
                Word("Wonderful", u.onset_s + 0.1, u.onset_s + 0.5, 0.9),
                Word("news!", u.onset_s + 0.6, u.onset_s + 0.9, 0.9),
            )
        ]
        return Transcript(tuple(words), language or self.language, 0.9)


@pytest.fixture
def written(monkeypatch) -> Written:
    fake = Written()
    monkeypatch.setattr(words_panel.weights, "missing", lambda: "")
    monkeypatch.setattr(words_panel.transcriber, "load", lambda: fake)
    return fake


def opened():
    """A result with the popover of its words open."""
    at = demo("Upload")
    at.file_uploader[0].set_value([("talk.wav", SPOKEN, "audio/wav")]).run()
    scored(at)
    at.session_state[f"{prefix(at)}-words"] = True
    return at.run()


def prefix(at) -> str:
    (key,) = at.session_state["results"]
    return f"upload-{key}"


def ended(at, of=None):
    written = at.session_state[f"{of or prefix(at)}-written"]
    if isinstance(written, Job):
        written.wait(20)
    return at.run()


def test_where_they_cannot_be_written_it_says_how_to_get_them(monkeypatch):
    monkeypatch.setattr(words_panel.weights, "missing", lambda: "Words need a model: fetch it.")
    at = opened()
    assert "Words need a model: fetch it." in html(at)
    assert not [b for b in at.button if b.label == "Write the words down"]


def test_they_stand_under_the_waveform_and_in_what_is_read_aloud(written):
    at = opened()
    assert player(at)["rows"] == []
    at = ended(press(at, "Write the words down"))
    (row,) = player(at)["rows"]
    segments = result_of(at).timeline.segments
    assert row["name"] == "Words"
    assert [item["text"] for item in row["items"]] == ["Wonderful", "news!"] * len(segments)
    assert {item["emotion"] for item in row["items"]} == {"angry"}
    assert "“Wonderful news!”" in player(at)["segments"][0]["words"]
    assert re.search(r"0:00\.\d Wonderful news!", re.sub(r"<[^>]+>", "", html(at)))
    assert written.asked == [None]


def test_good_news_in_an_angry_voice_is_told(written):
    at = ended(press(opened(), "Write the words down"))
    assert "Words say one thing, the voice another" in html(at)
    assert "The words are positive, the voice sounds angry" in html(at)


def test_of_another_language_nothing_is_said_but_the_words(written):
    at = opened()
    at.selectbox(key=f"{prefix(at)}-language").select("de").run()
    at = ended(press(at, "Write the words down"))
    assert written.asked == ["de"]
    assert "known of English alone" in html(at)
    assert player(at)["rows"]


def test_what_goes_wrong_is_told_and_can_be_tried_again(written, monkeypatch):
    def broken():
        raise WordsError("The model is damaged. Fetch it again.")

    at = opened()
    monkeypatch.setattr(words_panel.transcriber, "load", broken)
    at = ended(press(at, "Write the words down"))
    assert "The model is damaged. Fetch it again." in told(at.error)
    monkeypatch.setattr(words_panel.transcriber, "load", lambda: written)
    assert player(ended(press(at, "Write the words down")))["rows"]


def test_they_go_along_into_all_that_is_taken_home(written, monkeypatch):
    saved = {}

    def button(_, content, name, *__, **___):
        saved[name] = content

    monkeypatch.setattr(downloads.st, "download_button", button)
    at = ended(press(opened(), "Write the words down"))
    at.session_state[f"{prefix(at)}-download"] = True
    at.run()
    assert "Wonderful news!" in saved["talk.srt"]
    assert "Wonderful" in saved["talk.TextGrid"]
    (record,) = json.loads(saved["talk.json"])
    assert record["language"] == "en"
    assert record["segments"][0]["text"] == "Wonderful news!"
    assert "Wonderful news!" in saved["talk.csv"]
    assert "<td>Wonderful news!</td>" in saved["talk.html"]()


def test_the_next_recording_has_no_words_of_the_last(written, browser):
    at = started(browser)
    for seed in (1, 2):
        say(at, browser, voice(2.0, seed=seed))
        stop(at, browser)
        (key,) = at.session_state["results"]
        at.session_state[f"live-{key}-words"] = True
        at.run()
        assert player(at)["rows"] == []
        ended(press(at, "Write the words down"), f"live-{key}")
        assert player(at)["rows"]
        start(at, browser)
    assert f"live-{key}-written" not in at.session_state

import base64
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from ser_core.analysis.result import result_of
from ser_core.audio.clip import to_wav
from ser_core.decoding.decode import decode
from ser_core.formatting import clock
from ser_core.reports import html as module
from ser_core.reports.html import html_report, quality_figures
from ser_core.reports.records import to_record

LOADING = {"src", "href", "poster", "data", "srcset", "action"}
VOID = {"meta", "link", "br", "img", "input", "hr"}


class Page(HTMLParser):
    """What a browser would find: references, text and cells; unbalanced tags are refused."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open, self.references, self.text, self.cells, self.scripts = [], [], "", [], 0
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            self.open.append(tag)
        self.scripts += tag == "script"
        self.references += [value for name, value in attrs if name in LOADING]
        if tag == "td":
            self.cells.append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("script", "style"):
            self.text += data
        if "td" in self.open:
            self.cells[-1] += data


@pytest.fixture(scope="module")
def result(two_utterances, tiny_model):
    decoded = replace(decode(to_wav(two_utterances)), warnings=("Cut <short>.",))
    return result_of(decoded, "<script>alert(1)</script>.wav", tiny_model)


@pytest.fixture(scope="module")
def html(result):
    return html_report(
        result, "Sounds <angry>", "63 % & more", {"limits": "<b>acted</b>"}, "24 May 2030"
    )


def test_nothing_is_loaded_from_anywhere(html):
    page = Page(html)
    assert page.references
    assert all(reference.startswith("data:") for reference in page.references)
    assert "@import" not in html.split("</style>")[0]
    assert "url(" not in html.split("</style>")[0]


def test_text_from_outside_stays_text(html):
    page = Page(html)
    for text in (
        "<script>alert(1)</script>.wav",
        "Sounds <angry>",
        "63 % & more",
        "<b>acted</b>",
        "Cut <short>.",
        "24 May 2030",
    ):
        assert text in page.text
    assert "<script>alert" not in html
    assert page.scripts == 2  # Plotly once, and its chart


def test_the_numbers_are_those_of_the_record(html, result):
    record = to_record(result.timeline, result.name)
    cells = iter(Page(html).cells)
    for segment in record["segments"]:
        assert next(cells) == (segment["emotion"] or "not sure")
        assert next(cells) == clock(segment["start_s"])
        assert next(cells) == clock(segment["end_s"])
        ranked = sorted(segment["probabilities"].items(), key=lambda item: -item[1])
        assert next(cells).replace("\N{NO-BREAK SPACE}", " ") == ", ".join(
            f"{emotion} {100 * share:.0f} %" for emotion, share in ranked[:3]
        )
    assert next(cells, None) is None
    assert record["segments"]


def test_the_figures_about_the_recording_are_there(html, result):
    text = Page(html).text
    assert result.quality.verdict in text
    for name, value in quality_figures(result.quality):
        assert name in text
        assert value in text


def test_the_sound_is_inside_unless_it_is_too_long(html, result, monkeypatch):
    (sound,) = (r for r in Page(html).references if r.startswith("data:audio/wav;base64,"))
    assert base64.b64decode(sound.partition(",")[2]) == result.wav()
    monkeypatch.setattr(module, "MOST_SOUND_BYTES", 10)
    without = Page(html_report(result, "Sounds sad", "", {}, "today"))
    assert "too long to be part of this page" in without.text
    assert without.references == ["data:,"]


def test_a_silent_recording_has_a_report_without_a_chart(result):
    silent = replace(result.timeline, utterances=(), windows=(), segments=())
    page = Page(html_report(replace(result, timeline=silent), "No speech found", "", {}, "today"))
    assert page.scripts == 0
    assert not page.cells
    assert "No speech found" in page.text

"""Subtitles and annotations, read back by programs that others wrote."""

import datetime
from dataclasses import replace
from itertools import pairwise

import pympi
import pytest
import srt
import webvtt
from praatio import textgrid

from ser_core.analysis.timeline import Segment, Timeline
from ser_core.emotions import Emotion
from ser_core.reports.annotations import Format, annotated
from ser_core.speakers.diarisation import Diarisation, Turn
from ser_core.words.transcript import Word


def segment(start_s, end_s, emotion, voice, confidence=0.75):
    others = {e: (1 - confidence) / 7 for e in Emotion}
    named = emotion or Emotion.CALM
    return Segment(start_s, end_s, emotion, others | {named: confidence}, voice)


SEGMENTS = (
    segment(0.5, 2.25, Emotion.HAPPY, "A"),
    segment(2.25, 3.0, None, "A", 0.25),
    segment(3.5, 3599.9996, Emotion.SAD, "B"),
    segment(3600.0, 3601.5, Emotion.ANGRY, "A"),
)
TIMELINE = Timeline("tiny", 3605.0, ((0.5, 3.0), (3.5, 3599.9996), (3600.0, 3601.5)), (), SEGMENTS)
TURNS = Diarisation((Turn(0.5, 3.2, 0), Turn(3.0, 3599.9996, 1), Turn(3600.0, 3601.5, 0)), 2)

# of each segment; the last says nothing
WORDS = (
    (Word('"Hi"', 0.5, 0.75, 0.9), Word("<b>&", 1.0, 2.25, 0.8)),
    (Word("there.", 2.5, 3.0, 0.9),),
    (Word("So.", 3.5, 4.0, 0.5),),
    (),
)


@pytest.fixture
def written(tmp_path):
    def write(form, timeline=TIMELINE, name="a talk", diarisation=TURNS, words=()):
        file = tmp_path / f"talk{form.ending}"
        file.write_text(annotated(timeline, form, name, diarisation, words), encoding="utf-8")
        return file

    return write


def test_srt(written):
    cues = list(srt.parse(written(Format.SRT).read_text("utf-8")))
    times = [(cue.start.total_seconds(), cue.end.total_seconds()) for cue in cues]
    assert times == [(0.5, 2.25), (2.25, 3.0), (3.5, 3600.0), (3600.0, 3601.5)]
    assert [cue.content for cue in cues] == [
        "A: happy 75%",
        "A: not sure 25%",
        "B: sad 75%",
        "A: angry 75%",
    ]
    assert cues[3].start == datetime.timedelta(hours=1)


def test_web_vtt(written):
    cues = list(webvtt.read(str(written(Format.VTT))))
    assert [(cue.start, cue.end) for cue in cues][-1] == ("01:00:00.000", "01:00:01.500")
    assert [(cue.voice, cue.text) for cue in cues] == [
        ("A", "happy 75%"),
        ("A", "not sure 25%"),
        ("B", "sad 75%"),
        ("A", "angry 75%"),
    ]


def test_praats_text_grid_has_a_tier_a_voice(written):
    grid = textgrid.openTextgrid(str(written(Format.TEXTGRID)), includeEmptyIntervals=False)
    assert grid.tierNames == ("A", "B")
    assert grid.maxTimestamp == 3605.0
    assert [tuple(entry) for entry in grid.getTier("A").entries] == [
        (0.5, 2.25, "happy"),
        (2.25, 3.0, "not sure"),
        (3600.0, 3601.5, "angry"),
    ]
    assert [tuple(entry) for entry in grid.getTier("B").entries] == [(3.5, 3599.9996, "sad")]


def test_text_grids_leave_no_time_out(written):
    """Praat takes no tier with holes."""
    grid = textgrid.openTextgrid(str(written(Format.TEXTGRID)), includeEmptyIntervals=True)
    for name in grid.tierNames:
        entries = grid.getTier(name).entries
        assert (entries[0].start, entries[-1].end) == (0.0, 3605.0)
        for before, after in pairwise(entries):
            assert before.end == after.start


def test_elan(written):
    document = pympi.Elan.Eaf(str(written(Format.EAF)))
    assert list(document.get_tier_names()) == ["A", "B"]
    assert sorted(document.get_annotation_data_for_tier("A")) == [
        (500, 2250, "happy"),
        (2250, 3000, "not sure"),
        (3_600_000, 3_601_500, "angry"),
    ]
    assert document.get_annotation_data_for_tier("B") == [(3500, 3_600_000, "sad")]
    assert document.get_parameters_for_tier("A")["PARTICIPANT"] == "A"


def test_audacity(written):
    rows = [line.split("\t") for line in written(Format.AUDACITY).read_text("utf-8").splitlines()]
    assert [(float(a), float(b), text) for a, b, text in rows] == [
        (0.5, 2.25, "A: happy"),
        (2.25, 3.0, "A: not sure"),
        (3.5, 3599.9996, "B: sad"),
        (3600.0, 3601.5, "A: angry"),
    ]


def test_rttm_tells_the_turns_with_what_is_said_at_once(written):
    lines = [line.split() for line in written(Format.RTTM).read_text("utf-8").splitlines()]
    assert {len(line) for line in lines} == {10}
    assert [(*line[:3], float(line[3]), float(line[4]), line[7]) for line in lines] == [
        ("SPEAKER", "a_talk", "1", 0.5, 2.7, "A"),
        ("SPEAKER", "a_talk", "1", 3.0, 3597.0, "B"),
        ("SPEAKER", "a_talk", "1", 3600.0, 1.5, "A"),
    ]


def test_names_that_people_give_break_no_file(written):
    odd = replace(TIMELINE, segments=(replace(SEGMENTS[0], voice='Ann "<b>" & Bob'),))
    cue = next(iter(webvtt.read(str(written(Format.VTT, odd)))))
    assert cue.text == "happy 75%"
    grid = textgrid.openTextgrid(str(written(Format.TEXTGRID, odd)), includeEmptyIntervals=False)
    assert [tuple(e) for e in grid.getTier(grid.tierNames[0]).entries] == [(0.5, 2.25, "happy")]
    document = pympi.Elan.Eaf(str(written(Format.EAF, odd)))
    assert list(document.get_tier_names()) == ['Ann "<b>" & Bob']
    (line,) = written(Format.RTTM, odd, diarisation=None).read_text("utf-8").splitlines()
    assert len(line.split()) == 10


def test_one_voice_stands_for_all_where_they_were_not_told_apart(written):
    plain = Timeline("tiny", 2.0, ((0.0, 1.0),), (), (Segment(0.0, 1.0, None, {Emotion.SAD: 1.0}),))
    assert "voice: not sure" in written(Format.SRT, plain, diarisation=None).read_text("utf-8")
    document = pympi.Elan.Eaf(str(written(Format.EAF, plain, diarisation=None)))
    assert document.get_annotation_data_for_tier("voice") == [(0, 1000, "not sure")]


@pytest.mark.parametrize("form", [*Format])
def test_silence_makes_a_file_that_opens(written, form):
    silent = Timeline("tiny", 2.0, (), (), ())
    text = written(form, silent, diarisation=None).read_text("utf-8")
    if form is Format.TEXTGRID:
        assert 'name = "voice"' in text
        grid = textgrid.openTextgrid(str(written(form, silent)), includeEmptyIntervals=True)
        assert grid.maxTimestamp == 2.0
    elif form is Format.EAF:
        assert list(pympi.Elan.Eaf(str(written(form, silent))).get_tier_names()) == []
    else:
        assert text.strip() in ("", "WEBVTT")


def test_subtitles_have_a_line_of_words(written):
    cues = list(srt.parse(written(Format.SRT, words=WORDS).read_text("utf-8")))
    assert [cue.content.splitlines() for cue in cues] == [
        ["A: happy 75%", '"Hi" <b>&'],
        ["A: not sure 25%", "there."],
        ["B: sad 75%", "So."],
        ["A: angry 75%"],
    ]
    cues = list(webvtt.read(str(written(Format.VTT, words=WORDS))))
    assert [cue.lines for cue in cues][1:] == [
        ["<v A>not sure 25%", "there."],
        ["<v B>sad 75%", "So."],
        ["<v A>angry 75%"],
    ]
    assert cues[0].raw_text.endswith('"Hi" &lt;b&gt;&amp;')


def test_praat_has_a_tier_of_words_a_voice(written):
    grid = textgrid.openTextgrid(
        str(written(Format.TEXTGRID, words=WORDS)), includeEmptyIntervals=False
    )
    assert grid.tierNames == ("A", "A words", "B", "B words")
    assert [tuple(entry) for entry in grid.getTier("A words").entries] == [
        (0.5, 0.75, '"Hi"'),
        (1.0, 2.25, "<b>&"),
        (2.5, 3.0, "there."),
    ]
    assert next(tuple(entry) for entry in grid.getTier("A").entries) == (0.5, 2.25, "happy")
    assert [tuple(entry) for entry in grid.getTier("B words").entries] == [(3.5, 4.0, "So.")]


def test_elan_has_a_tier_of_words_a_voice(written):
    document = pympi.Elan.Eaf(str(written(Format.EAF, words=WORDS)))
    assert list(document.get_tier_names()) == ["A", "A words", "B", "B words"]
    assert document.get_tier_ids_for_linguistic_type("words") == ["A words", "B words"]
    assert document.get_parameters_for_tier("A words")["PARTICIPANT"] == "A"
    assert sorted(document.get_annotation_data_for_tier("A words")) == [
        (500, 750, '"Hi"'),
        (1000, 2250, "<b>&"),
        (2500, 3000, "there."),
    ]
